"""Readings of a vendor's own: they are put right wherever they stand, and whatever else is on."""

from typing import Any

from gateway.core.dialects import Version
from gateway.core.schema.extended import opened
from gateway.core.schema.own_words import Meant, OwnWords
from gateway.core.schema.readings import OWN_MEASURAND, OWN_SAMPLE
from gateway.core.schema.repair import repair
from tests.support.payloads import catalog

WORDS = OwnWords(
    measurands={"Akku": Meant({"measurand": "SoC", "location": "EV"}, "acme")},
    names={("MeterValues", "request"): {"meterValue[].values": Meant("sampledValue", "acme")}},
    samples=(
        (
            {"measurand": "Current.Import", "unit": "W"},
            Meant({"measurand": "Power.Active.Import"}, "acme"),
        ),
        ({"measurand": None, "unit": "A"}, Meant({"measurand": "Current.Import"}, "acme")),
    ),
)
READ = [
    {"value": "50", "measurand": "Akku", "location": "Body"},
    {"value": "5", "measurand": "Current.Import", "unit": "W"},
    {"value": "7", "unit": "A"},
]
MEANT = [
    {"value": "50", "measurand": "SoC", "location": "Body"},
    {"value": "5", "measurand": "Power.Active.Import", "unit": "W"},
    {"value": "7", "measurand": "Current.Import", "unit": "A"},
]


def mended(samples: Any, *, under: str = "sampledValue", open_: bool = False) -> Any:
    acme = catalog().changed(lambda key, schema: opened(schema) if open_ else schema, WORDS)
    profiles = ["scalar_to_list", OWN_SAMPLE, *([OWN_MEASURAND] if open_ else [])]
    meter = {"timestamp": "2025-06-01T08:00:00Z", under: samples}
    payload = {"connectorId": 1, "meterValue": [meter]}
    made, repairs = repair(acme, Version.V16, "MeterValues", "request", payload, profiles)
    return made["meterValue"][0]["sampledValue"], repairs


def test_readings_are_put_right():
    assert mended(READ) == (MEANT, ("acme.own_sample", "acme.own_measurand"))


def test_where_samples_may_have_any_measurand_too():
    """Nothing breaks the schema then; a reading without its measurand would be energy."""
    assert mended(READ, open_=True) == (MEANT, ("acme.own_sample", "acme.own_measurand"))
    unknown = [{"value": "1", "measurand": "Health"}]
    assert mended(unknown, open_=True) == (unknown, ())


def test_under_the_vendors_name_for_their_list():
    made, repairs = mended(READ, under="values")
    assert made == MEANT
    assert repairs == ("acme.own_name", "acme.own_measurand", "acme.own_sample")


def test_in_the_place_of_a_list():
    assert mended(READ[1]) == (MEANT[1:2], ("scalar_to_list", "acme.own_sample"))
