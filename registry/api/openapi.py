"""The description of the interface for programs (OpenAPI 3.1): `docs/openapi.json`, `/v1/openapi.json`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from registry.api.answer import Refusal, refusals
from registry.web.problem import API

ABOUT = """Reports of export cargo for other systems, with tokens that `iie-registry token add` makes.

Errors are `application/problem+json` (RFC 9457) in the language of `Accept-Language` (es, en). Answers carry an
`ETag`; with `If-None-Match` nothing comes twice. Too many requests are answered 429 with `Retry-After`.
Fields may become more; ignore what you do not know."""
TAGS = [
    {"name": "reports", "description": "Reports: found, read, with their document and their proofs."},
    {"name": "changes", "description": "Changes of reports: asked for, or as they happen."},
    {"name": "documents", "description": "Base documents: declared against received."},
    {"name": "notices", "description": "What gates are told: pre-advice, and releases of customs."},
    {"name": "gates", "description": "Gates, and what is missing of them."},
    {"name": "key", "description": "The key that the registry signs with."},
    {"name": "evidence", "description": "Files that gates bring, signed with a gate's key (RFC 9421)."},
]

FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
"""Schemas of answers that this application never gives."""


def described(app: FastAPI) -> dict[str, Any]:
    """The description; made once an application."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="iie-registry", version=app.version, description=ABOUT, routes=app.routes, tags=TAGS
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Refusal"] = Refusal.model_json_schema(ref_template="#/components/schemas/{model}")
        made["paths"] = {place: path for place, path in made["paths"].items() if place.startswith(API)}
        for path in made["paths"].values():
            for operation in path.values():
                operation["responses"] |= {str(k): v for k, v in refusals().items() if str(k) == "422"}
        for name in FASTAPIS_OWN:
            schemas.pop(name, None)
        app.openapi_schema = made
    return app.openapi_schema


def written(folder: Path) -> str:
    """The description as a file: of an application that nobody has asked anything. ``folder`` is not read."""
    from record.draft import Profile
    from record.proof import SigningKey
    from registry.database import open_engine
    from registry.settings import DepotEntry, RegistryFile, Settings
    from registry.web.app import app

    depot = DepotEntry(profile=Profile.TEMPORAL, district="028", oce="99999999", operator_type="05", gates={})
    settings = Settings(RegistryFile(depots={"depot": depot}), folder / "registry.yaml")
    engine = open_engine("sqlite://")
    made = app(settings, engine, lambda: datetime.now(UTC), SigningKey.generate())
    engine.dispose()
    return json.dumps(made.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
