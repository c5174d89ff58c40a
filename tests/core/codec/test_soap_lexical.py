"""Values of 1.6 JSON that SOAP writes otherwise."""

import pytest

from gateway.core.codec.soap_service import Service
from gateway.core.dialects import OCCURRENCE_VIOLATION, PROPERTY_VIOLATION, TYPE_VIOLATION
from gateway.core.errors import PayloadInvalid
from tests.support.soap import CP, CS, LETTER, body_of, soap


def written(action, payload, service=CS, part="call"):
    """Local names and texts of the leaves, and the losses."""
    made = getattr(soap().write, part)(service, action, payload, LETTER)
    leaves = {
        element.tag.partition("}")[2]: element.text or ""
        for element in body_of(made.data).iter()
        if len(element) == 0
    }
    return leaves, made.losses


def start(**changed):
    payload = {"connectorId": 1, "idTag": "T", "timestamp": "2026-11-22T05:40:00Z", "meterStart": 5}
    return payload | changed


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2026-11-22T05:40:00Z", "2026-11-22T05:40:00Z"),
        ("2026-11-22T05:40:00.123456+05:30", "2026-11-22T05:40:00.123456+05:30"),
        ("2026-11-22t05:40:00z", "2026-11-22T05:40:00Z"),
        ("2026-11-22T05:40:60Z", "2026-11-22T05:40:59Z"),
        ("2026-11-22T05:40:00-14:00", "2026-11-22T05:40:00-14:00"),
        ("2026-11-22T05:40:00+23:00", "2026-11-21T06:40:00Z"),
    ],
)
def test_times(time, text):
    assert written("StartTransaction", start(timestamp=time)) == (
        {"connectorId": "1", "idTag": "T", "timestamp": text, "meterStart": "5"},
        (),
    )


@pytest.mark.parametrize("number", [-(1 << 31), (1 << 31) - 1, 0, 7.0])
def test_integers_of_32_bits(number):
    assert written("StartTransaction", start(meterStart=number))[0]["meterStart"] == str(
        int(number)
    )


@pytest.mark.parametrize("number", [1 << 31, -(1 << 31) - 1, 9223372036854775807])
def test_larger_integers_are_the_senders_fault(number):
    with pytest.raises(PayloadInvalid) as failed:
        written("StartTransaction", start(reservationId=number))
    violation = failed.value.violations[0]
    assert (violation.path, violation.code) == ("$.reservationId", PROPERTY_VIOLATION)


@pytest.mark.parametrize("changed", [{"meterStart": True}, {"idTag": 5}, {"meterStart": 1.5}])
def test_values_of_another_type(changed):
    with pytest.raises(PayloadInvalid) as failed:
        written("StartTransaction", start(**changed))
    assert failed.value.violations[0].code == TYPE_VIOLATION


def test_a_payload_that_the_schema_does_not_allow_never_leaves():
    with pytest.raises(PayloadInvalid, match="idTag is too long"):
        written("StartTransaction", start(idTag="T" * 21))
    with pytest.raises(PayloadInvalid, match="timestamp has a value of another type"):
        written("StartTransaction", start(timestamp="soon"))
    with pytest.raises(PayloadInvalid, match="incomplete"):
        written("Authorize", {})


def profile(limit):
    period = {"startPeriod": 0, "limit": limit}
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
        },
    }


@pytest.mark.parametrize(
    ("limit", "text", "cut"),
    [
        (16, "16", False),
        (16.5, "16.5", False),
        (16.57, "16.5", True),
        (-16.57, "-16.5", True),
        (0.06, "0.0", True),
        (1e20, "100000000000000000000", False),
    ],
)
def test_decimals_are_cut_towards_zero(limit, text, cut):
    leaves, losses = written("SetChargingProfile", profile(limit), CP)
    assert leaves["limit"] == text
    path = "$.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit"
    assert losses == ((f"{path}: cut to one decimal",) if cut else ())


def meter(**sample):
    return {
        "connectorId": 1,
        "meterValue": [{"timestamp": "2026-11-22T05:40:00Z", "sampledValue": [sample]}],
    }


def test_words_that_soap_does_not_have():
    leaves, losses = written("MeterValues", meter(value="20", unit="Celcius"))
    assert (leaves["unit"], losses) == ("Celsius", ())
    leaves, losses = written("MeterValues", meter(value="50", unit="Hertz", measurand="Frequency"))
    assert "unit" not in leaves
    assert losses == ("$.meterValue[0].sampledValue[0].unit: SOAP has no word for Hertz",)


@pytest.mark.parametrize(
    ("text", "put"),
    [
        ("a\x00b\x0c", "a\ufffdb\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("\ud800", "\ufffd"),
        ('<a b="1">&amp;\'</a>]]>', '<a b="1">&amp;\'</a>]]>'),
        ("tab\tline\nreturn\r", "tab\tline\nreturn\r"),
        (" blank ", " blank "),
        ("\U0001f50c", "\U0001f50c"),
        ("", ""),
    ],
)
def test_text(text, put):
    leaves, losses = written("DataTransfer", {"vendorId": "v", "data": text})
    assert leaves["data"] == put
    assert losses == (() if text == put else ("$.data: characters that XML does not have",))


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("ftp://h/a b%20c", "ftp://h/a%20b%20c"),
        ("http://h/100%", "http://h/100%25"),
        ("http://h/%zz", "http://h/%25zz"),
    ],
)
def test_addresses(uri, text):
    assert written("GetDiagnostics", {"location": uri}, CP)[0]["location"] == text


def test_null_empty_lists_and_unknown_members_are_left_out():
    payload = {"configurationKey": [], "unknownKey": None, "colour": "red"}
    made = soap().write.answer(CP, "GetConfiguration", payload, LETTER)
    assert len(body_of(made.data)) == 0
    assert made.losses == ("$.colour: SOAP has no such element",)


def test_the_messages_are_those_of_the_document():
    assert (len(soap().actions(Service.CENTRAL_SYSTEM)), len(soap().actions(CP))) == (10, 19)
    assert "SecurityEventNotification" not in soap().actions(CS)


def test_a_list_without_the_item_that_soap_wants_is_the_senders_fault():
    payload = profile(1)
    payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"] = []
    with pytest.raises(PayloadInvalid) as failed:
        written("SetChargingProfile", payload, CP)
    assert failed.value.violations[0].code == OCCURRENCE_VIOLATION


def test_a_reading_without_a_sample_is_left_out():
    stop = {
        "transactionId": 1,
        "meterStop": 5,
        "timestamp": "2026-01-01T00:00:00Z",
        "transactionData": [
            {"timestamp": "2026-01-01T00:00:00Z", "sampledValue": []},
            {"timestamp": "2026-01-01T00:01:00Z", "sampledValue": [{"value": "5"}]},
        ],
    }
    written = soap().write.call(CS, "StopTransaction", stop, LETTER)
    assert len(body_of(written.data).findall("{*}transactionData")) == 1
    assert written.losses == ("$.transactionData[0].sampledValue: SOAP wants at least one",)


def reading(*samples):
    return {"timestamp": "2026-11-22T05:40:00Z", "sampledValue": list(samples)}


KNOWN = {"value": "50", "measurand": "SoC"}
OWN = {"value": "97", "measurand": "Health"}
"""What an overlay keeps, or a route that carries extra fields lets in."""


def test_a_reading_with_a_measurand_of_the_vendors_own_is_left_out_alone():
    payload = {"connectorId": 1, "meterValue": [reading(KNOWN, OWN), reading(OWN)]}
    leaves, losses = written("MeterValues", payload)
    assert (leaves["value"], leaves["measurand"]) == ("50", "SoC")
    assert losses == (
        "$.meterValue[0].sampledValue[1].measurand: SOAP has no word for Health",
        "$.meterValue[1].sampledValue[0].measurand: SOAP has no word for Health",
    )


@pytest.mark.parametrize("data", [[reading(OWN)], [reading({"value": "1", "unit": "Wd"})]])
def test_no_stop_is_refused_because_of_such_a_reading(data):
    stop = {"transactionId": 7, "meterStop": 9, "timestamp": "2026-11-22T05:40:00Z"}
    leaves, losses = written("StopTransaction", {**stop, "transactionData": data})
    assert leaves["meterStop"] == "9"
    assert "value" not in leaves
    assert len(losses) == 1
