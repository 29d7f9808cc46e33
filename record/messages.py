"""What people read, in Spanish and English, from one catalogue: ``config/messages/*.yaml``.

A file holds codes with a text per language; a code is lower-case words joined by dots, the first of them the
room that it belongs to. A text may name parameters as ``{name}``, nothing else of Python's format language.

    finding.weight_missing:
      es: Falta el pesaje del carril {lane}
      en: The weighing of lane {lane} is missing
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from record.shipped import find_all

LANGUAGES = ("es", "en")
"""The first is what a screen shows unless told otherwise."""

CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


class UnknownTextError(LookupError):
    """A code or a parameter that catalogue and caller do not share: a fault of the program."""


class CatalogueError(ValueError):
    """A file of texts is wrong; names file, code and what is wrong."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text not yet in a language: it can be stored, compared and sent, and is read where a person is."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str = LANGUAGES[0]) -> str:
        """The phrase in ``lang``."""
        return text(self.code, lang=lang, **self.params)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every text by code and language."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, code: str, lang: str, params: Mapping[str, object]) -> str:
        """One text with its parameters laid in; control characters in them are shown as escapes.

        Raises:
            UnknownTextError: no such code or language, or the text names a parameter that is not given.
        """
        try:
            template = self.texts[code][lang]
        except KeyError as error:
            raise UnknownTextError(f"no text {code!r} in language {lang!r}") from error
        shown = {name: _shown(value, lang) for name, value in params.items()}
        try:
            return template.format(**shown)
        except KeyError as error:
            raise UnknownTextError(f"text {code!r} needs the parameter {error.args[0]!r}") from error


def text(code: str, /, lang: str = LANGUAGES[0], **params: object) -> str:
    """The text of ``code`` in ``lang``; a parameter that is a `Phrase` is read in the same language.

    Raises:
        UnknownTextError: no such code or language, or a parameter is missing.
    """
    return catalogue().text(code, lang, params)


def known(code: str) -> bool:
    """Whether the catalogue has ``code``."""
    return code in catalogue().texts


def named(code: str) -> frozenset[str]:
    """The parameters that the text of ``code`` names; none where there is no such text."""
    texts = catalogue().texts.get(code, {})
    return parameters(texts[LANGUAGES[0]]) or frozenset() if texts else frozenset()


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue, read once; the operator's folder may replace whole files of it."""
    return read(find_all("messages", "*.yaml"))


def read(files: Iterable[Path]) -> Catalogue:
    """A catalogue from files.

    Raises:
        CatalogueError: no YAML, a code twice, a language missing, or a text with more than plain parameters.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for path in files:
        for code, languages in _read(path).items():
            if code in texts:
                raise CatalogueError(f"{path}: {code} stands in another file too")
            texts[code] = _checked(path, code, languages)
    return Catalogue(texts)


def _read(path: Path) -> dict[str, Any]:
    import yaml  # not by every command that tells nothing

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: {error}") from error
    finally:
        loader.dispose()
    if node is None or not isinstance(content, dict):
        raise CatalogueError(f"{path}: codes with their texts are expected")
    if len(node.value) != len(content):
        codes = [key.value for key, _ in node.value]
        raise CatalogueError(f"{path}: {next(c for c in codes if codes.count(c) > 1)} stands twice")
    return content


def _checked(path: Path, code: str, languages: Any) -> Mapping[str, str]:
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise CatalogueError(f"{path}: {code!r} is no code such as room.what_it_says")
    if not isinstance(languages, dict) or set(languages) != set(LANGUAGES):
        raise CatalogueError(f"{path}: {code} needs exactly the languages {', '.join(LANGUAGES)}")
    wanted = None
    for language, template in languages.items():
        names = parameters(template) if isinstance(template, str) else None
        if names is None:
            raise CatalogueError(f"{path}: {code}.{language} is no text with plain {{name}} parameters")
        if wanted is not None and names != wanted:
            raise CatalogueError(f"{path}: {code} does not name the same parameters in every language")
        wanted = names
    return languages


def parameters(template: str) -> frozenset[str] | None:
    """The parameters that a text names; None when it uses more of the format language than ``{name}``."""
    try:
        parts = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    except ValueError:
        return None
    plain = all(
        name is not None and name.isidentifier() and not spec and not how for name, spec, how in parts
    )
    return frozenset(str(part[0]) for part in parts) if plain else None


def _shown(value: object, lang: str) -> str:
    if isinstance(value, Phrase):
        return value.text(lang)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(each, lang) for each in value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
