"""Named conversions that rows use with `via:`; metering has its own in `metering.py`.

A conversion is a pair of steps, one per version travelled to; the steps undo each other as far as
the versions allow. Every step says what types it takes and gives, so that the checker can tell
whether it settles a conflict between two fields, and carries examples that a test runs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from gateway.core import numbers, timestamps
from gateway.core.dialects import Version
from gateway.core.json_text import value_in
from gateway.core.mapping.context import Context

V16, V201 = Version.V16, Version.V201


class Example(NamedTuple):
    """What a step makes of some inputs. limit: of the target, where the step asks for it."""

    inputs: tuple[Any, ...]
    output: Any
    limit: int | None = None


class Shape(NamedTuple):
    """What a step gives: JSON type, longest text (None: any length), format.

    absent: may be None in a tuple, which leaves the target out.
    """

    type: str
    max_length: int | None = None
    format: str = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One way of a conversion.

    call: (inputs...) -> value, or a tuple of values where `gives` has several. None, where it
    `fails`: the value cannot be expressed.
    takes: JSON types by input, the row's sources first, then what it names in `with:`.
    Inputs after the first may be missing (None).
    context, limit: the call wants the Context first, the target's max_length last.
    keeps_length: text gets no longer. fails: may give None; optional: None means that there is
    nothing to say and nothing is lost.
    fast: Python condition on `{0}` under which the value passes unchanged; inline: Python lines
    for the common case ({0}.. inputs, {a}, {b} outputs), ending in the `else:` of the call.
    together: what the first inputs of all items of a list are made into at once, for less than one
    by one; the lines have the item's share of it as {t}.
    """

    call: Callable[..., Any]
    takes: tuple[str, ...]
    gives: tuple[Shape, ...]
    examples: tuple[Example, ...]
    context: bool = False
    limit: bool = False
    keeps_length: bool = False
    fails: bool = False
    optional: bool = False
    fast: str = ""
    inline: tuple[str, ...] = ()
    together: Callable[[list[Any]], list[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """summary: for explain and the reference page; to: steps by version travelled to."""

    name: str
    summary: str
    to: Mapping[Version, Step] = field(default_factory=dict)


_CI_STRING = re.compile(r"[\x20-\x7e]*").fullmatch
_NOT_CI = re.compile(r"[^\x20-\x7e]")
_PLAIN = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*://(?:(?:{_PLAIN}|:)*@)?(?:{_PLAIN}*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?"
    rf"(?:/(?:{_PLAIN}|[:@/])*)?(?:\?(?:{_PLAIN}|[:@/?])*)?(?:\#(?:{_PLAIN}|[:@/?])*)?"
).fullmatch
_UNCHANGED = "{0}.isascii() and {0}.isprintable()"


def timestamp(context: Context, text: str) -> str | None:
    """Normal form of version maps, or None if text is no timestamp (translation-station 1.3)."""
    try:
        return timestamps.normalise(text, context.settings.timezone_default)
    except ValueError:
        return None


def ci_string(text: str) -> str:
    """Printable ASCII, as 1.6 CiStrings are (translation-station 1.4)."""
    return text if _CI_STRING(text) else _NOT_CI.sub("?", text)


def cut(text: str, limit: int | None) -> str:
    """The first `limit` characters without trailing white space (translation-station 0, 1.4)."""
    return text if limit is None else text[:limit].rstrip()


def address(text: str) -> str | None:
    """The text if it is a URI, which 1.6 asks for and 2.0.1 does not."""
    return text if _URI(text) else None


def whole_address(text: str, limit: int | None) -> str | None:
    """The text if the target takes all of it."""
    return text if limit is None or len(text) <= limit else None


def cut_ci(text: str, limit: int | None) -> str:
    return cut(ci_string(text), limit)


def same(value: Any) -> Any:
    return value


def tag(context: Context, id_token: str, token_type: str) -> str:
    return context.tag(id_token, token_type)


def untag(context: Context, id_tag: str) -> tuple[str, str]:
    return context.untag(id_tag)


def group_token(context: Context, id_tag: str) -> tuple[str, str]:
    """Group tokens always have one type, so that they compare equal (translation-station 1.8)."""
    return id_tag, context.settings.id_token.group_type


def connector(context: Context, evse_id: int, connector_id: int | None) -> int:
    return context.connector16(evse_id, connector_id)


def evse(context: Context, number: int) -> tuple[int | None, int | None]:
    return context.evse201(number) if number else (None, None)


def evse_of_connector(context: Context, number: int) -> int:
    return context.evse201(number)[0]


def connector_of_evse(context: Context, evse_id: int) -> int:
    return context.connector16(evse_id, None) if evse_id else 0


def running_transaction(context: Context, evse_id: int) -> int | None:
    return context.transaction16(evse_id)


def one_decimal(value: float) -> int | float:
    """One decimal, towards zero: a limit may only become smaller (translation-csms 0, dec1)."""
    return numbers.json_number(numbers.truncated(numbers.decimal(value), 1))


def list_version(version: int) -> int:
    """-1, no lists at all, is version 0 in 2.0.1 (translation-csms 3.6)."""
    return max(version, 0)


def json_text(value: Any) -> str:
    """Text as it is, anything else as compact JSON (translation-station 3.9)."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def json_answer(text: str, asked: Any) -> Any:
    """The value in the text if the question was no text either (translation-station 3.9)."""
    if isinstance(asked, str):
        return text
    try:
        return value_in(text)
    except ValueError:
        return text


_TEXT = (Shape("string"),)
_TIMESTAMP = Step(
    timestamp,
    ("string",),
    (Shape("string", format="date-time"),),
    (
        Example(("2025-06-01T10:05:00+02:00",), "2025-06-01T08:05:00Z"),
        Example(("2025-06-01T08:05:00.1234567Z",), "2025-06-01T08:05:00.123Z"),
        Example(("yesterday",), None),
    ),
    context=True,
    fails=True,
    fast=(
        '(len({0}) == 20 or len({0}) == 24 and {0}[19] == ".")'
        ' and {0}[-1] == "Z" and {0}[10] == "T" and {0}[17] < "6"'
    ),
)
_SAME_TEXT = Step(same, ("string",), _TEXT, (Example(("Größe",), "Größe"),), keeps_length=True)
_JSON_TEXT = Step(
    json_text,
    ("any",),
    _TEXT,
    (Example(("42",), "42"), Example(({"a": [1, 2]},), '{"a":[1,2]}')),
)

_ALL = (
    Conversion(
        "timestamp",
        "UTC with Z; no fraction if the source had none, else three digits. Date-time fields need "
        "not name it",
        {V16: _TIMESTAMP, V201: _TIMESTAMP},
    ),
    Conversion(
        "ascii",
        "a 1.6 CiString: other characters than printable ASCII become ?",
        {
            V16: Step(
                ci_string,
                ("string",),
                _TEXT,
                (Example(("Ladesäule 7",), "Lades?ule 7"),),
                keeps_length=True,
                fast=_UNCHANGED,
            ),
            V201: _SAME_TEXT,
        },
    ),
    Conversion(
        "cut",
        "as ascii, then the first characters up to the target's limit, without trailing blanks",
        {
            V16: Step(
                cut_ci,
                ("string",),
                _TEXT,
                (
                    Example(("Example Charging Systems",), "Example Charging Sys", 20),
                    Example(("Example Company (GER) Ltd",), "Example Company", 16),
                    Example(("Example ",), "Example", 20),
                ),
                limit=True,
                fast="len({0}) <= {limit} and not {0}.endswith(' ') and " + _UNCHANGED,
            ),
            V201: Step(
                cut,
                ("string",),
                _TEXT,
                (Example(("short",), "short", 50),),
                limit=True,
                fast="len({0}) <= {limit}",
            ),
        },
    ),
    Conversion(
        "address",
        "a URI; longer than 2.0.1 takes, or none at all towards 1.6, it cannot go over",
        {
            V16: Step(
                address,
                ("string",),
                _TEXT,
                (
                    Example(("ftp://user:pw@a.org:21/b?c#d",), "ftp://user:pw@a.org:21/b?c#d"),
                    Example(("my files",), None),
                ),
                keeps_length=True,
                fails=True,
            ),
            V201: Step(
                whole_address,
                ("string",),
                _TEXT,
                (Example(("ftp://a.org",), "ftp://a.org", 20), Example(("ftp://a.org",), None, 5)),
                limit=True,
                fails=True,
                fast="len({0}) <= {limit}",
            ),
        },
    ),
    Conversion(
        "tag",
        "2.0.1 token and type <-> 1.6 idTag, by the station's token registry and the id_token "
        "settings",
        {
            V16: Step(
                tag,
                ("string", "string"),
                (Shape("string", 20),),
                (Example(("04A2B3C4D5E680", "ISO14443"), "04A2B3C4D5E680"),),
                context=True,
            ),
            V201: Step(
                untag,
                ("string",),
                (Shape("string", 36), Shape("string")),
                (Example(("04A2B3C4D5E680",), ("04A2B3C4D5E680", "ISO14443")),),
                context=True,
            ),
        },
    ),
    Conversion(
        "group",
        "as tag, but towards 2.0.1 always of the type id_token.group_type",
        {
            V16: Step(
                tag,
                ("string", "string"),
                (Shape("string", 20),),
                (Example(("FLEET-7", "Central"), "FLEET-7"),),
                context=True,
            ),
            V201: Step(
                group_token,
                ("string",),
                (Shape("string", 20), Shape("string")),
                (Example(("FLEET-7",), ("FLEET-7", "Central")),),
                context=True,
            ),
        },
    ),
    Conversion(
        "evse",
        "2.0.1 EVSE and connector <-> 1.6 connectorId, by the topology; 0 has no EVSE",
        {
            V16: Step(
                connector,
                ("integer", "integer"),
                (Shape("integer"),),
                (Example((2, 1), 2), Example((2, None), 2)),
                context=True,
            ),
            V201: Step(
                evse,
                ("integer",),
                (Shape("integer", absent=True), Shape("integer", absent=True)),
                (Example((2,), (2, 1)), Example((0,), (None, None))),
                context=True,
            ),
        },
    ),
    Conversion(
        "evse_id",
        "2.0.1 evseId <-> 1.6 connectorId, by the topology; 0 is the whole station in both",
        {
            V16: Step(
                connector_of_evse,
                ("integer",),
                (Shape("integer"),),
                (Example((2,), 2), Example((0,), 0)),
                context=True,
            ),
            V201: Step(
                evse_of_connector,
                ("integer",),
                (Shape("integer"),),
                (Example((2,), 2), Example((0,), 0)),
                context=True,
            ),
        },
    ),
    Conversion(
        "running_transaction",
        "the 1.6 transactionId of the only transaction that runs on a 2.0.1 EVSE",
        {
            V16: Step(
                running_transaction,
                ("integer",),
                (Shape("integer"),),
                (Example((1,), 10), Example((2,), None)),
                context=True,
                fails=True,
                optional=True,
            )
        },
    ),
    Conversion(
        "dec1",
        "towards 1.6 one decimal, rounded towards zero",
        {
            V16: Step(
                one_decimal,
                ("number",),
                (Shape("number"),),
                (Example((15.97,), 15.9), Example((-0.19,), -0.1), Example((16.0,), 16)),
            ),
            V201: Step(same, ("number",), (Shape("number"),), (Example((8.5,), 8.5),)),
        },
    ),
    Conversion(
        "list_version",
        "version of the local list; 1.6 says -1 where there are no lists, 2.0.1 says 0",
        {
            V16: Step(list_version, ("integer",), (Shape("integer"),), (Example((9,), 9),)),
            V201: Step(
                list_version,
                ("integer",),
                (Shape("integer"),),
                (Example((9,), 9), Example((-1,), 0)),
            ),
        },
    ),
    Conversion(
        "json_text",
        "2.0.1 data of any kind <-> 1.6 text: text stays text, anything else is compact JSON",
        {
            V16: _JSON_TEXT,
            V201: Step(same, ("string",), (Shape("any"),), (Example(("{}",), "{}"),)),
        },
    ),
    Conversion(
        "json_answer",
        "as json_text, but an answer to a question that was no text is parsed, if it can be",
        {
            V16: Step(
                lambda value, _: json_text(value),
                ("any", "any"),
                _TEXT,
                (Example(({"done": True}, None), '{"done":true}'),),
            ),
            V201: Step(
                json_answer,
                ("string", "any"),
                (Shape("any"),),
                (
                    Example(('{"done":true}', {"a": 1}), {"done": True}),
                    Example(('{"done":true}', "a"), '{"done":true}'),
                    Example(('{"done":true}', None), {"done": True}),
                    Example(("done", {"a": 1}), "done"),
                ),
            ),
        },
    ),
)

BASIC: dict[str, Conversion] = {conversion.name: conversion for conversion in _ALL}
DEFAULT_FOR_DATE_TIME = "timestamp"
