"""Frames go out at the end of the turn in which they were put, in order."""

import asyncio

from gateway.io.turn import MOST_BYTES, Turn, turn_of


class Line:
    """Notes what is put out on it."""

    def __init__(self, name: str, out: list[str]) -> None:
        self.name = name
        self.out = out

    def write(self, frame: bytes) -> None:
        self.out.append(f"{self.name} {frame.decode()}")


async def test_what_is_put_in_one_turn_goes_out_in_order_behind_it() -> None:
    out: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    one, two = Line("one", out), Line("two", out)
    turn.put(one, b"1")
    turn.put(two, b"2")
    turn.put(one, b"3")
    assert out == []
    await asyncio.sleep(0)
    assert out == ["one 1", "two 2", "one 3"]


async def test_what_waits_goes_out_before_what_cannot_wait() -> None:
    out: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    line = Line("one", out)
    turn.put(line, b"1")
    turn.flush()
    assert out == ["one 1"]
    turn.put(line, b"2")
    await asyncio.sleep(0)
    assert out == ["one 1", "one 2"]


async def test_much_goes_out_at_once() -> None:
    """Or a peer that takes nothing would be noticed only when the turn is over."""
    out: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    line = Line("one", out)
    part = b"x" * (MOST_BYTES // 2)
    turn.put(line, part)
    turn.put(line, part)
    assert out == []
    turn.put(line, b"y")
    assert len(out) == 3
    turn.put(line, b"z")
    assert len(out) == 3
    await asyncio.sleep(0)
    assert out[3:] == ["one z"]


async def test_a_loop_has_one_turn() -> None:
    loop = asyncio.get_running_loop()
    assert turn_of(loop) is turn_of(loop)
