"""Values of configuration keys, each rule of the table of translation-csms 5."""

import pytest

from gateway.core.mapping.key_values import (
    CONVERTERS,
    cut_list16,
    readable16,
    readable201,
    rotations_of,
    rotations_text,
)

HEX = "676174657761792D746573742D6B6579"
ONE, TWO = "Energy.Active.Import.Register", "Voltage"


@pytest.fixture
def values(revision):
    return revision.maps.keys.values


@pytest.mark.parametrize(
    ("via", "text", "made"),
    [
        ("boolean", " TRUE ", "true"),
        ("boolean", "False", "false"),
        ("integer", " 60.0", "60"),
        ("integer", "+5", "5"),
        ("integer", "-5", "-5"),
        ("string", " as it is ", " as it is "),
        ("datetime", "2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00Z"),
        ("csl", " a, b ,,c", "a,b,c"),
        ("measurands", f"{TWO}.L1, {ONE},voltage.l2-n", f"{TWO},{ONE}"),
        ("measurands", "", ""),
        ("measurands", "energy.active.net,SoC", "Energy.Active.Net,SoC"),
        ("measurands_floor", f"{TWO},{ONE}", f"{ONE},{TWO}"),
        ("measurands_floor", "", ONE),
        ("rate_units", "power, Current", "W,A"),
        ("hexkey", HEX, "gateway-test-key"),
        ("hexkey", "00" * 16, "00" * 16),
        ("hexkey", "f" * 33, "f" * 33),
        ("hexkey", "0123456789abcdef", "0123456789abcdef"),
    ],
)
def test_to_v201(values, via, text, made):
    assert CONVERTERS[via].to_v201(text, values, True) == made


@pytest.mark.parametrize(
    ("via", "text", "made"),
    [
        ("string", "x" * 600, "x" * 500),
        ("csl", ", ".join(["abcdefghi"] * 60), ",".join(["abcdefghi"] * 50)),
        ("measurands_floor", f"{TWO},{ONE}", f"{TWO},{ONE}"),
        ("measurands", "RPM,SoC", "RPM,SoC"),
        ("rate_units", "A,W", "Current,Power"),
        ("hexkey", "gateway-test-key", HEX),
        ("hexkey", "é" * 10, "C3A9" * 10),
        ("hexkey", HEX.lower(), HEX.lower()),
    ],
)
def test_to_v16(values, via, text, made):
    assert CONVERTERS[via].to_v16(text, values, True) == made


@pytest.mark.parametrize(
    ("via", "text"),
    [
        *(("boolean", text) for text in ("yes", "1", "")),
        *(("integer", text) for text in ("1.5", "", "1e3", "+-5", "0x10")),
        ("datetime", "tomorrow"),
        *(("measurands", text) for text in ("RPM", "Voltage.L9", "Nothing")),
        ("measurands_floor", "RPM"),
        ("rate_units", "VA"),
        *(("hexkey", text) for text in ("short", "x" * 41, "ab" * 21)),
    ],
)
def test_refused_towards_v201(values, via, text):
    with pytest.raises(ValueError, match=r"\w"):
        CONVERTERS[via].to_v201(text, values, True)


@pytest.mark.parametrize("text", ["short", "x" * 21, "é" * 11, "ab" * 21])
def test_passwords_that_are_no_key(values, text):
    with pytest.raises(ValueError, match="bytes"):
        CONVERTERS["hexkey"].to_v16(text, values, True)


def test_what_the_other_version_lacks_is_left_out_on_reading(values):
    assert readable201("measurands", f"{ONE},RPM,{TWO}.L1", values) == f"{ONE},{TWO}"
    assert readable16("measurands", f"{ONE},Energy.Active.Net", values) == ONE
    assert readable201("rate_units", "Current,Wind", values) == "A"


def test_a_value_that_is_no_value_is_shown_as_it_is(values):
    assert readable201("boolean", "yes", values) == "yes"
    assert readable16("integer", "many", values) == "many"
    assert readable16("datetime", "x" * 600, values) == "x" * 500


def test_a_list_ends_with_a_whole_item():
    assert cut_list16(["x" * 250, "y" * 249]) == "x" * 250 + "," + "y" * 249
    assert cut_list16(["x" * 250, "y" * 250]) == "x" * 250
    assert cut_list16(["x" * 600]) == "x" * 500


def test_phase_rotations(values):
    text = "0.rst, 2.NotApplicable,1.Unknown"
    assert rotations_of(text, values, writing=True) == {0: "RST", 2: "", 1: ""}
    assert rotations_text({2: "XYZ", 0: "RST", 1: ""}, values) == "0.RST,1.Unknown,2.Unknown"
    assert rotations_of("0.RST,nonsense,1", values, writing=False) == {0: "RST"}


@pytest.mark.parametrize("text", ["RST", "1.ABC", "x.RST", "1.RST,1.SRT", "1.RST;2.RST"])
def test_bad_phase_rotations_are_refused(values, text):
    with pytest.raises(ValueError, match="no phase rotation"):
        rotations_of(text, values, writing=True)
