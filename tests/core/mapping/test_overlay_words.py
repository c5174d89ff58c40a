"""A vendor's own words are held against the messages: what is wrong is said with its place."""

import pytest

from gateway.core.mapping.overlay_reader import Known, read_overlays
from gateway.core.mapping.overlay_words import word_problems
from tests.support.mapping import library
from tests.support.payloads import catalog

HEAD = "overlay: Acme\nmatch: {vendor: Acme}\n"


def said(text: str) -> list[str]:
    known = Known((), (), library().maps)
    overlays, problems = read_overlays({"vendors/acme.yaml": HEAD + text}, {}, known)
    assert problems == []
    return [str(p) for p in word_problems(overlays["acme"], library(), catalog().fields)]


@pytest.mark.parametrize(
    "text",
    [
        "values: {errorCode: {Kaputt: InternalError}, context: {Sample_Clock: Sample.Clock}}",
        "names: {BootNotification.response: {heartbeatInterval: interval}}",
        "names: {MeterValues.request: {'meterValue[].samples': sampledValue}}",
        "missing: {StatusNotification.request: {errorCode: NoError, timestamp: now}}",
        "missing: {StartTransaction.request: {meterStart: 0, idTag: NONE}}",
        "missing: {MeterValues.request: {meterValue: []}}",
        "samples: [{seen: {measurand: Frequency}, meant: {unit: null, location: Inlet}}]",
        "measurands: {Akku: {measurand: SoC, location: EV}, Health: keep}",
    ],
)
def test_words_that_mean_something(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "values: {errCode: {A: B}}",
            "3:20: no message has a member 'errCode' with a list of values",
        ),
        ("values: {errorCode: {A: Nope}}", "3:22: errorCode is never 'Nope'"),
        (
            "values: {errorCode: {NoError: OtherError}}",
            "3:22: the standard has 'NoError' for errorCode itself",
        ),
        (
            "names: {Hartbeat.request: {a: b}}",
            "3:28: neither OCPP version has an action 'Hartbeat'",
        ),
        ("names: {StatusNotification.request: {text: inf}}", "3:38: the message has no member inf"),
        (
            "names: {StatusNotification.request: {info: vendorId}}",
            "3:38: the standard has a member info itself",
        ),
        (
            "missing: {StatusNotification.request: {text: x}}",
            "3:40: the message has no member text",
        ),
        ("missing: {StatusNotification.request: {info: x}}", "3:40: info may be missing"),
        (
            "missing: {StatusNotification.request: {errorCode: Nope}}",
            "3:40: errorCode cannot be 'Nope'",
        ),
        (
            "missing: {StopTransaction.request: {timestamp: 2025-01-01T00:00:00Z}}",
            "3:37: timestamp cannot be '2025-01-01T00:00:00Z'",
        ),
        ("missing: {StartTransaction.request: {meterStart: x}}", "3:38: meterStart cannot be 'x'"),
        (
            "missing: {StartTransaction.request: {idTag: OVER-TWENTY-CHARACTERS}}",
            "3:38: idTag cannot be 'OVER-TWENTY-CHARACTERS'",
        ),
        ("missing: {StartTransaction.request: {idTag: now}}", "3:38: idTag cannot be 'now'"),
        ("samples: [{seen: {unit: W}, meant: {unit: Hz}}]", "3:11: unit is never 'Hz'"),
        ("measurands: {Akku: {measurand: SOC}}", "3:14: measurand is never 'SOC'"),
        ("measurands: {Akku: {measurand: SoC, unit: Prozent}}", "3:14: unit is never 'Prozent'"),
        (
            "measurands: {Voltage: {measurand: SoC}}",
            "3:14: the standard has the measurand 'Voltage' itself",
        ),
    ],
)
def test_words_that_mean_nothing(text: str, told: str) -> None:
    [problem] = said(text)
    assert problem.startswith(f"vendors/acme.yaml:{told}")
