"""Schema-valid payloads of every message, as hypothesis strategies, and the shipped catalogue."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from gateway import resources
from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.schema.catalog import Catalog

PARTS = ("request", "response")
_SHORT = 12
_FORMATTED = {"date-time": "2025-06-01T17:00:00Z", "uri": "https://example.com/file"}
_INT64 = (-(2**63), 2**63 - 1)
# What the codec lets through: no lone surrogates, no NUL.
_LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")


@cache
def catalog() -> Catalog:
    """The catalogue that the gateway runs with."""
    return Catalog.load(resources.schema_files(), resources.catalogue_text())


def messages() -> list[tuple[Version, str, str]]:
    """Every (version, action, part)."""
    return [
        (version, action, part)
        for version in Version
        for action in catalog().actions(version)
        for part in PARTS
    ]


@cache
def payloads(version: Version, action: str, part: str) -> st.SearchStrategy[JsonObject]:
    """Payloads that the message's schema accepts, from bare to full."""
    schema = catalog().schema(version, action, part)
    return _object(schema, schema.get("definitions", {}))


def full(version: Version, action: str, part: str) -> JsonObject:
    """One valid payload with every field of the message in it, every list with one item."""
    schema = catalog().schema(version, action, part)
    payload: JsonObject = _example(schema, schema.get("definitions", {}))
    return payload


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value that the codec lets through."""
    leaves = st.none() | st.booleans() | st.integers(*_INT64) | _floats() | _text(_SHORT)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text(5), inner, max_size=3),
        max_leaves=6,
    )


def timestamps() -> st.SearchStrategy[str]:
    """RFC 3339 in the spellings that peers use."""
    date = st.dates().map(lambda day: day.isoformat())
    time = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)).map(
        lambda hms: "{:02}:{:02}:{:02}".format(*hms)
    )
    fraction = st.sampled_from(["", ".0", ".123", ".123456", ".999999999"])
    zone = st.sampled_from(["Z", "z", "+00:00", "+02:00", "-05:30", "+14:00"])
    return st.tuples(date, st.sampled_from("Tt"), time, fraction, zone).map("".join)


def _example(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {}).items()
            return {name: _example(member, definitions) for name, member in members}
        case "array":
            return [_example(schema["items"], definitions)] * schema.get("minItems", 1)
        case "string" if "enum" in schema:
            return schema["enum"][0]
        case "string":
            return _FORMATTED.get(schema.get("format", ""), "text"[: schema.get("maxLength")])
        case "boolean":
            return True
    return int(schema.get("minimum", 1))


def _value(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    match schema.get("type"):
        case "object":
            return _object(schema, definitions)
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + 2), fewest + 2)
            return st.lists(_value(schema["items"], definitions), min_size=fewest, max_size=most)
        case "string":
            return _string(schema)
        case "integer":
            low, high = schema.get("minimum", _INT64[0]), schema.get("maximum", _INT64[1])
            return st.integers(int(low), int(high))
        case "number":
            return _number(schema)
        case "boolean":
            return st.booleans()
    return json_values()


def _object(
    schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> st.SearchStrategy[JsonObject]:
    members = {
        name: _value(member, definitions) for name, member in schema.get("properties", {}).items()
    }
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: member for name, member in members.items() if name in required},
        optional={name: member for name, member in members.items() if name not in required},
    )


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "date-time":
        return timestamps()
    if schema.get("format") == "uri":
        return st.sampled_from(["ftp://user:pass@host/dir/", "https://example.com/a?b=c#d"])
    longest = schema.get("maxLength", _SHORT)
    return _text(min(longest, _SHORT)) | st.just("é" * longest)


def _text(longest: int) -> st.SearchStrategy[str]:
    return st.text(_LETTERS, max_size=longest)


def _number(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    if "multipleOf" in schema:
        assert schema["multipleOf"] == 0.1
        return st.integers(-(10**9), 10**9).map(lambda tenths: tenths / 10)
    low, high = schema.get("minimum"), schema.get("maximum")
    return _floats(low, high) | st.integers(int(low or -1000), int(high or 1000))


def _floats(low: float | None = None, high: float | None = None) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)
