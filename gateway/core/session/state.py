"""What one station's memory holds: the bindings that outlive an exchange (`table.py` keeps them).

Every kind below is durable (translation-station 9, translation-csms 1.7). Memory is authoritative;
a failed commit ends the session.

Values travel as JSON. A record read back from an older version of the gateway may lack members or
have more of them: missing ones take their default, further ones are ignored.
"""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeVar

import orjson

from gateway.core.frames import JsonObject
from gateway.core.session.effects import held

WAIT, STARTING, ACTIVE, STOPPING, CLOSED, DISCARDED = (
    "WAIT",
    "STARTING",
    "ACTIVE",
    "STOPPING",
    "CLOSED",
    "DISCARDED",
)
OPEN_STATES = frozenset({WAIT, STARTING, ACTIVE, STOPPING})
"""States of a record whose transaction runs (translation-station 5.1)."""

EVENTS_KEPT = 256
TRIGGER_S = 30.0
"""How long a triggered message stays due (translation-station 11)."""
EVENTS_OF_CLOSED_S = 86400.0


@dataclass(slots=True)
class Transaction:
    """One transaction, in both versions. Spec: translation-station 5.1 (A), 7.1 (B).

    Energies are Wh, as decimal text where they are readings and int where 1.6 saw them.
    readings: meterValue objects (2.0.1) stored while the record is in WAIT.
    start_time: as StartTransaction has it; A: before that, of the earliest reading sent in WAIT.
    last_wh_time: A: when last_wh was read.
    started: A: payload of StartTransaction as sent, kept for repeats; B: of the Started event.
    start_failed: the start was answered with a CallError and waits for its next occasion;
    start_refused: A: with a permanent one, so that only its own event and the end repeat it.
    last_seq: A: newest seqNo received. next_seq: B: the next seqNo to give.
    start_key: A: key of the event that caused the start; B: what makes a StartTransaction a repeat
    of this one's; stop_key: B: the same of a StopTransaction.
    ended: B: payload of the Ended event while it is refused, for the station's repeat.
    untold: B: the station has not been answered, and does not know the number.
    charged: A: chargingState was Charging; energised: that, SuspendedEV or SuspendedEVSE.
    end_silent: A: no status follows the end (the EV is gone, or it was told of later).
    gateway_stop: 1.6 reason for which the gateway itself asked the station to stop.
    stop_due: that request has not been answered by the station yet.
    refused_until: A: the start was refused too late for its event, whose repeat is waited for until
    then; after that the station is asked to stop.
    order: rises with each new record of a station, so that "newest" has a meaning.
    """

    tx201: str
    state: str = WAIT
    order: int = 0
    tx16: int | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    connector16: int | None = None
    id_token: JsonObject | None = None
    id_tag: str | None = None
    start_status: str | None = None
    start_info: JsonObject | None = None
    start_time: str | None = None
    started: JsonObject | None = None
    start_failed: bool = False
    start_refused: bool = False
    start_key: str | None = None
    stop_key: str | None = None
    ended: JsonObject | None = None
    meter_start: int | None = None
    meter_start_estimated: bool = False
    first_wh: str | None = None
    last_wh: str | None = None
    last_wh_time: str | None = None
    interval_wh: str | None = None
    last_event_time: str | None = None
    reservation_id: int | None = None
    remote_start_id: int | None = None
    charging_state: str | None = None
    energised: bool = False
    charged: bool = False
    gateway_stop: str | None = None
    stop_due: bool = False
    refused_until: float | None = None
    end_silent: bool = False
    readings: list[JsonObject] = field(default_factory=list)
    last_seq: int | None = None
    next_seq: int = 0
    closed_at: float | None = None
    untold: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(slots=True)
class Event:
    """A processed message of a transaction and its answer, for repeats (translation-station 5.4).

    key: seqNo and eventType (A) or a fingerprint (B) within the transaction; kind: eventType or
    1.6 action.
    answer: the payload that was answered; None while there is none.
    payload: B: the derived event while it is refused, for the station's repeat.
    """

    tx201: str
    key: str
    kind: str
    answer: JsonObject | None = None
    payload: JsonObject | None = None
    order: int = 0


@dataclass(slots=True)
class Connector:
    """Last known of one connector. Spec: translation-station 6.1 (A), 8 (B).

    status201: last connectorStatus of (A) or to (B) the 2.0.1 side; status16: last 1.6 status sent
    to (A) or received from (B) the 1.6 side; error_code: remembered 1.6 error code.
    after_tx: a transaction ended here since the connector was last Available.
    register_wh: last import register, decimal text; register_time: A: when it was read.
    posted: A: 1.6 status that is on its way to the CSMS. posted_time: A: of the message that caused
    the last one that was, as maps put it out. posted_fault: A: what that one said of a fault.
    reported: B: report epoch in which the 2.0.1 side was last told (translation-station 8).
    """

    evse_id: int
    connector_id: int
    status201: str | None = None
    status16: str | None = None
    error_code: str | None = None
    after_tx: bool = False
    register_wh: str | None = None
    register_time: str | None = None
    posted: str | None = None
    reported: int = 0
    posted_time: str | None = None
    posted_fault: dict[str, Any] | None = None


@dataclass(slots=True)
class Registration:
    """status: `Accepted`, `Pending`, `Rejected`, or `none` before any boot.

    boot: last BootNotification as the station sent it; interval: heartbeat interval in seconds.
    asked: the gateway has asked a station that never booted for its BootNotification.
    """

    status: str = "none"
    boot: JsonObject | None = None
    interval: int | None = None
    asked: bool = False


@dataclass(slots=True)
class RemoteStart:
    """A remote start that no transaction has consumed yet. Spec: translation-csms 3.1.

    tx201: the transaction that the station's answer named, if any.
    profile: B: the charging profile that came with it, as the 2.0.1 CSMS sent it.
    """

    remote_start_id: int
    expires: float
    id_tag: str | None = None
    id_token: JsonObject | None = None
    group_id_token: JsonObject | None = None
    evse_id: int | None = None
    tx201: str | None = None
    profile: JsonObject | None = None


@dataclass(slots=True)
class Reset:
    """The last Reset. type: as the CSMS said it; held: it waits for idle and is not sent (B).

    booted: the station has booted since.
    """

    type: str
    time: float
    held: bool = False
    was_held: bool = False
    booted: bool = False


@dataclass(slots=True)
class Trigger:
    """A TriggerMessage that was accepted and whose message is still due, 30 s (station part 11).

    message: what the station was asked for, by its name in the station's version; extended: in 1.6
    terms it was asked for with the security extension's trigger (station part 3.6, 3.7).
    """

    message: str
    expires: float
    evse_id: int | None = None
    connector_id: int | None = None
    extended: bool = False

    @property
    def key(self) -> str:
        return f"{self.message}/{self.evse_id}/{self.connector_id}"


@dataclass(slots=True)
class StoredProfile:
    """B: a charging profile that the station accepted (translation-csms 4.5).

    profile: as the 2.0.1 CSMS sent it; tx201: the transaction that it is for, if it is for one.
    """

    evse_id: int
    profile: JsonObject
    tx201: str | None = None


@dataclass(slots=True)
class Token:
    """One token in both spellings. Spec: translation-station 1.8."""

    id_tag: str
    id_token: str
    type: str


@dataclass(slots=True)
class Place:
    """Position `number` (1.6 connectorId) of the topology."""

    number: int
    evse_id: int
    connector_id: int


class Loaded(NamedTuple):
    """What the store holds of a station when its session begins.

    bindings: (kind, key, value) rows; outbox: (seq, value) rows in order of seq.
    """

    bindings: tuple[tuple[str, str, bytes], ...] = ()
    outbox: tuple[tuple[int, bytes], ...] = ()


_RECORDS: dict[str, type[Any]] = {
    "transaction": Transaction,
    "event": Event,
    "connector": Connector,
    "registration": Registration,
    "remote_start": RemoteStart,
    "reset": Reset,
    "trigger": Trigger,
    "charging_profile": StoredProfile,
    "token": Token,
    "topology": Place,
}
"""Kinds whose value is a record; every other kind holds a plain JSON value."""

R = TypeVar("R")


def encode(value: Any) -> bytes:
    """A binding's value as the store keeps it."""
    return held(orjson.dumps(value))


def decode(kind: str, value: bytes) -> Any:
    """The record, or plain JSON value, that a binding of that kind holds."""
    plain = orjson.loads(value)
    record = _RECORDS.get(kind)
    if record is None:
        return plain
    known = {f.name for f in fields(record)}
    return record(**{name: plain[name] for name in plain if name in known})
