"""An auditor's ZIP: unpacked, it checks itself without this program, and tells which byte was touched."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

from record.proof import sha256
from registry.auditor.package import NoSuchReport, find, package
from registry.database import reading
from registry.evidence import book
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping

KINDS = ("sqlite",)
PICTURE = b"\xff\xd8\xff\xda\x00\x04ab\xff\xd9"


@pytest.fixture
def unpacked(depot_of, engine, registry_key, clock, tmp_path, kit):
    """The folder of the ZIP of a report with two revisions, between other events, and one picture."""
    depot = depot_of()
    depot.send()
    sighting = {"id": "s1", "at": "2026-11-24T17:00:00Z", "device": "c1", "status": "read"}
    sighting |= {"picture": sha256(PICTURE)}
    evidence = {"clock": "synchronised", "machine": "pc", "version": "0.1.0", "sightings": [sighting]}
    draft = depot.send(evidence=evidence, item={"description": "<script>alert(1)</script>"})
    depot.send(draft, 2, evidence=evidence)
    depot.send()
    shelf = Shelf(tmp_path / "evidence")
    with reading(engine) as connection:
        held = book.entry(connection, "depot", sha256(PICTURE))
    path = shelf.path("depot", held.digest, "image/jpeg")
    path.parent.mkdir(parents=True)
    path.write_bytes(PICTURE)
    book.settle(engine, held, Keeping.HELD, clock(), media_type="image/jpeg", size=len(PICTURE))
    with reading(engine) as connection:
        row = find(connection, depot.row(draft).delivery_number)
        content = package(connection, shelf, registry_key, row, clock())
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def checked(folder, *arguments):
    """What the program of the ZIP says, in a Python that sees nothing of this project."""
    command = [sys.executable, "-I", "verificar.py", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_zip_checks_itself(unpacked, registry_key, kit):
    assert checked(unpacked, str(registry_key.public)) == (
        0,
        "Todo concuerda: archivos, firmas, cadena y acuses.\n",
    )
    assert len(list((unpacked / "eventos").iterdir())) == 4
    assert len(list((unpacked / "acuses").iterdir())) == 2
    assert [each.read_bytes() for each in (unpacked / "pruebas").iterdir()] == [PICTURE]
    stranger = kit.SigningKey.generate().public
    code, said = checked(unpacked, str(stranger))
    assert (code, said.split(":")[0]) == (1, "contenido.json")
    code, said = checked(unpacked, str(stranger)[:-1])
    assert (code, said.split(" no ")[0]) == (1, "la clave dada")


def test_one_byte_that_was_touched_is_named(unpacked):
    program = unpacked / "verificar.py"
    places = sorted(each for each in unpacked.rglob("*") if each.is_file() and each != program)
    for place in places:
        whole = place.read_bytes()
        place.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:] if len(whole) > 41 else b"x")
        code, said = checked(unpacked)
        place.write_bytes(whole)
        assert (code, said.split(":")[0]) == (1, str(place.relative_to(unpacked)))
    program.write_bytes(program.read_bytes() + b"\n")
    assert checked(unpacked)[1].startswith("verificar.py:")


def test_the_page_is_spanish_and_escaped(unpacked):
    page = (unpacked / "index.html").read_text()
    assert '<html lang="es">' in page
    assert "Historia" in page
    assert "<script" not in page


def test_a_number_that_nobody_has_is_told(depot_of, engine):
    with reading(engine) as connection, pytest.raises(NoSuchReport):
        find(connection, "nothing")
