"""authorize: may this token charge? The other peer is asked, and in direction A remembered.

Spec: translation-station 3.3, 5.6.
"""

from collections.abc import Generator
from functools import partial
from typing import Any

from gateway.core.dialects import CSMS, V16, V201
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.ledger import IDS_REMEMBERED
from gateway.core.session.procedures.cost_to_station import tell_price
from gateway.core.session.procedures.cost_to_v16 import with_price
from gateway.core.session.procedures.pnc import by_envelope
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.requests import RESULT, Answer, Ask, Await, Outcome, Procedure, Reply
from gateway.core.session.tokens import NO_AUTHORIZATION

ACCEPTED: JsonObject = {"status": "Accepted"}
_NOTHING = Reply(Outcome.NONE, {})
PROCEDURE = "authorize"
_CONTRACT = frozenset({"certificate", "iso15118CertificateHashData"})


def authorize(x: Exchange) -> Procedure:
    """A 1.6 station's question passes as it is; a 2.0.1 station's may be answered here."""
    try:
        yield from _to_v201(x) if x.target is V201 else _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


def _to_v201(x: Exchange) -> Procedure:
    reply = yield x.ask(x.request())
    yield x.conclude(reply)
    tell_price(x.desk, x.payload["idTag"], reply.payload)


def _to_v16(x: Exchange) -> Procedure:
    token = x.payload["idToken"]
    if not _CONTRACT.isdisjoint(x.payload):
        yield from _contract(x)
        return
    if token["type"] == NO_AUTHORIZATION:
        yield x.local("no_authorization")
        return
    payload = x.request()
    tag = payload["idTag"]
    reply = yield x.ask(payload, late=partial(_late, x.desk, tag))
    answer = x.conclude(reply)
    if isinstance(answer, Answer):
        _remember(x.desk, tag, answer.payload["idTokenInfo"])
        priced = with_price(x.desk, answer.payload, tag)
        if priced is not answer.payload:
            answer = answer._replace(payload=priced)
    yield answer


def _contract(x: Exchange) -> Procedure:
    """1.6 cannot show the CSMS a contract's certificate but in an envelope (3.10).

    Without its word the answer is no: the gateway must not vouch for a contract.
    """
    answer = yield from by_envelope(x)
    if answer is None:
        yield x.local("contract")
        return
    tag = tag_of(x.desk, x.payload["idToken"])
    if tag is not None:
        _remember(x.desk, tag, answer["idTokenInfo"])
    yield Answer(with_price(x.desk, answer, tag))


def tag_of(desk: Desk, token: JsonObject) -> str | None:
    """The idTag of a 2.0.1 token; None where 1.6 cannot spell it."""
    try:
        return desk.bindings.tag(token["idToken"], token["type"])
    except Untranslatable:
        return None


def ask_about(
    x: Exchange, token: JsonObject, tag: str, *, recent: bool
) -> Generator[Ask | Await, Any, JsonObject | Reply]:
    """idTokenInfo of a 2.0.1 token by the CSMS's word; the `Reply` where it gave none.

    tag: the token's idTag; recent: an answer younger than `a.auth_cache_s` will do. A repeat of a
    transaction message that had no answer waits for the late one (translation-station 10).
    """
    desk = x.desk
    if token["type"] == NO_AUTHORIZATION:
        return ACCEPTED
    known = desk.authorized.get(tag.lower())
    if recent and known is not None and desk.now - known[0] < desk.settings.a.auth_cache_s:
        return known[1]
    direction = desk.revision.maps.with_procedure(PROCEDURE).to(V16)
    assert direction.request is not None
    payload = direction.request({"idToken": token}, desk.bindings, {}, [])
    topic, reply = _topic(tag), _NOTHING
    owed = desk.ledgers[CSMS].given_up(direction.action, payload) is not None
    joins = topic in desk.late_words and owed
    if joins:
        reply = (yield Await(topic, x.limit)) or _NOTHING
    else:
        reply = yield Ask(CSMS, direction.action, payload, late=partial(_late, desk, tag))
    if topic in desk.late_words:
        desk.late_words.remove(topic)
    if reply.outcome is RESULT:
        return _learned(desk, tag, reply)
    if reply.outcome is Outcome.NONE and not joins:
        desk.late_words.append(topic)
        del desk.late_words[:-IDS_REMEMBERED]
    return reply


def _topic(tag: str) -> tuple[str, str]:
    """Published with the late answer to a question about a tag."""
    return ("token", tag.lower())


def _late(desk: Desk, tag: str, reply: Reply) -> None:
    """An answer that the one who asked does not wait for any more still tells of the tag (1.2)."""
    if reply.outcome is RESULT:
        _learned(desk, tag, reply)
    desk.publish(_topic(tag), reply)


def _learned(desk: Desk, tag: str, reply: Reply) -> JsonObject:
    """idTokenInfo of a CSMS's answer, remembered."""
    direction = desk.revision.maps.with_procedure(PROCEDURE).to(V16)
    assert direction.response is not None
    answer: dict[str, Any] = direction.response(reply.payload, desk.bindings, {}, [])
    info: JsonObject = answer["idTokenInfo"]
    _remember(desk, tag, info)
    return info


def _remember(desk: Desk, tag: str, info: JsonObject) -> None:
    """Keep the newest word about a tag; what is too old to be asked for goes."""
    kept_s = desk.settings.a.auth_cache_s
    cache, key = desk.authorized, tag.lower()
    cache.pop(key, None)
    cache[key] = (desk.now, info)
    # The oldest stand first, so that what is still fresh is never looked through.
    while desk.now - cache[oldest := next(iter(cache))][0] > kept_s:
        del cache[oldest]
