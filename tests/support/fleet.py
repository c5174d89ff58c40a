"""A fleet that charges without end and its CSMS, both keeping the ledger.

Stations behave as real ones do: one call at a time, a transaction message that has no answer is
sent again after the next connect (2.0.1: same seqNo, `offline: true`; 1.6: same content), and
every message id is new. The calls that a message must become stand beside it (translation-station
5.5, 7.2 to 7.5, 8).
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
from aiohttp import web

from tests.support.ledger import Ledger
from tests.support.peers import Link, LinkLost, Payload, Refused, dialled

REBOOTS = 0.3
"""Share of connects after which a station boots again."""

REGISTER = "Energy.Active.Import.Register"
EPOCH = datetime(2025, 6, 1, tzinfo=UTC)
ACCEPTED = {"status": "Accepted"}


class Moment(NamedTuple):
    """Something that just happened at a peer.

    kind: sends, answered (station), receives (CSMS, not yet answered). what: the action, or of a
    TransactionEvent its eventType; "Waiting" for the answer to an event that starts nothing yet.
    """

    kind: str
    station: str
    what: str


@dataclass
class Step:
    """One message of a station. derived: the call it becomes, None if it becomes none of its own.

    transaction: None for messages that are not kept in the ledger.
    """

    action: str
    payload: Payload
    transaction: str | None = None
    derived: tuple[str, Payload] | None = None
    content: str | None = None
    repeated: bool = False
    token: bool = False


@dataclass
class Book:
    """What the stations of a fleet share.

    up: the gateway is there; run: how often it was started; full: the charging stops, what has
    begun is finished; done: go home.
    moment: told of everything that happens.
    """

    ledger: Ledger = field(default_factory=Ledger)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    run: int = 0
    full: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    moment: Callable[[Moment], None] = lambda moment: None

    def started(self) -> None:
        """The gateway is there, for the first time or again."""
        self.run += 1
        self.up.set()

    def unreachable(self, run: int) -> None:
        """Nobody listened where the gateway was, in that run: it is dead until it is started."""
        if run == self.run:
            self.up.clear()


class Station:
    """Charges on two EVSEs at once. Subclasses say in which version."""

    subprotocol = ""

    def __init__(self, book: Book, name: str, url: Callable[[str], str], seed: int) -> None:
        self.name = name
        self.rng = Random(seed)
        self._book = book
        self._url = url
        self._clock = count()
        self._steps = self._interleaved()
        self.finished = False
        self.numbers: dict[str, int] = {}

    async def run(self) -> None:
        """Until the book is done, through every loss of the link."""
        step: Step | None = self.boot()
        met = False
        while not self._book.done.is_set():
            await self._book.up.wait()
            run = self._book.run
            try:
                async with dialled(self._url(self.name), (self.subprotocol,)) as link:
                    if met and self.rng.random() < REBOOTS:
                        await self._deliver(link, self.boot())
                    met = True
                    while step is not None:
                        await self._deliver(link, step)
                        step = next(self._steps, None)
                    self.finished = True
                    self._book.arrived.set()
                    await self._rest(link)
            except (LinkLost, aiohttp.ClientError, OSError) as error:
                if step is not None:
                    step.repeated = True
                if isinstance(error, aiohttp.ClientConnectorError):
                    self._book.unreachable(run)

    async def _rest(self, link: Link) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (link.ended, self._book.done)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _deliver(self, link: Link, step: Step) -> None:
        book, ledger = self._book, self._book.ledger
        what = step.payload.get("eventType", step.action)
        if step.transaction is not None and step.derived is not None and step.content is None:
            step.content = ledger.expect(step.transaction, self.name, *step.derived)
        book.moment(Moment("sends", self.name, what))
        try:
            answer = await link.call(step.action, self.as_sent(step))
        except Refused as error:
            ledger.fault(f"{self.name}: {what} was answered with {error}")
            return
        if step.token and answer.get("idTokenInfo") != ACCEPTED:
            ledger.fault(f"{self.name}: {what} was answered with {answer}")
        if step.transaction is not None:
            ledger.promise(step.transaction, self.name, step.content, self.number_in(step, answer))
        waiting = what == "Started" and step.derived is None
        book.moment(Moment("answered", self.name, "Waiting" if waiting else what))

    def _interleaved(self) -> Iterator[Step]:
        """The steps of both EVSEs, mixed; each EVSE charges again and again until it is full."""
        evses = [self._charges(evse_id) for evse_id in (1, 2)]
        while evses:
            steps = self.rng.choice(evses)
            step = next(steps, None)
            if step is None:
                evses.remove(steps)
            else:
                yield step

    def _charges(self, evse_id: int) -> Iterator[Step]:
        while not self._book.full:
            yield from self.charge(evse_id)

    # -- what transactions are made of ----------------------------------------------------------

    def now(self) -> str:
        """A time that this station has not used before."""
        at = EPOCH + timedelta(seconds=next(self._clock))
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def tag(self) -> str:
        return f"{self.rng.getrandbits(56):014X}"

    def boot(self) -> Step:
        raise NotImplementedError

    def charge(self, evse_id: int) -> Iterator[Step]:
        raise NotImplementedError

    def as_sent(self, step: Step) -> Payload:
        raise NotImplementedError

    def number_in(self, step: Step, answer: Payload) -> int | None:
        raise NotImplementedError


class Station201(Station):
    """Direction A."""

    subprotocol = "ocpp2.0.1"

    def boot(self) -> Step:
        station = {"vendorName": "Vendor", "model": "Model"}
        return Step("BootNotification", {"reason": "PowerUp", "chargingStation": station})

    def as_sent(self, step: Step) -> Payload:
        late = step.repeated and step.action == "TransactionEvent"
        return {**step.payload, "offline": True} if late else step.payload

    def number_in(self, step: Step, answer: Payload) -> int | None:
        return None

    def charge(self, evse_id: int) -> Iterator[Step]:
        tx = str(UUID(int=self.rng.getrandbits(128), version=4))
        numbers = count()
        register = self.rng.randrange(1, 10**6)

        def event(kind: str, trigger: str, **more: Any) -> Payload:
            info = {"transactionId": tx, **more.pop("info", {})}
            at = more.pop("at", None) or self.now()
            head = {"eventType": kind, "timestamp": at, "triggerReason": trigger}
            return {**head, "seqNo": next(numbers), "transactionInfo": info, **more}

        yield Step("StatusNotification", _status201(self.now(), evse_id, "Occupied"))
        at, tag = self.now(), self.tag()
        token = {"idToken": tag, "type": "ISO14443"}
        plugged = {"chargingState": "EVConnected"}
        place = {"evse": {"id": evse_id, "connectorId": 1}}
        begin = _reading201(at, register, "Transaction.Begin")
        if self.rng.random() < 0.5:
            first = event("Started", "CablePluggedIn", at=at, info=plugged, **place, **begin)
            yield Step("TransactionEvent", first, tx)
            at = self.now()
            second = event("Updated", "Authorized", at=at, idToken=token)
        else:
            more = {**place, **begin, "idToken": token}
            second = event("Started", "Authorized", at=at, info=plugged, **more)
        start = {"connectorId": evse_id, "idTag": tag, "meterStart": register, "timestamp": at}
        yield Step("TransactionEvent", second, tx, ("StartTransaction", start), token=True)
        charging = event("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
        yield Step("TransactionEvent", charging, tx)
        for _ in range(self.rng.randrange(1, 4)):
            register, at = register + self.rng.randrange(1, 5000), self.now()
            values = _reading201(at, register, "Sample.Periodic")
            periodic = event("Updated", "MeterValuePeriodic", at=at, **values)
            meter = {"connectorId": evse_id, **_reading16(at, str(register), "Sample.Periodic")}
            yield Step("TransactionEvent", periodic, tx, ("MeterValues", meter))
        register, at = register + self.rng.randrange(1, 5000), self.now()
        values = _reading201(at, register + 0.6, "Transaction.End")
        info = {**plugged, "stoppedReason": "Local"}
        ended = event("Ended", "StopAuthorized", at=at, info=info, idToken=token, **values)
        data = _reading16(at, f"{register}.6", "Transaction.End")["meterValue"]
        stop = {"idTag": tag, "meterStop": register + 1, "timestamp": at, "reason": "Local"}
        stop["transactionData"] = data
        yield Step("TransactionEvent", ended, tx, ("StopTransaction", stop), token=True)
        yield Step("StatusNotification", _status201(self.now(), evse_id, "Available"))


class Station16(Station):
    """Direction B."""

    subprotocol = "ocpp1.6"

    def boot(self) -> Step:
        payload = {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
        return Step("BootNotification", payload)

    def as_sent(self, step: Step) -> Payload:
        if step.action not in ("MeterValues", "StopTransaction"):
            return step.payload
        assert step.transaction is not None
        return {**step.payload, "transactionId": self.numbers.get(step.transaction, -1)}

    def number_in(self, step: Step, answer: Payload) -> int | None:
        if step.action != "StartTransaction":
            return None
        assert step.transaction is not None
        number: int = answer["transactionId"]
        self.numbers[step.transaction] = number
        return number

    def charge(self, evse_id: int) -> Iterator[Step]:
        at, tag = self.now(), self.tag()
        tx = f"{self.name} {at}"
        register = self.rng.randrange(1, 10**6)
        token = {"idToken": {"idToken": tag, "type": "ISO14443"}}
        plugged = {"transactionInfo": {"chargingState": "EVConnected"}}

        def event(kind: str, at: str, trigger: str, **more: Any) -> tuple[str, Payload]:
            head = {"eventType": kind, "timestamp": at, "triggerReason": trigger}
            return "TransactionEvent", {"transactionInfo": {}, **head, **more}

        yield Step("StatusNotification", _status16(self.now(), evse_id, "Preparing"))
        started = event(
            "Started",
            at,
            "Authorized",
            **plugged,
            **token,
            evse={"id": evse_id, "connectorId": 1},
            **_reading201(at, register, "Transaction.Begin"),
        )
        start = {"connectorId": evse_id, "idTag": tag, "meterStart": register, "timestamp": at}
        yield Step("StartTransaction", start, tx, started)
        at = self.now()
        charging = {"transactionInfo": {"chargingState": "Charging"}}
        changed = event("Updated", at, "ChargingStateChanged", **charging)
        yield Step("StatusNotification", _status16(at, evse_id, "Charging"), tx, changed)
        for _ in range(self.rng.randrange(1, 4)):
            register, at = register + self.rng.randrange(1, 5000), self.now()
            values = _reading201(at, register, "Sample.Periodic")
            updated = event("Updated", at, "MeterValuePeriodic", **values)
            meter = {"connectorId": evse_id, **_reading16(at, str(register), "Sample.Periodic")}
            yield Step("MeterValues", meter, tx, updated)
        register, at = register + self.rng.randrange(1, 5000), self.now()
        stop = {"idTag": tag, "meterStop": register, "timestamp": at, "reason": "Local"}
        plugged["transactionInfo"]["stoppedReason"] = "Local"
        values = _reading201(at, register, "Transaction.End")
        ended = event("Ended", at, "StopAuthorized", **plugged, **token, **values)
        yield Step("StopTransaction", stop, tx, ended)
        for status in ("Finishing", "Available"):
            yield Step("StatusNotification", _status16(self.now(), evse_id, status))


def _status201(at: str, evse_id: int, status: str) -> Payload:
    return {"timestamp": at, "connectorStatus": status, "evseId": evse_id, "connectorId": 1}


def _status16(at: str, connector_id: int, status: str) -> Payload:
    head = {"connectorId": connector_id, "errorCode": "NoError"}
    return {**head, "status": status, "timestamp": at}


def _reading201(at: str, value: float, context: str) -> Payload:
    sample = {"value": value, "context": context, "measurand": REGISTER}
    return {"meterValue": [{"timestamp": at, "sampledValue": [{**sample, **_WH}]}]}


def _reading16(at: str, value: str, context: str) -> Payload:
    sample = {"value": value, "context": context, "measurand": REGISTER, "unit": "Wh"}
    return {"meterValue": [{"timestamp": at, "sampledValue": [sample]}]}


_WH = {"unitOfMeasure": {"unit": "Wh"}}


class Backend:
    """The fleet's CSMS: accepts everything, never repeats an id. `serve` is for `peers.Csms`."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._ids = count(1000)
        self._open: set[str] = set()

    async def serve(self, station: str, ws: web.WebSocketResponse) -> None:
        version = {"ocpp1.6": "1.6", "ocpp2.0.1": "2.0.1"}[ws.ws_protocol or ""]

        async def handle(action: str, payload: Payload) -> Payload:
            return self._answer(station, version, action, payload)

        with suppress(ConnectionError):
            await Link(ws, handle).run()

    def _answer(self, station: str, version: str, action: str, payload: Payload) -> Payload:
        given = next(self._ids) if action == "StartTransaction" else None
        self._book.ledger.receive(station, version, action, payload, given)
        self._book.arrived.set()
        what = payload.get("eventType", action)
        self._book.moment(Moment("receives", station, what))
        if action == "BootNotification":
            return {**ACCEPTED, "currentTime": "2025-06-01T08:00:00Z", "interval": 300}
        if action == "StartTransaction":
            return {"transactionId": given, "idTagInfo": ACCEPTED}
        if action == "StopTransaction":
            return {"idTagInfo": ACCEPTED}
        return {"idTokenInfo": ACCEPTED} if "idToken" in payload else {}
