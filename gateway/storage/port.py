"""The storage contract: what a session may rely on, whichever engine keeps its memory.

One writer a station: `acquire` hands out an epoch that rises with each grant, and a call with an
epoch that is no longer the station's raises `Fenced` and changes nothing (reliability P4, R25).
`commit` is the one way to write a station; the other verbs are thin forms of it. A call that has
returned is durable, as far as the engine is; a cancelled call may still be carried out.

Errors of every verb: `Fenced` (the caller has lost the station), `StoreError` (the engine could not
do it; nothing of the call is kept). `append` and `commit` also raise `StoreFull` and `BadSave`.
"""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, Protocol

import orjson

from gateway.core.errors import GatewayError
from gateway.core.session.effects import Ack, Drop, Op, Put
from gateway.core.session.state import Loaded

TX_MAP = "tx_map"
"""Kind of the bindings that `map_tx` writes: key the station's id, value the CSMS's and a state.

They are bindings and no table of their own until something looks a transaction up by the CSMS's id
without having the station's session at hand.
"""


Saved = Callable[[Exception | None], None]
"""Told from the event loop how a `Store.save` ended: with what error, None for well."""


class StoreError(GatewayError):
    """The engine could not carry out a call (disk full, read-only, damaged, closed)."""


class StoreFull(StoreError):
    """A Save would pass a cap on unfinished outbox rows. Spec: reliability R15."""


class BadSave(StoreError):
    """A Save contradicts the outbox: its seq does not rise, its key is still open. Our fault."""


class Owner(NamedTuple):
    """Who holds a station. url: where other replicas forward to, None if it never said."""

    replica: str
    url: str | None
    epoch: int


class Binding(NamedTuple):
    """One remembered row of one station. value: JSON."""

    station: str
    kind: str
    key: str
    value: bytes


class Summary(NamedTuple):
    """What is kept of one station. owner: the replica that holds it now, None if nobody does."""

    station: str
    owner: str | None
    epoch: int
    bindings: int
    pending: int
    dead_letter: int


class Totals(NamedTuple):
    """The outbox of all stations. Two counters, two counts of rows; pending_bytes: of values."""

    accepted: int
    delivered: int
    pending: int
    dead_letter: int
    pending_bytes: int

    @property
    def balanced(self) -> bool:
        """Whether every accepted row is accounted for (reliability, section 0)."""
        return self.accepted == self.delivered + self.pending + self.dead_letter


class Line(NamedTuple):
    """One frame in the journal. ts: seconds since the epoch, UTC; raw: already redacted (S25)."""

    ts: float
    direction: str
    action: str
    raw: bytes
    outcome: str


class Store(Protocol):
    """Every engine. Used from one event loop."""

    @property
    def healthy(self) -> bool:
        """Whether writes succeed, as far as the last one told; readiness depends on it (R20, R21).

        It turns true again with the first write that succeeds; the regular `heartbeat` is one.
        """
        ...

    # -- who holds a station ------------------------------------------------------------------

    async def heartbeat(self, replica: str, url: str | None = None) -> None:
        """Say that a replica lives. Without one for `store.dead_after_s` its stations are free."""
        ...

    async def acquire(self, station: str, replica: str, force: bool = False) -> int | None:
        """Take a station over and get its new epoch; None while another living replica has it.

        A replica that asks for what it holds gets a new epoch too, which fences its older session.
        force: take it from a living one (S3, R27).
        """
        ...

    async def release(self, station: str, epoch: int) -> None:
        """Give a station back; its epoch is stale from here on."""
        ...

    async def owner(self, station: str) -> Owner | None:
        """Who holds a station."""
        ...

    # -- one station's memory -----------------------------------------------------------------

    async def load(self, station: str, epoch: int) -> Loaded:
        """Everything that a session starts from: bindings as first put, unfinished outbox rows."""
        ...

    async def commit(self, station: str, epoch: int, ops: tuple[Op, ...]) -> None:
        """Carry out the ops of one Save in order: all of them, or none.

        Append: its seq must be above every earlier one of the station, and its dedupe key not that
        of an unfinished row, else BadSave. Update and Ack of a row that is not unfinished do
        nothing, so a repeated commit is harmless. StoreFull: the Save as a whole adds rows or bytes
        and ends above `store.outbox_rows_per_station` or `store.outbox_bytes`.
        """
        ...

    def save(self, station: str, epoch: int, ops: tuple[Op, ...], saved: Saved) -> bool:
        """As `commit`, without a coroutine: True if it is done, else `saved` is told when it is.

        Raises what is wrong with the call if that is known at once.
        """
        ...

    async def append(
        self, station: str, epoch: int, dedupe_key: str, action: str, value: bytes
    ) -> int:
        """Put an outbox row at the end and get its seq, above every earlier one of the station."""
        ...

    async def head(self, station: str) -> tuple[int, bytes] | None:
        """The oldest unfinished outbox row, as (seq, value)."""
        ...

    async def bindings(self, station: str) -> tuple[tuple[str, str, bytes], ...]:
        """(kind, key, value) rows in the order in which they were first put."""
        ...

    async def ack(self, station: str, epoch: int, seq: int, dead: bool = False) -> None:
        """Finish an outbox row. dead: keep it as a dead letter."""
        await self.commit(station, epoch, (Ack(seq, dead),))

    async def put(self, station: str, epoch: int, kind: str, key: str, value: bytes) -> None:
        """Write one binding."""
        await self.commit(station, epoch, (Put(kind, key, value),))

    async def drop(self, station: str, epoch: int, kind: str, key: str) -> None:
        """Forget one binding."""
        await self.commit(station, epoch, (Drop(kind, key),))

    async def map_tx(
        self, station: str, epoch: int, station_tx: str, csms_tx: str, state: str
    ) -> None:
        """Remember which transaction of the CSMS one of the station is."""
        value = orjson.dumps({"csms_tx": csms_tx, "state": state})
        await self.commit(station, epoch, (Put(TX_MAP, station_tx, value),))

    # -- all stations ---------------------------------------------------------------------------

    async def journal(self, station: str, line: Line) -> None:
        """Note one frame. Belongs to no owner: a replica may note what it refused."""
        ...

    async def journalled(self, station: str, limit: int = 100) -> tuple[Line, ...]:
        """The newest frames noted, oldest of them first."""
        ...

    async def stations(self) -> tuple[Summary, ...]:
        """What is kept, by station."""
        ...

    def each(self, kind: str) -> AsyncIterator[Binding]:
        """Bindings of one kind, of all stations, by station and key."""
        ...

    async def totals(self) -> Totals:
        """The outbox in figures."""
        ...

    async def purge(self, now: float) -> int:
        """Delete what was finished `store.keep_done_s` before now; returns how many outbox rows.

        Dead letters stay: they wait for a person. Journal lines of that age go as well.
        """
        ...

    async def backup(self, path: str) -> None:
        """Copy the store into a file of mode 0600, while it is used; an older copy is replaced."""
        ...

    async def close(self) -> None:
        """Finish what was asked for, then let go of the engine."""
        ...
