"""What becomes of each field can be told, of the map and of one payload."""

import pytest

from gateway.core.mapping.trace import FILLED, LOST, MAPPED, NEVER, USED, concerned, fates, trace
from tests.support.map_examples import cases
from tests.support.mapping import V16, V201, context, library, maps
from tests.support.payloads import catalog

CASES = [case for m in library().maps.values() for case in cases(m, catalog().fields)]


def fate(name, part, towards, path):
    """(kind, why) of the field at that path, of source or target."""
    found = [
        (f.kind, f.why)
        for f in fates(library().maps[name], library())
        if (f.part, f.towards) == (part, towards) and path in (*f.sources, *f.targets)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("name", "part", "towards", "path", "kind", "why"),
    [
        ("Authorize", "request", V16, "idToken.type", MAPPED, "tag: "),
        ("Authorize", "request", V16, "certificate", USED, "Invalid"),
        ("Authorize", "request", V201, "certificate", NEVER, "Invalid"),
        ("Authorize", "response", V201, "idTokenInfo.language1", LOST, "no display"),
        ("BootNotification", "request", V201, "reason", FILLED, "else configuration b.boot_reason"),
        ("StartTransaction", "request", V16, "meterStart", FILLED, "register at the start"),
        ("StartTransaction", "response", V16, "idTagInfo.status", MAPPED, "request has idToken"),
        ("MeterValues", "request", V16, "meterValue[].customData", LOST, "no further data"),
        ("NotifyFault", "request", V201, "eventData[].techCode", MAPPED, ""),
        ("StatusNotification", "request", V201, "timestamp", MAPPED, "time of reception"),
    ],
)
def test_a_field_has_a_fate_and_a_reason(name, part, towards, path, kind, why):
    found, reason = fate(name, part, towards, path)
    assert found == kind
    assert why in reason


def test_every_fate_that_is_no_plain_copy_has_a_reason_and_a_place():
    for found in library().maps.values():
        for told in fates(found, library()):
            assert told.kind == MAPPED or told.why, told
            assert told.place.file.startswith("mappings/")


def test_maps_that_concern_an_action_begin_with_the_one_that_calls_open_with():
    found = [m.name for m in concerned(library(), V201, "TransactionEvent")]
    assert found[0] == "TransactionEvent"
    assert {"StartTransaction", "TransactionMeter", "StopTransaction"} < set(found)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name}, {c.part} to {c.towards.key}")
def test_a_trace_ends_where_the_translation_ends(case):
    source = library().maps[case.name.split(":")[0]]
    station = context(version=V16 if case.towards is V201 else V201)
    traced = trace(
        source,
        library(),
        catalog().fields,
        case.part,
        case.towards,
        case.payload,
        station,
        case.state,
    )
    assert (traced.payload, traced.refusal) == (case.expected, "")
    assert all(step.target or step.result for step in traced.steps)


def test_a_trace_tells_each_step_with_its_row():
    traced = trace(
        library().maps["MeterValues"],
        library(),
        catalog().fields,
        "request",
        V16,
        {
            "evseId": 1,
            "meterValue": [
                {
                    "timestamp": "2025-06-01T10:00:00+02:00",
                    "sampledValue": [
                        {"value": 1.5, "unitOfMeasure": {"unit": "MW"}, "measurand": "SoC"},
                        {"value": 1, "measurand": "Energy.Active.Net"},
                        {"value": 2, "customData": {"vendorId": "x"}},
                    ],
                }
            ],
        },
        context(version=V201),
        {},
    )
    told = [(s.place.file, s.sources[:1], s.target, s.result) for s in traced.steps]
    value, shared = "meterValue[0].sampledValue", "mappings/shared/SampledValue.yaml"
    first, third = f"{value}[0].value", f"{value}[2].value"
    time = "2025-06-01T08:00:00Z"
    assert (
        "mappings/shared/MeterValue.yaml",
        ("meterValue[0].timestamp",),
        "meterValue[0].timestamp",
        time,
    ) in told
    assert (shared, (first,), first, "1500000") in told
    assert (shared, (third,), f"{value}[1].value", "2") in told
    net = "1.6 has no net register; without measurand it would read as import"
    assert (shared, (f"{value}[1].measurand",), None, net) in told
    lost = "a 1.6 sample takes no further data"
    assert (shared, (f"{value}[2].customData",), None, lost) in told


def test_a_trace_of_what_cannot_be_translated_says_why():
    source, station = library().maps["RemoteStop"], context(version=V201)
    lacking = trace(
        source, library(), catalog().fields, "request", V16, {"transactionId": "x"}, station, {}
    )
    assert lacking.payload is None
    assert "'transaction_id16'" in lacking.refusal


def test_the_compiled_and_the_traced_function_fill_the_same_fields():
    for name, found in library().maps.items():
        for towards, direction in maps().named(name).directions.items():
            if direction.request is None:
                continue
            filled = {
                f.targets
                for f in fates(found, library())
                if (f.kind, f.part) == (FILLED, "request") and f.towards is towards
            }
            assert {t[0] for t in filled} == set(direction.request.filled)
