"""Makes the documents that follow from the models: AsyncAPI, OpenAPI, JSON Schemas, signed examples.

python docs/generate.py           writes what differs, removes what is no more
python docs/generate.py --check   tells what differs; exit 1 where something does
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.commands.asyncapi import written as asyncapi
from gateway.commands.schema import written
from gateway.site.site import Site
from record.announcing.yaml_file import PreadviceFile
from record.contract import DIALECT, MESSAGES, schema
from record.example import examples
from registry.api.openapi import written as openapi
from registry.settings import RegistryFile

HOUSE = Path(__file__).resolve().parents[1]
FOLDERS = ("docs/schemas", "docs/examples")
"""Folders that hold nothing but what is made here."""

FILES: dict[str, type[BaseModel]] = {"site": Site, "registry": RegistryFile, "preadvice": PreadviceFile}
"""What people write; its examples name the schema for their editor."""


def wanted() -> dict[str, str]:
    """Every generated file with its content, by its path from the house."""
    return {
        "docs/asyncapi.yaml": asyncapi(),
        "docs/openapi.json": openapi(HOUSE),
        **{f"docs/schemas/{name}.schema.json": written(schema(name)) for name in MESSAGES},
        **{f"docs/examples/{name}.json": written(value) for name, value in examples().items()},
        **{f"config/{name}.schema.json": written(_file(model)) for name, model in FILES.items()},
        **{f"config/{name}.example.yaml": _with_modeline(name) for name in FILES},
    }


def _file(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **model.model_json_schema(mode="validation")}


def _with_modeline(name: str) -> str:
    """An example as it stands, its first line telling editors where its schema is."""
    line = f"# yaml-language-server: $schema={name}.schema.json\n"
    text = (HOUSE / f"config/{name}.example.yaml").read_text(encoding="utf-8")
    return text if text.startswith(line) else line + text


def differing() -> dict[str, str | None]:
    """Files that are not as they should be, with what they should hold; None for one that should not be."""
    files: dict[str, str | None] = dict(wanted())
    there = {str(path.relative_to(HOUSE)) for folder in FOLDERS for path in (HOUSE / folder).glob("*")}
    return {
        **{name: text for name, text in files.items() if _held(name) != text},
        **dict.fromkeys(sorted(there - set(files))),
    }


def _held(name: str) -> str | None:
    path = HOUSE / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` only compare."""
    found = differing()
    for name, text in found.items():
        if "--check" in arguments:
            print(f"{name} is not what the models make of it: python docs/generate.py", file=sys.stderr)  # noqa: T201
        elif text is None:
            (HOUSE / name).unlink()
        else:
            (HOUSE / name).parent.mkdir(parents=True, exist_ok=True)
            (HOUSE / name).write_text(text, encoding="utf-8")
    return int(bool(found) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
