"""One TransactionEvent of a 2.0.1 station: what it says, and how it stands to what is known.

Spec: translation-station 5.2, 5.3, 5.9. Nothing here changes a record; the one thing that may be
learned is the number of a connector that the station spoke of (1.7).
"""

from decimal import Decimal

from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.event_time import is_earlier
from gateway.core.session.procedures.register_reading import interval_sum, readings
from gateway.core.session.procedures.transaction_table import (
    STOP_AUTHORIZED,
    Role,
    Row,
    Word,
    role,
    step,
    word,
)
from gateway.core.session.state import STARTING, WAIT, RemoteStart, Transaction
from gateway.core.timestamps import normalise

ENDED = "Ended"
CHARGING = "Charging"
REMOTE_START = "RemoteStart"


class StationEvent:
    """The event's members as the rules name them. time: its timestamp as maps put it out.

    key: what makes a later event a repeat of this one; found: its register readings.
    """

    __slots__ = (
        "charging_state",
        "ended",
        "found",
        "key",
        "kind",
        "meter_values",
        "offline",
        "payload",
        "seq",
        "stopped",
        "time",
        "token",
        "trigger",
        "tx201",
        "zone",
    )

    def __init__(self, payload: JsonObject, zone: str) -> None:
        info = payload["transactionInfo"]
        self.payload = payload
        self.zone = zone
        self.tx201: str = info["transactionId"]
        self.seq: int = payload["seqNo"]
        self.kind: str = payload["eventType"]
        self.key = f"{self.seq} {self.kind}"
        self.ended = self.kind == ENDED
        self.trigger: str = payload["triggerReason"]
        self.stopped: str | None = info.get("stoppedReason")
        self.charging_state: str | None = info.get("chargingState")
        self.offline: bool = payload.get("offline", False)
        self.time = normalise(payload["timestamp"], zone)
        self.token: JsonObject | None = payload.get("idToken")
        self.meter_values: list[JsonObject] = payload.get("meterValue", [])
        self.found = readings(self.meter_values)


class Case:
    """What an event meets: its record, its place in the tables, and what decides its answer.

    record: None for an unknown transaction. tag: of the event's token, None without one or where
    1.6 cannot carry it (`untold`). start_tag: of the start token as known with this event.
    address: (evseId, connectorId) and number: 1.6 connectorId, None while unknown.
    pending: the remote start that the transaction answers. equal: the token is the start token.
    repeats_start: the event that caused a start comes again, since that start failed.
    late: an event that followed this one has been taken in before it.
    """

    __slots__ = (
        "address",
        "equal",
        "late",
        "number",
        "pending",
        "record",
        "repeats_start",
        "role",
        "row",
        "start_tag",
        "tag",
        "untold",
        "word",
    )

    def __init__(self, desk: Desk, event: StationEvent) -> None:
        bindings = desk.bindings
        record = bindings.transaction(event.tx201)
        placeholder = desk.settings.a.placeholder_id_tag
        self.record = record
        self.pending: RemoteStart | None = None
        self._read_token(bindings, event)
        known = has_start_token(record, placeholder)
        start_tag = record.id_tag if record is not None and known else None
        self.equal = same_tag(self.tag, start_tag)
        stops = event.ended or event.trigger == STOP_AUTHORIZED
        self.role = role(event.token is not None, stops, known, self.equal)
        if start_tag is None:
            start_tag = self._new_start_tag(desk, event)
        if start_tag is None:
            start_tag = placeholder
        self.start_tag = start_tag
        self._read_address(bindings, event)
        ready = start_tag is not None and self.number is not None
        state = "" if record is None else record.state
        energy = event.ended and has_energy(record, event)
        self.row: Row = step(state, event.ended, ready, energy)
        started = record is not None and state != WAIT
        if record is not None and state == STARTING:
            started = record.start_info is not None
        if record is not None and has_real_token(record):
            started = False
        self.late = record is not None and _is_late(record, event)
        self.repeats_start = (
            record is not None and record.start_failed and record.start_key == event.key
        )
        self.word: Word = word(self.row, self.role, self.equal, started, self.repeats_start)

    def _read_token(self, bindings: Bindings, event: StationEvent) -> None:
        self.tag: str | None = None
        self.untold = False
        if event.token is not None:
            try:
                self.tag = bindings.tag(event.token["idToken"], event.token["type"])
            except Untranslatable:
                self.untold = True

    def _new_start_tag(self, desk: Desk, event: StationEvent) -> str | None:
        """The start token as this event tells it: its own, or that of the remote start (5.2).

        A station that leaves out remoteStartId says with its triggerReason that there was one
        (5.11): the pending one of its EVSE.
        """
        start_id = event.payload["transactionInfo"].get("remoteStartId")
        nameless = start_id is None and event.trigger == REMOTE_START and event.token is None
        evse_id = event.payload.get("evse", {}).get("id")
        for start in desk.bindings.remote_starts(desk.now):
            named = start.remote_start_id == start_id or start.tx201 == event.tx201
            meant = nameless and start.tx201 is None
            if named or (meant and start.evse_id == evse_id):
                self.pending = start
            elif meant and start.evse_id in (None, 0):
                self.pending = self.pending or start
        if self.tag is not None and (self.role is Role.START or event.ended):
            return self.tag
        return self.pending.id_tag if self.pending is not None else None

    def _read_address(self, bindings: Bindings, event: StationEvent) -> None:
        record = self.record
        self.address: tuple[int, int] | None = None
        self.number: int | None = None
        if record is not None and record.connector16 is not None:
            self.number = record.connector16
            return
        evse = event.payload.get("evse")
        if evse is not None and evse["id"] > 0:
            connector_id = evse.get("connectorId") or bindings.connector_of(evse["id"])
            self.address = (evse["id"], connector_id)
        elif len(bindings.numbering) == 1:
            self.address = bindings.numbering.address(bindings.numbering.numbers[0])
        if self.address is not None:
            self.number = bindings.connector16(*self.address)


def has_start_token(record: Transaction | None, placeholder: str | None) -> bool:
    """Whether the start token is known; a placeholder stands for none (5.3)."""
    if record is None or record.id_tag is None:
        return False
    return record.id_token is not None or record.id_tag != placeholder


def has_real_token(record: Transaction) -> bool:
    """Whether a token came after a start under the placeholder (5.3): its answer says nothing of
    that one."""
    started = record.started
    return started is not None and record.id_tag is not None and started["idTag"] != record.id_tag


def same_tag(one: str | None, other: str | None) -> bool:
    """Tokens compare without case in both versions (1.8)."""
    return one is not None and other is not None and one.lower() == other.lower()


def _is_late(record: Transaction, event: StationEvent) -> bool:
    """By its number and by its time: one of them alone is no sign of it, since stations number
    anew after a restart and have their clocks set."""
    last = record.last_seq
    return last is not None and event.seq < last and is_earlier(event.time, record.last_event_time)


def has_energy(record: Transaction | None, event: StationEvent) -> bool:
    """Whether energy has flowed: a register difference, an interval, or it was Charging (5.4).

    At one time the register of the outlet counts, others beside it count something else (5.9).
    """
    if event.charging_state == CHARGING or (record is not None and record.charged):
        return True
    at_outlet = {reading.timestamp for reading in event.found if reading.outlet}
    known = [r.wh for r in event.found if r.outlet or r.timestamp not in at_outlet]
    if record is not None:
        known += [Decimal(wh) for wh in (record.first_wh, record.last_wh) if wh is not None]
    if known:
        return max(known) > min(known)
    return bool(interval_sum(event.meter_values)) or (
        record is not None and bool(record.interval_wh) and Decimal(record.interval_wh or 0) > 0
    )
