"""Thousands of spoilt envelopes at both faces, as requests and as answers: each gets an answer of
the protocol's own, none gets further than it should, and nothing is left behind.

The seed is fixed: a failure names the number of the message, which comes again in the next run.
"""

import asyncio
import gzip
import json
import logging
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from aiohttp import web

from tests.io.soap_rig import CP, CS, MEDIA, Answer, vectors
from tests.sockets.soap_faces import (
    DONE,
    GOOD,
    Asking,
    Side,
    callback_face,
    csms_answers,
    station_answers,
    station_face,
    whole,
)
from tests.support import peers

REQUESTS = ANSWERS = 1500
WSA = "http://www.w3.org/2005/08/addressing"
SERVICES = {CS: "CentralSystemService", CP: "ChargePointService"}
OTHER_ANSWERS = {"GetConfiguration", "GetDiagnostics", "GetLocalListVersion", "UnlockConnector"}
OTHER_ANSWERS |= {"UpdateFirmware"}
"""What the JSON station at hand, which accepts everything, answers wrongly."""

STATUSES = {200, 400, 413, 415, 500}
FAULTS = {
    "Sender/ProtocolError",
    "Sender/IdentityMismatch",
    "Sender/SecurityError",
    "Receiver/NotSupported",
    "VersionMismatch",
}
CODES = {"InternalError", "GenericError", "ProtocolError", "SecurityError", "NotSupported"}

PIECES = (
    b"<",
    b">",
    b"/>",
    b"&",
    b"&x;",
    b"&#0;",
    b"&#x10FFFF;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?p ?>",
    b"<!DOCTYPE x>",
    b"<!ENTITY a 'b'>",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3\x28",
    b" xmlns=''",
    b" xmlns:c='urn:x'",
    b" xsi:nil='1'",
    b" s:mustUnderstand='1'",
    b"</s:Header>",
    b"</s:Body>",
    b"<s:Body>",
    b"<c:x>",
    b"</c:x>",
    b"{}",
    b"%s%n",
    b"9" * 400,
    b"-1e999",
    b"T24:00:00",
    b"\xf0\x9f\x94\x8c",
    b"<x>" * 300,
)
TYPES = (MEDIA, None, "text/xml", "text/plain", "application/json", "a;b", "text/html; charset=x")
CODINGS = ("gzip", "deflate", "br", "identity")


def corpus(namespace: str) -> list[bytes]:
    """Good requests of a service."""
    found = [json.loads(path.read_text("utf-8")) for path in vectors("soap")]
    wanted = (SERVICES[namespace], "request")
    bodies = [
        vector["xml"]
        for vector in found
        if (vector["service"], vector["kind"]) == wanted and vector["action"] not in OTHER_ANSWERS
    ]
    return [whole(body, namespace).encode() for body in [*bodies, GOOD % "x"]]


def spoilt(random: Random, data: bytes) -> bytes:
    """The message with a few things cut, put in, doubled, moved or changed."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(data) + 1)
        length = random.choice((0, 1, 2, 5, 20, 100))
        part = data[at : at + length]
        change = random.randrange(6)
        if change == 0:
            data = data[:at] + data[at + length :]
        elif change == 1:
            data = data[:at] + random.choice(PIECES) + data[at:]
        elif change == 2:
            data = data[:at] + part * random.choice((2, 3, 50)) + data[at + length :]
        elif change == 3:
            data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        elif change == 4:
            to = random.randrange(len(data) + 1)
            data = data[:to] + part + data[to:]
        else:
            data = data[:at] + random.choice(PIECES) + data[at + length :]
    return data


def requests(namespace: str, number: int) -> Iterator[tuple[bytes, str | None, dict[str, str]]]:
    """Spoilt messages, sometimes with a content type or a coding that is wrong, too."""
    random, good = Random(f"{namespace} {number}"), corpus(namespace)
    for _ in range(number):
        body, media, headers = spoilt(random, random.choice(good)), MEDIA, {}
        if random.random() < 0.1:
            media = random.choice(TYPES)
        if random.random() < 0.1:
            headers["Content-Encoding"] = random.choice(CODINGS)
            body = spoilt(random, gzip.compress(body, mtime=0)) if random.random() < 0.7 else body
        yield body, media, headers


def is_right(answer: Answer) -> bool:
    """Whether an answer is one that the protocol has."""
    if answer.status not in STATUSES:
        return False
    if answer.status == 500:
        return answer.fault in FAULTS
    if answer.status == 200:
        return answer.content.partition(" ")[0].endswith("Response")
    return len(answer.body.splitlines()) == 1


@pytest.mark.parametrize("face", [station_face, callback_face], ids=["station", "csms"])
async def test_a_spoilt_request_is_answered(face: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    seen: set[int] = set()
    async with face(limits={"messages_per_s": 1e9, "bytes_per_s": 1e9}) as side:
        await side.is_alive()
        tasks = len(asyncio.all_tasks())
        for number, request in enumerate(requests(side.ns, REQUESTS)):
            answer = await _posted(side, *request)
            assert is_right(answer), (number, answer.status, answer.body, request)
            seen.add(answer.status)
        await side.is_alive()
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert side.rig.app.connected == 1
    assert {200, 400, 500} <= seen
    assert caplog.records == []


async def _posted(side: Side, body: bytes, media: str | None, headers: dict[str, str]) -> Answer:
    return await side.post(body, media=media, headers=headers)


@pytest.mark.parametrize("answerer", [station_answers, csms_answers], ids=["station", "csms"])
async def test_a_spoilt_answer_is_an_answer_or_an_error(
    answerer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    refusals = 0
    async with answerer(limits={"messages_per_s": 1e9, "bytes_per_s": 1e9}) as asking:
        await asking.is_alive()
        random = Random(f"{asking.ns} {ANSWERS}")
        good = whole(DONE % "x", asking.ns).encode()
        for number in range(ANSWERS):
            body = spoilt(random, good)
            asking.soap.answer = _answering(body, random.choice((200, 500)))
            refusals += await _is_refused(asking, (number, body))
        await asking.is_alive()
    assert 0 < refusals < ANSWERS
    assert caplog.records == []


def _answering(body: bytes, status: int) -> Any:
    headers = {"Content-Type": MEDIA}
    return lambda request, _: web.Response(status=status, body=body, headers=headers)


async def _is_refused(asking: Asking, case: object) -> bool:
    try:
        answer = await asking.ask()
    except peers.Refused as error:
        refusal = error.code
    else:
        assert set(answer) <= {"status", "data"}, (case, answer)
        return False
    assert refusal in CODES, (case, refusal)
    return True
