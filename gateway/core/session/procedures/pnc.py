"""pnc: ISO 15118 messages of 2.0.1 in the DataTransfer of 1.6, after OCA's Plug & Charge note.

In the envelope is the 2.0.1 payload as JSON text, with small liberties on the 1.6 side. They are
the parameters `pnc` of the envelope's map, per message:

    from: station | csms          who sends it
    default: {member: value}      put in where a 1.6 peer leaves it out
    list: member                  a 1.6 peer may write one value for a list of one
    values: {member: {is: meant}} what a 1.6 peer may write there; anything else is refused
    contract: {token, info, status}  a token that 1.6 may write as text, and the word about it
    prompts: message              what the other peer is asked to send by it
    short: [members]              left out in the dialect `appnote`

Spec: translation-station 3.10, translation-csms 9.1. customData does not travel.
"""

from collections.abc import Generator, Mapping
from typing import Any

from gateway.core.dialects import INTERNAL_ERROR, UNSUPPORTED, Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import Direction
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.envelope import (
    REJECTED,
    UNKNOWN_MESSAGE,
    Carried,
    answer,
    carried,
    envelope,
    opened,
    plain,
)
from gateway.core.session.procedures.triggered import triggered
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Refuse, Reply, Request
from gateway.core.session.state import TRIGGER_S, Trigger

RULE = "pnc"
CONTRACT_TYPE = "eMAID"
_NAMES_16 = ("expiryDate", "parentIdTag")
_Rules = Mapping[str, Any]


def is_on(desk: Desk) -> bool:
    return desk.settings.pnc.mode == "tunnel"


def _is_short(desk: Desk) -> bool:
    return desk.settings.pnc.dialect == "appnote"


def vendor(desk: Desk) -> str:
    """The vendorId of the envelopes."""
    name: str = _params(desk)["vendor"]
    return name


def _params(desk: Desk) -> Mapping[str, Any]:
    found: Mapping[str, Any] = envelope(desk, Version.V201).params[RULE]
    return found


def _rules(desk: Desk, action: str) -> _Rules | None:
    found: _Rules | None = _params(desk)["messages"].get(action)
    return found


# -- a 2.0.1 message goes into an envelope ----------------------------------------------------


def ask_enveloped(
    x: Exchange, payload: JsonObject | None = None
) -> Generator[Ask, Reply, Carried | None]:
    """Send the exchange's own message to a 1.6 peer; None where the mode is off.

    The payload of what comes back is the 2.0.1 answer, valid; None where there is none such.
    payload: what is sent where that is not all of the message. Raises Untranslatable where the
    dialect cannot say it.
    """
    desk, action = x.desk, x.call.action
    if not is_on(desk):
        return None
    rules = _rules(desk, action) or {}
    given = _spoken(desk, rules, plain(x.payload if payload is None else payload))
    found = yield from carried(desk, x.side.other, vendor(desk), action, given)
    if found.payload is None:
        return found
    said = _understood(desk, rules, plain(found.payload))
    valid = desk.revision.catalog.is_valid(x.source, action, "response", said)
    return found._replace(payload=said if valid else None)


def by_envelope(x: Exchange) -> Generator[Ask, Reply, JsonObject | None]:
    """The 1.6 peer's answer to the exchange's message; None where it has none."""
    found = yield from ask_enveloped(x)
    return None if found is None else found.payload


def enveloped(x: Exchange) -> Generator[Ask, Reply, Request]:
    """What the exchange's caller is answered after asking by envelope.

    An envelope that is not accepted says that the message is unsupported (translation-csms 9.1).
    """
    found = yield from ask_enveloped(x)
    if found is None:
        return x.local("unsupported")
    if found.payload is not None:
        return Answer(found.payload)
    if found.is_silent and x.side is Side.CSMS:
        return x.conclude(found.reply)
    return x.local("failed" if found.is_error or found.is_silent else "unsupported")


def _spoken(desk: Desk, rules: _Rules, payload: JsonObject) -> JsonObject:
    """A 2.0.1 request as the dialect writes it."""
    if not _is_short(desk):
        return payload
    said = {name: v for name, v in payload.items() if name not in rules.get("short", ())}
    contract = rules.get("contract")
    if contract is not None:
        token = said[contract["token"]]
        said[contract["token"]] = desk.bindings.tag(token["idToken"], token["type"])
    return said


def _understood(desk: Desk, rules: _Rules, payload: JsonObject) -> JsonObject:
    """A 1.6 peer's answer in 2.0.1: it may use the names of idTagInfo."""
    contract = rules.get("contract")
    info = payload.get(contract["info"]) if contract is not None else None
    if contract is None or not isinstance(info, dict):
        return payload
    names16 = {name: info[name] for name in _NAMES_16 if name in info}
    if names16:
        info = {name: value for name, value in info.items() if name not in names16}
        info = {**_info201(desk, names16), **info}
    return {**payload, contract["info"]: info}


# -- an envelope of a 1.6 peer is opened ------------------------------------------------------


def out_of_envelope(x: Exchange) -> Procedure:
    """The native call to the other peer, and its answer in the envelope's."""
    desk, action = x.desk, x.payload.get("messageId", "")
    rules = _rules(desk, action)
    if rules is None or rules["from"] != x.side:
        yield Answer({"status": UNKNOWN_MESSAGE}, rule=RULE)
        return
    payload = _native(rules, opened(x.payload.get("data")))
    if payload is None or not desk.revision.catalog.is_valid(x.target, action, "request", payload):
        yield Answer({"status": REJECTED}, rule=RULE)
        return
    if "prompts" in rules:
        x.direction = desk.map(action).to(x.target)  # what it asks for waits for its answer
        pending = Trigger(rules["prompts"], desk.now + TRIGGER_S)
        reply = yield from triggered(x, pending, action, payload)
    else:
        reply = yield Ask(x.side.other, action, payload)
    yield _sealed(x, rules, reply)


def _native(rules: _Rules, said: JsonObject | None) -> JsonObject | None:
    """A 1.6 peer's request with the liberties taken out; None where it makes no sense."""
    if said is None:
        return None
    payload = {**rules.get("default", {}), **plain(said)}
    for name, meant in rules.get("values", {}).items():
        value = payload.get(name)
        if not isinstance(value, str) or value not in meant:
            return None
        payload[name] = meant[value]
    listed = rules.get("list")
    if listed in payload and not isinstance(payload[listed], list):
        payload[listed] = [payload[listed]]
    contract = rules.get("contract")
    if contract is not None and contract["token"] in payload:
        payload[contract["token"]] = _contract(payload[contract["token"]])
    return payload


def _contract(token: Any) -> Any:
    if isinstance(token, dict):
        return {**token, "type": CONTRACT_TYPE}
    return {"idToken": token, "type": CONTRACT_TYPE}


def _sealed(x: Exchange, rules: _Rules, reply: Reply) -> Request:
    if reply.outcome is Outcome.RESULT:
        return Answer(answer(_short_answer(x.desk, rules, plain(reply.payload))))
    if x.side is Side.STATION:
        return Answer({"status": REJECTED}, rule=RULE)
    if reply.outcome in (Outcome.NONE, Outcome.LOST):
        return Refuse(INTERNAL_ERROR, "no answer from the station")
    unsupported = reply.error is not None and reply.error.code in UNSUPPORTED
    return Answer({"status": UNKNOWN_MESSAGE if unsupported else REJECTED}, rule=RULE)


def _short_answer(desk: Desk, rules: _Rules, payload: JsonObject) -> JsonObject:
    """A 2.0.1 answer as the dialect writes it."""
    contract = rules.get("contract")
    if contract is None or not _is_short(desk):
        return payload
    return {**payload, contract["info"]: _info16(desk, payload[contract["info"]])}


# -- idTokenInfo and idTagInfo ----------------------------------------------------------------


def _token_map(desk: Desk, to: Version) -> Direction:
    return desk.revision.maps.with_procedure("authorize").to(to)


def _info201(desk: Desk, info: JsonObject) -> JsonObject:
    """Members of idTagInfo as members of idTokenInfo; as they are where they are no such."""
    direction = _token_map(desk, Version.V16)
    given: JsonObject = {"idTagInfo": {"status": "Accepted", **info}}
    valid = desk.revision.catalog.is_valid(Version.V16, direction.action, "response", given)
    if not valid or direction.response is None:
        return info
    made: JsonObject = direction.response(given, desk.bindings, {"request": {}}, [])
    return {name: value for name, value in made["idTokenInfo"].items() if name != "status"}


def _info16(desk: Desk, info: JsonObject) -> JsonObject:
    """idTokenInfo as idTagInfo (translation-station 1.8)."""
    translate = _token_map(desk, Version.V201).response
    assert translate is not None
    made = translate({"idTokenInfo": info}, desk.bindings, {"request": {}}, [])
    found: JsonObject = made["idTagInfo"]
    return found
