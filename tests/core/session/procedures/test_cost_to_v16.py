"""What a CSMS has told of prices waits for an answer; conversations: tests/conversations/cost-*."""

import pytest

from gateway.core.session.desk import Desk, Revision
from gateway.core.session.procedures.cost_to_v16 import (
    COST,
    PRICE,
    freed_of,
    message,
    with_cost,
    with_price,
)
from gateway.core.session.state import ACTIVE, CLOSED, Loaded
from gateway.core.settings import SessionSettings, Translation

ON = Translation.model_validate({"costmsg": {"enabled": True}})
ANSWER = {"idTokenInfo": {"status": "Accepted"}}


@pytest.fixture
def desk(revision: Revision) -> Desk:
    return Desk("CP1", Loaded(), revision, SessionSettings(translation=ON), iter(()))


def test_a_price_is_for_the_holder_of_the_token_and_told_once(desk: Desk) -> None:
    desk.bindings.table.put(PRICE, "tag", "0.30")
    assert with_price(desk, ANSWER, "other") == ANSWER
    assert with_price(desk, ANSWER, None) == ANSWER
    assert with_price(desk, {}, "TAG") == {}
    told = with_price(desk, ANSWER, "TAG")
    assert told["idTokenInfo"]["personalMessage"] == {"format": "UTF8", "content": "0.30"}
    assert with_price(desk, ANSWER, "TAG") == ANSWER
    assert ANSWER == {"idTokenInfo": {"status": "Accepted"}}


def test_a_cost_is_for_its_transaction_and_told_once(desk: Desk) -> None:
    desk.bindings.table.put(COST, "a", {"totalCost": 1.5, "text": None})
    assert with_cost(desk, {}, "b") == {}
    assert with_cost(desk, {}, "a") == {"totalCost": 1.5}
    assert with_cost(desk, {}, "a") == {}


def test_a_text_without_letters_is_a_text(desk: Desk) -> None:
    desk.bindings.table.put(COST, "a", {"totalCost": 0, "text": ""})
    expected = {"totalCost": 0, "updatedPersonalMessage": message("")}
    assert with_cost(desk, {}, "a") == expected


def test_the_newest_ended_transaction_of_the_connector_is_unplugged(desk: Desk) -> None:
    ended = (("a", 1, 1), ("b", 1, 2), ("c", 2, 3), ("d", 1, None))
    for tx201, connector_id, tx16 in (*ended, ("runs", 1, 4)):
        record = desk.bindings.new_transaction(tx201)
        record.evse_id, record.connector_id, record.tx16 = 1, connector_id, tx16
        record.state = ACTIVE if tx201 == "runs" else CLOSED
    connector = desk.bindings.connector(1, 1)
    desk.bindings.keep_connector(connector)
    assert freed_of(desk.bindings, 1, 1, "Available") is None
    connector.after_tx = True
    freed = freed_of(desk.bindings, 1, 1, "Available")
    assert freed is not None
    assert freed.tx201 == "b"
    assert freed_of(desk.bindings, 1, 1, "Occupied") is None
