"""The load generator: stations and their CSMS in one process of their own.

Each station keeps one call open and sends the next when the answer comes. Driven by JSON lines on
standard input, one reply a line (`Generator`); run as `python -m tests.bench.load`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from random import Random
from typing import Any

import uvloop

from tests.bench.cpu import cpu_seconds, main_thread_seconds
from tests.bench.descriptors import many_descriptors
from tests.bench.frames import SAMPLES, TRANSACTION_BODY, timestamp, values
from tests.bench.wire import ClientWire, ServerWire

HANDSHAKES_IN_FLIGHT = 200
FIRST_SECOND = 1_000_000
"""So that no timestamp of a reading is one of a start."""

ACCEPTED = b'"status":"Accepted"'
NOW = b'"currentTime":"2025-06-01T08:00:00Z"'
ANSWERS: dict[bytes, dict[bytes, bytes]] = {
    b"ocpp1.6": {
        b"BootNotification": b"{" + ACCEPTED + b"," + NOW + b',"interval":300}',
        b"Heartbeat": b"{" + NOW + b"}",
        b"Authorize": b'{"idTagInfo":{' + ACCEPTED + b',"expiryDate":"%s"}}',
        b"StartTransaction": b'{"transactionId":%d,"idTagInfo":{' + ACCEPTED + b"}}",
    },
    b"ocpp2.0.1": {
        b"BootNotification": b"{" + ACCEPTED + b"," + NOW + b',"interval":300}',
        b"Heartbeat": b"{" + NOW + b"}",
        b"Authorize": b'{"idTokenInfo":{' + ACCEPTED + b',"cacheExpiryDateTime":"%s"}}',
    },
}


class CsmsEnd(ServerWire):
    """Answers every call at once."""

    count = 0

    def take(self, head: bytes) -> None:
        if head[1:2] != b"2":
            return
        _, message_id, _, action, _ = head.split(b'"', 4)
        CsmsEnd.count += 1
        answer = ANSWERS[self.subprotocol].get(action, b"{}")
        if b"%s" in answer:
            answer %= timestamp(CsmsEnd.count).encode()
        elif b"%d" in answer:
            answer %= CsmsEnd.count
        self.transport.write(self.frame(b'[3,"' + message_id + b'",' + answer + b"]"))


class StationEnd(ClientWire):
    """One station. next_frame: makes what it sends when its call is answered; None: nothing."""

    answered = 0
    errors = 0

    def __init__(self, number: int, ready: Callable[[bool], None]) -> None:
        super().__init__(f"/ocpp/{name(number)}", "ocpp2.0.1", ready)
        self.number = number
        self.sent = 0
        self.turns = 0
        self.rng = Random(number)
        self.next_frame: Callable[[StationEnd], bytes] | None = None
        self.idle: asyncio.Future[None] | None = None

    def go(self, make: Callable[["StationEnd"], bytes], turns: int = -1) -> None:
        """Begin; with turns, so many exchanges and no more."""
        self.next_frame = None if turns == 1 else make
        self.turns = turns - 1
        self.idle = asyncio.get_running_loop().create_future()
        self._send(make)

    def _send(self, make: Callable[["StationEnd"], bytes]) -> None:
        self.sent += 1
        self.transport.write(self.frame(make(self)))

    def take(self, head: bytes) -> None:
        if head[1:2] == b"2":
            return
        StationEnd.answered += 1
        if head[1:2] != b"3":
            StationEnd.errors += 1
        if self.next_frame is not None:
            make = self.next_frame
            self.turns -= 1
            if self.turns == 0:
                self.next_frame = None
            self._send(make)
        elif self.idle is not None and not self.idle.done():
            self.idle.set_result(None)


def name(number: int) -> str:
    return f"CP-{number:05d}"


def _call(station: StationEnd, action: str, body: str) -> bytes:
    message_id = f"{station.number:08x}-0000-4000-8000-{station.sent:012x}"
    return f'[2,"{message_id}","{action}",{body}]'.encode()


def _transaction(station: StationEnd) -> str:
    return f"{station.number:08x}-0000-4000-9000-000000000000"


def boot(station: StationEnd) -> bytes:
    model = f'"vendorName":"Vendor","model":"M-{station.number}"'
    return _call(
        station, "BootNotification", f'{{"reason":"PowerUp","chargingStation":{{{model}}}}}'
    )


def begin(station: StationEnd) -> bytes:
    token = f'{{"idToken":"TAG-{station.number:08d}","type":"ISO14443"}}'
    info = f'{{"transactionId":"{_transaction(station)}","chargingState":"Charging"}}'
    at = timestamp(station.number)
    register = (
        f'[{{"timestamp":"{at}","sampledValue":[{{"value":{station.number},'
        '"context":"Transaction.Begin"}]}]'
    )
    return _call(
        station,
        "TransactionEvent",
        f'{{"eventType":"Started","timestamp":"{at}","triggerReason":"Authorized","seqNo":0,'
        f'"transactionInfo":{info},"evse":{{"id":1,"connectorId":1}},"idToken":{token},'
        f'"meterValue":{register}}}',
    )


def authorize(station: StationEnd) -> bytes:
    tag = f"{station.number:05d}{station.sent:010d}"
    return _call(station, "Authorize", f'{{"idToken":{{"idToken":"{tag}","type":"ISO14443"}}}}')


def reading(station: StationEnd) -> bytes:
    body = TRANSACTION_BODY % {
        "ts": timestamp(FIRST_SECOND + station.sent),
        "seq": station.sent,
        "tx": _transaction(station),
        "samples": SAMPLES % values(station.rng),
    }
    return _call(station, "TransactionEvent", body)


KINDS: dict[str, Callable[[StationEnd], bytes]] = {
    "boot": boot,
    "begin": begin,
    "authorize": authorize,
    "reading": reading,
}


class Generator:
    """The commands. A fleet is addressed by the port of the target that its stations are on."""

    def __init__(self) -> None:
        self._csms: list[asyncio.Server] = []
        self._fleets: dict[int, list[StationEnd]] = {}

    async def csms(self) -> dict[str, Any]:
        """Open a CSMS; its port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(CsmsEnd, "127.0.0.1", 0, backlog=4096)
        self._csms.append(server)
        return {"port": server.sockets[0].getsockname()[1]}

    async def connect(self, port: int, count: int) -> dict[str, Any]:
        """Connect so many further stations to a target; how long that took."""
        fleet = self._fleets.setdefault(port, [])
        first = len(fleet)
        turns = asyncio.Semaphore(HANDSHAKES_IN_FLIGHT)
        started = time.perf_counter()
        fleet += await asyncio.gather(
            *(self._station(port, first + number, turns) for number in range(count))
        )
        return {"elapsed": time.perf_counter() - started}

    async def _station(self, port: int, number: int, turns: asyncio.Semaphore) -> StationEnd:
        loop = asyncio.get_running_loop()
        async with turns:
            ready = loop.create_future()
            _, station = await loop.create_connection(
                lambda: StationEnd(number, ready.set_result), "127.0.0.1", port
            )
            if not await ready:
                raise ConnectionError(f"{name(number)} was not accepted")
        return station

    async def once(self, port: int, kind: str) -> dict[str, Any]:
        """Let every station do one thing."""
        fleet = self._fleets[port]
        StationEnd.errors = 0
        for station in fleet:
            station.go(KINDS[kind], 1)
        await asyncio.gather(*(station.idle for station in fleet if station.idle))
        return {"errors": StationEnd.errors}

    async def run(
        self, port: int, kind: str, count: int, pid: int, warm_s: float, run_s: float
    ) -> dict[str, Any]:
        """Ping-pong of the first count stations; what the target (pid) did and used meanwhile."""
        fleet = self._fleets[port][:count]
        StationEnd.errors = 0
        for station in fleet:
            station.go(KINDS[kind])
        await asyncio.sleep(warm_s)
        before = (*_used(pid), StationEnd.answered, time.process_time())
        await asyncio.sleep(run_s)
        after = (*_used(pid), StationEnd.answered, time.process_time())
        for station in fleet:
            station.next_frame = None
        await asyncio.gather(*(station.idle for station in fleet if station.idle))
        elapsed, cpu, main, answered, own = (b - a for a, b in zip(before, after, strict=True))
        return {
            "elapsed": elapsed,
            "cpu": cpu,
            "main_cpu": main,
            "exchanges": answered,
            "errors": StationEnd.errors,
            "own_cpu": own,
        }

    async def each(self, port: int, kind: str, turns: int, pid: int) -> dict[str, Any]:
        """Every station does so many exchanges; what the target (pid) used for all of them."""
        fleet = self._fleets[port]
        StationEnd.errors = 0
        before = _used(pid)
        for station in fleet:
            station.go(KINDS[kind], turns)
        await asyncio.gather(*(station.idle for station in fleet if station.idle))
        after = _used(pid)
        elapsed, cpu, main = (b - a for a, b in zip(before, after, strict=True))
        exchanges = turns * len(fleet)
        return {
            "elapsed": elapsed,
            "cpu": cpu,
            "main_cpu": main,
            "exchanges": exchanges,
            "errors": StationEnd.errors,
            "own_cpu": 0.0,
        }

    async def drop(self, port: int) -> dict[str, Any]:
        """Forget a target's stations."""
        for station in self._fleets.pop(port):
            station.transport.abort()
        return {}


def _used(pid: int) -> tuple[float, float, float]:
    """Now; CPU seconds of the process so far; of its main thread."""
    return time.perf_counter(), cpu_seconds(pid), main_thread_seconds(pid)


async def main() -> None:
    many_descriptors()
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    generator = Generator()
    while line := await commands.readline():
        command = json.loads(line)
        reply = await getattr(generator, command.pop("do"))(**command)
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
