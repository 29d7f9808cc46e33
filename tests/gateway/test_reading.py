"""The reader as the gate uses it: nothing of it is loaded in the daemon, and without models it says so."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.reading import BARCODES, LOOK, PLATES, container_reader, owner_codes, reading_worker
from gateway.site.site import LanePart
from ocr.worker import CONTAINER


def test_owner_codes_are_four_letters_and_end_in_the_category() -> None:
    codes = owner_codes()
    assert {"MSCU", "MAEU", "TCLU"} <= codes
    assert all(len(code) == 4 and code.isalpha() and code.isupper() for code in codes)
    assert all(code[3] in "UJZ" for code in codes)


def test_an_operators_list_stands_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "owner-codes.txt").write_text("# ours\nABCU\n\nXYZU\n")
    assert owner_codes(tmp_path) == {"ABCU", "XYZU"}


def test_without_models_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    from ocr.models import ModelsMissing

    with pytest.raises(ModelsMissing, match="models"):
        container_reader(cache_dir=tmp_path)


def test_making_a_worker_loads_no_library_for_pictures() -> None:
    code = "import sys; from gateway.reading import reading_worker; reading_worker(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"cv2", "onnxruntime", "numpy"} & set(loaded.split())


def test_what_makes_the_reader_can_be_sent_to_another_process(tmp_path: Path) -> None:
    from functools import partial

    made = pickle.loads(pickle.dumps(partial(container_reader, tmp_path, tmp_path)))
    assert made.func is container_reader
    assert reading_worker(tmp_path, tmp_path) is not None


def test_the_worker_has_the_readers_that_the_cameras_need() -> None:
    lane = {"name": "l", "scale": {"protocol": "mt_continuous", "port": "/dev/null"}}
    table = {"name": "t", "kind": "folder", "folder": "t", "face": "document"}
    front = {"name": "f", "kind": "folder", "folder": "f", "sees": ["plates"], "part": "tractor"}
    for cameras, readers in (
        ([], {CONTAINER}),
        ([table], {CONTAINER, LOOK, BARCODES}),
        ([table, front], {CONTAINER, LOOK, BARCODES, PLATES}),
    ):
        part = LanePart.model_validate_json(json.dumps({**lane, "cameras": cameras}))
        assert set(reading_worker(lanes=[part])._start.readers) == readers
