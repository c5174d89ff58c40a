"""Compiled maps: what the session asks of the mapping layer.

    maps.entry(version, action, side)      the map that an incoming Call opens with
    maps.named("StopTransaction")          a map by its file's name, for derived Calls
    message_map.to(V16).request(...)       a 2.0.1 request as 1.6
    message_map.to(V16).response(...)      the 1.6 answer to it, back as 2.0.1

`compiler.build` makes a MapSet of YAML texts. A direction is named by the version that the *Call*
travels to; its answer travels back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.core.dialects import Side, Version
from gateway.core.errors import Place
from gateway.core.frames import JsonObject
from gateway.core.mapping.context import Context
from gateway.core.mapping.keys import EMPTY, KeyTable

State = Mapping[str, Any]
Replies = Mapping[str, JsonObject | str]

CALLERROR = "callerror"
"""The reply that stands for: the peer's CallError is passed on, respelled."""


class Translator(Protocol):
    """One part of a message, from one version to the other; a plain function with attributes.

    payload: valid by the source schema, not changed. state: values of `states.py`, and the caller's
    own request under "request" for answers. lost: gets the ids of fields dropped from this
    payload, "Authorize.request:certificate". Raises Untranslatable: `reply` "empty" where a list
    has nothing left that the target must have, "failed" where a value cannot be expressed, or as
    the map's `refuse:` says.
    filled: target paths that this part fills from elsewhere than the payload.
    """

    filled: tuple[str, ...]

    def __call__(
        self, payload: JsonObject, context: Context, state: State, lost: list[str], /
    ) -> JsonObject: ...


@dataclass(frozen=True, slots=True)
class Direction:
    """A Call of the other version on its way to `version`.

    action: in that version, "" where the message has no counterpart; then request is None.
    response: the answer in the caller's version; None where the map says nothing of it.
    replies: fixed answers in the caller's version, by name; CALLERROR passes the peer's on.
    absorbed: makes the success answer that the caller gets where the peer does not support the
    message; None where its CallError is passed on. retry: paths in the caller's request that
    identify a repeated Call.
    """

    version: Version
    action: str
    procedure: str
    params: Mapping[str, Any]
    request: Translator | None
    response: Translator | None
    replies: Replies
    absorbed: Callable[[Context], JsonObject] | None
    retry: tuple[tuple[str, ...], ...]

    @property
    def absorb(self) -> bool:
        return self.absorbed is not None


@dataclass(frozen=True, slots=True)
class MessageMap:
    """One map file. sender: None where both sides send the message."""

    name: str
    v16: str | None
    v201: str | None
    sender: Side | None
    place: Place
    spec: Mapping[Version, str]
    becomes: tuple[str, ...]
    directions: Mapping[Version, Direction]

    def action(self, version: Version) -> str | None:
        """The message's name in that version; None if it has none."""
        return self.v16 if version is Version.V16 else self.v201

    def to(self, version: Version) -> Direction:
        """Raises KeyError where the map does not travel to that version."""
        return self.directions[version]

    @property
    def params(self) -> Mapping[str, Any]:
        """Parameters of the procedure, where both directions have the same."""
        return next(iter(self.directions.values())).params


@dataclass(frozen=True)
class MapSet:
    """All maps. entries: by (version, action), the map that an incoming Call opens with.

    keys: 1.6 configuration keys and their places in the device model of 2.0.1.
    """

    maps: Mapping[str, MessageMap]
    entries: Mapping[tuple[Version, str], MessageMap]
    tables: Mapping[tuple[str, Version], Mapping[str, Any]] = field(default_factory=dict)
    keys: KeyTable = EMPTY

    def entry(self, version: Version, action: str, side: Side | None = None) -> MessageMap | None:
        """side: who calls; None: whoever may."""
        found = self.entries.get((version, action))
        if found is None or side is None or found.sender in (None, side):
            return found
        return None

    def named(self, name: str) -> MessageMap:
        """Raises KeyError if no map file has that name."""
        return self.maps[name]

    def with_procedure(self, name: str) -> MessageMap:
        """The map whose Calls that procedure handles; raises KeyError if there is none."""
        for found in self.entries.values():
            if any(d.procedure == name for d in found.directions.values()):
                return found
        raise KeyError(name)

    @property
    def registering(self) -> MessageMap:
        """The map of the message by which a station registers."""
        return self.with_procedure("register")

    def table(self, name: str, towards: Version) -> Mapping[str, Any]:
        """An enum table by name: source value -> target value, or a tuple for several targets."""
        return self.tables[name, towards]
