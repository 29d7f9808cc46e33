"""YAML text to a tree that remembers where everything stands.

The dialect is YAML's syntax with JSON's values: a plain scalar is ``null``, ``true``, ``false``, a number as
JSON writes it, or text. So ``NO``, ``12:30``, ``0123``, ``1_000`` and ``2026-11-24`` stay the text that was
typed, where YAML 1.1 reads false, 750, 83, 1000 and a date. Keys are always text, tags are refused, a key
stands once in its mapping. Anchors, aliases and merge keys work, within bounds that an alias bomb exceeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from record.yamlfault import START, Fault, FaultError, Mark, Path, Step, mark_of, syntax

__all__ = ["MAX_BYTES", "Entry", "FaultError", "Node", "Tree", "parse", "scalar"]

MAX_BYTES = 256 * 1024
"""Far above any site, and still read in about a second."""

MAX_DEPTH = 40
MAX_NODES = 20_000
"""Nodes with every alias written out."""

Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, or ``items`` of a list, or ``entries`` of a mapping.

    ``source`` is a scalar's text without quotes, ``plain`` whether it stood without quotes.
    """

    mark: Mark
    value: Scalar = None
    items: tuple[Node, ...] | None = None
    entries: dict[str, Entry] | None = None
    source: str = ""
    plain: bool = False
    size: int = 1

    @property
    def is_scalar(self) -> bool:
        """Whether this is neither a list nor a mapping."""
        return self.items is None and self.entries is None

    @property
    def is_nothing(self) -> bool:
        """Whether no value stands here: ``key:`` and nothing, ``~`` or ``null``."""
        return self.is_scalar and self.value is None

    def data(self) -> Any:
        """The value as JSON would hold it: dicts, lists and scalars."""
        if self.entries is not None:
            return {key: entry.node.data() for key, entry in self.entries.items()}
        if self.items is not None:
            return [item.data() for item in self.items]
        return self.value


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping: where the key stands, and its value."""

    key: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole document; ``faults`` did not stop the reading, such as a key that is repeated."""

    root: Node
    faults: tuple[Fault, ...] = ()

    def mark(self, path: Path) -> Mark:
        """Where the value at ``path`` stands; where it is absent, the place of what should hold it.

        An empty value (``key:`` and nothing) is shown at its key.
        """
        node, mark = self.root, self.root.mark
        for step in path:
            below = _below(node, step)
            if below is None:
                return mark
            node = below.node
            mark = below.key if node.is_nothing and not node.source else node.mark
        return mark

    def key_mark(self, path: Path) -> Mark:
        """Where the key (or the list item) named last in ``path`` stands."""
        parent = self.node(path[:-1])
        below = _below(parent, path[-1]) if parent and path else None
        return below.key if below else self.mark(path)

    def node(self, path: Path) -> Node | None:
        """The value at ``path``, None where there is none."""
        node = self.root
        for step in path:
            below = _below(node, step)
            if below is None:
                return None
            node = below.node
        return node


def _below(node: Node, step: Step) -> Entry | None:
    if node.entries is not None:
        return node.entries.get(str(step))
    if node.items is not None and isinstance(step, int) and 0 <= step < len(node.items):
        item = node.items[step]
        return Entry(item.mark, item)
    return None


def parse(content: bytes) -> Tree:
    """One YAML document to its tree.

    Raises:
        FaultError: not UTF-8, too large, no YAML, more than one document, empty, or an alias bomb.
    """
    if len(content) > MAX_BYTES:
        raise FaultError(Fault("yaml.too_large", START, params={"limit": MAX_BYTES}))
    text = _decode(content)
    try:
        composer = _Composer(text)
        root = composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise FaultError(syntax(error, text)) from error
    if root is None:
        raise FaultError(Fault("yaml.empty", START))
    builder = _Builder(composer.tagged)
    node = builder.build(root, ())
    return Tree(node, tuple(builder.faults))


def _decode(content: bytes) -> str:
    """UTF-8, with or without a byte order mark, made of printable characters."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise FaultError(
            Fault("yaml.not_utf8", _end(before), params={"byte": f"0x{content[error.start]:02x}"})
        ) from error
    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if odd:
        code = f"U+{ord(odd.group()):04X}"
        raise FaultError(
            Fault("yaml.control_character", _end(text[: odd.start()]), params={"character": code})
        )
    return text


def _end(text: str) -> Mark:
    """The place just after ``text``."""
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    return Mark(len(lines), len(lines[-1]) + 1)


class _Composer(yaml.SafeLoader):
    """PyYAML's own composer, with bounds on depth and number and a memory for explicit tags."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.nodes = 0
        self.tagged: list[tuple[Mark, str]] = []

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One node and all below it."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if self.depth >= MAX_DEPTH:
            raise FaultError(Fault("yaml.too_deep", mark_of(event.start_mark), params={"limit": MAX_DEPTH}))
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FaultError(Fault("yaml.too_many", mark_of(event.start_mark), params={"limit": MAX_NODES}))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.tagged.append((mark_of(event.start_mark), tag))
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Builder:
    """PyYAML's nodes to ours: scalars read by the house's dialect, merge keys laid in, faults collected."""

    def __init__(self, tagged: list[tuple[Mark, str]]) -> None:
        self.faults = [Fault("yaml.tag", mark, params={"tag": tag}) for mark, tag in tagged]
        self._built: dict[int, Node] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: Path) -> Node:
        """Ours for theirs; an alias gives the very node that its anchor gave."""
        known = self._built.get(id(node))
        if known is not None:
            return known
        if id(node) in self._open:
            raise FaultError(Fault("yaml.alias_loop", mark_of(node.start_mark), path))
        self._open.add(id(node))
        built = self._fresh(node, path)
        self._open.discard(id(node))
        if built.size > MAX_NODES:
            raise FaultError(Fault("yaml.too_many", built.mark, path, {"limit": MAX_NODES}))
        self._built[id(node)] = built
        return built

    def _fresh(self, node: yaml.Node, path: Path) -> Node:
        mark = mark_of(node.start_mark)
        if isinstance(node, yaml.MappingNode):
            entries = self._entries(node, path)
            return Node(mark, entries=entries, size=1 + sum(entry.node.size for entry in entries.values()))
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.build(item, (*path, index)) for index, item in enumerate(node.value))
            return Node(mark, items=items, size=1 + sum(item.size for item in items))
        source = self._sound(str(node.value), mark, path)
        plain = isinstance(node, yaml.ScalarNode) and node.style is None
        return Node(mark, value=scalar(source) if plain else source, source=source, plain=plain)

    def _sound(self, source: str, mark: Mark, path: Path) -> str:
        """A text without half a surrogate pair, which escapes can write and nothing can store."""
        half = next((character for character in source if "\ud800" <= character <= "\udfff"), None)
        if half is None:
            return source
        self.faults.append(Fault("yaml.control_character", mark, path, {"character": f"U+{ord(half):04X}"}))
        return source.encode(errors="replace").decode()

    def _entries(self, node: yaml.MappingNode, path: Path) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key, value in node.value:
            mark = mark_of(key.start_mark)
            name = self._sound(str(key.value), mark, path)
            if not isinstance(key, yaml.ScalarNode) or (key.style is None and scalar(key.value) is None):
                self.faults.append(Fault("yaml.key_not_text", mark, path))
            elif key.value == "<<" and key.style is None:
                for each, entry in self._merged(value, path):
                    merged.setdefault(each, entry)
            elif name in own:
                params = {"key": name, "first": own[name].key.line}
                self.faults.append(Fault("yaml.duplicate_key", mark, (*path, name), params))
            else:
                own[name] = Entry(mark, self.build(value, (*path, name)))
        return {**{each: entry for each, entry in merged.items() if each not in own}, **own}

    def _merged(self, value: yaml.Node, path: Path) -> Iterator[tuple[str, Entry]]:
        """The entries that ``<<`` brings; of several mappings the earlier one wins."""
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for source in sources:
            node = self.build(source, path)
            if node.entries is None:
                self.faults.append(Fault("yaml.merge", mark_of(source.start_mark), path))
            else:
                yield from node.entries.items()


_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


def scalar(source: str) -> Scalar:
    """A plain scalar by JSON's grammar: null, true, false, a number; everything else is text."""
    if source in _WORDS:
        return _WORDS[source]
    if len(source) <= 32:
        if _INTEGER.fullmatch(source):
            return int(source)
        if _NUMBER.fullmatch(source) and isfinite(float(source)):
            return float(source)
    return source
