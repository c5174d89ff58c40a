"""choose: one of several messages of the other version, the first option that fits and works.

The map's parameter `options`, in order; every condition of an option must hold:

    map: NAME               by that map; without it by this one
    enveloped: true         in the Plug & Charge envelope (pnc.py)
    reply: NAME             the fixed answer of that name
    when: {path: [values]}  the request has one of these values there
    has: [paths]            the request has all of these
    option: path            that setting is on
    security: known         the 1.6 station is known to have the security extension
    security: possible      it is not known to lack it
    needs: field            an answer without that field is
    lacking: NAME           ... the fixed answer of that name

A station that refuses an option with `security` as unknown has not got the extension; that is
remembered and the next options are tried. If none is left, the answer is `unsupported`.
`job: kind` makes the request's id the newest of that kind (job.py).

Spec: translation-csms 1.8, 3.12 to 3.14; translation-station 3.8.
"""

from collections.abc import Generator, Mapping
from functools import partial
from typing import Any

from gateway.core.dialects import UNSUPPORTED
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import Direction
from gateway.core.session.exchange import Exchange
from gateway.core.session.features import learn_from, security_ext
from gateway.core.session.procedures.job import TAKEN_ON, noted
from gateway.core.session.procedures.pnc import enveloped
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.requests import Ask, Outcome, Procedure, Reply, Request

Option = Mapping[str, Any]


def choose(x: Exchange) -> Procedure:
    own, known = x.direction, security_ext(x.desk)
    for option in own.params["options"]:
        if not _fits(x, option, known):
            continue
        answer = yield from _tried(x, option)
        x.direction = own
        if answer is not None:
            yield answer
            return
        known = False
    yield x.local("unsupported")


def _fits(x: Exchange, option: Option, known: bool | None) -> bool:
    """known: whether the station has the security extension, as far as that is known."""
    security = {None: True, "known": known is True, "possible": known is not False}
    return (
        all(_at(x.payload, path) in values for path, values in option.get("when", {}).items())
        and all(_at(x.payload, path) is not None for path in option.get("has", ()))
        and security[option.get("security")]
        and ("option" not in option or bool(_setting(x, option["option"])))
    )


def _at(payload: Any, path: str) -> Any:
    for name in path.split("."):
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload


def _setting(x: Exchange, path: str) -> Any:
    value: Any = x.desk.settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _tried(x: Exchange, option: Option) -> Generator[Ask, Reply, Request | None]:
    """The answer by one option; None where the next one's turn has come."""
    if "reply" in option:
        return x.local(option["reply"])
    if option.get("enveloped"):
        return (yield from enveloped(x))
    own = x.direction
    if "map" in option:
        x.direction = x.desk.map(option["map"]).to(x.target)
    try:
        payload = x.request()
    except Untranslatable as error:
        x.direction = own
        return untranslated(x, error)
    reply = yield from _asked(x, option, own.params.get("job"), payload)
    if "security" in option and not has_security(x, reply):
        return None
    return _concluded(x, own, option, reply)


def has_security(x: Exchange, reply: Reply) -> bool:
    """Take what the answer to a message of the security extension shows; False: there is none."""
    learn_from(x.desk, reply)
    return reply.error is None or reply.error.code not in UNSUPPORTED


def _asked(
    x: Exchange, option: Option, kind: str | None, payload: JsonObject
) -> Generator[Ask, Reply, Reply]:
    """Ask; the id of a job is the newest one unless the station refuses."""
    if kind is None:
        return (yield x.ask(payload))
    refused, request_id = partial(_is_refused, option), x.payload["requestId"]
    answered = noted(x, kind, request_id, x.direction.action, refused)
    reply: Reply = yield x.ask(payload, answered)
    answered(reply)
    return reply


def _is_refused(option: Option, reply: Reply) -> bool:
    if reply.outcome is Outcome.RESULT:
        return _lacks(option, reply) or reply.payload.get("status", TAKEN_ON[0]) not in TAKEN_ON
    return reply.outcome in (Outcome.ERROR, Outcome.INVALID)


def _lacks(option: Option, reply: Reply) -> bool:
    return "needs" in option and _at(reply.payload, option["needs"]) is None


def _concluded(x: Exchange, own: Direction, option: Option, reply: Reply) -> Request:
    """By the option's map what was answered, by the caller's own what was not."""
    if reply.outcome is not Outcome.RESULT:
        x.direction = own
        return x.conclude(reply)
    if _lacks(option, reply):
        x.direction = own
        return x.local(option["lacking"], rule=option["lacking"])
    return x.conclude(reply)
