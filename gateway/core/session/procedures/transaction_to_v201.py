"""A 1.6 station's transaction as TransactionEvents: transaction_start, _meter and _stop.

Spec: translation-station 7. Each procedure runs for one Call of the station; what it learns goes
into the durable record, what it sends into durable entries (`transaction_events.py`), and it waits
for its own entry only.

A record, from StartTransaction to the answer of Ended:

    state      event                         does                                    next
    --------   ---------------------------   -------------------------------------   --------
    none       Start                         number and id given; Started            STARTING
    none       Stop, unknown id              adopted under a derived id; Ended 0     STOPPING
    STARTING   Started acknowledged          its idTagInfo is kept                   ACTIVE
    STARTING   Started refused               refusal passed on; Started is kept      STARTING
    STARTING   Start again                   joins the open Started, or it again     STARTING
    STARTING   meter, status                 a refused Started first; Updated        STARTING
    STARTING   Stop -1                       a refused Started first; Ended          STOPPING
    ACTIVE     Start again                   answered from the record                ACTIVE
    ACTIVE     meter, status                 Updated                                 ACTIVE
    ACTIVE     Stop                          Ended                                   STOPPING
    STOPPING   Stop again                    joins the open Ended, or it again       STOPPING
    STOPPING   Ended acknowledged            (also one refused for good)             CLOSED
    CLOSED     Stop again                    answered {}                             CLOSED
    open       Start of another              Superseded (an Ended) of this one       CLOSED

How a message to the CSMS ends, and what the station hears (7.6): a result is translated; a refusal
worth a repeat, and an answer that breaks its schema, is a CallError, and the station's repeat sends
the same event again; a refusal for good of Updated or Ended is absorbed and kept as a dead letter;
no answer in time is no answer to the station either, whose link closes: its repeat on the next link
joins the entry, which is still open.

Repeats are known by content, never by message id: Start by connector, tag, time and register; a
Stop by its transactionId (by its whole content where that is -1); meter values by their digest.

Numbers. 7.1 takes seqNo when an event is queued, contiguously; 7.6 uses it up only if a status
event was delivered. Both hold since events of one record leave in the order they were queued: an
event is given its number with its entry, and when a status event is dropped, those queued behind
it, none of which has been sent, move up by one. An event that was refused keeps number and payload
(`Transaction.started`, `Transaction.ended`, `Event.payload`) for the repeat of the station.
"""

from decimal import Decimal
from typing import Any

from gateway.core.dialects import INTERNAL_ERROR, Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.numbers import decimal, json_number, plain
from gateway.core.session import charging_profiles, holdings, reservations
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry, EntryKinds
from gateway.core.session.exchange import Exchange, passed_on
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.derived_id import adopted_id
from gateway.core.session.procedures.event_time import (
    is_earlier,
    is_offline,
    later,
    latest_time,
)
from gateway.core.session.procedures.meter_facts import fingerprint, trigger_reason
from gateway.core.session.procedures.register_reading import latest, readings
from gateway.core.session.procedures.relay import NOTHING_LEFT, untranslated
from gateway.core.session.requests import (
    Answer,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Request,
    Unanswered,
)
from gateway.core.session.state import CLOSED, STARTING, STOPPING, RemoteStart, Transaction
from gateway.core.timestamps import normalise

ENTRY_KINDS: EntryKinds = events.ENTRY_KINDS

TRANSACTION_METER = "TransactionMeter"

_LATE = Unanswered("the CSMS did not answer a transaction event in time")
_INVALID = Refuse(INTERNAL_ERROR, "upstream: the answer breaks its schema")
_ENERGISED = ("Charging", "SuspendedEV", "SuspendedEVSE")


# -- start ------------------------------------------------------------------------------------


def transaction_start(x: Exchange) -> Procedure:
    """StartTransaction -> Started. Spec: translation-station 7.2."""
    payload, desk = x.payload, x.desk
    zone = desk.settings.timezone_default
    timestamp = normalise(payload["timestamp"], zone)
    key = start_key(payload, timestamp)
    record = next((r for r in desk.bindings.transactions() if r.start_key == key), None)
    if record is not None and record.start_info is not None:
        events.told(desk, record)
        yield Answer({"transactionId": record.tx16, "idTagInfo": record.start_info}, "repeated")
        return
    if record is None:
        entry = _begin(x, key, timestamp)
    else:
        entry = _again(desk, record, events.STARTED, record.started)
    reply: Reply | None = yield Await(entry.topic, x.limit)
    record = desk.bindings.transaction(entry.tx201)
    if reply is not None and reply.outcome is Outcome.RESULT and record is not None:
        events.told(desk, record)
        yield Answer(events.start_answer(desk, record, reply, x.lost), losses=tuple(x.lost))
    else:
        yield _failed(reply, absorb=False)


def start_key(payload: JsonObject, timestamp: str) -> str:
    """What a repeat of a StartTransaction is known by. timestamp: its own, in normal form.

    A whole second is the same one with and without a fraction, and tokens compare without case.
    """
    tag, time = payload["idTag"].lower(), timestamp.replace(".000Z", "Z")
    return fingerprint((payload["connectorId"], tag, time, payload["meterStart"]))


def _begin(x: Exchange, key: str, timestamp: str) -> Entry:
    desk, bindings, payload = x.desk, x.desk.bindings, x.payload
    evse_id, _ = bindings.evse201(payload["connectorId"])
    for old in bindings.running(evse_id):
        _supersede(desk, old)
    remote = _remote_start(bindings, payload["idTag"], evse_id, desk.now)
    record = begun(bindings, desk.new_id(), payload, key, timestamp)
    record.remote_start_id = None if remote is None else remote.remote_start_id
    if remote is not None and remote.profile is not None:
        charging_profiles.keep(bindings, evse_id, remote.profile, record.tx201)
    reservations.use(bindings, record)
    event = x.request(
        {
            **facts(desk, record, timestamp),
            "trigger_reason": "Authorized" if remote is None else "RemoteStart",
            "charging_state": record.charging_state,
            "remote_start_id": record.remote_start_id,
        }
    )
    return events.queue_new(desk, record, events.STARTED, event, lost=x.lost)


def begun(
    bindings: Bindings, tx201: str, payload: JsonObject, key: str, timestamp: str
) -> Transaction:
    """The record of a transaction that a StartTransaction tells of: payload, key and time of it."""
    record = bindings.new_transaction(tx201)
    evse_id, connector_id = bindings.evse201(payload["connectorId"])
    record.state, record.tx16, record.untold = STARTING, _number(bindings), True
    record.evse_id, record.connector_id = evse_id, connector_id
    record.connector16, record.id_tag = payload["connectorId"], payload["idTag"]
    record.start_key, record.start_time = key, timestamp
    record.meter_start, record.last_wh = payload["meterStart"], str(payload["meterStart"])
    record.last_event_time, record.reservation_id = timestamp, payload.get("reservationId")
    status = bindings.connector(evse_id, connector_id).status16
    record.charging_state = status if status in _ENERGISED else "EVConnected"
    return record


def _number(bindings: Bindings) -> int:
    """The next 1.6 transactionId; numbers that a station brought along are stepped over."""
    while True:
        number = bindings.table.count("tx16", bindings.settings.b.first_transaction_id)
        if bindings.by_tx16(number) is None:
            return number


def _remote_start(bindings: Bindings, id_tag: str, evse_id: int, now: float) -> RemoteStart | None:
    """Take the newest pending remote start of that tag on this EVSE, else the one for any.

    Its token is registered, so that the event names it as the CSMS did.
    """
    pending = bindings.remote_starts(now)
    for start in sorted(pending, key=lambda start: (start.evse_id != evse_id, -start.expires)):
        if start.evse_id not in (None, 0, evse_id) or start.id_token is None:
            continue
        token, token_type = start.id_token["idToken"], start.id_token["type"]
        tag = start.id_tag or bindings.tag(token, token_type)
        if tag.lower() == id_tag.lower():
            if bindings.untag(id_tag) != (token, token_type):
                bindings.tokens.register(id_tag, token, token_type)
            bindings.take_remote_start(start)
            return start
    return None


def _supersede(desk: Desk, record: Transaction) -> None:
    """Another transaction begins where this one ran: it is ended with what is known of it."""
    if events.open_entry(desk, record, events.ENDED) is not None:
        return
    if record.ended is not None:
        events.queue_again(desk, record, events.SUPERSEDED, record.ended)
    else:
        events.queue_new(desk, record, events.SUPERSEDED, _ended_unseen(desk, record))
    events.close(desk.bindings, record)
    desk.note("superseded", f"transaction {record.tx16} gave way to a new one on its EVSE")


def _ended_unseen(desk: Desk, record: Transaction) -> JsonObject:
    """The Ended event of a transaction that the station never stopped (7.2, duplicates)."""
    timestamp = record.last_event_time or record.start_time or desk.bindings.now_text
    event: JsonObject = {
        "eventType": "Ended",
        "timestamp": timestamp,
        "triggerReason": "AbnormalCondition",
        "seqNo": record.next_seq,
        "transactionInfo": {"transactionId": record.tx201, "stoppedReason": "Other"},
    }
    register = record.last_wh if record.last_wh is not None else record.meter_start
    if register is not None:
        sample = {
            "value": json_number(decimal(str(register))),
            "context": "Transaction.End",
            "measurand": "Energy.Active.Import.Register",
            "unitOfMeasure": {"unit": "Wh"},
        }
        event["meterValue"] = [{"timestamp": timestamp, "sampledValue": [sample]}]
    return event


# -- meter values -----------------------------------------------------------------------------


def transaction_meter(x: Exchange) -> Procedure:
    """MeterValues -> Updated, outside transactions MeterValues. Spec: translation-station 7.4."""
    record = metered(x.desk, x.payload)
    try:
        yield from _outside(x) if record is None else _inside(x, record)
    except Untranslatable as error:
        yield untranslated(x, error)


def _inside(x: Exchange, record: Transaction) -> Procedure:
    desk = x.desk
    key = fingerprint(x.payload["meterValue"])
    entry = events.open_entry(desk, record, events.UPDATED, key)
    if entry is None:
        known = desk.bindings.event(record.tx201, key)
        if known is not None and known.answer is not None:
            yield Answer(known.answer, rule="repeated")
            return
        if known is not None and known.payload is not None:
            entry = events.queue_again(desk, record, events.UPDATED, known.payload, key)
        else:
            event = meter_event(desk, record, x.payload, x.lost)
            entry = events.queue_new(desk, record, events.UPDATED, event, key, x.lost)
    reply: Reply | None = yield Await(entry.topic, x.limit)
    yield _meter_answer(x, reply)


def metered(desk: Desk, payload: JsonObject) -> Transaction | None:
    """The transaction that meter values belong to, if any."""
    bindings, tx16 = desk.bindings, payload.get("transactionId")
    if tx16 is None:
        if not desk.settings.b.attach_untagged_meter_values:
            return None
    elif tx16 > 0:
        named = bindings.open_by_tx16(tx16) or bindings.by_tx16(tx16)
        if named is not None:
            return named
    record = bindings.running_on(payload["connectorId"])
    return None if record is None or record.state == STOPPING else record


def meter_event(
    desk: Desk, record: Transaction, payload: JsonObject, lost: list[str]
) -> JsonObject:
    """The Updated event of meter values, and what they tell, taken into the record.

    Raises Untranslatable if 2.0.1 can express nothing of them; the record is as it was then.
    """
    values = payload["meterValue"]
    timestamp = latest_time(values, desk.settings.timezone_default)
    state = facts(desk, record, timestamp)
    state["trigger_reason"] = trigger_reason(values)
    state["event_time"] = timestamp
    translate = desk.map(TRANSACTION_METER).to(Version.V201).request
    event = translate(payload, desk.bindings, state, lost) if translate else {}
    if not event.get("meterValue"):
        raise Untranslatable("2.0.1 can express none of the samples", NOTHING_LEFT)
    reading = latest(readings(event["meterValue"]))
    if reading is not None and not _is_behind(record, reading.wh, timestamp):
        record.last_wh = plain(reading.wh)
    record.last_event_time = later(timestamp, record.last_event_time)
    if record.is_open:
        _measured(desk, record.evse_id, record.connector_id, event["meterValue"])
    return event


def _is_behind(record: Transaction, wh: Decimal, timestamp: str) -> bool:
    """Whether a reading comes after a newer one: what was read earlier is less."""
    lower = record.last_wh is not None and wh < Decimal(record.last_wh)
    return lower and is_earlier(timestamp, record.last_event_time)


def _measured(
    desk: Desk, evse_id: int | None, connector_id: int | None, values: list[JsonObject]
) -> None:
    """Keep what the shown model tells of a connector. values: 2.0.1 meterValues."""
    names = desk.revision.maps.keys.metered
    if evse_id is not None and connector_id is not None:
        holdings.measured(desk.bindings, (evse_id, connector_id), names, values)


def _meter_answer(x: Exchange, reply: Reply | None) -> Request:
    """The answer is empty; what the CSMS said is translated for what of it is lost."""
    if reply is not None and reply.outcome is Outcome.RESULT:
        translate = x.desk.map(TRANSACTION_METER).to(Version.V201).response
        if translate is not None and reply.payload:
            translate(reply.payload, x.desk.bindings, {"request": x.payload}, x.lost)
        return Answer({}, losses=tuple(x.lost))
    return _failed(reply)


def _outside(x: Exchange) -> Procedure:
    """Meter values of no transaction (4.6); for them too silence is no CallError (1.2)."""
    payload, number = x.request(), x.payload["connectorId"]
    if number > 0:
        _measured(x.desk, *x.desk.bindings.evse201(number), payload["meterValue"])
    reply: Reply = yield x.ask(payload)
    if reply.outcome in (Outcome.NONE, Outcome.LOST):
        yield _LATE
    else:
        yield x.conclude(reply)


# -- stop -------------------------------------------------------------------------------------


def transaction_stop(x: Exchange) -> Procedure:
    """StopTransaction -> Ended. Spec: translation-station 7.5."""
    desk = x.desk
    key = fingerprint(x.payload)
    record = _stopped(x, key)
    if record.state == CLOSED:
        yield x.local("nothing", rule="closed")
    else:
        entry = _ended(x, record, key)
        desk.publish(("ended", record.tx201), x.payload)
        reply: Reply | None = yield Await(entry.topic, x.limit)
        yield _stop_answer(x, reply)
    if record.state == CLOSED:
        desk.publish(("closed", record.tx201), None)


def _stopped(x: Exchange, key: str) -> Transaction:
    """The record of a StopTransaction; one that the gateway never saw is adopted.

    A number is only ever positive: anything else says that the station never got one.
    """
    bindings, tx16 = x.desk.bindings, x.payload["transactionId"]
    if tx16 > 0:
        found = bindings.open_by_tx16(tx16) or bindings.by_tx16(tx16)
    else:
        found = next((r for r in bindings.transactions() if r.stop_key == key), None)
        found = found or _unacknowledged(bindings, x.payload.get("idTag"))
    if found is not None:
        return found
    record = bindings.new_transaction(adopted_id(x.desk.station, tx16, "" if tx16 > 0 else key))
    record.tx16 = tx16
    x.desk.note("adopted", f"transaction {tx16} is unknown and ends as {record.tx201}")
    return record


def _unacknowledged(bindings: Bindings, id_tag: str | None) -> Transaction | None:
    """The newest start of that tag without an acknowledgement, else the only one of any tag.

    Whether the CSMS has acknowledged it in the meantime, the station cannot know. One that has been
    stopped is not stopped again: its stop is known by its content.
    """
    open_ = [r for r in bindings.running() if r.stop_key is None]
    starting = [r for r in open_ if r.state == STARTING or r.untold]
    same = [r for r in starting if id_tag and (r.id_tag or "").lower() == id_tag.lower()]
    if same:
        return same[-1]
    return starting[0] if len(starting) == 1 else None


def _ended(x: Exchange, record: Transaction, key: str) -> Entry:
    desk = x.desk
    if record.state == STOPPING and record.stop_key is not None:
        return _again(desk, record, events.ENDED, record.ended)
    timestamp = normalise(x.payload["timestamp"], desk.settings.timezone_default)
    event = x.request(facts(desk, record, timestamp))
    ending(desk.bindings, record, x.payload, key, timestamp)
    return events.queue_new(desk, record, events.ENDED, event, lost=x.lost)


def ending(
    bindings: Bindings, record: Transaction, payload: JsonObject, key: str, timestamp: str
) -> None:
    """Take in what a StopTransaction tells: payload, key and time of it."""
    record.state, record.stop_key, record.last_event_time = STOPPING, key, timestamp
    record.last_wh = str(payload["meterStop"])
    if record.evse_id is not None and record.connector_id is not None:
        holdings.not_measured(bindings, (record.evse_id, record.connector_id))


def _stop_answer(x: Exchange, reply: Reply | None) -> Request:
    if reply is not None and reply.outcome is Outcome.RESULT:
        state = {"request": x.payload}
        answer = events.token_answer(x.desk, x.direction, reply.payload, state, x.lost)
        return Answer(answer, losses=tuple(x.lost))
    return _failed(reply)


# -- all --------------------------------------------------------------------------------------


def facts(desk: Desk, record: Transaction, timestamp: str) -> dict[str, Any]:
    """What every event of a record says of it. timestamp: of the event, in normal form."""
    return {
        "transaction_id201": record.tx201,
        "sequence": record.next_seq,
        "offline": offline(desk, timestamp),
    }


def offline(desk: Desk, timestamp: str) -> bool | None:
    """True for an event older than the station's connection, else absent (7.3)."""
    tolerance = desk.settings.b.offline_tolerance_s
    zone = desk.settings.timezone_default
    return is_offline(timestamp, desk.legs[Side.STATION].opened, tolerance, zone) or None


def _again(desk: Desk, record: Transaction, kind: str, payload: JsonObject | None) -> Entry:
    """The open entry of a repeated Start or Stop, or the refused event once more."""
    entry = events.open_entry(desk, record, kind)
    if entry is None:
        assert payload is not None
        entry = events.queue_again(desk, record, kind, payload)
    return entry


def _failed(reply: Reply | None, *, absorb: bool = True) -> Request:
    """The answer to a message whose event was not accepted. absorb: if it was refused for good."""
    if reply is None:
        return _LATE
    if reply.error is None:
        return _INVALID
    if absorb and events.is_permanent(reply):
        return Answer({}, rule="absorbed")
    return passed_on(reply.error, events.EVENT)
