"""Every row of the tables of direction A (translation-station 5.2, 5.4, 5.6, 5.10, 6.3)."""

from itertools import product

import pytest

from gateway.core.session.procedures.transaction_table import (
    STATES,
    Do,
    Role,
    Row,
    Word,
    is_gone,
    role,
    step,
    stop_reason,
    word,
)

NONE = ""
S_OR_U, ENDED = False, True
READY, NOT_READY = True, False
ENERGY, NO_ENERGY = True, False
START_METER = (Do.START, Do.METER)
START_STOP = (Do.START, Do.STOP)


@pytest.mark.parametrize(
    ("state", "ended", "ready", "energy", "do", "following"),
    [
        (NONE, S_OR_U, READY, NO_ENERGY, START_METER, "STARTING"),
        (NONE, S_OR_U, NOT_READY, ENERGY, (Do.STORE,), "WAIT"),
        (NONE, ENDED, READY, NO_ENERGY, START_STOP, "STOPPING"),
        (NONE, ENDED, NOT_READY, ENERGY, (Do.ORPHAN,), "CLOSED"),
        (NONE, ENDED, NOT_READY, NO_ENERGY, (), "DISCARDED"),
        ("WAIT", S_OR_U, READY, NO_ENERGY, START_METER, "STARTING"),
        ("WAIT", S_OR_U, NOT_READY, ENERGY, (Do.STORE,), "WAIT"),
        ("WAIT", ENDED, READY, ENERGY, START_STOP, "STOPPING"),
        ("WAIT", ENDED, READY, NO_ENERGY, (), "DISCARDED"),
        ("WAIT", ENDED, NOT_READY, ENERGY, (), "DISCARDED"),
        ("STARTING", S_OR_U, READY, ENERGY, (Do.RESTART, Do.METER), "STARTING"),
        ("STARTING", ENDED, READY, NO_ENERGY, (Do.RESTART, Do.STOP), "STOPPING"),
        ("ACTIVE", S_OR_U, READY, ENERGY, (Do.METER,), "ACTIVE"),
        ("ACTIVE", ENDED, READY, NO_ENERGY, (Do.STOP,), "STOPPING"),
        ("STOPPING", ENDED, READY, ENERGY, (Do.JOIN,), "STOPPING"),
        ("STOPPING", S_OR_U, READY, ENERGY, (), "STOPPING"),
        ("CLOSED", ENDED, READY, ENERGY, (), "CLOSED"),
        ("CLOSED", S_OR_U, READY, ENERGY, (), "CLOSED"),
        ("DISCARDED", ENDED, READY, ENERGY, (), "DISCARDED"),
        ("DISCARDED", S_OR_U, READY, ENERGY, (), "DISCARDED"),
    ],
)
def test_an_event_moves_a_transaction_as_the_table_says(
    state: str, ended: bool, ready: bool, energy: bool, do: tuple[Do, ...], following: str
) -> None:
    row = step(state, ended, ready, energy)
    assert (row.do, row.next) == (do, following)


def test_every_combination_has_exactly_one_row() -> None:
    states = {row.state for row in STATES}
    for state, ended, ready, energy in product(states, *[(True, False)] * 3):
        assert step(state, ended, ready, energy).state == state


def test_nothing_follows_a_stop() -> None:
    for state in ("STOPPING", "CLOSED", "DISCARDED"):
        assert not {Do.START, Do.STOP, Do.METER} & {
            do for r in STATES if r.state == state for do in r.do
        }


@pytest.mark.parametrize(
    ("has_token", "stops", "known", "equal", "result"),
    [
        (False, True, True, False, Role.NONE),
        (True, True, True, True, Role.STOP),
        (True, True, False, False, Role.STOP),
        (True, False, False, False, Role.START),
        (True, False, True, True, Role.SAME),
        (True, False, True, False, Role.OTHER),
    ],
)
def test_the_role_of_a_token(
    has_token: bool, stops: bool, known: bool, equal: bool, result: Role
) -> None:
    assert role(has_token, stops, known, equal) is result


def row_of(state: str, ended: bool = False, ready: bool = True, energy: bool = True) -> Row:
    return step(state, ended, ready, energy)


@pytest.mark.parametrize(
    ("row", "token", "equal", "started", "result"),
    [
        (row_of(NONE), Role.START, False, False, Word.START),
        (row_of(NONE), Role.NONE, False, False, Word.NOBODY),
        (row_of("WAIT"), Role.SAME, True, False, Word.START),
        (row_of(NONE, ready=False), Role.START, False, False, Word.LAST_AUTHORIZE),
        (row_of("WAIT", ready=False), Role.SAME, True, False, Word.LAST_AUTHORIZE),
        (row_of("WAIT", ready=False), Role.OTHER, False, False, Word.AUTHORIZE),
        (row_of("ACTIVE"), Role.SAME, True, True, Word.KNOWN),
        (row_of("ACTIVE"), Role.STOP, True, True, Word.KNOWN),
        (row_of("STARTING"), Role.SAME, True, False, Word.LAST_AUTHORIZE),
        (row_of("ACTIVE"), Role.STOP, False, True, Word.AUTHORIZE),
        (row_of("ACTIVE"), Role.OTHER, False, True, Word.AUTHORIZE),
        (row_of("ACTIVE"), Role.START, False, True, Word.LAST_AUTHORIZE),
        (row_of("ACTIVE", ended=True), Role.STOP, False, True, Word.STOP),
        (row_of(NONE, ended=True), Role.STOP, False, False, Word.STOP),
        (row_of("STOPPING", ended=True), Role.STOP, False, True, Word.STOP),
        (row_of("STOPPING"), Role.OTHER, False, True, Word.GATEWAY),
        (row_of("WAIT", ended=True, energy=False), Role.STOP, True, False, Word.GATEWAY),
        (row_of("CLOSED"), Role.START, False, True, Word.GATEWAY),
        (row_of("DISCARDED", ended=True), Role.STOP, True, False, Word.GATEWAY),
    ],
)
def test_whose_word_the_answer_carries(
    row: Row, token: Role, equal: bool, started: bool, result: Word
) -> None:
    assert word(row, token, equal, started) is result


@pytest.mark.parametrize(
    ("stopped", "reason"),
    [
        ("DeAuthorized", "DeAuthorized"),
        ("EmergencyStop", "EmergencyStop"),
        ("EnergyLimitReached", "Other"),
        ("EVDisconnected", "EVDisconnected"),
        ("GroundFault", "Other"),
        ("ImmediateReset", "HardReset"),
        ("Local", "Local"),
        ("LocalOutOfCredit", "Other"),
        ("MasterPass", "Other"),
        ("OvercurrentFault", "Other"),
        ("PowerLoss", "PowerLoss"),
        ("PowerQuality", "Other"),
        ("Reboot", "Reboot"),
        ("Remote", "Remote"),
        ("SOCLimitReached", "Other"),
        ("StoppedByEV", "Other"),
        ("TimeLimitReached", "Other"),
        ("Timeout", "Other"),
        ("Other", "Other"),
        (None, "Local"),
    ],
)
def test_the_stop_reason(stopped: str | None, reason: str) -> None:
    assert stop_reason(stopped, "StopAuthorized", None, None) == reason


def test_a_reset_keeps_the_type_that_the_csms_asked_for() -> None:
    assert stop_reason("ImmediateReset", "ResetCommand", None, "Soft") == "SoftReset"
    assert stop_reason("ImmediateReset", "ResetCommand", None, "Hard") == "HardReset"


@pytest.mark.parametrize(
    ("stopped", "reason"),
    [
        ("Remote", "DeAuthorized"),
        ("Other", "DeAuthorized"),
        (None, "DeAuthorized"),
        ("EVDisconnected", "EVDisconnected"),
    ],
)
def test_the_gateways_own_stop_explains_a_vague_reason(stopped: str | None, reason: str) -> None:
    assert stop_reason(stopped, "RemoteStop", "DeAuthorized", None) == reason


def test_an_unlock_is_told_by_the_trigger() -> None:
    assert stop_reason("Other", "UnlockCommand", None, None) == "UnlockCommand"
    assert stop_reason("Remote", "UnlockCommand", "DeAuthorized", None) == "DeAuthorized"


@pytest.mark.parametrize(
    ("stopped", "trigger", "charging_state", "gone"),
    [
        ("EVDisconnected", "StopAuthorized", "EVConnected", True),
        ("Local", "EVCommunicationLost", None, True),
        ("Local", "EVDeparted", None, True),
        ("Local", "StopAuthorized", "Idle", True),
        ("Local", "StopAuthorized", "EVConnected", False),
        (None, "RemoteStop", None, False),
    ],
)
def test_whether_the_ev_is_gone(
    stopped: str | None, trigger: str, charging_state: str | None, gone: bool
) -> None:
    assert is_gone(stopped, trigger, charging_state) is gone
