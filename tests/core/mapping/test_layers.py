"""Overlays over the shipped maps: what comes out, and what is wrong with them."""

import pytest

from gateway.core.mapping.compiler import compile_map
from gateway.core.mapping.layers import changed, check_overlays, laid_over
from gateway.core.mapping.overlay import Overlays
from gateway.core.mapping.overlay_reader import Known, read_overlays
from gateway.core.session.variants import vendor_catalog
from tests.support.mapping import V16, V201, context, library, maps
from tests.support.payloads import catalog

KNOWN = Known((), (), library().maps)
HEAD = "overlay: Acme\nmatch: {vendor: Acme}\n"


def overlays(**texts):
    files = {f"vendors/{name}.yaml": text for name, text in texts.items()}
    found, problems = read_overlays(files, {}, KNOWN, "mappings/")
    assert problems == []
    return Overlays(found)


def said(**texts):
    read = overlays(**texts)
    found = check_overlays(
        read,
        library(),
        maps().keys,
        catalog().fields,
        lambda stack: vendor_catalog(catalog(), stack).fields,
    )
    return [str(problem) for problem in found]


def made(name, **texts):
    """The compiled map as a station sees it that all these overlays are for."""
    assert said(**texts) == []
    stack = tuple(overlays(**texts).by_name.values())
    over = laid_over(library(), stack)
    return compile_map(over.maps[name], over, vendor_catalog(catalog(), stack).fields)


def to_v201(found, payload):
    return found.to(V201).request(payload, context(), {}, [])


def in_boot(row):
    return f"maps: {{BootNotification: {{request: [{{{row}}}]}}}}\n"


BOOT = {"chargePointVendor": "Acme", "chargePointModel": "A"}


def test_a_field_of_its_own_goes_where_its_row_says_and_comes_back():
    text = HEAD + (
        "fields: {BootNotification.request: [{name: level, type: integer}]}\n"
        + in_boot("v16: level, v201: chargingStation.customData.level")
    )
    boot = made("BootNotification", acme=text)
    over = to_v201(boot, {**BOOT, "level": 7})
    assert over["chargingStation"]["customData"] == {"vendorId": "org.ocpp-gateway", "level": 7}
    back = boot.to(V16).request(over, context(version=V201), {}, [])
    assert back == {**BOOT, "level": 7}
    over["chargingStation"]["customData"]["level"] = "7"
    assert boot.to(V16).request(over, context(version=V201), {}, []) == BOOT


def test_a_row_takes_the_place_of_the_standards():
    text = HEAD + ("maps: {BootNotification: {request: [{v16: meterType, lose: says nothing}]}}\n")
    lost = []
    boot = made("BootNotification", acme=text)
    made_of = boot.to(V201).request({**BOOT, "meterType": "M"}, context(), {}, lost)
    assert made_of["chargingStation"] == {"vendorName": "Acme", "model": "A"}
    assert lost == ["BootNotification.request:meterType"]


def test_a_row_for_one_direction_leaves_the_other_as_it_was():
    text = HEAD + in_boot("v16: meterType, lose: says nothing, only: to_v201")
    boot = made("BootNotification", acme=text)
    assert "customData" not in to_v201(boot, {**BOOT, "meterType": "M"})["chargingStation"]
    own = {"vendorId": "org.ocpp-gateway", "meterType": "M"}
    station = {"vendorName": "Acme", "model": "A", "customData": own}
    payload = {"reason": "PowerUp", "chargingStation": station}
    back = boot.to(V16).request(payload, context(version=V201), {}, [])
    assert back == {**BOOT, "meterType": "M"}


def test_blocks_are_joined():
    row = "{v16: soh, v201: customData.soh}"
    sample = f"{{each: {{v16: sampledValue, v201: sampledValue}}, rows: [{row}]}}"
    moment = f"{{each: {{v16: meterValue, v201: meterValue}}, rows: [{sample}]}}"
    text = HEAD + (
        'fields: {MeterValues.request: [{name: "meterValue[].sampledValue[].soh", type: string}]}\n'
        "maps:\n"
        + "".join(
            f"  {name}: {{request: [{moment}]}}\n" for name in ("MeterValues", "TransactionMeter")
        )
    )
    one = {"value": "5", "unit": "W", "measurand": "Power.Active.Import", "soh": "97"}
    values = [{"timestamp": "2025-06-01T08:00:00Z", "sampledValue": [one]}]
    over = to_v201(made("MeterValues", acme=text), {"connectorId": 1, "meterValue": values})
    assert over["meterValue"][0]["sampledValue"] == [
        {
            "value": 5,
            "measurand": "Power.Active.Import",
            "unitOfMeasure": {"unit": "W"},
            "customData": {"vendorId": "org.ocpp-gateway", "soh": "97"},
        }
    ]


def test_values_are_added_to_a_table():
    text = HEAD + (
        "fields: {UnlockConnector.response: [{name: status, values: [Stuck]}]}\n"
        "enums: {UnlockStatus: {summary: more, to_v201: {Stuck: [UnlockFailed, Jammed]}}}\n"
    )
    unlock = made("UnlockConnector", acme=text)
    answer = unlock.to(V16).response({"status": "Stuck"}, context(), {"request": {}}, [])
    assert answer == {"status": "UnlockFailed", "statusInfo": {"reasonCode": "Jammed"}}


def test_a_member_of_the_standard_may_be_made_anything():
    text = HEAD + "fields: {DataTransfer.request: [{name: data, type: any}]}\n"
    found = made("DataTransfer", acme=text)
    payload = {"vendorId": "LGE", "data": {"rssi": -60}}
    assert to_v201(found, payload) == payload


def test_the_upper_overlay_counts():
    low = HEAD + in_boot("v16: meterType, lose: low")
    high = "overlay: high\nmatch: {vendor: Acme, model: A}\nover: low\n" + in_boot(
        "v16: meterType, v201: chargingStation.customData.kind"
    )
    found = overlays(low=low, up=high)
    stack = found.stack(found.by_name["up"])
    assert [overlay.name for overlay in stack] == ["low", "up"]
    over = laid_over(library(), stack)
    boot = compile_map(over.maps["BootNotification"], over, catalog().fields)
    station = to_v201(boot, {**BOOT, "meterType": "M"})["chargingStation"]
    assert station["customData"]["kind"] == "M"


def test_only_what_differs_is_made_anew():
    text = HEAD + (
        "fields: {Authorize.request: [{name: pin, type: string}]}\n"
        "maps: {Authorize: {request: [{v16: pin, lose: secret}]}}\n"
        "enums: {UnlockStatus: {summary: more, to_v201: {Stuck: [UnlockFailed, null]}}}\n"
    )
    assert changed(library(), overlays(a=text).by_name.values()) == {"Authorize", "UnlockConnector"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "fields: {Authorize.request: [{name: pin}]}\n",
            "mappings/vendors/acme.yaml:3:30: Authorize.request of OCPP 1.6: no row names pin "
            "(a row for it, with the reason if it has no counterpart)",
        ),
        (
            "fields: {Authorise.request: [{name: pin}]}\n",
            "mappings/vendors/acme.yaml:3:30: OCPP 1.6 has no action 'Authorise'",
        ),
        (
            "fields: {Authorize.request: [{name: idTag, type: string}]}\n",
            "mappings/vendors/acme.yaml:3:30: Authorize has idTag already (values: says what",
        ),
        (
            'fields: {MeterValues.request: [{name: "meterValues[].x"}]}\n',
            "mappings/vendors/acme.yaml:3:32: MeterValues has no meterValues[] "
            "(did you mean 'meterValue[]'?)",
        ),
        (
            "maps: {Authorize: {request: [{v16: pin, lose: x}]}}\n",
            "mappings/vendors/acme.yaml:3:30: Authorize.request of OCPP 1.6 has no field pin "
            "(one of: idTag)",
        ),
        (
            "maps: {Authorize: {request: [{v16: idTag, lose: x}]}}\n",
            "acme.yaml:3:20: Authorize.request of OCPP 2.0.1: no row names idToken",
        ),
        (
            "enums: {UnlockStates: {summary: x}}\n",
            "mappings/vendors/acme.yaml:3:9: there is no table UnlockStates "
            "(did you mean 'UnlockStatus'?)",
        ),
        (
            "enums: {UnlockStatus: {summary: x, to_v201: {Stuck: [Jammed, null]}}}\n",
            "'Jammed' is no value of the target",
        ),
    ],
)
def test_a_mistake_is_said_where_the_overlay_has_it(text, told):
    found = said(acme=HEAD + text)
    assert any(told in problem for problem in found), found


def test_a_key_whose_place_is_taken_is_told():
    text = (
        HEAD
        + "keys: {AcmeBeat: {v16: {type: integer}, variable: OCPPCommCtrlr.HeartbeatInterval}}\n"
    )
    (problem,) = said(acme=text)
    assert problem.startswith(
        "mappings/vendors/acme.yaml:3:8: AcmeBeat has the same place as HeartbeatInterval"
    )


def test_a_field_within_a_list_that_no_row_names_is_told_at_its_own_line():
    text = HEAD + "fields: {MeterValues.request: [{name: 'meterValue[].x', type: string}]}\n"
    told = said(acme=text)
    assert len(told) == 2
    for problem, file in zip(told, ("MeterValues", "TransactionMeter"), strict=True):
        assert problem.startswith("mappings/vendors/acme.yaml:3:32: MeterValues.request of OCPP")
        assert f"no row names meterValue[].x, in mappings/ocpp16-ocpp201/{file}.yaml:" in problem


def test_an_overlay_on_top_says_what_a_measurand_means_that_the_lower_one_keeps():
    low = HEAD + "measurands: {Health: keep}\n"
    high = "overlay: New\nmatch: {vendor: Acme, model: N}\nover: low\n"
    assert said(low=low, new=high + "measurands: {Health: {measurand: SoC}}\n") == []
    stack = overlays(low=low, new=high + "measurands: {Health: {measurand: SoC}}\n")
    made = laid_over(library(), stack.by_name.values()).enums["Measurand"]
    assert "Health" not in made.drops[V201]
    assert "Temperature" in made.drops[V201]


def test_a_field_of_a_message_with_several_maps_needs_a_row_in_each():
    fields = "fields: {StatusNotification.request: [{name: mode, type: string}]}\n"
    row = "{request: [{v16: mode, lose: why}]}"
    one, every = (
        f"maps: {{StatusNotification: {row}}}\n",
        ", ".join(
            f"{name}: {row}"
            for name in (
                "StatusNotification",
                "NotifyAvailability",
                "NotifyFault",
                "TransactionStatus",
            )
        ),
    )
    told = said(acme=HEAD + fields + one)
    assert len(told) == 3
    assert (
        "acme.yaml:3:39: StatusNotification.request of OCPP 1.6 in the map NotifyFault: no row"
        in (" ".join(told))
    )
    assert said(acme=HEAD + fields + f"maps: {{{every}}}\n") == []
