"""What is known of a 2.0.1 station's variables, from reports and from single ones."""

import pytest

from gateway.core.mapping.variables import Attribute, Variable
from gateway.core.session import device_model
from gateway.core.session.bindings import Bindings
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation

BEAT = Variable("OCPPCommCtrlr", "HeartbeatInterval")
ZONE = Variable("ClockCtrlr", "TimeZone")
PASSWORD = Variable("SecurityCtrlr", "BasicAuthPassword")


@pytest.fixture
def bindings():
    return Bindings(Loaded(), Translation())


@pytest.fixture
def model(bindings):
    return DeviceModel(bindings)


def part(request_id, seq, *items, tbc=False):
    return {"requestId": request_id, "seqNo": seq, "tbc": tbc, "reportData": list(items)}


def item(variable, value=None, mutability=None, **characteristics):
    attribute = {"value": value, "mutability": mutability}
    return {
        "component": variable.component_json,
        "variable": variable.variable_json,
        "variableAttribute": [{k: v for k, v in attribute.items() if v is not None}],
        "variableCharacteristics": {
            "dataType": "string",
            "supportsMonitoring": False,
            **characteristics,
        },
    }


def inventory(model, request_id, *items, base=device_model.FULL_INVENTORY):
    model.expect(request_id, base)
    model.take_part(part(request_id, 0, *items))


def test_a_full_inventory_replaces_what_was_known(model):
    inventory(model, 1, item(BEAT, "300"), item(ZONE, "UTC"))
    assert model.is_filled
    inventory(model, 2, item(BEAT, "60"))
    assert model.value(BEAT) == "60"
    assert model.row(ZONE) is None


def test_another_inventory_adds_to_it_but_for_the_first_after_another_firmware(model):
    inventory(model, 1, item(BEAT, "300"))
    inventory(model, 2, item(ZONE, "UTC"), base=device_model.CONFIGURATION_INVENTORY)
    assert model.value(BEAT) == "300"
    model.renew()
    assert model.value(BEAT) == "300"
    inventory(model, 3, item(ZONE, "CET"), base=device_model.CONFIGURATION_INVENTORY)
    assert model.row(BEAT) is None
    assert not model.is_filled
    inventory(model, 4, item(BEAT, "5"), base=device_model.CONFIGURATION_INVENTORY)
    assert model.value(ZONE) == "CET"


def test_parts_count_once_and_only_if_they_were_asked_for(model):
    model.expect(1, device_model.FULL_INVENTORY)
    model.take_part(part(1, 0, item(BEAT, "300"), tbc=True))
    model.take_part(part(1, 0, item(BEAT, "999"), tbc=True))
    model.take_part(part(2, 0, item(ZONE, "UTC")))
    assert model.value(BEAT) == "300"
    assert model.row(ZONE) is None
    assert not model.is_filled
    model.take_part(part(1, 1))
    assert model.is_filled


def test_only_the_last_requests_are_remembered(model):
    for request_id in range(6):
        model.expect(request_id)
    assert [model.expects(request_id) for request_id in range(6)] == [False, False, *[True] * 4]


def test_names_are_the_same_in_any_case(model):
    inventory(model, 1, item(BEAT, "300", mutability="ReadOnly", maxLimit=900))
    other = Variable("ocppcommctrlr", "HEARTBEATINTERVAL")
    assert model.attribute(Attribute(other)) == {"value": "300", "mutability": "ReadOnly"}
    assert model.characteristics(other)["maxLimit"] == 900
    assert model.spelled(other) == BEAT
    assert model.has_component("OCPPCOMMCTRLR")
    assert model.has_variable("heartbeatinterval")
    assert not model.has_component("ClockCtrlr")


def test_a_secret_is_not_kept(model, bindings):
    inventory(model, 1, item(PASSWORD, "leaked", "WriteOnly"))
    assert "leaked" not in repr(bindings.table.kind("device_model"))
    assert model.attribute(Attribute(PASSWORD)) == {"mutability": "WriteOnly"}


def test_single_values_are_added_and_forgotten(model):
    target = Attribute(BEAT, "Target")
    model.keep_value(Attribute(BEAT), "300")
    model.keep_value(target, "60")
    model.keep_write_only(Attribute(ZONE))
    assert (model.value(BEAT), model.attribute(target)["value"]) == ("300", "60")
    assert model.attribute(Attribute(ZONE))["mutability"] == "WriteOnly"
    model.forget(Attribute(BEAT))
    assert model.value(BEAT) is None
    assert model.row(BEAT) is not None
    model.forget(target)
    assert model.row(BEAT) is None
    assert not model.is_told


def test_what_does_not_change_is_not_written_again(model, bindings):
    model.keep_value(Attribute(BEAT), "300")
    list(bindings.table.take_changes())
    model.keep_value(Attribute(BEAT), "300")
    assert list(bindings.table.take_changes()) == []


def test_a_report_that_never_ends_fills_a_bounded_part_of_the_memory(model, monkeypatch):
    monkeypatch.setattr(device_model, "VARIABLES_AT_MOST", 3)
    inventory(model, 1, *(item(Variable("A", f"x{n}"), str(n)) for n in range(9)))
    assert len(model.rows()) == 3
    inventory(model, 2, item(Variable("A", "x1"), "new"))
    assert model.value(Variable("A", "x1")) == "new"


def test_a_report_is_fresh_for_a_while(model, bindings):
    bindings.now = 1000.0
    inventory(model, 1, item(BEAT, "300"))
    assert model.is_fresh(10)
    assert not model.is_fresh(0)
    bindings.now = 1010.0
    assert not model.is_fresh(10)


def test_batches_are_what_the_station_takes(model):
    assert model.items_per_message("Get", 0) == 20
    assert model.bytes_per_message("Get") == 8192
    model.keep_value(Attribute(Variable("DeviceDataCtrlr", "ItemsPerMessage", "Get")), "50")
    model.keep_value(Attribute(Variable("DeviceDataCtrlr", "BytesPerMessage", "Get")), "many")
    assert model.items_per_message("Get", 0) == 50
    assert model.bytes_per_message("Get") == 8192


def test_a_batch_that_was_too_large_stays_smaller_for_as_long_as_the_link_lasts(model):
    model.halve("Get", 7, opened=5.0)
    assert model.items_per_message("Get", 5.0) == 3
    assert model.items_per_message("Set", 5.0) == 20
    assert model.items_per_message("Get", 6.0) == 20
    model.halve("Get", 1, opened=5.0)
    assert model.items_per_message("Get", 5.0) == 1


@pytest.mark.parametrize(
    ("seqs", "last", "whole"),
    [
        ([0], 0, True),
        ([0, 1, 2], 2, True),
        ([2, 0, 1], 2, True),
        ([1, 2], 2, True),
        ([0, 2], 2, False),
        ([0, 1], None, False),
        ([2], 2, False),
        ([2**53], 2**53, False),
    ],
)
def test_a_report_is_whole_when_no_part_is_missing(seqs, last, whole):
    assert device_model.is_whole(seqs, last) is whole
