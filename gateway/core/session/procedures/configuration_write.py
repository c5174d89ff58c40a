"""change_configuration: a 1.6 CSMS writes a key of a 2.0.1 station (translation-csms 6.4).

One SetVariables for the key's variables, in batches if it must be; what decides is folded into one
status. Everything that is known to be impossible is refused without asking.
"""

from collections.abc import Sequence

from gateway.core.dialects import UNSUPPORTED
from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import COMPUTED, KeyTable, Kind
from gateway.core.mapping.variables import Attribute
from gateway.core.session.device_model import READ_ONLY, DeviceModel
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import configuration_credential as credential
from gateway.core.session.procedures.configuration_batches import (
    NoResult,
    Results,
    Steps,
    next_batch,
    query,
)
from gateway.core.session.procedures.configuration_parts import Part, lost_of, parts_of
from gateway.core.session.procedures.configuration_places import Located, key_table, locate
from gateway.core.session.procedures.configuration_shadow import drop_shadow, keep_shadow
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply

ACCEPTED, REBOOT, REJECTED = "Accepted", "RebootRequired", "Rejected"
NOT_SUPPORTED = "NotSupported"
UNKNOWN = frozenset({"UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"})
DONE = frozenset({ACCEPTED, REBOOT})


def change_configuration(x: Exchange) -> Procedure:
    table, bindings = key_table(x.desk), x.desk.bindings
    located = locate(bindings, table, x.payload["key"])
    if located is None:
        yield x.local("unknown", rule="unknown_key")
        return
    parts = _parts(x, table, located)
    if not parts:
        drop_shadow(bindings, located)
        yield x.local("refused", rule="not_writable")
        return
    x.lost += [f"{x.call.action}.request:value.{path}" for path in _lost(x, table, located)]
    try:
        status = yield from _write(x, located, parts)
    except NoResult as end:
        yield x.conclude(end.reply)
        return
    yield Answer(x.response({}, {"key_status": status}), losses=tuple(x.lost))


def _lost(x: Exchange, table: KeyTable, located: Located) -> list[str]:
    return lost_of(table, located, x.payload["value"])


# -- what is refused without asking -----------------------------------------------------------


def _parts(x: Exchange, table: KeyTable, located: Located) -> tuple[Part, ...]:
    """What to write; nothing where the key cannot be written, or not with that value."""
    if _is_closed(table, located):
        return ()
    try:
        parts = parts_of(x.desk.bindings, table, located, x.payload["value"])
    except ValueError as error:
        x.desk.note("refused_value", f"{located.name}: {error}", x.call.action)
        return ()
    model = DeviceModel(x.desk.bindings)
    deciding = [part for part in parts if part.decides]
    return () if any(_is_fixed(model, part.attribute) for part in deciding) else parts


def _is_closed(table: KeyTable, located: Located) -> bool:
    key = located.key
    if key is not None and (key.never_written or key.kind in (Kind.GATEWAY, *COMPUTED)):
        return True
    variables = [attribute.variable for attribute in located.attributes]
    by_other_name = located.kind is not Kind.CREDENTIAL
    return any(
        table.protects(variable) or (by_other_name and table.is_credential(variable))
        for variable in variables
    )


def _is_fixed(model: DeviceModel, attribute: Attribute) -> bool:
    return bool(model.attribute(attribute).get("mutability") == READ_ONLY)


# -- writing ----------------------------------------------------------------------------------


def _write(x: Exchange, located: Located, parts: Sequence[Part]) -> Steps[str]:
    """Write, at the next place where the station does not know the first. Raises NoResult."""
    text: str = x.payload["value"]
    if located.kind is Kind.CREDENTIAL:
        credential.pend(x.desk, _password(parts), text)
    status = NOT_SUPPORTED
    for place in located.attributes or (None,):
        if place is not None:
            parts = (parts[0]._replace(attribute=place), *parts[1:])
        status = yield from _set(x, located, parts)
        if status != NOT_SUPPORTED:
            break
    _remember(x, located, parts, status)
    return status


def _set(x: Exchange, located: Located, parts: Sequence[Part]) -> Steps[str]:
    """A CallError counts for the items of its batch, the others still go out."""
    statuses: list[str] = []
    waiting = list(parts)
    while waiting:
        items = [_setting(part) for part in waiting]
        count = next_batch(x.desk, x.direction.action, "setVariableData", items)
        batch = waiting[:count]
        payload = x.request({"variable_settings": items[:count]})

        def late(reply: Reply, batch: Sequence[Part] = batch) -> None:
            _settle_late(x, located, parts, batch, reply)

        reply: Reply = yield x.ask(payload, late=late)
        if reply.outcome in (Outcome.NONE, Outcome.LOST):
            raise NoResult(reply)
        statuses += _statuses(batch, reply)
        waiting = waiting[count:]
    return _folded(statuses)


def _setting(part: Part) -> JsonObject:
    """SetVariableDataType of 2.0.1."""
    return {**query(part.attribute), "attributeValue": part.value}


def _statuses(batch: Sequence[Part], reply: Reply) -> list[str]:
    """attributeStatus of what decides; what the station says nothing of is refused."""
    deciding = [part for part in batch if part.decides]
    if reply.outcome is not Outcome.RESULT:
        unsupported = reply.error is not None and reply.error.code in UNSUPPORTED
        return [NOT_SUPPORTED if unsupported else REJECTED] * len(deciding)
    results = Results()
    results.take(reply.payload["setVariableResult"])
    found = [results.of(part.attribute) for part in deciding]
    return [REJECTED if result is None else result["attributeStatus"] for result in found]


def _folded(statuses: Sequence[str]) -> str:
    if REJECTED in statuses:
        return REJECTED
    if NOT_SUPPORTED in statuses or not UNKNOWN.isdisjoint(statuses):
        return NOT_SUPPORTED
    return REBOOT if REBOOT in statuses else ACCEPTED


def _settle_late(
    x: Exchange, located: Located, parts: Sequence[Part], batch: Sequence[Part], reply: Reply
) -> None:
    """The exchange has ended; what the station did counts all the same."""
    whole = len(batch) == len(parts)
    if whole and reply.outcome in (Outcome.RESULT, Outcome.ERROR, Outcome.INVALID):
        _remember(x, located, parts, _folded(_statuses(batch, reply)))


def _remember(x: Exchange, located: Located, parts: Sequence[Part], status: str) -> None:
    bindings, text = x.desk.bindings, x.payload["value"]
    if located.kind is Kind.CREDENTIAL:
        credential.settle(x.desk, _password(parts), accepted=status in DONE)
        return
    if status not in DONE:
        drop_shadow(bindings, located)
        return
    keep_shadow(bindings, located, text)
    model = DeviceModel(bindings)
    for part in parts:
        if part.decides:
            model.keep_value(part.attribute, part.value)
    if located.key is not None and located.key.tells:
        bindings.keep_interval(parts[0].value)


def _password(parts: Sequence[Part]) -> bytes:
    return parts[0].value.encode("utf-8", "surrogatepass")
