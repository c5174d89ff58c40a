"""Schema-valid payloads by the thousand: plain functions of a random.Random, without shrinking.

`payloads.py` makes the same as hypothesis strategies, which say more of a failure and cost ten
times as much.
"""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from tests.support.payloads import catalog

Draw = Callable[[Random], Any]
Schema = Mapping[str, Any]
Words = tuple[str, ...]

PRINTABLE = (
    "", "a", "0", "-1", "true", "Other", "04A2B3C4D5E680", "DEADBEEF", "*DE*ABC*123", "FLEET-7",
    " x ", "1.5", "A,W", '{"a":1}', "Energy.Active.Import.Register", "x" * 1000,
)  # fmt: skip
"""Texts that both versions can say; the last one is cut to what a field takes."""
WORDS = (*PRINTABLE, "Ladesäule 7", "line\nbreak", "é" * 1000)
_URIS = ("ftp://user:pass@host/dir/", "https://example.com/a?b=c#d")
_ZONES = ("Z", "Z", "Z", "z", "+00:00", "+02:00", "-05:30")
_FRACTIONS = ("", "", ".0", ".123", ".999999999")
_INTEGERS = (0, 1, 2, 3, 7, 100, 4711, -1, 2**31 - 1, -(2**31), 2**53)
_NUMBERS = (0, 1, 16, 230.5, -0.1, 0.05, 32.0, 7400.55, 1e-7, 18750.6, 1e9)
_ANYTHING = ("text", "", 0, 1.5, True, None, [1, "two"], {"vendorId": "org.example", "n": {"m": 1}})
OPTIONAL = 0.4
"""How often an optional field is there; in one payload of ten all are, in one none."""


def sample(
    random: Random, version: Version, action: str, part: str, words: Words = WORDS
) -> JsonObject:
    """A valid payload of that message. words: that its texts are taken from, where they fit."""
    payload: JsonObject = _message(version, action, part, words)(random)
    return payload


@cache
def _message(version: Version, action: str, part: str, words: Words) -> Draw:
    schema = catalog().schema(version, action, part)
    members = _members(schema, schema.get("definitions", {}), words)

    def draw(random: Random) -> JsonObject:
        chance = random.choice((0.0, 1.0, *(OPTIONAL,) * 8))
        return {name: make(random) for name, must, make in members if must or _now(random, chance)}

    return draw


def _now(random: Random, chance: float) -> bool:
    return random.random() < chance


def _members(schema: Schema, definitions: Schema, words: Words) -> list[tuple[str, bool, Draw]]:
    required = schema.get("required", ())
    return [
        (name, name in required, _draw(member, definitions, words))
        for name, member in schema.get("properties", {}).items()
    ]


def _draw(schema: Schema, definitions: Schema, words: Words) -> Draw:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    match schema.get("type"):
        case "object":
            return _object(schema, definitions, words)
        case "array":
            return _array(schema, definitions, words)
        case "string":
            return _string(schema, words)
        case "integer" | "number" as kind:
            return _numeric(schema, _INTEGERS if kind == "integer" else _NUMBERS)
        case "boolean":
            return lambda random: random.random() < 0.5
    return lambda random: random.choice(_ANYTHING)


def _object(schema: Schema, definitions: Schema, words: Words) -> Draw:
    members = _members(schema, definitions, words)
    return lambda random: {
        name: make(random) for name, must, make in members if must or _now(random, OPTIONAL)
    }


def _array(schema: Schema, definitions: Schema, words: Words) -> Draw:
    item, fewest = _draw(schema["items"], definitions, words), schema.get("minItems", 0)
    most = min(schema.get("maxItems", fewest + 2), fewest + 2)
    return lambda random: [item(random) for _ in range(random.randint(fewest, most))]


def _string(schema: Schema, words: Words) -> Draw:
    if "enum" in schema:
        return lambda random: random.choice(schema["enum"])
    if schema.get("format") == "date-time":
        return _timestamp
    if schema.get("format") == "uri":
        return lambda random: random.choice(_URIS)
    longest = schema.get("maxLength", 30)
    usable = tuple(word[:longest] for word in words)
    return lambda random: random.choice(usable)


def _timestamp(random: Random) -> str:
    day = f"20{random.randint(0, 99):02}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    time = f"{random.randint(0, 23):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}"
    return f"{day}T{time}{random.choice(_FRACTIONS)}{random.choice(_ZONES)}"


def _numeric(schema: Schema, values: tuple[float, ...]) -> Draw:
    low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    limits = tuple(int(limit) for limit in (low, high) if abs(limit) != float("inf"))
    step = schema.get("multipleOf")
    usable = tuple(value for value in (*values, *limits) if low <= value <= high)
    if step is not None:
        assert step == 0.1
        usable = tuple(value for value in usable if round(value, 1) == value)
    return lambda random: random.choice(usable)
