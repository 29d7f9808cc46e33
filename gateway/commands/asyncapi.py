"""`iie-gateway asyncapi`: the contract as an AsyncAPI 3 document, on the standard output."""

from __future__ import annotations

import yaml

from record.asyncapi import document


def asyncapi() -> None:
    """Print the AsyncAPI document of everything that gate and registry say over MQTT."""
    print(written(), end="")


def written() -> str:
    """The document as YAML, in the order in which it is made."""
    return yaml.dump(document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


class _Plain(yaml.SafeDumper):
    """Writes everything out: no anchors, which many readers of AsyncAPI do not follow."""

    def ignore_aliases(self, data: object) -> bool:
        return True
