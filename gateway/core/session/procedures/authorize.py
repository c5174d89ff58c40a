"""authorize: may this token charge? The other peer is asked, and in direction A remembered.

Spec: translation-station 3.3, 5.6.
"""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import relay_with
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Reply
from gateway.core.session.tokens import NO_AUTHORIZATION

ACCEPTED: JsonObject = {"status": "Accepted"}
_CONTRACT = ("certificate", "iso15118CertificateHashData")


def authorize(x: Exchange) -> Procedure:
    """A 1.6 station's question passes as it is; a 2.0.1 station's may be answered here."""
    if x.target is Version.V201:
        yield from relay_with(x, None)
        return
    token = x.payload["idToken"]
    if any(name in x.payload for name in _CONTRACT):
        # The gateway must not vouch for a contract certificate that 1.6 cannot show the CSMS.
        yield x.local("contract")
        return
    if token["type"] == NO_AUTHORIZATION:
        yield x.local("no_authorization")
        return
    try:
        payload = x.request()
    except Untranslatable as error:
        yield x.local(error.reply)
        return
    reply = yield x.ask(payload)
    answer = x.conclude(reply)
    if isinstance(answer, Answer):
        _remember(x.desk, payload["idTag"], answer.payload["idTokenInfo"])
    yield answer


def ask_about(
    desk: Desk, token: JsonObject, tag: str, *, recent: bool
) -> Generator[Ask, Reply, JsonObject | Reply]:
    """idTokenInfo of a 2.0.1 token by the CSMS's word; the `Reply` where it gave none.

    tag: the token's idTag; recent: an answer younger than `a.auth_cache_s` will do.
    """
    if token["type"] == NO_AUTHORIZATION:
        return ACCEPTED
    known = desk.authorized.get(tag.lower())
    if recent and known is not None and desk.now - known[0] <= desk.settings.a.auth_cache_s:
        return known[1]
    direction = desk.revision.maps.with_procedure("authorize").to(Version.V16)
    assert direction.request is not None
    assert direction.response is not None
    payload = direction.request({"idToken": token}, desk.bindings, {}, [])
    reply = yield Ask(Side.CSMS, direction.action, payload)
    if reply.outcome is not Outcome.RESULT:
        return reply
    answer: dict[str, Any] = direction.response(reply.payload, desk.bindings, {}, [])
    _remember(desk, tag, answer["idTokenInfo"])
    info: JsonObject = answer["idTokenInfo"]
    return info


def _remember(desk: Desk, tag: str, info: JsonObject) -> None:
    """Keep the newest word about a tag; what is too old to be asked for goes."""
    kept_s = desk.settings.a.auth_cache_s
    cache = desk.authorized
    for old in [key for key, (time, _) in cache.items() if desk.now - time > kept_s]:
        del cache[old]
    cache[tag.lower()] = (desk.now, info)
