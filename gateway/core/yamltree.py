"""YAML text to a tree that remembers where everything stands; strict on purpose (S22).

No tags, no duplicate keys, no merge keys; strings stay strings unless they are a plain decimal
integer, true, false or null. `NO`, `1.6`, `012` and `12:30` are text. Size, depth, aliases and what
aliases expand to are bounded, so a hostile file costs no more than an honest one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from gateway.core.errors import ConfigError, OperatorError, Place

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_NODES = 100_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})").fullmatch
_CURES = {
    "mapping values are not allowed in this context": "text with a colon at its end, or with a "
    "blank behind it, needs quotes; else check the indentation",
    "found character that cannot start any token": "indent with blanks, not with tabs; text that "
    "begins with @, % or a backtick needs quotes",
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, integer, true, false or null."""

    value: str | int | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; keys are strings, in the order of the file. places: where each key stands."""

    nodes: dict[str, "Node"]
    places: dict[str, Place]
    place: Place


Node = Scalar | Items | Table


def read(text: str, file: str, error: type[OperatorError] = ConfigError) -> Node:
    """The tree of one YAML document.

    file: named in every place; error: the class of what is raised for a file that is not as the
    module says, always with its place (the operator's fault). An empty file is an empty Table.
    """
    start = Place(file, 1)
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise error("the file is too large", start, f"at most {MAX_BYTES} bytes")
    try:
        return _Reader(yaml.parse(text, Loader=_LOADER), file, error).document()
    except yaml.YAMLError as problem:
        raise _unreadable(problem, file, error) from problem


def plain(node: Node) -> Any:
    """The tree as dicts, lists and scalars, without places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(child) for child in node.nodes]
    return {key: plain(child) for key, child in node.nodes.items()}


def _unreadable(problem: yaml.YAMLError, file: str, error: type[OperatorError]) -> OperatorError:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1)
    words = getattr(problem, "problem", None) or getattr(problem, "reason", None) or "not readable"
    cure = _CURES.get(words, "check indentation, quotes and brackets")
    return error(f"no YAML: {words}", place, cure)


class _Reader:
    """Builds the tree from parser events, counting as it goes."""

    def __init__(self, events: Iterator[Any], file: str, error: type[OperatorError]) -> None:
        self.events = events
        self.file = file
        self.error = error
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliases = 0
        self.nodes = 0

    def document(self) -> Node:
        next(self.events)  # the start of the stream
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return Table({}, {}, Place(self.file, 1))
        root = self.node(next(self.events), 1)
        next(self.events)  # the end of the document
        further = next(self.events)
        if not isinstance(further, yaml.StreamEndEvent):
            raise self.error("a second document", self.place(further), "one document per file")
        return root

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        place = self.place(event)
        if depth > MAX_DEPTH:
            raise self.error("nested too deeply", place, f"at most {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, place)
        if event.tag is not None and event.tag != "!":
            raise self.error(f"the tag {event.tag!r} is not allowed", place, "remove the tag")
        before = self.nodes
        self.count(1, place)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(_value(event), place)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Items(tuple(self.items(depth + 1)), place)
        else:
            node = self.table(place, depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.nodes - before)
        return node

    def count(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise self.error("too much in one file", place, f"at most {MAX_NODES} values")

    def alias(self, event: Any, place: Place) -> Node:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self.error("too many aliases", place, f"at most {MAX_ALIASES}")
        if event.anchor not in self.anchors:
            raise self.error(f"nothing is named &{event.anchor}", place, "define it above")
        node, size = self.anchors[event.anchor]
        self.count(size, place)
        return node

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth)

    def table(self, place: Place, depth: int) -> Table:
        nodes: dict[str, Node] = {}
        places: dict[str, Place] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = self.place(event)
            if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
                raise self.error("a key must be plain text", at, "quote the key")
            if event.value == "<<":
                raise self.error("merge keys are not allowed", at, "write the members out")
            if event.value in nodes:
                raise self.error(
                    f"{event.value!r} occurs twice, first in line {places[event.value].line}",
                    at,
                    "keep one of the two",
                )
            places[event.value] = at
            nodes[event.value] = self.node(next(self.events), depth)
        return Table(nodes, places, place)


def _value(event: Any) -> str | int | bool | None:
    text: str = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER(text) else text
