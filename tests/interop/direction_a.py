"""What a 2.0.1 station and a 1.6 CSMS of the `ocpp` package do with each other (direction A).

Each exchange asserts what the far peer got and what came back; they run in this order.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from ocpp.v16 import call as call16
from ocpp.v201 import call as call201

from tests.interop.peers import ACCEPTED, NOW, Session

LOCAL_TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
REMOTE_TX = "9b2e6679-7425-40de-944b-e07fc1f90ae8"
TOKEN = {"id_token": "04A2B3C4D5E680", "type": "ISO14443"}
EVSE = {"id": 1, "connector_id": 1}
TX16 = 4711


def _reading(at: str, value: float, context: str) -> dict[str, Any]:
    sample = {"value": value, "context": context, "unit_of_measure": {"unit": "Wh"}}
    measurand = {"measurand": "Energy.Active.Import.Register"}
    return {"meter_value": [{"timestamp": at, "sampled_value": [{**sample, **measurand}]}]}


def _read(at: str, value: str, context: str) -> list[dict[str, Any]]:
    measurand = {"measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    return [{"timestamp": at, "sampled_value": [{"value": value, "context": context, **measurand}]}]


def _event(kind: str, at: str, trigger: str, seq_no: int, tx: str, **more: Any) -> Any:
    info = {"transaction_id": tx, **more.pop("info", {})}
    return call201.TransactionEvent(kind, at, trigger, seq_no, info, **more)


async def boot(s: Session) -> None:
    station = {"vendor_name": "Vendor", "model": "AC-22", "serial_number": "SN-1"}
    answer = await s.call_csms(call201.BootNotification(station, "PowerUp"))
    assert (answer.status, answer.current_time, answer.interval) == ("Accepted", NOW, 300)
    assert await s.at_csms.take("BootNotification") == {
        "charge_point_vendor": "Vendor",
        "charge_point_model": "AC-22",
        "charge_point_serial_number": "SN-1",
    }
    whole = await s.at_csms.take("StatusNotification")
    assert (whole["connector_id"], whole["status"]) == (0, "Available")


async def status(s: Session) -> None:
    at = "2025-06-01T08:01:00Z"
    await s.call_csms(call201.StatusNotification(at, "Available", 1, 1))
    assert await s.at_csms.take("StatusNotification") == {
        "connector_id": 1,
        "error_code": "NoError",
        "status": "Available",
        "timestamp": at,
    }


async def heartbeat(s: Session) -> None:
    answer = await s.call_csms(call201.Heartbeat())
    assert answer.current_time == NOW
    assert await s.at_csms.take("Heartbeat") == {}


async def authorize(s: Session) -> None:
    answer = await s.call_csms(call201.Authorize(TOKEN))
    assert answer.id_token_info == ACCEPTED
    assert await s.at_csms.take("Authorize") == {"id_tag": TOKEN["id_token"]}


async def transaction_cable_first(s: Session) -> None:
    times = [f"2025-06-01T09:0{minute}:00Z" for minute in range(5)]
    at = times[0]
    await s.call_csms(call201.StatusNotification(at, "Occupied", 1, 1))
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Preparing"
    plugged = {"info": {"charging_state": "EVConnected"}}
    begin = _reading(at, 10500, "Transaction.Begin")
    started = _event("Started", at, "CablePluggedIn", 0, LOCAL_TX, evse=EVSE, **plugged, **begin)
    await s.call_csms(started)
    at = times[1]
    answer = await s.call_csms(_event("Updated", at, "Authorized", 1, LOCAL_TX, id_token=TOKEN))
    assert answer.id_token_info == ACCEPTED
    assert await s.at_csms.take("StartTransaction") == {
        "connector_id": 1,
        "id_tag": TOKEN["id_token"],
        "meter_start": 10500,
        "timestamp": at,
    }
    charging = {"info": {"charging_state": "Charging"}}
    await s.call_csms(_event("Updated", times[2], "ChargingStateChanged", 2, LOCAL_TX, **charging))
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Charging"
    at = times[3]
    values = _reading(at, 13200, "Sample.Periodic")
    await s.call_csms(_event("Updated", at, "MeterValuePeriodic", 3, LOCAL_TX, **values))
    assert await s.at_csms.take("MeterValues") == {
        "connector_id": 1,
        "transaction_id": TX16,
        "meter_value": _read(at, "13200", "Sample.Periodic"),
    }
    await _ends(s, times[4], 4, LOCAL_TX, "StopAuthorized", "Local")


async def _ends(s: Session, at: str, seq_no: int, tx: str, trigger: str, reason: str) -> None:
    info = {"charging_state": "EVConnected", "stopped_reason": reason}
    values = _reading(at, 18750.6, "Transaction.End")
    answer = await s.call_csms(
        _event("Ended", at, trigger, seq_no, tx, info=info, id_token=TOKEN, **values)
    )
    assert answer.id_token_info == ACCEPTED
    assert await s.at_csms.take("StopTransaction") == {
        "transaction_id": TX16,
        "id_tag": TOKEN["id_token"],
        "meter_stop": 18751,
        "timestamp": at,
        "reason": reason,
        "transaction_data": _read(at, "18750.6", "Transaction.End"),
    }
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Finishing"
    await s.call_csms(call201.StatusNotification(at, "Available", 1, 1))
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Available"


async def remote_start(s: Session) -> None:
    answer = await s.call_station(call16.RemoteStartTransaction(TOKEN["id_token"], 1))
    assert answer.status == "Accepted"
    asked = await s.at_station.take("RequestStartTransaction")
    assert (asked["evse_id"], asked["id_token"]["id_token"]) == (1, TOKEN["id_token"])
    at = "2025-06-01T10:00:00Z"
    await s.call_csms(call201.StatusNotification(at, "Occupied", 1, 1))
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Preparing"
    info = {"charging_state": "Charging", "remote_start_id": asked["remote_start_id"]}
    values = _reading(at, 18751, "Transaction.Begin")
    await s.call_csms(
        _event(
            "Started", at, "RemoteStart", 0, REMOTE_TX, info=info, evse=EVSE,
            id_token=asked["id_token"], **values,
        )
    )  # fmt: skip
    assert await s.at_csms.take("StartTransaction") == {
        "connector_id": 1,
        "id_tag": TOKEN["id_token"],
        "meter_start": 18751,
        "timestamp": at,
    }
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Charging"


async def remote_stop(s: Session) -> None:
    answer = await s.call_station(call16.RemoteStopTransaction(TX16))
    assert answer.status == "Accepted"
    assert await s.at_station.take("RequestStopTransaction") == {"transaction_id": REMOTE_TX}
    await _ends(s, "2025-06-01T10:30:00Z", 1, REMOTE_TX, "RemoteStop", "Remote")


async def change_availability(s: Session) -> None:
    answer = await s.call_station(call16.ChangeAvailability(1, "Inoperative"))
    assert answer.status == "Scheduled"
    asked = await s.at_station.take("ChangeAvailability")
    assert (asked["operational_status"], asked["evse"]) == ("Inoperative", {"id": 1})


async def unlock(s: Session) -> None:
    answer = await s.call_station(call16.UnlockConnector(1))
    assert answer.status == "Unlocked"
    assert await s.at_station.take("UnlockConnector") == {"evse_id": 1, "connector_id": 1}


async def trigger(s: Session) -> None:
    answer = await s.call_station(call16.TriggerMessage("StatusNotification", 1))
    assert answer.status == "Accepted"
    asked = await s.at_station.take("TriggerMessage")
    assert asked == {"requested_message": "StatusNotification", "evse": EVSE}
    await status(s)


async def data_transfer_to_the_csms(s: Session) -> None:
    answer = await s.call_csms(call201.DataTransfer("org.example", "Ping", "abc"))
    assert (answer.status, answer.data) == ("Accepted", "cba")
    asked = await s.at_csms.take("DataTransfer")
    assert asked == {"vendor_id": "org.example", "message_id": "Ping", "data": "abc"}


async def data_transfer_to_the_station(s: Session) -> None:
    answer = await s.call_station(call16.DataTransfer("org.example", "Ping", "abc"))
    assert (answer.status, answer.data) == ("Accepted", "cba")
    asked = await s.at_station.take("DataTransfer")
    assert asked == {"vendor_id": "org.example", "message_id": "Ping", "data": "abc"}


async def reset(s: Session) -> None:
    answer = await s.call_station(call16.Reset("Hard"))
    assert answer.status == "Accepted"
    assert await s.at_station.take("Reset") == {"type": "Immediate"}
    await boot(s)


EXCHANGES: tuple[Callable[[Session], Awaitable[None]], ...] = (
    boot,
    status,
    heartbeat,
    authorize,
    transaction_cable_first,
    remote_start,
    remote_stop,
    change_availability,
    unlock,
    trigger,
    data_transfer_to_the_csms,
    data_transfer_to_the_station,
    reset,
)
