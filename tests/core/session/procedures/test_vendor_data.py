"""The route table of vendor messages: what conversations (vendor-*.json) cannot show."""

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Put, Save
from gateway.core.session.procedures.vendor_data import missing_codecs
from gateway.core.settings import DataTransferRoute, ExtensionSettings


@pytest.fixture
def told(script):
    """Sends one vendor message of a 1.6 station by a table; gives the script."""

    def tell(message, *routes):
        table = tuple(DataTransferRoute(**route) for route in routes)
        s = script(
            station=Version.V16,
            csms=Version.V201,
            extensions=ExtensionSettings(data_transfer=table),
        )
        s.station(2, "1", "DataTransfer", message)
        return s

    return tell


def test_a_vendor_id_in_another_case_is_counted(told):
    s = told({"vendorId": "ev-box"}, {"vendor_id": "EV-BOX", "then": "drop"})
    assert s.sent(Side.STATION) == [[3, "1", {"status": "Accepted"}]]
    [answered] = [r for r in s.records() if r.direction == ">"]
    assert answered.repairs == ("vendor_id_case",)
    assert answered.outcome == "drop"
    assert answered.answered_by == "gateway"


def test_an_exact_vendor_id_is_not(told):
    s = told({"vendorId": "EV-BOX"}, {"vendor_id": "EV-BOX", "then": "drop"})
    assert [r.repairs for r in s.records() if r.direction == ">"] == [()]


def test_a_route_that_counts_is_noted(told):
    s = told(
        {"vendorId": "EV-BOX", "messageId": "m"}, {"vendor_id": "EV-BOX", "then": "answer:Rejected"}
    )
    assert [r.text for r in s.records() if r.outcome == "extension"] == [
        "EV-BOX m: answer:Rejected"
    ]
    assert [r for r in told({"vendorId": "X"}).records() if r.outcome == "extension"] == []


@pytest.mark.parametrize(
    ("route", "counts"),
    [
        ({}, True),
        ({"message_id": "m"}, True),
        ({"message_id": "M"}, False),
        ({"direction": "from_station"}, True),
        ({"direction": "from_csms"}, False),
    ],
)
def test_what_a_route_names_must_fit(told, route, counts):
    s = told({"vendorId": "V", "messageId": "m"}, {"vendor_id": "V", "then": "drop", **route})
    assert bool(s.sent(Side.STATION)) is counts
    assert bool(s.sent(Side.CSMS)) is not counts


def test_the_first_route_counts(told):
    s = told(
        {"vendorId": "V", "messageId": "m"},
        {"vendor_id": "V", "message_id": "m", "then": "answer:Rejected"},
        {"vendor_id": "V", "then": "drop"},
    )
    assert s.sent(Side.STATION) == [[3, "1", {"status": "Rejected"}]]


def test_data_that_has_not_the_form_of_its_codec_is_noted(told):
    s = told(
        {"vendorId": "EV-BOX", "data": "nothing"}, {"vendor_id": "EV-BOX", "then": "map:evb_status"}
    )
    [[_, _, _, payload]] = s.sent(Side.CSMS)
    assert payload["data"] == "nothing"
    [noted] = [r for r in s.records() if r.outcome == "codec_misfit"]
    assert "evb_status" in noted.text


def test_the_gateways_own_vendor_ids_are_taken_out_first(script):
    table = (DataTransferRoute(vendor_id="org.ocpp-gateway", then="answer:Rejected"),)
    s = script(
        station=Version.V16,
        csms=Version.V201,
        extensions=ExtensionSettings(data_transfer=table),
        translation={"tunnel": {"enabled": True}},
    )
    message = {"vendorId": "org.ocpp-gateway", "messageId": "NotifyChargingLimit"}
    data = '{"chargingLimit":{"chargingLimitSource":"EMS"}}'
    s.station(2, "1", "DataTransfer", {**message, "data": data})
    [[_, _, action, _]] = s.sent(Side.CSMS)
    assert action == "NotifyChargingLimit"


def test_routes_whose_codec_is_missing_are_found():
    routes = [
        DataTransferRoute(vendor_id="a", then="map:known"),
        DataTransferRoute(vendor_id="a", then="map:unknown"),
        DataTransferRoute(vendor_id="a"),
    ]
    assert missing_codecs(routes, ["known"]) == [1]


def test_no_connector_is_learned_from_what_cannot_be_one(script):
    route = DataTransferRoute(vendor_id="V", then="map:etrel_command")
    s = script(
        station=Version.V16,
        csms=Version.V201,
        extensions=ExtensionSettings(data_transfer=(route,)),
    )
    for number in (-1, 99999999, 2):
        data = f'{{"connectorId":{number}}}'
        s.station(2, f"s{number}", "DataTransfer", {"vendorId": "V", "data": data})
        [[_, call_id, _, payload]] = s.sent(Side.CSMS)
        s.csms(3, call_id, {"status": "Accepted"})
        s.sent(Side.STATION)
        expected = {"id": 2, "connectorId": 1} if number == 2 else number
        assert payload["data"] == {"evse": expected}
    saved = [op for e in s.effects if isinstance(e, Save) for op in e.ops if isinstance(op, Put)]
    assert [op.key for op in saved if op.kind == "topology"] == ["2"]


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ({"then": "drop"}, "Accepted"),
        ({"then": "answer:UnknownMessageId"}, "UnknownMessageId"),
        ({"max_bytes": 2}, "Rejected"),
        ({"then": "map:evb_status"}, None),
        ({"data": "json"}, None),
        ({"direction": "from_csms", "then": "drop"}, None),
    ],
)
@pytest.mark.parametrize("version", list(Version))
def test_a_route_answers_between_peers_of_one_version_too(script, version, route, status):
    table = (DataTransferRoute(vendor_id="LGE", **route),)
    s = script(station=version, csms=version, extensions=ExtensionSettings(data_transfer=table))
    message = {"vendorId": "lge", "data": "1,2"}
    s.station(2, "1", "DataTransfer", message)
    if status is None:
        assert [frame[3] for frame in s.sent(Side.CSMS)] == [message]
    else:
        assert s.sent(Side.CSMS) == []
        assert s.sent(Side.STATION) == [[3, "1", {"status": status}]]
