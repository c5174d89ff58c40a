"""collect: a report that a 2.0.1 station makes for the gateway (translation-csms 6.3).

The station answers the call and then sends parts of its own. Each part is answered by the procedure
of its own exchange, kept, and published; whoever collects waits for the topic. Parts that come when
nobody waits any more still fill the device model.
"""

from collections.abc import Callable
from typing import NamedTuple

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import COMPUTED
from gateway.core.mapping.variables import Variable
from gateway.core.session.device_model import DeviceModel, is_whole, rows_of
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.configuration_batches import NoResult, Steps
from gateway.core.session.procedures.configuration_places import Located
from gateway.core.session.procedures.request_id import next_request_id
from gateway.core.session.procedures.tunnel import (
    end_of_report,
    is_report_of_tunnel,
    through_tunnel,
)
from gateway.core.session.requests import Answer, Await, Outcome, Procedure, Reply

ACCEPTED, REFUSED = "Accepted", "Refused"
NOT_SUPPORTED = "NotSupported"
SETTLE_S = 1.0
"""How long a part 0 may be late: a report that begins with part 1 is whole or out of order."""


class Report(NamedTuple):
    """status: Accepted, or how the station declined; rows: what it told, in order of the parts."""

    status: str
    rows: tuple[JsonObject, ...] = ()


def report_part(x: Exchange) -> Procedure:
    """A part of a report: answered at once, whoever asked for it.

    One that the gateway did not ask for goes through the tunnel, if there is one. Spec:
    translation-station 3.13.
    """
    model = DeviceModel(x.desk.bindings)
    part = x.payload
    yield Answer({}, rule="report_part")
    if model.expects(part["requestId"]):
        model.take_part(part)
        x.desk.publish(_topic(part["requestId"]), part)
    else:
        yield from through_tunnel(x)
        end_of_report(x)


def is_wanted_report(x: Exchange) -> bool:
    """Whether it is part of a report that the gateway wants, or the CSMS by the tunnel."""
    request_id = x.payload.get("requestId")
    wanted = request_id is not None and DeviceModel(x.desk.bindings).expects(request_id)
    return wanted or is_report_of_tunnel(x)


def collect(x: Exchange, map_name: str, state: JsonObject, base: str = "") -> Steps[Report]:
    """Ask for a report and wait for its parts, at most until the exchange ends.

    map_name: of the call that asks; base: of a base report. Raises NoResult where the station did
    not answer, or accepted and sent nothing in time.
    """
    desk = x.desk
    request_id = next_request_id(desk.bindings)
    DeviceModel(desk.bindings).expect(request_id, base)
    direction = desk.map(map_name).to(Version.V201)
    assert direction.request is not None
    payload = direction.request(
        x.payload, desk.bindings, {**state, "request_id": request_id}, x.lost
    )
    desk.post(Side.STATION, direction.action, payload, _tell(x, request_id), tuple(x.lost))
    return (yield from _parts(x, request_id))


def _tell(x: Exchange, request_id: int) -> Callable[[Reply], None]:
    """The answer to the call comes the same way as the parts, which may be faster."""
    return lambda reply: x.desk.publish(_topic(request_id), reply)


def _topic(request_id: int) -> tuple[str, int]:
    return ("report", request_id)


def _parts(x: Exchange, request_id: int) -> Steps[Report]:
    parts: dict[int, JsonObject] = {}
    accepted, deadline = False, x.limit
    while not (accepted and _is_whole(parts) and 0 in parts):
        told = yield Await(_topic(request_id), deadline)
        if isinstance(told, Reply):
            declined = _declined(told)
            if declined:
                return Report(declined)
            accepted = True
        elif told is not None:
            parts.setdefault(told["seqNo"], told)
        elif deadline == x.limit:
            return _partial(x, parts)
        else:
            break
        late_start = accepted and _is_whole(parts)
        deadline = min(x.limit, x.desk.now + SETTLE_S) if late_start else x.limit
    return Report(ACCEPTED, _rows(parts))


def _is_whole(parts: dict[int, JsonObject]) -> bool:
    last = [seq for seq, part in parts.items() if not part.get("tbc")]
    return is_whole(list(parts), max(last, default=None))


def _partial(x: Exchange, parts: dict[int, JsonObject]) -> Report:
    """Time is over: what is there is used."""
    if not parts:
        raise NoResult(Reply(Outcome.NONE, {}))
    x.desk.note("partial", f"the report is not complete after {len(parts)} parts", x.call.action)
    return Report(ACCEPTED, _rows(parts))


def _rows(parts: dict[int, JsonObject]) -> tuple[JsonObject, ...]:
    return tuple(row for seq in sorted(parts) for row in rows_of(parts[seq]))


def _declined(reply: Reply) -> str:
    """How the station declined; "" where it will report. Raises NoResult."""
    if reply.outcome is Outcome.RESULT:
        status: str = reply.payload["status"]
        return "" if status == ACCEPTED else status
    if reply.outcome in (Outcome.NONE, Outcome.LOST):
        raise NoResult(reply)
    return REFUSED


def learn_characteristics(x: Exchange, wanted: list[Located]) -> Steps[None]:
    """One report of the variables whose characteristics make 1.6 keys, where they are not known.

    Afterwards they are in the device model, or the station has none.
    """
    model = DeviceModel(x.desk.bindings)
    unknown: dict[Variable, None] = {}
    for located in wanted:
        variable = None if located.key is None else located.key.variable
        if located.kind in COMPUTED and variable and not model.characteristics(variable):
            unknown[variable] = None
    if not unknown:
        return
    state = {"report_variables": [_named(variable) for variable in unknown]}
    yield from collect(x, x.direction.params["report_of"], state)


def _named(variable: Variable) -> JsonObject:
    """ComponentVariableType of 2.0.1."""
    return {"component": variable.component_json, "variable": variable.variable_json}
