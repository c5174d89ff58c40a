"""What a 1.6 station and a 2.0.1 CSMS of the `ocpp` package do with each other (direction B).

Each exchange asserts what the far peer got and what came back; they run in this order.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from ocpp.v16 import call as call16
from ocpp.v201 import call as call201

from tests.interop.peers import ACCEPTED, NOW, Session

TAG = "04A2B3C4D5E680"
TOKEN = {"id_token": TAG, "type": "ISO14443"}
EVSE = {"id": 1, "connector_id": 1}


def _reading(at: str, value: str, context: str) -> list[dict[str, Any]]:
    measurand = {"measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    return [{"timestamp": at, "sampled_value": [{"value": value, "context": context, **measurand}]}]


def _read(at: str, value: float, context: str) -> list[dict[str, Any]]:
    sample = {"value": value, "context": context, "unit_of_measure": {"unit": "Wh"}}
    measurand = {"measurand": "Energy.Active.Import.Register"}
    return [{"timestamp": at, "sampled_value": [{**sample, **measurand}]}]


async def boot(s: Session) -> None:
    answer = await s.call_csms(call16.BootNotification("AC-22", "Vendor", firmware_version="1.2"))
    assert (answer.status, answer.current_time, answer.interval) == ("Accepted", NOW, 300)
    told = await s.at_csms.take("BootNotification")
    station = {"vendor_name": "Vendor", "model": "AC-22", "firmware_version": "1.2"}
    assert told["charging_station"] == station


async def status(s: Session) -> None:
    at = "2025-06-01T08:01:00Z"
    await s.call_csms(call16.StatusNotification(1, "NoError", "Available", at))
    assert await s.at_csms.take("StatusNotification") == {
        "timestamp": at,
        "connector_status": "Available",
        "evse_id": 1,
        "connector_id": 1,
    }


async def heartbeat(s: Session) -> None:
    answer = await s.call_csms(call16.Heartbeat())
    assert answer.current_time == NOW
    assert await s.at_csms.take("Heartbeat") == {}


async def authorize(s: Session) -> None:
    answer = await s.call_csms(call16.Authorize(TAG))
    assert answer.id_tag_info == ACCEPTED
    assert await s.at_csms.take("Authorize") == {"id_token": TOKEN}


async def transaction_token_first(s: Session) -> None:
    times = [f"2025-06-01T09:0{minute}:00Z" for minute in range(5)]
    await s.call_csms(call16.StatusNotification(1, "NoError", "Preparing", times[0]))
    assert (await s.at_csms.take("StatusNotification"))["connector_status"] == "Occupied"
    tx16, tx201 = await _starts(s, times[1], 10500, TOKEN, "Authorized")
    await s.call_csms(call16.StatusNotification(1, "NoError", "Charging", times[2]))
    changed = await s.at_csms.take("TransactionEvent")
    info = {"transaction_id": tx201, "charging_state": "Charging"}
    assert (changed["transaction_info"], changed["seq_no"]) == (info, 1)
    at = times[3]
    values = _reading(at, "13200", "Sample.Periodic")
    await s.call_csms(call16.MeterValues(1, values, tx16))
    updated = await s.at_csms.take("TransactionEvent")
    assert updated["trigger_reason"] == "MeterValuePeriodic"
    assert updated["transaction_info"] == {"transaction_id": tx201}
    assert (updated["seq_no"], updated["meter_value"]) == (2, _read(at, 13200, "Sample.Periodic"))
    await _ends(s, times[4], (tx16, tx201, 3), ("Local", "StopAuthorized", "Local"))


async def _starts(
    s: Session, at: str, register: int, token: dict[str, str], trigger: str, **info: Any
) -> tuple[int, str]:
    """A transaction begins: its 1.6 and its 2.0.1 id."""
    answer = await s.call_csms(call16.StartTransaction(1, TAG, register, at))
    assert answer.id_tag_info == ACCEPTED
    started = await s.at_csms.take("TransactionEvent")
    tx201: str = started["transaction_info"].pop("transaction_id")
    assert started.pop("offline", True) is True
    assert started == {
        "event_type": "Started",
        "timestamp": at,
        "trigger_reason": trigger,
        "seq_no": 0,
        "transaction_info": {"charging_state": "EVConnected", **info},
        "evse": EVSE,
        "id_token": token,
        "meter_value": _read(at, register, "Transaction.Begin"),
    }
    return answer.transaction_id, tx201


async def _ends(
    s: Session, at: str, tx: tuple[int, str, int], reasons: tuple[str, str, str]
) -> None:
    """It ends. tx: its ids and next seqNo; reasons: of 1.6, then trigger and reason of 2.0.1."""
    tx16, tx201, seq_no = tx
    answer = await s.call_csms(call16.StopTransaction(18751, at, tx16, reasons[0], TAG))
    assert answer.id_tag_info == ACCEPTED
    ended = await s.at_csms.take("TransactionEvent")
    assert (ended["event_type"], ended["seq_no"]) == ("Ended", seq_no)
    assert (ended["trigger_reason"], ended["transaction_info"]["stopped_reason"]) == reasons[1:]
    assert ended["transaction_info"]["transaction_id"] == tx201
    assert ended["meter_value"] == _read(at, 18751, "Transaction.End")
    await s.call_csms(call16.StatusNotification(1, "NoError", "Finishing", at))
    await s.call_csms(call16.StatusNotification(1, "NoError", "Available", at))
    assert (await s.at_csms.take("StatusNotification"))["connector_status"] == "Available"


async def remote_start_and_stop(s: Session) -> None:
    token = {"id_token": TAG, "type": "Central"}
    answer = await s.call_station(call201.RequestStartTransaction(token, 77, 1))
    assert answer.status == "Accepted"
    asked = await s.at_station.take("RemoteStartTransaction")
    assert asked == {"connector_id": 1, "id_tag": TAG}
    at = "2025-06-01T10:00:00Z"
    await s.call_csms(call16.StatusNotification(1, "NoError", "Preparing", at))
    assert (await s.at_csms.take("StatusNotification"))["connector_status"] == "Occupied"
    tx16, tx201 = await _starts(s, at, 18751, token, "RemoteStart", remote_start_id=77)
    answer = await s.call_station(call201.RequestStopTransaction(tx201))
    assert answer.status == "Accepted"
    assert await s.at_station.take("RemoteStopTransaction") == {"transaction_id": tx16}
    reasons = ("Remote", "RemoteStop", "Remote")
    await _ends(s, "2025-06-01T10:30:00Z", (tx16, tx201, 1), reasons)


async def change_availability(s: Session) -> None:
    answer = await s.call_station(call201.ChangeAvailability("Inoperative", {"id": 1}))
    assert answer.status == "Scheduled"
    asked = await s.at_station.take("ChangeAvailability")
    assert asked == {"connector_id": 1, "type": "Inoperative"}


async def unlock(s: Session) -> None:
    answer = await s.call_station(call201.UnlockConnector(1, 1))
    assert answer.status == "Unlocked"
    assert await s.at_station.take("UnlockConnector") == {"connector_id": 1}


async def trigger(s: Session) -> None:
    answer = await s.call_station(call201.TriggerMessage("StatusNotification", EVSE))
    assert answer.status == "Accepted"
    asked = await s.at_station.take("TriggerMessage")
    assert asked == {"requested_message": "StatusNotification", "connector_id": 1}
    await status(s)


async def data_transfer_to_the_csms(s: Session) -> None:
    answer = await s.call_csms(call16.DataTransfer("org.example", "Ping", "abc"))
    assert (answer.status, answer.data) == ("Accepted", "cba")
    asked = await s.at_csms.take("DataTransfer")
    assert asked == {"vendor_id": "org.example", "message_id": "Ping", "data": "abc"}


async def data_transfer_to_the_station(s: Session) -> None:
    answer = await s.call_station(call201.DataTransfer("org.example", "Ping", "abc"))
    assert (answer.status, answer.data) == ("Accepted", "cba")
    asked = await s.at_station.take("DataTransfer")
    assert asked == {"vendor_id": "org.example", "message_id": "Ping", "data": "abc"}


async def reset(s: Session) -> None:
    answer = await s.call_station(call201.Reset("Immediate"))
    assert answer.status == "Accepted"
    assert await s.at_station.take("Reset") == {"type": "Hard"}
    await boot(s)


EXCHANGES: tuple[Callable[[Session], Awaitable[None]], ...] = (
    boot,
    status,
    heartbeat,
    authorize,
    transaction_token_first,
    remote_start_and_stop,
    change_availability,
    unlock,
    trigger,
    data_transfer_to_the_csms,
    data_transfer_to_the_station,
    reset,
)
