"""What each event of a 2.0.1 transaction makes of it in 1.6: the tables of direction A, as data.

States (5.4), roles of a token (5.2), whose word the answer carries (5.6), stop reasons (5.10).
Pure: `station_event.py` finds out what holds, and `transaction_progress.py` does what follows.
Spec: translation-station 5.
"""

from enum import Enum, auto
from typing import NamedTuple

from gateway.core.session.state import ACTIVE, CLOSED, DISCARDED, STARTING, STOPPING, WAIT

STOP_AUTHORIZED = "StopAuthorized"


class Do(Enum):
    """One thing that an event causes; in the order of a row they are done."""

    START = auto()  # queue StartTransaction
    RESTART = auto()  # queue it again, if it failed
    METER = auto()  # queue MeterValues for the readings that are left
    STORE = auto()  # keep readings of the beginning, MeterValues without an id for others
    STOP = auto()  # queue StopTransaction
    ORPHAN = auto()  # queue it with transactionId -1, or nothing (a.orphan_stop)
    JOIN = auto()  # wait for the StopTransaction that is under way


class Row(NamedTuple):
    """One row of 5.4; None: whatever it is. state: "" where there is no record yet."""

    state: str
    ended: bool | None
    ready: bool | None
    energy: bool | None
    do: tuple[Do, ...]
    next: str


STATES: tuple[Row, ...] = (
    # state     ended  ready  energy  do                       next
    Row("", False, True, None, (Do.START, Do.METER), STARTING),
    Row("", False, False, None, (Do.STORE,), WAIT),
    Row("", True, True, None, (Do.START, Do.STOP), STOPPING),
    Row("", True, False, True, (Do.ORPHAN,), CLOSED),
    Row("", True, False, False, (), DISCARDED),
    Row(WAIT, False, True, None, (Do.START, Do.METER), STARTING),
    Row(WAIT, False, False, None, (Do.STORE,), WAIT),
    Row(WAIT, True, True, True, (Do.START, Do.STOP), STOPPING),
    Row(WAIT, True, None, None, (), DISCARDED),
    Row(STARTING, False, None, None, (Do.RESTART, Do.METER), STARTING),
    Row(STARTING, True, None, None, (Do.RESTART, Do.STOP), STOPPING),
    Row(ACTIVE, False, None, None, (Do.METER,), ACTIVE),
    Row(ACTIVE, True, None, None, (Do.STOP,), STOPPING),
    Row(STOPPING, True, None, None, (Do.JOIN,), STOPPING),
    Row(STOPPING, False, None, None, (), STOPPING),
    Row(CLOSED, None, None, None, (), CLOSED),
    Row(DISCARDED, None, None, None, (), DISCARDED),
)

_BY_STATE = {row.state: [r for r in STATES if r.state == row.state] for row in STATES}


def step(state: str, ended: bool, ready: bool, energy: bool) -> Row:
    """The row that applies: first match. state: "" where there is no record yet."""
    for row in _BY_STATE[state]:
        if (
            row.ended in (None, ended)
            and row.ready in (None, ready)
            and row.energy in (None, energy)
        ):
            return row
    raise AssertionError(f"no row for {state}, ended {ended}, ready {ready}, energy {energy}")


class Role(Enum):
    """What an event's idToken is to its transaction (5.2)."""

    NONE = auto()
    START = auto()
    SAME = auto()
    STOP = auto()
    OTHER = auto()


_NO_TOKEN = Role.NONE  # nearly every event; as `dialects.STATION` is


def role(has_token: bool, stops: bool, has_start_token: bool, equal: bool) -> Role:
    """stops: triggerReason StopAuthorized, or the event is Ended; equal: to the start token."""
    if not has_token:
        return _NO_TOKEN
    if stops:
        return Role.STOP
    if not has_start_token:
        return Role.START
    return Role.SAME if equal else Role.OTHER


class Word(Enum):
    """Whose word about the token the answer carries (5.6)."""

    NOBODY = auto()  # no token, no idTokenInfo
    GATEWAY = auto()  # Accepted: nothing follows from the token any more
    START = auto()  # StartTransaction's answer
    STOP = auto()  # StopTransaction's answer
    KNOWN = auto()  # what StartTransaction's answer said
    AUTHORIZE = auto()  # an Authorize made for this event
    LAST_AUTHORIZE = auto()  # that, unless one is recent enough


_NOBODY = Word.NOBODY


def word(row: Row, token: Role, equal: bool, started: bool, repeats_start: bool = False) -> Word:
    """row: what the event causes; equal: its token is the start token.

    started: StartTransaction has been answered, so that its word is known; repeats_start: the event
    is the one that caused it, and comes again because it failed.
    """
    if token is _NO_TOKEN:
        return _NOBODY
    if Do.STOP in row.do or Do.ORPHAN in row.do or Do.JOIN in row.do:
        return Word.STOP
    if row.next in (STOPPING, CLOSED, DISCARDED):
        return Word.GATEWAY
    if token is Role.START or equal:
        if Do.START in row.do or repeats_start:
            return Word.START
        return Word.KNOWN if started and equal else Word.LAST_AUTHORIZE
    return Word.AUTHORIZE


_REASONS = {
    "DeAuthorized": "DeAuthorized",
    "EmergencyStop": "EmergencyStop",
    "EVDisconnected": "EVDisconnected",
    "ImmediateReset": "HardReset",
    "Local": "Local",
    "PowerLoss": "PowerLoss",
    "Reboot": "Reboot",
    "Remote": "Remote",
}
"""stoppedReason -> 1.6 reason; every other one is `Other` (5.10)."""

_FINER = {"SoftReset": "ImmediateReset", "UnlockCommand": "Remote"}
"""1.6 reasons that customData of the gateway's own tells beside a coarser stoppedReason (7.5)."""

_YIELDING = frozenset({None, "Remote", "Other"})
"""stoppedReasons that the gateway's own request to stop explains better (5.7)."""


def stop_reason(
    stopped: str | None,
    trigger: str,
    gateway_stop: str | None,
    last_reset: str | None,
    finer: str | None = None,
) -> str:
    """reason of StopTransaction.

    stopped: stoppedReason; gateway_stop: why the gateway asked the station to stop; last_reset:
    type of the CSMS's last Reset; finer: the 1.6 reason as customData of the gateway's own has it.
    """
    if gateway_stop is not None and stopped in _YIELDING:
        return gateway_stop
    if trigger == "UnlockCommand":
        return "UnlockCommand"
    if stopped is None:
        return "Local"
    if finer is not None and _FINER.get(finer) == stopped:
        return finer
    if stopped == "ImmediateReset" and last_reset == "Soft":
        return "SoftReset"
    return _REASONS.get(stopped, "Other")


_GONE = frozenset({"EVCommunicationLost", "EVDeparted"})


def is_gone(stopped: str | None, trigger: str, charging_state: str | None) -> bool:
    """Whether the EV left with an Ended event, so that the connector's Available follows (6.3)."""
    return stopped == "EVDisconnected" or trigger in _GONE or charging_state == "Idle"
