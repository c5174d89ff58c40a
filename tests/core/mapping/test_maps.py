"""From texts to a MapSet, and what it answers."""

import pytest

from gateway.core.dialects import Side
from gateway.core.mapping.maps import read_library
from gateway.core.mapping.rows import MapProblems
from tests.support.mapping import V16, V201, context, maps, texts
from tests.support.payloads import catalog


def test_an_incoming_call_finds_its_map():
    found = maps().entry(V16, "StartTransaction", Side.STATION)
    assert found is not None
    assert found.name == "StartTransaction"
    assert found.to(V201).procedure == "transaction_start"
    assert found.to(V201).action == "TransactionEvent"


def test_a_call_of_the_wrong_side_finds_none():
    assert maps().entry(V16, "StartTransaction", Side.CSMS) is None
    assert maps().entry(V16, "DataTransfer", Side.CSMS) is not None
    assert maps().entry(V16, "DataTransfer", Side.STATION) is not None
    assert maps().entry(V16, "NoSuchAction") is None


def test_a_map_for_derived_calls_is_no_entry():
    assert maps().named("TransactionMeter").action(V16) == "MeterValues"
    assert maps().entries[V16, "MeterValues"].name == "MeterValues"


def test_a_message_without_counterpart_has_a_direction_and_no_request():
    direction = maps().named("TransactionEvent").to(V16)
    assert (direction.request, direction.action) == (None, "")
    assert direction.procedure == "transaction_to_v16"
    assert direction.retry == (("eventType",), ("seqNo",), ("transactionInfo", "transactionId"))


def test_a_map_that_travels_one_way_has_one_direction():
    with pytest.raises(KeyError):
        maps().named("NotifyFault").to(V16)


def test_the_answer_in_place_of_an_unsupported_message_is_made_anew():
    absorbed = maps().named("Heartbeat").to(V16).absorbed
    assert absorbed is not None
    assert absorbed(context()) == {"currentTime": "2025-01-01T00:00:00Z"}
    assert maps().named("Authorize").to(V16).absorbed is None


def test_tables_are_there_for_procedures():
    assert maps().table("StopReason", V16)["ImmediateReset"] == "HardReset"
    assert maps().table("FaultComponent", V201)["GroundFailure"] == ("RCD", "Tripped")


def test_the_map_of_the_boot_is_found_by_its_procedure():
    assert maps().registering.name == "BootNotification"
    with pytest.raises(KeyError):
        maps().with_procedure("no such procedure")


def test_maps_with_problems_are_not_compiled_and_all_problems_are_told():
    broken = {
        **texts(),
        "x/A.yaml": "message: {v16: Nothing}\nfrom: csms\nspec: {v16: x}\n",
        "x/B.yaml": "message: [",
    }
    with pytest.raises(MapProblems) as caught:
        read_library(broken, catalog().fields)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("mappings/x/A.yaml:1:1: OCPP 1.6 has no action 'Nothing'")
    assert lines[1].startswith("mappings/x/B.yaml:2:1: no YAML")
    assert len(caught.value.problems) == 2
