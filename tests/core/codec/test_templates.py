"""Payload texts by their templates: what fits fills the gaps, all else has to be read."""

from random import Random

import orjson
import pytest

from gateway.core.codec import templates
from gateway.core.codec.templates import ANSWER, NOTHING, Gapped, Templates, gapped, payload_of

STATUS = {"connectorId": 1, "status": "Charging", "timestamp": "2025-06-01T12:00:00Z"}
METER = {
    "connectorId": 1,
    "transactionId": 7,
    "meterValue": [
        {"timestamp": "t", "sampledValue": [{"value": "1%", "unit": "V"}, {"value": "2"}]},
    ],
}


def text_of(payload) -> str:
    return orjson.dumps(payload).decode()


def test_a_text_of_a_known_kind_says_what_fills_its_gaps():
    known = Templates()
    template, gaps, _ = known.of("A", METER)
    assert template.names == ("transactionId", "timestamp", "value", "value")
    assert gaps == ("7", "t", "1%", "2")
    text = text_of(METER).replace('"2"', '"ü"').replace("7", "-12")
    filled = known.known("A").cut(f"..{text}.", 2, len(text) + 2)
    assert filled == (template, ("-12", "t", "1%", "ü"), text)
    assert payload_of(filled) == orjson.loads(text)
    assert template.payload(("8", "u", "", "%s")) == orjson.loads(
        text_of(METER).replace("7", "8").replace('"t"', '"u"').replace("1%", "").replace("2", "%s")
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"connectorId":2,"status":"Charging","timestamp":""}',
        '{"connectorId":1,"status":"Charging","timestamp":"a\\"b"}',
        '{"connectorId":1,"status":"Charging","timestamp":"a\tb"}',
        '{"connectorId":1,"status":"Charging","timestamp":"a","timestamp":"b"}',
        '{"connectorId":1,"status":"Charging","timestamp":5}',
        '{"connectorId":1,"status":"Charging","timestamp":""} ',
        '{"connectorId":1,"status":"Charging","timestamp":""',
        "",
        "[]",
    ],
)
def test_what_says_something_else_has_to_be_read(text):
    known = Templates()
    known.of("A", STATUS)
    assert known.known("A").cut(text, 0, len(text)) is None


@pytest.mark.parametrize("number", ["007", "1.0", "-0", "1e3", "1234567890123456"])
def test_a_number_that_is_spelled_oddly_has_to_be_read(number):
    known = Templates()
    known.of("A", METER)
    text = text_of(METER).replace("7", number)
    assert known.known("A").cut(text, 0, len(text)) is None


def test_nothing_is_known_of_an_action_that_nobody_asked_for():
    known = Templates()
    assert known.known(ANSWER) is None
    assert known.of(ANSWER, {}) is NOTHING
    assert known.known(ANSWER).cut("{}", 0, 2) is NOTHING


def test_no_two_of_a_kind_do_not_cost_a_template_each(monkeypatch):
    monkeypatch.setattr(templates, "PATIENCE", 10)
    known = Templates()
    made = [known.of("A", {"number": number}) for number in range(100)]
    assert None not in made[: templates.TEMPLATES_KEPT]
    assert 5 < sum(one is not None for one in made[templates.TEMPLATES_KEPT :]) < 10
    assert known.of("A", {"number": 0}) is None


def test_a_payload_that_holds_the_signs_of_gaps_has_no_template():
    assert Templates().of("A", {"a": "\ue000", "timestamp": "x"}) is None


def test_whatever_is_cut_is_the_payload():
    random, known = Random(2), Templates()
    values = (
        "",
        "1",
        "ü",
        "a\nb",
        '"',
        "%",
        "\x7f",
        5,
        -5,
        True,
        None,
        1.5,
        [],
        {},
        [{"value": "1"}],
    )
    for _ in range(3000):
        names = random.sample(("timestamp", "value", "transactionId", "other"), 3)
        payload = {name: random.choice(values) for name in names}
        filled = known.of("A", payload)
        if filled is not None:
            assert payload_of(filled) == payload
            template, gaps, _ = filled
            assert template.payload(gaps) == payload


def test_a_text_with_gaps_is_filled_in_the_order_of_what_is_known():
    made = gapped("50% of <b>, <a>, <b>", ["<a>", "<b>", "<c>"])
    assert made.filled(("1", "2", "3")) == "50% of 2, 1, 2"
    assert made == gapped("50% of {b}, {a}, {b}", ["{a}", "{b}"])
    assert gapped("50%", ["<a>"]) == gapped("50%", []) == Gapped(("50%",), ())
    assert gapped("50%", []).filled(("1",)) == "50%"
    assert gapped("<a>", ["<a>"]).filled(("{known}", "")) == "{known}"
    odd = "{known[0]}'\"\\ {{\n\u2028\ud800\\N{DIGIT ONE}\\{1}{}"
    assert gapped(f"<a>{odd}<a>", ["<a>"]).filled(("-",)) == f"-{odd}-"
