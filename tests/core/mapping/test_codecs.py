"""Vendors' text as JSON with names, and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import Place, Untranslatable
from gateway.core.mapping.codecs import JSON, LIST, Codec, Item

PLACE = Place("x.yaml", 1)


class Numbers:
    """Connector n is EVSE n; transaction 17 is `tx`."""

    def evse201(self, connector16):
        if connector16 > 9:
            raise Untranslatable("no such connector")
        return (connector16, 1) if connector16 else (0, 0)

    def connector16(self, evse_id, connector_id):
        if evse_id > 9:
            raise Untranslatable("no such EVSE")
        return evse_id

    def transaction201(self, transaction16):
        return "tx" if transaction16 == 17 else None

    def known_transaction16(self, transaction201):
        return 17 if transaction201 == "tx" else None


NUMBERS = Numbers()


def a_list(*items, separator=","):
    return Codec("c", PLACE, "", LIST, items, separator)


def json(*items):
    return Codec("c", PLACE, "", JSON, items)


WHOLE = a_list(
    Item("connectorId", "evse", "connector"),
    Item("state", "state"),
    Item("on", "on", "flag"),
    Item("power", "power", items=(Item("l1", "l1", "integer"), Item("l2", "l2", "number"))),
    Item("temperature", "temperature", "number", Decimal("0.1")),
    Item("transactionId", "transactionId", "transaction"),
)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (
            "1,Charging,1,{16,7.5},215,17",
            {
                "evse": {"id": 1, "connectorId": 1},
                "state": "Charging",
                "on": True,
                "power": {"l1": 16, "l2": 7.5},
                "temperature": 21.5,
                "transactionId": "tx",
            },
        ),
        ("0,,0", {"evse": {"id": 0}, "state": "", "on": False}),
        (
            "12,x,1,{1,2,3,{4,5}},-10,99,a,{b,c}",
            {
                "evse": 12,
                "state": "x",
                "on": True,
                "power": {"l1": 1, "l2": 2, "more": ["3", "{4,5}"]},
                "temperature": -1,
                "transactionId": 99,
                "more": ["a", "{b,c}"],
            },
        ),
    ],
)
def test_a_list_has_names_in_2_0_1_and_comes_back(text, data):
    assert WHOLE.to_v201(text, NUMBERS) == data
    assert WHOLE.to_v16(data, NUMBERS) == text


@pytest.mark.parametrize(
    "text", ["one", "1,x,2", "1,x,1,16", "1,x,1,{a,1}", "1,{", "1,}", "1,x,1,{1,2},x"]
)
def test_text_that_is_no_such_list_is_left_alone(text):
    assert WHOLE.to_v201(text, NUMBERS) is None


@pytest.mark.parametrize(
    "data",
    [
        "1,x",
        {"evse": "1"},
        {"evse": {"id": 10}},
        {"evse": {"id": 1, "connectorId": "1"}},
        {"state": "before evse"},
        {"evse": 1, "state": "a,b"},
        {"evse": 1, "state": "x", "on": "yes"},
        {"evse": 1, "state": "x", "on": True, "power": 7},
        {"evse": 1, "state": "x", "on": True, "power": {}, "temperature": "hot"},
        {"evse": 1, "unknown": 1},
        {"evse": 1, "state": "x", "more": ["behind a gap"]},
        {"evse": 1, "state": "x", "more": [1]},
        {"evse": 1, "state": "x", "more": ["a,b"]},
    ],
)
def test_data_that_is_no_such_list_is_left_alone(data):
    assert WHOLE.to_v16(data, NUMBERS) is None


def test_another_separator():
    codec = a_list(Item("a", "a"), Item("b", "b", "integer"), separator=";")
    assert codec.to_v201("x,y;7", NUMBERS) == {"a": "x,y", "b": 7}
    assert codec.to_v16({"a": "x,y", "b": 7}, NUMBERS) == "x,y;7"


MEMBERS = json(
    Item("connectorId", "evse", "connector"),
    Item("transactionId", "transactionId", "transaction"),
    Item("temp", "temperature", "number", Decimal("0.1")),
    Item("mode", "chargingMode"),
)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (
            '{"connectorId":2,"transactionId":17,"temp":282,"mode":"Eco","other":[1]}',
            {
                "evse": {"id": 2, "connectorId": 1},
                "transactionId": "tx",
                "temperature": 28.2,
                "chargingMode": "Eco",
                "other": [1],
            },
        ),
        ('{"transactionId":5}', {"transactionId": 5}),
        ('{"temp":"hot"}', {"temp": "hot"}),
        ("{}", {}),
    ],
)
def test_json_members_get_other_names_and_come_back(text, data):
    assert MEMBERS.to_v201(text, NUMBERS) == data
    assert MEMBERS.to_v16(data, NUMBERS) == text


@pytest.mark.parametrize("text", ["", "[1]", "7", '{"a":', '"text"'])
def test_text_that_is_no_json_object_is_left_alone(text):
    assert MEMBERS.to_v201(text, NUMBERS) is None


@pytest.mark.parametrize("codec", [WHOLE, MEMBERS], ids=["list", "json"])
@given(text=st.text('0123456789,{}.-ax":', max_size=40))
def test_no_text_is_too_strange(codec, text):
    data = codec.to_v201(text, NUMBERS)
    assert data is None or isinstance(data, dict)


@given(st.lists(st.text("abc{}", max_size=3), max_size=8))
def test_what_a_list_does_not_name_comes_back_as_it_was(parts):
    text = ",".join(parts)
    codec = a_list(Item("first", "first"))
    data = codec.to_v201(text, NUMBERS)
    assert data is None or codec.to_v16(data, NUMBERS) == text


def test_two_members_of_one_name_are_no_json_of_the_codec():
    codec = json(Item("t", "temperature"))
    assert codec.to_v201('{"t":4,"temperature":3}', NUMBERS) is None
    assert codec.to_v16({"t": 4, "temperature": 3}, NUMBERS) is None


def test_text_beyond_the_limits_of_json_is_not_read():
    codec = json(Item("t", "temperature"))
    assert codec.to_v201('{"t":' * 40 + "1" + "}" * 40, NUMBERS) is None
    assert codec.to_v201('{"t":123456789012345678901}', NUMBERS) is None
