"""certificates: two stores in a 1.6 station, asked one after the other.

The security extension knows the roots of the CSMS and the manufacturer, the Plug & Charge note
those of ISO 15118. Parameters of the maps:

    delete_certificate   then: [statuses]   on which the other store is asked too
                         fold: [statuses]   of several the first of these is the answer
    installed_certificates
                         types: field of the request that says which, in both versions
                         table: value table of what the two versions call them
                         found: field of the 2.0.1 answer that lists them
                         native: [types]    towards 1.6, one call each, in this order
                         enveloped: [types] and one call for all of these

Spec: translation-csms 3.14.
"""

from collections.abc import Generator

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.features import security_ext
from gateway.core.session.procedures.choose import has_security
from gateway.core.session.procedures.pnc import ask_enveloped
from gateway.core.session.procedures.relay import is_missing
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Reply

ACCEPTED, FAILED = "Accepted", "Failed"


def delete_certificate(x: Exchange) -> Procedure:
    """A 2.0.1 CSMS names a certificate; which of the stores has it the station must find."""
    params = x.direction.params
    statuses: list[str] = []
    if security_ext(x.desk) is not False:
        reply = yield x.ask(x.request())
        if is_missing(reply):
            yield x.conclude(reply)
            return
        if has_security(x, reply):
            statuses.append(reply.payload.get("status", FAILED))
    if not statuses or statuses[0] in params["then"]:
        found = yield from ask_enveloped(x)
        if found is not None and found.is_silent:
            yield x.conclude(found.reply)
            return
        if found is not None and found.payload is not None:
            statuses.append(found.payload["status"])
    known = [status for status in params["fold"] if status in statuses]
    yield Answer({"status": known[0]}) if known else x.local("unsupported")


def installed_certificates(x: Exchange) -> Procedure:
    if x.target is Version.V201:
        yield from _one_type(x)
    else:
        yield from _all_types(x)


def _one_type(x: Exchange) -> Procedure:
    """A 1.6 CSMS asks for one type; the heads of the chains are what it can be told."""
    params = x.direction.params
    uses = x.desk.revision.maps.table(params["table"], Version.V201)
    use = uses[x.payload[params["types"]]]
    reply = yield x.ask(x.request({"certificate_uses201": [use]}))
    if reply.outcome is Outcome.RESULT and not reply.payload.get(params["found"]):
        yield x.local("none", rule="none")
    else:
        yield x.conclude(reply)


def _all_types(x: Exchange) -> Procedure:
    """A 2.0.1 CSMS asks for several types at once, or for all."""
    params = x.direction.params
    asked = x.payload.get(params["types"]) or (*params["native"], *params["enveloped"])
    chains: list[JsonObject] = []
    for use in params["native"]:
        if use not in asked or security_ext(x.desk) is False:
            continue
        reply = yield from _native(x, use)
        if is_missing(reply):
            yield x.conclude(reply)
            return
        chains += _chains(x, use, reply)
    rest = [use for use in params["enveloped"] if use in asked]
    if rest:
        found = yield from ask_enveloped(x, {params["types"]: rest})
        if found is not None and found.is_silent:
            yield x.conclude(found.reply)
            return
        if found is not None and found.payload is not None:
            chains += found.payload.get(params["found"], [])
    yield Answer({"status": ACCEPTED, params["found"]: chains}) if chains else x.local("none")


def _native(x: Exchange, use: str) -> Generator[Ask, Reply, Reply]:
    uses = x.desk.revision.maps.table(x.direction.params["table"], Version.V16)
    reply = yield x.ask(x.request({"certificate_use16": uses[use]}))
    has_security(x, reply)
    return reply


def _chains(x: Exchange, use: str, reply: Reply) -> list[JsonObject]:
    """What a 1.6 station lists, in chains of one."""
    if reply.outcome is not Outcome.RESULT or reply.payload["status"] != ACCEPTED:
        return []
    made = x.response(reply.payload, {"certificate_use201": use})
    found: list[JsonObject] = made.get(x.direction.params["found"], [])
    return found
