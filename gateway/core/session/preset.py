"""A vector's preset as bindings: the state that a scripted conversation starts from.

Spec: vectors/README.md, Presets. One pure function, so that the offline player and a store that a
gateway is started on begin with the same rows.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.effects import Put
from gateway.core.session.state import Loaded, Registration, RemoteStart, Transaction
from gateway.core.settings import Translation

ENERGISED = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})


def loaded_from(preset: JsonObject, station: Version, settings: Translation, now: float) -> Loaded:
    """The rows that a store would hold of a station in that state.

    station: version of the station; now: seconds since the epoch, for what expires.
    Raises ConfigError for a preset that is not known: it is never ignored.
    """
    bindings = Bindings(Loaded(), settings)
    bindings.version = station
    unknown = preset.keys() - _WRITERS.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ConfigError(f"unknown preset: {names}", cure=f"known: {', '.join(_WRITERS)}")
    _registration(bindings, preset.get("registration", "Accepted"), now)
    for name, write in _WRITERS.items():
        if name in preset and write is not _registration:
            write(bindings, preset[name], now)
    changes = bindings.table.take_changes()
    return Loaded(tuple((op.kind, op.key, op.value) for op in changes if isinstance(op, Put)))


def _registration(bindings: Bindings, status: Any, now: float) -> None:
    if status != "none":
        bindings.keep_registration(Registration(status, asked=True))


def _connector_status(bindings: Bindings, rows: Any, now: float) -> None:
    for row in rows:
        if "connectorId16" in row:
            evse_id, connector_id = bindings.numbering.read16(row["connectorId16"], extend=True)
        else:
            evse_id, connector_id = row["evseId"], row["connectorId"]
            bindings.numbering.learn(evse_id, connector_id)
        connector = bindings.connector(evse_id, connector_id)
        connector.status201 = row.get("connectorStatus")
        connector.status16 = row.get("status16")
        connector.after_tx = connector.status16 == "Finishing"
        bindings.keep_connector(connector)


def _transactions(bindings: Bindings, rows: Any, now: float) -> None:
    for row in rows:
        number = bindings.numbering.learn(row["evseId"], row["connectorId"])
        record = bindings.new_transaction(row["tx201"])
        _fill(record, row)
        record.connector16 = number
        _pair_token(bindings, record)
        bindings.keep(record)


def _pair_token(bindings: Bindings, record: Transaction) -> None:
    """A record with both spellings of its start token has taught the gateway that pair."""
    if record.id_tag is None:
        return
    id_token, token_type = bindings.untag(record.id_tag)
    if record.id_token is None:
        record.id_token = {"idToken": id_token, "type": token_type}
    elif (record.id_token["idToken"], record.id_token["type"]) != (id_token, token_type):
        token = record.id_token
        bindings.tokens.register(record.id_tag, token["idToken"], token["type"])


def _fill(record: Transaction, row: JsonObject) -> None:
    record.state = row.get("state", record.state)
    record.tx16 = row.get("tx16")
    record.evse_id, record.connector_id = row["evseId"], row["connectorId"]
    record.id_tag, record.id_token = row.get("idTag"), row.get("idToken")
    record.start_status = row.get("startStatus", "Accepted")
    record.start_info = {"status": record.start_status}
    record.meter_start = row.get("meterStart")
    record.charging_state = row.get("chargingState")
    record.energised = row.get("energised", record.charging_state in ENERGISED)
    record.last_seq = row.get("lastSeqNo")
    record.next_seq = row.get("nextSeqNo", 0)
    record.last_event_time = row.get("lastEventTime")
    if "lastMeterWh" in row:
        record.last_wh = str(row["lastMeterWh"])


def _place(bindings: Bindings, row: JsonObject) -> None:
    """An EVSE that a row names alone is in the topology, unless that is configured."""
    evse_id = row.get("evseId") or row.get("conn16")
    configured = bindings.settings.topology is not None
    if evse_id and not configured and not bindings.numbering.connectors(evse_id):
        bindings.numbering.learn(evse_id, 1)


def _remote_starts(bindings: Bindings, rows: Any, now: float) -> None:
    for row in rows:
        _place(bindings, row)
        token = row.get("idToken")
        id_tag = row.get("idTag")
        if token is not None and id_tag is None:
            id_tag = bindings.tag(token["idToken"], token["type"])
            bindings.tokens.register(id_tag, token["idToken"], token["type"])
        elif token is None:
            id_token, token_type = bindings.tokens.untag_remote(id_tag)
            token = {"idToken": id_token, "type": token_type}
        expires = now + bindings.settings.remote_start.ttl_s
        start = RemoteStart(row["remoteStartId"], expires, id_tag, token, None, row.get("evseId"))
        bindings.keep_remote_start(start)


def _requests(job: str) -> Callable[[Bindings, Any, float], None]:
    """Requests of a job by id. Of those to a 2.0.1 station the gateway counts the ids: the newest
    has the highest."""

    def write(bindings: Bindings, rows: Any, now: float) -> None:
        for key, origin in rows.items():
            bindings.table.put(f"{job}_request", key, origin)
        if rows and bindings.version is Version.V201:
            bindings.table.put("current_request", job, max(map(int, rows)))

    return write


def _current(kind: str) -> Callable[[Bindings, Any, float], None]:
    def write(bindings: Bindings, request_id: Any, now: float) -> None:
        bindings.table.put("current_request", kind, request_id)

    return write


def _reservations(bindings: Bindings, rows: Any, now: float) -> None:
    for row in rows:
        _place(bindings, row)
        bindings.table.put("reservation", str(row["id"]), row)


def _configuration16(bindings: Bindings, rows: Any, now: float) -> None:
    for row in rows:
        bindings.table.put("configuration16", row["key"], row)
    bindings.numbering.learn_told()


def _features(bindings: Bindings, features: Any, now: float) -> None:
    bindings.table.put("features", "", features)


_WRITERS: Mapping[str, Callable[[Bindings, Any, float], None]] = {
    "registration": _registration,
    "connector_status": _connector_status,
    "transactions": _transactions,
    "remote_starts": _remote_starts,
    "firmware_requests": _requests("firmware"),
    "log_requests": _requests("log"),
    "current_firmware_request": _current("firmware"),
    "current_log_request": _current("log"),
    "reservations": _reservations,
    "features": _features,
    "configuration16": _configuration16,
}
