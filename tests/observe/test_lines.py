"""Log lines reach their reader soon, and nobody suffers when there is none."""

import asyncio
import errno
import io

from gateway.observe.lines import Lines

FIELDS = {"ts": 0.0, "level": "info", "event": "log", "text": "a line"}


class Out(io.StringIO):
    """Where lines go; notes what was there at each flush. gone: nobody reads any more."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[int] = []
        self.gone = False

    def flush(self) -> None:
        if self.gone:
            raise BrokenPipeError
        self.flushed.append(self.getvalue().count("\n"))


def lines_to(out: Out) -> Lines:
    return Lines(out, people=False, colour=False, field_bytes=100)


def test_without_an_event_loop_each_line_goes_out_at_once() -> None:
    out = Out()
    lines = lines_to(out)
    lines.write(FIELDS)
    lines.write(FIELDS)
    assert out.flushed == [1, 2]


async def test_the_lines_of_one_turn_of_the_loop_go_out_together() -> None:
    out = Out()
    lines = lines_to(out)
    for turn in (3, 5):
        while out.getvalue().count("\n") < turn:
            lines.write(FIELDS)
        await asyncio.sleep(0)
    assert out.flushed == [3, 5]


async def test_a_reader_who_has_gone_is_not_written_to_any_more() -> None:
    out = Out()
    lines = lines_to(out)
    lines.write(FIELDS)
    out.gone = True
    await asyncio.sleep(0)
    written = out.getvalue()
    lines.write(FIELDS)
    await asyncio.sleep(0)
    assert out.getvalue() == written
    assert out.flushed == []


async def test_lines_go_on_when_a_full_disk_has_room_again() -> None:
    class Disk(Out):
        def write(self, text: str) -> int:
            if self.gone:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(text)

    out = Disk()
    lines = lines_to(out)
    out.gone = True
    lines.write(FIELDS)
    out.gone = False
    lines.write(FIELDS)
    await asyncio.sleep(0)
    assert out.flushed == [1]
