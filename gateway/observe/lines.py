"""Log lines: for people on a terminal, as JSON everywhere else."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import orjson

from gateway.observe.escape import cut, visible

Fields = Mapping[str, Any]
"""ts (seconds since the epoch), level and event always; the others as the event has them."""

_COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m", "debug": "\x1b[2m"}
_RESET = "\x1b[0m"
_ARROWS = {"<": "<-", ">": "->", "=": "=="}


class Lines:
    """Where log lines go. Never raises because nobody reads them.

    On an event loop the lines of one turn go out together, at its end: a line for itself costs more
    in handing over than in making.

    people: the form for a terminal; colour: only where out is one; field_bytes: longer text is cut.
    """

    def __init__(self, out: TextIO, people: bool, colour: bool, field_bytes: int) -> None:
        self._out = out
        self._colour = colour
        self._field_bytes = field_bytes
        self._form: Callable[[Fields], str] = self._for_people if people else self._json
        self._gathering = False

    def write(self, fields: Fields) -> None:
        try:
            self._out.write(self._form(fields) + "\n")
        except (OSError, ValueError) as error:
            self._failed(error)
        if not self._gathering:
            self._flush_soon()

    def _flush_soon(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
        else:
            self._gathering = True
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._gathering = False
        try:
            self._out.flush()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """The gateway's work goes on. A reader that has gone stays away; a disk that is full costs
        the lines of that time."""
        if isinstance(error, BrokenPipeError | ValueError):
            self.write = self._nowhere  # type: ignore[method-assign]

    def _nowhere(self, fields: Fields) -> None:
        pass

    def _json(self, fields: Fields) -> str:
        shown = {
            name: value if type(value) is str and self._plain(value) else self._shown(value)
            for name, value in fields.items()
            if _tells(value)
        }
        shown["ts"] = _utc(fields["ts"])
        return visible(orjson.dumps(shown).decode())

    def _plain(self, text: str) -> bool:
        return len(text) <= self._field_bytes and text.isascii()

    def _for_people(self, fields: Fields) -> str:
        seconds = fields["ts"]
        time = f"{_local_second(int(seconds))}.{int(seconds % 1 * 1000):03d}"
        # Only the process itself writes several lines; those that follow are indented, so that
        # none passes for a line of its own.
        sentence = f"{time}  {self._sentence(fields)}"
        lines = sentence.split("\n") if fields["event"] == "log" else [sentence]
        text = "\n    ".join(visible(line) for line in lines)
        colour = _COLOURS.get(fields["level"], "") if self._colour else ""
        return f"{colour}{text}{_RESET}" if colour else text

    def _sentence(self, fields: Fields) -> str:
        if "direction" not in fields:
            return f"{fields['level']:<8} {self._shown(fields.get('text', ''))}"
        columns = (
            f"{fields['station']:<16} {fields['leg']:<7} {_ARROWS[fields['direction']]}",
            f"{fields['action']:<28} {fields['outcome']:<12}",
            f"{fields['ms']:>7.1f} ms" if fields.get("ms") is not None else " " * 10,
        )
        return (" ".join(columns) + self._rest(fields)).rstrip()

    def _rest(self, fields: Fields) -> str:
        rest = ""
        for name in ("token", "answered_by", "repairs", "losses", "text", "payload"):
            value = fields.get(name)
            if _tells(value):
                rest += f"  {name}={self._shown(_joined(value))}"
        return rest

    def _shown(self, value: Any) -> Any:
        if isinstance(value, str):
            return cut(value.encode("utf-8", "backslashreplace").decode(), self._field_bytes)
        if isinstance(value, dict):
            text = orjson.dumps(value).decode()
            short = cut(text, self._field_bytes)
            return value if short == text else short
        if isinstance(value, tuple | list):
            return [self._shown(item) for item in value]
        return value


def _tells(value: Any) -> bool:
    return bool(value) or value == 0


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return ",".join(value) if isinstance(value, tuple) else value


def _utc(seconds: float) -> str:
    whole = int(seconds)
    return f"{_utc_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(4)
def _utc_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(4)
def _local_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone().strftime("%H:%M:%S")
