"""One charging session between every pair of 2.0.1, 1.6 and 1.6 over SOAP, on real sockets.

In the middle of it the gateway is killed and started again on its store: the stations that have a
link come back, the others just go on. Peers that speak SOAP are made by zeep.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.demo import DIALECTS, session_script
from gateway.cli.demo_peers import filled, free_port
from gateway.cli.demo_zeep import ZeepPeer
from gateway.core.dialects import Side
from gateway.core.frames import Call, CallResult, Frame
from tests.support import peers
from tests.support.gateway_process import GatewayProcess

SOAP = "1.6-soap"
SCHEMAS = Path(__file__).parents[2] / "schemas" / "soap"
DESCRIPTIONS = {
    Side.CSMS: str(SCHEMAS / "central-system.wsdl"),
    Side.STATION: str(SCHEMAS / "charge-point.wsdl"),
}
SCRIPT = session_script()
STATION = SCRIPT["station"]
SETTLE_S = 10
Payload = dict[str, Any]


class Json:
    """A peer that speaks over WebSocket. heard: the calls that it was sent, in order."""

    def __init__(self, answers: dict[str, Payload]) -> None:
        self._answers = answers
        self._link: peers.Link | None = None
        self._there = asyncio.Event()
        self.heard: list[tuple[str, Payload]] = []
        self.transaction: Any = None

    async def answer(self, action: str, payload: Payload) -> Payload:
        self.heard.append((action, payload))
        self._learn(payload)
        answer: Payload = filled(self._answers[action], self.transaction)
        self._learn(answer)
        return answer

    async def serve(self, link: peers.Link) -> None:
        self.use(link)
        await link.run()

    def use(self, link: peers.Link) -> None:
        self._link = link
        self._there.set()

    async def call(self, action: str, payload: Payload) -> Payload:
        async with asyncio.timeout(SETTLE_S):
            await self._there.wait()
            assert self._link is not None
            payload = filled(payload, self.transaction)
            self._learn(payload)
            answer = await self._link.call(action, payload)
        self._learn(answer)
        return answer

    def _learn(self, payload: Payload) -> None:
        known = payload.get(
            "transactionId", payload.get("transactionInfo", {}).get("transactionId")
        )
        self.transaction = self.transaction or known


class Soap:
    """A peer that speaks over SOAP, with the same members."""

    def __init__(self, side: Side, answers: dict[str, Payload]) -> None:
        self._answers = answers
        self.peer = ZeepPeer(side, STATION, self._answer, self._watch, DESCRIPTIONS)
        self.heard: list[tuple[str, Payload]] = []

    def _answer(self, call: Call) -> Payload:
        answer: Payload = filled(self._answers[call.action], self.peer.transaction)
        return answer

    def _watch(self, side: Side, sent: bool, frame: Frame) -> None:
        if isinstance(frame, Call) and not sent:
            self.heard.append((frame.action, frame.payload))

    async def call(self, action: str, payload: Payload) -> Payload:
        answer = await self.peer.call(action, payload)
        assert isinstance(answer, CallResult), answer
        return answer.payload


class Play:
    """Both peers of a pair and the gateway between them."""

    def __init__(self, station: str, csms: str, directory: Path) -> None:
        self.dialects = {Side.STATION: station, Side.CSMS: csms}
        self.peers: dict[Side, Any] = {}
        self._directory = directory
        self._port = free_port()
        self._stack = AsyncExitStack()
        self._station_link = AsyncExitStack()
        self.gateway: GatewayProcess

    async def __aenter__(self) -> "Play":
        await self._stack.__aenter__()
        for side, dialect in self.dialects.items():
            self.peers[side] = await self._opened(side, dialect)
        config = {
            "stations": {"soap": {"callback_networks": ["127.0.0.0/8"]}},
            "csms": {
                "url": await self._csms_url(),
                "version": self.dialects[Side.CSMS],
                "callback": f"http://127.0.0.1:{self._port}/callback",
            },
            "state": f"sqlite://{self._directory}/state.db",
        }
        self.gateway = GatewayProcess(config, self._directory)
        self.gateway.port = self._port
        await self.gateway.start()
        self._stack.push_async_callback(self.gateway.kill)
        await self._connect()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._station_link.aclose()
        await self._stack.aclose()

    async def restart(self) -> None:
        """Kill the gateway and start it again; a station that had a link opens it anew."""
        await self.gateway.kill()
        await self._station_link.aclose()
        await self.gateway.start()
        await self._connect()

    async def _opened(self, side: Side, dialect: str) -> Any:
        answers = SCRIPT["answers"][str(side)][dialect.removesuffix("-soap")]
        if dialect != SOAP:
            return Json(answers)
        peer = Soap(side, answers)
        await peer.peer.open()
        self._stack.push_async_callback(peer.peer.close)
        path = "soap" if side is Side.STATION else "callback"
        peer.peer.partner = f"http://127.0.0.1:{self._port}/{path}/{STATION}"
        return peer

    async def _csms_url(self) -> str:
        peer = self.peers[Side.CSMS]
        if isinstance(peer, Soap):
            return peer.peer.url

        async def serve(_station: str, ws: Any) -> None:
            await peer.serve(peers.Link(ws, peer.answer))

        protocol = f"ocpp{self.dialects[Side.CSMS]}"
        csms = await self._stack.enter_async_context(peers.Csms(serve, (protocol,)))
        return csms.url()

    async def _connect(self) -> None:
        peer = self.peers[Side.STATION]
        if isinstance(peer, Soap):
            return
        protocols = (f"ocpp{self.dialects[Side.STATION]}",)
        url = self.gateway.url(STATION)
        link = await self._station_link.enter_async_context(
            peers.dialled(url, protocols, peer.answer)
        )
        peer.use(link)

    async def step(self, step: dict[str, Any]) -> None:
        if "stop" in step:
            version = self.dialects[Side.CSMS].removesuffix("-soap")
            side, call = Side.CSMS, SCRIPT["stop"][version]
        else:
            side, call = Side.STATION, step
        await self.peers[side].call(call["action"], call["payload"])


def of_transaction(heard: list[tuple[str, Payload]]) -> list[tuple[str, Payload]]:
    return [
        (action, payload)
        for action, payload in heard
        if action in ("StartTransaction", "MeterValues", "StopTransaction", "TransactionEvent")
    ]


@pytest.mark.parametrize("csms", DIALECTS)
@pytest.mark.parametrize("station", DIALECTS)
async def test_a_session_with_a_restart_in_the_middle(
    station: str, csms: str, tmp_path: Path
) -> None:
    steps = SCRIPT["steps"][station.removesuffix("-soap")]
    middle = next(n for n, step in enumerate(steps) if "reports its meter" in step["say"])
    async with Play(station, csms, tmp_path) as play:
        for step in steps[:middle]:
            await play.step(step)
        await play.restart()
        for step in steps[middle:]:
            await play.step(step)
        at_station, at_csms = (play.peers[side].heard for side in (Side.STATION, Side.CSMS))
    commands = [(a, p) for a, p in at_station if "Stop" in a]
    told = of_transaction(at_csms)
    if csms == "2.0.1":
        assert_events(told)
    else:
        assert_1_6(told)
    ((command, payload),) = commands
    if station == "2.0.1":
        assert (command, payload["transactionId"]) == ("RequestStopTransaction", "8f1d7c2e-demo")
    else:
        number = 1 if csms == "2.0.1" else 4711
        assert (command, payload["transactionId"]) == ("RemoteStopTransaction", number)


def assert_events(told: list[tuple[str, Payload]]) -> None:
    """One start and one end, numbered without a gap, of one transaction.

    An event that the kill left unacknowledged comes once more, the same in every member.
    """
    came = [payload for action, payload in told if action == "TransactionEvent"]
    events = [event for n, event in enumerate(came) if event not in came[:n]]
    kinds = [event["eventType"] for event in events]
    assert (kinds[0], kinds[-1]) == ("Started", "Ended")
    assert set(kinds[1:-1]) == {"Updated"}
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    readings = [
        sample["value"]
        for event in events
        for value in event.get("meterValue", [])
        for sample in value["sampledValue"]
    ]
    assert readings == [120450, 121875, 10980, 122310]


def assert_1_6(told: list[tuple[str, Payload]]) -> None:
    """One start and one end, and every reading between them under the number that was given."""
    actions = [action for action, _ in told]
    assert (actions[0], actions[-1]) == ("StartTransaction", "StopTransaction")
    assert set(actions[1:-1]) == {"MeterValues"}
    start, stop = told[0][1], told[-1][1]
    assert (start["connectorId"], start["idTag"], start["meterStart"]) == (
        1,
        "04A2B7C91E5580",
        120450,
    )
    assert (stop["transactionId"], stop["meterStop"]) == (4711, 122310)
    assert all(payload["transactionId"] == 4711 for _, payload in told[1:])
    values = [
        sample["value"]
        for action, payload in told
        if action == "MeterValues"
        for value in payload["meterValue"]
        for sample in value["sampledValue"]
    ]
    assert {"121875", "10980"} <= set(values)
