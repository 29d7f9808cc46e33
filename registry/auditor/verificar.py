"""Comprueba este paquete sin el programa que lo hizo: python3 verificar.py [CLAVE_DEL_REGISTRO]

Necesita Python 3.9 o posterior y `pip install cryptography`. Termina con 0 si todo concuerda, con 1 si algo no.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(value: Any) -> str:
    """RFC 8785: names in the order of UTF-16, no spaces."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def signed(record: dict[str, Any], keys: dict[str, str]) -> str:
    """The record's hash, once its content and its signature agree with it."""
    _, digest, key, signature = record["proof"].split(".")
    rest = canonical({name: value for name, value in record.items() if name != "proof"})
    if hashlib.sha256(rest.encode()).hexdigest() != digest:
        raise ValueError("el contenido no tiene el resumen (SHA-256) que dice")
    raw = base64.urlsafe_b64decode(keys[key].split(":")[1] + "=")
    if hashlib.sha256(raw).hexdigest()[:16] != key:
        raise ValueError("la clave no es la que nombra la firma")
    proof = base64.urlsafe_b64decode(signature + "==")
    Ed25519PublicKey.from_public_bytes(raw).verify(proof, bytes.fromhex(digest))
    return str(digest)


def check(folder: Path, trusted: str | None = None) -> list[str]:
    """What is wrong first, with the file that it is in; nothing where all agrees."""
    if trusted is not None and not re.fullmatch(r"ed25519:[\w-]{43}", trusted):
        return ["la clave dada no tiene la forma ed25519:… con 43 letras y cifras"]
    links: dict[Any, str] = {}
    hashes: dict[str, str] = {}
    places: list[Any] = []
    try:
        place, manifest = "contenido.json", json.loads((folder / "contenido.json").read_bytes())
        gates, registry = manifest["keys"], {manifest["registry_key_id"]: trusted or manifest["registry_key"]}
        signed(manifest, registry)
        for place, digest in manifest["files"].items():
            if hashlib.sha256((folder / place).read_bytes()).hexdigest() != digest:
                raise ValueError("el archivo no es el que se firmó")
        for place in manifest["events"]:
            event = json.loads((folder / place).read_bytes())
            source, number, data = event["source"], event["sequence"], event["data"]
            hashes[event["id"]] = signed(event, gates["/".join(source.split("/")[1:3])])
            dead = event["type"] == "ec.iie.record.dead"
            links[source, number] = data["hash"] if dead else hashes[event["id"]]
            places.append((place, source, number, event["previous"]))
        for each in places:
            place, source, number, previous = each
            if links.get((source, number - 1), previous) != previous:
                raise ValueError("no sigue al evento anterior de su cadena")
        for place in manifest["receipts"]:
            receipt = json.loads((folder / place).read_bytes())
            signed(receipt, registry)
            if hashes[receipt["event"]] != receipt["hash"]:
                raise ValueError("el acuse es de otro evento")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        return [f"{place}: {error if str(error) else 'la firma no es válida'}"]
    return []


if __name__ == "__main__":
    problems = check(Path(__file__).resolve().parent, *sys.argv[1:2])
    print("\n".join(problems) or "Todo concuerda: archivos, firmas, cadena y acuses.")  # noqa: T201
    sys.exit(1 if problems else 0)
