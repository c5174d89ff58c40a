"""Connector status of a 2.0.1 station towards a 1.6 CSMS: what conversations cannot show.

The choreography itself: tests/conversations/A-status-*.json.
"""

from typing import Any

import pytest

from gateway.core.dialects import Side
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.procedures.status_to_v16 import computed, connector0_up, reported
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings

OCCUPIED = {
    "timestamp": "2025-06-01T09:00:00Z",
    "connectorStatus": "Occupied",
    "evseId": 1,
    "connectorId": 1,
}


@pytest.fixture
def desk(revision: Revision) -> Desk:
    return Desk("CP1", Loaded(), revision, SessionSettings(), iter(()))


def test_the_newest_transaction_of_the_connector_counts(desk: Desk) -> None:
    for tx201, connector_id, state in (("a", 1, "Charging"), ("b", 2, "SuspendedEV")):
        record = desk.bindings.new_transaction(tx201)
        record.evse_id, record.connector_id, record.charging_state = 1, connector_id, state
        record.energised = True
    assert computed(desk.bindings, desk.bindings.connector(1, 1)) == "Charging"
    assert computed(desk.bindings, desk.bindings.connector(1, 2)) == "SuspendedEV"
    assert computed(desk.bindings, desk.bindings.connector(2, 1)) == "Available"


def test_available_ends_the_time_after_a_transaction(desk: Desk) -> None:
    desk.bindings.connector(1, 1)
    connector = reported(desk.bindings, 1, 1, "Occupied")
    connector.after_tx = True
    assert computed(desk.bindings, connector) == "Finishing"
    reported(desk.bindings, 1, 1, "Available")
    reported(desk.bindings, 1, 1, "Occupied")
    assert computed(desk.bindings, connector) == "Preparing"


def test_connector_0_is_told_after_a_boot(desk: Desk) -> None:
    desk.now = 1748764800.0
    connector0_up(desk)
    (call,) = desk.ledgers[Side.CSMS].queue
    assert call.payload == {
        "connectorId": 0,
        "status": "Available",
        "errorCode": "NoError",
        "timestamp": "2025-06-01T08:00:00Z",
    }


def test_a_status_without_an_answer_is_an_error_to_the_station_and_told_again(script: Any) -> None:
    s = script()
    s.station(2, "s1", "StatusNotification", OCCUPIED)
    s.after(26)
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "InternalError"]
    s.sent(Side.CSMS)
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    ((_, _, action, payload),) = s.sent(Side.CSMS)
    assert (action, payload["status"]) == ("StatusNotification", "Preparing")


def test_a_status_that_was_taken_is_not_told_again(script: Any) -> None:
    s = script()
    s.station(2, "s1", "StatusNotification", OCCUPIED)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {})
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    assert s.sent(Side.CSMS) == []


def test_a_status_that_was_due_before_a_restart_is_told_though_the_csms_is_there_first(
    script: Any,
) -> None:
    due = {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied", "status16": None}
    s = script(preset={"connector_status": [due]})
    s.csms(3, "g1", {})
    assert "unsolicited" not in s.outcomes()
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    assert s.sent(Side.CSMS) == []
