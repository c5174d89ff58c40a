"""What broke in a payload, where, and which OCPP error code that is (translation-station 1.2)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import orjson
from jsonschema_rs import ValidationError, Validator

from gateway.core import numbers
from gateway.core.dialects import (
    FORMAT_VIOLATION,
    OCCURRENCE_VIOLATION,
    PROPERTY_VIOLATION,
    TYPE_VIOLATION,
)
from gateway.core.errors import Violation
from gateway.core.schema.fields import DATE_TIME

Path = tuple[str | int, ...]

TYPE = "type"
REQUIRED = "required"
UNKNOWN = "additionalProperties"
MAX_LENGTH = "maxLength"
ENUM = "enum"
FORMAT = "format"
MULTIPLE_OF = "multipleOf"

_CODES = {
    REQUIRED: OCCURRENCE_VIOLATION,
    "minItems": OCCURRENCE_VIOLATION,
    "maxItems": OCCURRENCE_VIOLATION,
    TYPE: TYPE_VIOLATION,
    UNKNOWN: FORMAT_VIOLATION,
}
# The code that a payload with several faults is answered with: the first of these that occurs.
# What is missing or of the wrong type is why the message cannot be used; a member that nobody
# knows may even be the missing one under another name.
_PRECEDENCE = (OCCURRENCE_VIOLATION, TYPE_VIOLATION, PROPERTY_VIOLATION, FORMAT_VIOLATION)
# The catalogue forbids some timestamps by `not` beside `format` (catalog.py): one rule for readers.
_NOT = "not"
# A payload may break as many rules as it has nodes; nobody reads that many.
_MOST_VIOLATIONS = 1000
_MOST_SHOWN = 8
_LONGEST_SHOWN = 40
_LONGEST_DESCRIPTION = 255
_ARTICLES = {"array": "a list", "integer": "an integer", "object": "an object", "null": "null"}


class Finding(NamedTuple):
    """One broken rule for programs.

    path: of the member that breaks it, also of a missing or unknown member. rule: schema keyword.
    allowed: the keyword's value in the schema (a limit, a format, a tuple of values or types).
    """

    path: Path
    rule: str
    allowed: Any


def findings(validator: Validator, payload: Any) -> tuple[Finding, ...]:
    """Every broken rule in document order; one a member, its type before all else."""
    found: dict[Path, Finding] = {}
    for fault in validator.iter_errors(payload):
        for finding in _findings_of(fault):
            if finding.path not in found or finding.rule == TYPE:
                found[finding.path] = finding
    places = _Places(payload)
    return tuple(sorted(found.values(), key=lambda finding: places.of(finding.path)))


def violations_of(found: Iterable[Finding], payload: Any) -> tuple[Violation, ...]:
    """The findings in words, in the same order; the first thousand of them."""
    return tuple(
        Violation(json_path(f.path), f.rule, _code(f), _words(f, _value(payload, f.path)))
        for f in islice(found, _MOST_VIOLATIONS)
    )


def worst(violations: tuple[Violation, ...]) -> str:
    """The code to answer with, where violations is not empty: missing or too many members before
    wrong types, before values out of bounds, before unknown members."""
    codes = {violation.code for violation in violations}
    return next(code for code in _PRECEDENCE if code in codes)


def describe(violations: tuple[Violation, ...]) -> str:
    """At most 255 characters: each path and what is wrong there, the `worst` code's first."""
    code = worst(violations)
    ordered = sorted(violations, key=lambda violation: violation.code != code)
    text = "; ".join(f"{violation.path} {violation.message}" for violation in ordered)
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1] + "…"


def json_path(path: Path) -> str:
    """`$.meterValue[0].timestamp`; names that are no identifiers are quoted and cut."""
    return "$" + "".join(_step(part) for part in path)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if part.isidentifier() and part.isascii() and len(part) <= _LONGEST_SHOWN:
        return "." + part
    return f"[{_shown(part)}]"


def _findings_of(fault: ValidationError) -> Iterator[Finding]:
    path = tuple(fault.instance_path)
    rule, allowed = fault.kind.name, fault.kind.value
    if rule == _NOT:
        rule, allowed = FORMAT, DATE_TIME
    if rule == UNKNOWN:
        for name in allowed:
            yield Finding((*path, name), rule, ())
    elif rule == REQUIRED:
        yield Finding((*path, allowed), rule, ())
    else:
        yield Finding(path, rule, tuple(allowed) if isinstance(allowed, list) else allowed)


def _code(finding: Finding) -> str:
    if not finding.path:
        return FORMAT_VIOLATION
    return _CODES.get(finding.rule, PROPERTY_VIOLATION)


class _Places:
    """Where paths stand in a document; what is missing comes after what is there."""

    def __init__(self, payload: Any) -> None:
        self._payload = payload
        self._orders: dict[int, dict[str, int]] = {}

    def of(self, path: Path) -> tuple[int, ...]:
        holder = self._payload
        place: list[int] = []
        for part in path:
            if isinstance(part, int):
                place.append(part)
                holder = holder[part]
            else:
                place.append(self._order(holder).get(part, len(holder)))
                holder = holder.get(part)
        return tuple(place)

    def _order(self, holder: dict[str, Any]) -> dict[str, int]:
        if id(holder) not in self._orders:
            self._orders[id(holder)] = {name: place for place, name in enumerate(holder)}
        return self._orders[id(holder)]


def _value(payload: Any, path: Path) -> Any:
    for part in path:
        if isinstance(payload, dict) and part not in payload:
            return None
        payload = payload[part]
    return payload


def _words(finding: Finding, value: Any) -> str:
    """What is wrong and what is allowed. Free text of the payload is never repeated: it may be a
    token or a password, and the sentence goes into logs (reliability S25)."""
    allowed = finding.allowed
    match finding.rule:
        case "required":
            return "is missing"
        case "additionalProperties":
            return "is not a member of this object"
        case "type":
            return f"must be {_types(allowed)}, is {_type_name(value)}"
        case "enum":
            return f"must be {_choice(allowed)}, is {_shown(value)}"
        case "maxLength":
            return f"may have {allowed} characters, has {len(value)}"
        case "minItems":
            return f"needs {allowed} items or more, has {len(value)}"
        case "maxItems":
            return f"may have {allowed} items, has {len(value)}"
        case "minimum":
            return f"must be {_number(allowed)} or more, is {_shown(value)}"
        case "maximum":
            return f"must be {_number(allowed)} or less, is {_shown(value)}"
        case "multipleOf":
            return f"must be a multiple of {_number(allowed)}, is {_shown(value)}"
        case "format" if allowed == DATE_TIME:
            return f"must be an RFC 3339 timestamp, is {_shown(value)}"
        case "format":
            return f"must be of the format {allowed}"
    return f"breaks the rule {finding.rule}: {_shown(allowed)}"


def _number(limit: float) -> str:
    return numbers.plain(numbers.decimal(limit))


def _choice(options: tuple[Any, ...]) -> str:
    shown = ", ".join(str(option) for option in options[:_MOST_SHOWN])
    more = len(options) - _MOST_SHOWN
    if more > 0:
        return f"one of {shown} or {more} more"
    return f"one of {shown}" if len(options) > 1 else shown


def _types(names: tuple[str, ...]) -> str:
    return " or ".join(_ARTICLES.get(name, f"a {name}") for name in names)


def _type_name(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"


def _shown(value: Any) -> str:
    """The value as JSON text, cut."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
