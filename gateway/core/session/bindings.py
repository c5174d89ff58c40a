"""The memory of one station as procedures and conversions see it.

A thin face over `table.Table`: lookups that need more than a key, and the `mapping.Context` that
translations ask for tokens and numbers.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from gateway.core.dialects import V16, V201, Version
from gateway.core.session.numbering import Numbering, likeliest_connector
from gateway.core.session.state import (
    ACTIVE,
    EVENTS_KEPT,
    EVENTS_OF_CLOSED_S,
    Connector,
    Event,
    Loaded,
    Registration,
    RemoteStart,
    Transaction,
    Trigger,
)
from gateway.core.session.table import Table
from gateway.core.session.tokens import Tokens
from gateway.core.settings import Translation
from gateway.core.timestamps import utc_text

_INTERVAL = re.compile(r"[1-9][0-9]{0,8}").fullmatch


class Bindings:
    """Everything durable about one station, in memory. Implements `mapping.context.Context`.

    version: what the station speaks; it decides how numbering learns. Set when its leg comes up.
    namespace: vendorId of its own fields in customData, by what it said at boot.
    measured: what its connectors measure now, by measurand (holdings.py); not durable.
    """

    def __init__(self, loaded: Loaded, settings: Translation) -> None:
        self.table = Table(loaded.bindings)
        self.settings = settings
        self.version = Version.V16
        self.namespace = f"{settings.vendor_id}.extra"
        self.now = 0.0
        self.measured: dict[tuple[int, int], dict[str, Decimal]] = {}
        self.numbering = Numbering(self.table, settings.topology)
        self.tokens = Tokens(self.table, settings.id_token)
        # Indexes over the table: a station keeps a month of closed records, and each event of the
        # hot path asks for the few open ones.
        records = self.table.kind("transaction").values()
        self._open: dict[str, Transaction] = {r.tx201: r for r in records if r.is_open}
        self._events: dict[str, dict[str, Event]] = {}
        for event in sorted(self.table.kind("event").values(), key=lambda e: e.order):
            self._events.setdefault(event.tx201, {})[event.key] = event

    # -- mapping.Context ---------------------------------------------------------------------

    @property
    def now_text(self) -> str:
        """Time of reception; text is made only for the few messages that need it."""
        return utc_text(self.now)

    def tag(self, id_token: str, token_type: str) -> str:
        return self.tokens.tag(id_token, token_type)

    def untag(self, id_tag: str) -> tuple[str, str]:
        return self.tokens.untag(id_tag)

    def connector16(self, evse_id: int, connector_id: int | None) -> int:
        """A: a station spoke of the address: it is learned. B: a CSMS did: it must be known."""
        if evse_id == 0:
            return 0
        if connector_id is None:
            connector_id = self.connector_of(evse_id)
        if self.version is V201:
            return self.numbering.learn(evse_id, connector_id)
        return self.numbering.read201(evse_id, connector_id)

    def evse201(self, connector16: int) -> tuple[int, int]:
        return self.numbering.read16(connector16, extend=self.version is V16)

    def transaction16(self, evse_id: int) -> int | None:
        running = [r.tx16 for r in self.running(evse_id) if r.state == ACTIVE]
        return running[0] if len(running) == 1 else None

    # -- connectors --------------------------------------------------------------------------

    def connector_of(self, evse_id: int) -> int:
        """The connector meant where an EVSE is named alone (translation-station 1.7)."""
        ids = self.numbering.connectors(evse_id)
        known = {c.connector_id: c for c in self.connectors() if c.evse_id == evse_id}
        return likeliest_connector(ids, known, self.running(evse_id))

    def connectors(self) -> Iterable[Connector]:
        return self.table.kind("connector").values()

    def connector(self, evse_id: int, connector_id: int) -> Connector:
        """What is known of a connector; an empty record if nothing is. Save it with `keep`."""
        found = self.table.get("connector", f"{evse_id},{connector_id}")
        return found if found is not None else Connector(evse_id, connector_id)

    def keep_connector(self, connector: Connector) -> None:
        self.table.put("connector", f"{connector.evse_id},{connector.connector_id}", connector)

    # -- transactions ------------------------------------------------------------------------

    def transaction(self, tx201: str) -> Transaction | None:
        found: Transaction | None = self.table.get("transaction", tx201)
        return found

    def transactions(self) -> Iterable[Transaction]:
        return self.table.kind("transaction").values()

    def new_transaction(self, tx201: str) -> Transaction:
        record = Transaction(tx201, order=self.table.count("transaction_order"))
        self.keep(record)
        return record

    def keep(self, record: Transaction) -> None:
        """Note that a record has changed (or is new)."""
        self.table.put("transaction", record.tx201, record)
        if record.is_open:
            self._open[record.tx201] = record
        else:
            self._open.pop(record.tx201, None)

    def open_by_tx16(self, tx16: int) -> Transaction | None:
        """The newest open record with that 1.6 id; ids are not assumed unique."""
        newest = None
        for record in self._open.values():
            if record.tx16 == tx16 and (newest is None or record.order > newest.order):
                newest = record
        return newest

    def by_tx16(self, tx16: int) -> Transaction | None:
        """The newest record with that 1.6 id, an open one first."""
        found = [r for r in self.transactions() if r.tx16 == tx16]
        return max(found, key=lambda r: (r.is_open, r.order), default=None)

    def running(self, evse_id: int | None = None) -> list[Transaction]:
        """Open records, oldest first; of one EVSE if it is given."""
        found = [r for r in self._open.values() if evse_id in (None, r.evse_id)]
        return sorted(found, key=lambda r: r.order)

    def running_on(self, connector16: int) -> Transaction | None:
        """The newest open record of a 1.6 connector."""
        newest = None
        for record in self._open.values():
            if record.connector16 == connector16 and (
                newest is None or record.order > newest.order
            ):
                newest = record
        return newest

    # -- processed events --------------------------------------------------------------------

    def event(self, tx201: str, key: str) -> Event | None:
        return self._events.get(tx201, {}).get(key)

    def keep_event(self, event: Event, kept: int = EVENTS_KEPT) -> None:
        """Remember a processed message; of one transaction the last `kept` stay.

        A message takes over the row of the one that it pushes out: to the store a row that changes
        where it stands is a third of the work of one that comes and one that goes.
        """
        mine = self._events.setdefault(event.tx201, {})
        known = mine.get(event.key)
        if known is not None:
            event.order = known.order
        elif not event.order:
            event.order = next(reversed(mine.values())).order + 1 if mine else 1
        mine[event.key] = event
        row = _event_row(event)
        self.table.put("event", row, event)
        if len(mine) > kept:
            oldest = _event_row(mine.pop(next(iter(mine))))
            if oldest != row:
                self.table.drop("event", oldest)

    # -- registration, remote starts, triggers -----------------------------------------------

    @property
    def registration(self) -> Registration:
        found = self.table.get("registration", "")
        return found if found is not None else Registration()

    def keep_registration(self, registration: Registration) -> None:
        self.table.put("registration", "", registration)

    def keep_interval(self, text: str) -> None:
        """The station has that value for its heartbeat interval; what is no interval is not."""
        registration = self.registration
        if _INTERVAL(text.strip()) and registration.interval != int(text):
            registration.interval = int(text)
            self.keep_registration(registration)

    def remote_starts(self, now: float) -> list[RemoteStart]:
        """Pending remote starts that have not expired, oldest first."""
        rows: dict[str, RemoteStart] = self.table.kind("remote_start")
        for key in [key for key, start in rows.items() if start.expires < now]:
            self.table.drop("remote_start", key)
        return list(rows.values())

    def keep_remote_start(self, start: RemoteStart) -> None:
        self.table.put("remote_start", str(start.remote_start_id), start)

    def replace_remote_starts(self, start: RemoteStart) -> None:
        """Older ones for the same address, still unconsumed, give way to one that is accepted."""
        rows: dict[str, RemoteStart] = self.table.kind("remote_start")
        for key, other in list(rows.items()):
            same = other.remote_start_id == start.remote_start_id
            if other.evse_id == start.evse_id and other.expires <= start.expires and not same:
                self.table.drop("remote_start", key)

    def take_remote_start(self, start: RemoteStart) -> None:
        """A transaction is what the start has led to."""
        self.replace_remote_starts(start)
        self.drop_remote_start(start.remote_start_id)

    def drop_remote_start(self, remote_start_id: int) -> None:
        self.table.drop("remote_start", str(remote_start_id))

    def triggers(self, message: str, now: float) -> list[Trigger]:
        """Accepted triggers for that message that are still due."""
        rows: dict[str, Trigger] = self.table.kind("trigger")
        if not rows:
            return []
        for key in [key for key, trigger in rows.items() if trigger.expires < now]:
            self.table.drop("trigger", key)
        return [trigger for trigger in rows.values() if trigger.message == message]

    def keep_trigger(self, trigger: Trigger) -> Trigger | None:
        """Store it; one of the same message and place gives way and is returned."""
        before: Trigger | None = self.table.get("trigger", trigger.key)
        self.table.put("trigger", trigger.key, trigger)
        return before

    def consume_trigger(self, trigger: Trigger) -> None:
        self.table.drop("trigger", trigger.key)

    def withdraw_trigger(self, trigger: Trigger, before: Trigger | None) -> None:
        """Undo `keep_trigger`: the station has refused. A newer one stays."""
        if self.table.get("trigger", trigger.key) is not trigger:
            return
        self.consume_trigger(trigger)
        if before is not None:
            self.keep_trigger(before)

    # -- age ---------------------------------------------------------------------------------

    def expire(self, now: float, keep_transactions_s: float) -> None:
        """Forget closed records that are old enough, and sooner the events of closed ones."""
        for record in list(self.transactions()):
            if record.closed_at is None:
                continue
            if now - record.closed_at > EVENTS_OF_CLOSED_S:
                self._forget_events(record.tx201)
            if now - record.closed_at > keep_transactions_s:
                self.table.drop("transaction", record.tx201)

    def forget(self, tx201: str) -> None:
        """Forget a closed transaction and its events."""
        self._forget_events(tx201)
        self.table.drop("transaction", tx201)

    def _forget_events(self, tx201: str) -> None:
        for event in self._events.pop(tx201, {}).values():
            self.table.drop("event", _event_row(event))


def _event_row(event: Event) -> str:
    """Key of the row that holds an event: its place in a ring, since few of them are kept."""
    return f"{event.tx201}/{event.order % EVENTS_KEPT}"
