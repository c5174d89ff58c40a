"""A 1.6 connector's status towards a 2.0.1 CSMS: what scripted conversations cannot show.

The choreography itself: tests/vectors/station/B*.json and tests/conversations/B-*.json.
"""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

AVAILABLE = {
    "connectorId": 1,
    "errorCode": "NoError",
    "status": "Available",
    "timestamp": "2025-06-01T08:00:00Z",
}
FAULT = AVAILABLE | {"errorCode": "GroundFailure"}
KNOWN = {
    "connector_status": [
        {"connectorId16": 1, "status16": "Available", "connectorStatus": "Available"}
    ]
}


@pytest.fixture
def b(script: Any) -> Any:
    return script(station=Version.V16, csms=Version.V201, preset=KNOWN)


def test_every_error_code_of_16_has_a_component(revision: Any) -> None:
    fields = revision.catalog.fields(Version.V16, "StatusNotification", "request")
    table = revision.maps.table("FaultComponent", Version.V201)
    assert table.keys() == set(fields["errorCode"].enum) - {"NoError"}


def test_an_error_that_was_not_delivered_goes_out_again_on_the_next_link(b: Any) -> None:
    b.station(2, "s1", "StatusNotification", FAULT)
    ((_, _, action, event),) = b.sent(Side.CSMS)
    assert action == "NotifyEvent"
    b.down(Side.CSMS)
    b.up(Side.CSMS)
    ((_, _, again, same),) = b.sent(Side.CSMS)
    assert (again, same) == (action, event)


def test_a_report_is_saved_before_it_leaves(b: Any) -> None:
    b.station(2, "s1", "StatusNotification", AVAILABLE | {"status": "Preparing"})
    assert b.shape() == ["Save", "Send csms"]


def test_an_unchanged_status_is_answered_at_once_and_saves_nothing(b: Any) -> None:
    b.station(2, "s1", "StatusNotification", AVAILABLE)
    assert b.shape() == ["Send station"]
    assert b.sent(Side.STATION) == [[3, "s1", {}]]


@pytest.mark.parametrize(
    ("told", "lost"),
    [
        (AVAILABLE, ["info", "vendorId"]),
        (AVAILABLE | {"status": "Preparing"}, ["info", "vendorId"]),
        (FAULT, []),
    ],
)
def test_what_only_a_new_error_code_carries_is_lost_without_one(
    b: Any, told: dict[str, Any], lost: list[str]
) -> None:
    b.station(2, "s1", "StatusNotification", told | {"info": "warm", "vendorId": "com.example"})
    found = [loss for record in b.records() for loss in record.losses]
    assert found == [f"StatusNotification.request:{name}" for name in lost]


def test_an_error_code_that_is_told_again_loses_its_words(b: Any) -> None:
    b.station(2, "s1", "StatusNotification", FAULT)
    b.station(2, "s2", "StatusNotification", FAULT | {"info": "still"})
    losses = [record.losses for record in b.records() if record.message_id == "s2"]
    assert ("StatusNotification.request:info",) in losses
