"""Contracts and the memory of tokens; conversations: tests/conversations/{pnc,cert}-*."""

from typing import Any

import orjson

from gateway.core.dialects import Side

CONTRACT = {"idToken": "DEICEC12345678", "type": "eMAID"}
LONG = {"idToken": "DE-ICE-C12345678-WITH-A-VERY-LONG-END", "type": "eMAID"}


def asked(s: Any, token: Any) -> Any:
    s.station(2, "s1", "Authorize", {"idToken": token, "certificate": "PEM"})
    ((_, message_id, _, payload),) = s.sent(Side.CSMS)
    return message_id, orjson.loads(payload["data"])


def test_the_word_on_a_contract_is_remembered_for_its_transaction(script: Any) -> None:
    s = script(translation={"pnc": {"mode": "tunnel"}, "topology": [[1, 1], [2, 1]]})
    message_id, _ = asked(s, CONTRACT)
    data = orjson.dumps({"idTokenInfo": {"status": "Blocked"}}).decode()
    s.csms(3, message_id, {"status": "Accepted", "data": data})
    s.sent(Side.STATION)
    event = {
        "eventType": "Started",
        "timestamp": "2025-06-01T09:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "idToken": CONTRACT,
    }
    s.station(2, "s2", "TransactionEvent", event)
    assert s.sent(Side.STATION) == [[3, "s2", {"idTokenInfo": {"status": "Blocked"}}]]
    assert s.sent(Side.CSMS) == []


def test_a_contract_too_long_for_the_note_gets_an_alias(script: Any) -> None:
    s = script(translation={"pnc": {"mode": "tunnel", "dialect": "appnote"}})
    _, data = asked(s, {**LONG, "idToken": LONG["idToken"][:36]})
    assert len(data["idToken"]) == 20


def test_a_contract_that_cannot_be_spelled_is_not_vouched_for(script: Any) -> None:
    pnc = {"mode": "tunnel", "dialect": "appnote"}
    s = script(translation={"pnc": pnc, "id_token": {"overflow": "reject"}})
    token = {**LONG, "idToken": LONG["idToken"][:36]}
    s.station(2, "s1", "Authorize", {"idToken": token, "certificate": "PEM"})
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION) == [[3, "s1", {"idTokenInfo": {"status": "Invalid"}}]]


def test_a_vouched_contract_that_16_cannot_spell_is_passed_on(script: Any) -> None:
    s = script(translation={"pnc": {"mode": "tunnel"}, "id_token": {"overflow": "reject"}})
    message_id, _ = asked(s, {**LONG, "idToken": LONG["idToken"][:36]})
    data = orjson.dumps({"idTokenInfo": {"status": "Accepted"}}).decode()
    s.csms(3, message_id, {"status": "Accepted", "data": data})
    assert s.sent(Side.STATION) == [[3, "s1", {"idTokenInfo": {"status": "Accepted"}}]]
