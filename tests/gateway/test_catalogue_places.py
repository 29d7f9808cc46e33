"""A model that the operator laid down goes before the shipped one of the same name."""

from pathlib import Path

from drivers.catalogue import scale_models
from record.shipped import find_all


def test_an_entry_is_replaced_and_another_added(tmp_path: Path) -> None:
    folder = tmp_path / "scales"
    folder.mkdir()
    entry = "brand: Own\nmodel: {}\nprotocol: st_gs\nbasis: capture\nsource: ours\n"
    (folder / "mettler-ind231.yaml").write_text(entry.format("replaced"))
    (folder / "own-scale.yaml").write_text(entry.format("added"))
    shipped = scale_models(find_all("scales", "*.yaml"))
    models = scale_models(find_all("scales", "*.yaml", tmp_path))
    assert models["mettler-ind231"].protocol == "st_gs"
    assert models["own-scale"].model == "added"
    assert set(models) == {*shipped, "own-scale"}
    assert shipped["mettler-ind231"].protocol == "mt_continuous"
