"""composite_schedule: what a station would do by all its profiles. Spec: translation-csms 4.7."""

from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import one16
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.requests import Outcome, Procedure, Reply


def composite_schedule(x: Exchange) -> Procedure:
    to_v201 = x.target is Version.V201
    try:
        number = x.payload["connectorId"] if to_v201 else one16(_bindings(x), x.payload["evseId"])
        payload = x.request({"connector_id": number})
    except Untranslatable as error:
        yield untranslated(x, error)
        return
    reply = yield x.ask(payload)
    if reply.outcome is not Outcome.RESULT:
        yield x.conclude(reply)
    elif to_v201:
        told = {"connector_id": number} if "schedule" in reply.payload else {}
        yield x.conclude(reply, told)
    else:
        yield x.conclude(Reply(Outcome.RESULT, _complete(x, reply.payload)), _asked(x))


def _bindings(x: Exchange) -> Any:
    return x.desk.bindings


def _asked(x: Exchange) -> JsonObject:
    return {"evse_id": x.payload["evseId"], "requested_duration": x.payload["duration"]}


def _complete(x: Exchange, answer: JsonObject) -> JsonObject:
    """The 1.6 answer with everything that 2.0.1 demands of a schedule; none without periods."""
    schedule = answer.get("chargingSchedule")
    if schedule is None or not schedule["chargingSchedulePeriod"]:
        return {name: value for name, value in answer.items() if name != "chargingSchedule"}
    start = answer.get("scheduleStart") or schedule.get("startSchedule")
    if start is None:
        return answer
    return {**answer, "chargingSchedule": {**schedule, "startSchedule": start}}
