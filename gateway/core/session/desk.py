"""What a procedure or a settlement may do: remember, queue calls, set timers, note what happened.

The session owns one desk. Whatever is done here becomes effects in order when the input that
caused it has been worked off; nothing here sends by itself.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from gateway.core.dialects import CSMS, SIDES, STATION, Leg, Side, Version
from gateway.core.frames import Call, JsonObject
from gateway.core.mapping.model import MapSet, MessageMap
from gateway.core.schema.catalog import Catalog
from gateway.core.session.bindings import Bindings
from gateway.core.session.effects import Ack, Append, Op, Record, Update
from gateway.core.session.entries import Entry, read
from gateway.core.session.ledger import Ledger, Outgoing
from gateway.core.session.requests import Refuse, Reply
from gateway.core.session.state import Loaded
from gateway.core.session.variants import Variants, fitting, namespace
from gateway.core.settings import SessionSettings, Translation

QUARANTINE = "quarantine"
"""Kind of an outbox row that holds a frame as it came."""
QUARANTINED_AT_MOST = 100
_new = tuple.__new__
"""As in wire.py."""

if TYPE_CHECKING:
    from gateway.core.session.exchange import Exchange
    from gateway.core.session.opening import Opening, OpeningKey


@dataclass(frozen=True, slots=True)
class Revision:
    """Schemas and maps as loaded together; an exchange ends with the revision it began with.

    openings: what calls open with, as sessions have found it so far (opening.py).
    variants: the same for stations with a vendor's overlay; profiles: repairs that it asks for.
    carries_custom_data: customData goes to a 1.6 peer as messages of their own.
    """

    catalog: Catalog
    maps: MapSet
    name: str = ""
    openings: "dict[OpeningKey, Opening | Refuse]" = field(default_factory=dict)
    variants: Variants | None = None
    profiles: tuple[str, ...] = ()
    carries_custom_data: bool = False


class Desk:
    """now: seconds since the epoch, UTC, set by the session before each input is worked on.

    legs: those that are up; versions: of each side, also while its leg is being dialled again.
    ops, records, published: what the present step has done so far.
    """

    def __init__(
        self,
        station: str,
        loaded: Loaded,
        revision: Revision,
        settings: SessionSettings,
        ids: Iterator[str],
    ) -> None:
        self.station = station
        self._standard = revision
        self.session_settings = settings
        self.settings: Translation = settings.translation
        self.bindings = Bindings(loaded, settings.translation)
        self.fit(self.bindings.registration.boot)
        self.now = 0.0
        self.new_id = ids.__next__
        self.legs: dict[Side, Leg] = {}
        self.versions: dict[Side, Version] = {}
        self.ledgers = {side: Ledger(side) for side in SIDES}
        self.entries: dict[int, Entry] = {seq: read(value) for seq, value in loaded.outbox}
        self.records: list[Record] = []
        self.wake = float("inf")
        self.authorized: dict[str, tuple[float, JsonObject]] = {}
        """Last idTokenInfo by idTag in lower case, and when it was given (station part 5.6)."""
        self.late_words: list[Hashable] = []
        """Topics of the questions about tokens that cost a transaction message its answer."""
        self.late_answers: dict[Hashable, Reply] = {}
        """To transaction messages of one version on both legs, until these are repeated."""
        self._quarantined: list[int] = []
        self.awaited: dict[Hashable, list[Exchange]] = {}
        self.when_station_free: Callable[[], None] | None = None
        """Done once, when the station has no call of the gateway open or queued."""
        self.ops: list[Op] = []
        self.published: list[tuple[Hashable, object]] = []
        self._timers: dict[Hashable, tuple[float, Callable[[], None]]] = {}

    # -- what is ----------------------------------------------------------------------------

    def fit(self, boot: JsonObject | None) -> None:
        """Work by the maps for a station that says this of itself (design/README.md 1.1, 7)."""
        settings, standard = self.session_settings.extensions, self._standard
        named = self.session_settings.profiles
        self.revision = fitting(standard, self.station, boot, settings, named)
        spaces = settings.vendor_namespaces
        self.bindings.namespace = namespace(self.settings.vendor_id, boot, spaces)

    def map(self, name: str) -> MessageMap:
        """The map of that name (file stem)."""
        return self.revision.maps.named(name)

    def entries_of(self, tx201: str) -> list[Entry]:
        """Unfinished entries of a transaction, in order."""
        return [entry for entry in self.entries.values() if entry.tx201 == tx201]

    # -- calls ------------------------------------------------------------------------------

    def post(
        self,
        side: Side,
        action: str,
        payload: JsonObject,
        settled: Callable[[Reply], None] | None = None,
        losses: tuple[str, ...] = (),
    ) -> None:
        """Queue a call that no exchange waits for and that does not survive its leg.

        settled: told how it ended, also LOST when the leg went down before or after sending.
        """
        outgoing = Outgoing(action, payload, settled=settled, losses=losses)
        self.ledgers[side].queue.append(outgoing)

    def append(
        self,
        kind: str,
        tx201: str,
        action: str,
        payload: JsonObject,
        event_key: str = "",
        losses: tuple[str, ...] = (),
        answer: JsonObject | None = None,
    ) -> Entry:
        """Queue a durable call towards the CSMS; it is saved before anything further is sent."""
        seq = self.bindings.table.reserve("outbox")
        entry = Entry(seq, kind, tx201, action, payload, event_key, answer=answer)
        self.entries[seq] = entry
        # The seq is in the key because one event may owe two calls of a kind (stored readings and
        # its own); that no call is owed twice is what `Event` records are for.
        dedupe_key = f"{tx201}/{kind}/{event_key}/{seq}"
        self.ops.append(_new(Append, (seq, dedupe_key, action, entry.encode())))
        self.ledgers[CSMS].queue.append(Outgoing(action, payload, entry=entry, losses=losses))
        return entry

    def hurry(self, entry: Entry) -> None:
        """Send an entry that waits for its `next_at` at once; any other one stays where it is."""
        if self._timers.pop(entry.topic, None) is not None:
            entry.next_at = None
            self.update(entry)
            again = Outgoing(entry.action, entry.payload, entry=entry)
            self.ledgers[CSMS].queue.append(again)

    def update(self, entry: Entry) -> None:
        """Note that an entry has changed (attempts, next_at)."""
        self.ops.append(Update(entry.seq, entry.encode()))

    def finish(self, entry: Entry, *, dead: bool) -> None:
        """Take an entry out of the outbox. dead: keep it as a dead letter."""
        self.entries.pop(entry.seq, None)
        self.ops.append(_new(Ack, (entry.seq, dead)))

    def quarantine(self, call: Call, data: bytes) -> None:
        """Keep a transaction message that cannot go on, as it came, as a dead letter (S18).

        A station repeats what is refused; the same content is kept once, and no more than so much.
        """
        content = hash(orjson.dumps((call.action, call.payload)))
        if content in self._quarantined or len(self._quarantined) >= QUARANTINED_AT_MOST:
            return
        self._quarantined.append(content)
        seq = self.bindings.table.reserve("outbox")
        frame: JsonObject = {"frame": data.decode("utf-8", "replace")}
        entry = Entry(seq, QUARANTINE, "", call.action, frame)
        self.ops.append(Append(seq, f"{QUARANTINE}/{seq}", call.action, entry.encode()))
        self.finish(entry, dead=True)
        self.note("quarantined", "kept as a dead letter, as it came", call.action)

    # -- time and topics --------------------------------------------------------------------

    def later(self, key: Hashable, delay_s: float, action: Callable[[], None]) -> None:
        """Run action after delay_s; a timer of the same key gives way. Not durable."""
        when = self.now + delay_s
        self._timers[key] = (when, action)
        self.wake = min(self.wake, when)

    def cancel(self, key: Hashable) -> None:
        self._timers.pop(key, None)

    def is_awaited(self, topic: Hashable) -> bool:
        """Whether a procedure waits for that topic."""
        return topic in self.awaited

    def publish(self, topic: Hashable, value: object) -> None:
        """Resume the procedures that await topic, once the present step is done."""
        self.published.append((topic, value))

    def note(self, outcome: str, text: str, action: str = "", side: Side = STATION) -> None:
        """Record a finding or a change of state, in a sentence for the operator."""
        self.records.append(Record("=", side, action, "", outcome, text))

    # -- for the session --------------------------------------------------------------------

    def take_ops(self) -> tuple[Op, ...]:
        """Everything to be saved before the next frame leaves; empty if nothing changed."""
        ops, self.ops = self.ops, []
        return tuple(self.bindings.table.take_changes() + ops)

    def take_published(self) -> list[tuple[Hashable, object]]:
        published, self.published = self.published, []
        return published

    def due_timers(self) -> list[Callable[[], None]]:
        """Timers whose time has come, taken out, earliest first."""
        due = sorted(
            (when, index, key)
            for index, (key, (when, _)) in enumerate(self._timers.items())
            if when <= self.now
        )
        return [self._timers.pop(key)[1] for _, _, key in due]

    def next_timer(self) -> float:
        return min((when for when, _ in self._timers.values()), default=float("inf"))
