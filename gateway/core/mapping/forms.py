"""Reading YAML trees against what is expected of them, noting every misfit instead of stopping.

A `Form` is one mapping of a file. Whatever is missing, unknown or of the wrong kind becomes a
problem with its place; the reader goes on with an empty value, so one run shows all of them.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import MappingError, Place
from gateway.core.mapping.rows import Fill, Fills, Path
from gateway.core.yamltree import Items, Node, Scalar, Table, plain

_PATH = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*").fullmatch
VERSIONS = {version.key: version for version in Version}
TOWARDS = {f"to_{key}": version for key, version in VERSIONS.items()}
_FILLS = ("const", "config", "state")

Problems = list[MappingError]


def nearest(name: str, known: Iterable[str]) -> str:
    """A cure for a misspelt name."""
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"one of: {', '.join(sorted(known))}"


class Form:
    """One mapping of a file and where to note what is wrong with it."""

    def __init__(self, node: Node, problems: Problems, known: Iterable[str] = ()) -> None:
        self.node: Node = node if isinstance(node, Table) else Table({}, {}, node.place)
        self.place = node.place
        self.problems = problems
        self.nodes: dict[str, Node] = {}
        self.places: dict[str, Place] = {}
        if not isinstance(node, Table):
            self.wrong(node.place, "a mapping is expected here", "write `key: value` pairs")
            return
        self.nodes, self.places = dict(node.nodes), dict(node.places)
        allowed = list(known)
        for key in [k for k in self.nodes if allowed and k not in allowed]:
            self.wrong(self.places[key], f"unknown key {key!r}", nearest(key, allowed))
            del self.nodes[key]

    def wrong(self, place: Place, message: str, cure: str = "") -> None:
        self.problems.append(MappingError(message, place, cure))

    def at(self, key: str) -> Place:
        """Where the key stands, or the mapping if it is not there."""
        return self.places.get(key, self.place)

    def __contains__(self, key: str) -> bool:
        return key in self.nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def form(self, key: str, known: Iterable[str] = ()) -> "Form":
        """The mapping under key, an empty one if it is absent."""
        node = self.nodes.get(key, Table({}, {}, self.place))
        return Form(node, self.problems, known)

    def text(self, key: str) -> str:
        """The text under key, "" if it is absent."""
        node = self.nodes.get(key)
        if node is None:
            return ""
        return self.text_of(node, key)

    def text_of(self, node: Node, what: str) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
            return node.value
        self.wrong(node.place, f"{what}: text is expected here", "quote it if it looks like more")
        return ""

    def flag(self, key: str) -> bool:
        node = self.nodes.get(key)
        if node is None or (isinstance(node, Scalar) and isinstance(node.value, bool)):
            return bool(node is not None and plain(node))
        self.wrong(node.place, f"{key}: true or false is expected here")
        return False

    def children(self, key: str) -> tuple[Node, ...]:
        """The items of the list under key; a single value counts as a list of one."""
        node = self.nodes.get(key)
        if node is None:
            return ()
        return node.nodes if isinstance(node, Items) else (node,)

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(filter(None, (self.text_of(n, key) for n in self.children(key))))

    def path_of(self, node: Node) -> Path:
        text = self.text_of(node, "path")
        if text and not _PATH(text):
            self.wrong(
                node.place,
                f"{text!r} is no path",
                "member names joined by dots; lists are entered with `each:`",
            )
            return ()
        return tuple(text.split(".")) if text else ()

    def paths(self, key: str) -> tuple[Path, ...]:
        return tuple(filter(None, (self.path_of(n) for n in self.children(key))))

    def path(self, key: str) -> Path:
        node = self.nodes.get(key)
        return self.path_of(node) if node is not None else ()

    def version(self, key: str) -> Version | None:
        """`to_v16` or `to_v201` under key."""
        text = self.text(key)
        if text and text not in TOWARDS:
            self.wrong(self.at(key), f"{key}: {text!r} is no direction", nearest(text, TOWARDS))
        return TOWARDS.get(text)

    def fills(self, key: str) -> Fills:
        return tuple(f for node in self.children(key) if (f := self._fill(node)) is not None)

    def const(self, key: str) -> Any:
        return plain(self.nodes[key])

    def _fill(self, node: Node) -> Fill | None:
        if isinstance(node, Scalar) and node.value == "now":
            return Fill("now")
        if isinstance(node, Table) and len(node.nodes) == 1:
            kind, child = next(iter(node.nodes.items()))
            if kind == "const":
                return Fill(kind, plain(child))
            if kind in _FILLS:
                return Fill(kind, self.text_of(child, kind))
        self.wrong(
            node.place,
            "unknown kind of fill",
            "now, {const: VALUE}, {config: KEY} or {state: NAME}",
        )
        return None
