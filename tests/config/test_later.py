"""Keys of parts that are not there yet are refused, not ignored."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.config.later import LATER, LATER_VALUES, later
from gateway.core.settings import Section

ROOT = Path(__file__).parents[2]
MODELS = {"model.py", "later.py", "settings.py"}


def said(**sections: object) -> list[tuple[tuple[str | int, ...], str]]:
    return list(later(Config.model_validate(sections)))


def test_the_defaults_ask_for_nothing_that_comes_later():
    assert said() == []


def test_naming_a_default_is_no_wish():
    assert said(admin={"listen": "127.0.0.1:9100"}, tenants=[], tracing={"enabled": False}) == []


@pytest.mark.parametrize(
    ("sections", "where"),
    [
        ({"csms": {"on_csms_down": "buffer"}}, ("csms", "on_csms_down")),
        ({"csms": {"secondaries": [{"url": "ws://b"}]}}, ("csms", "secondaries")),
        ({"state": "postgresql://h/db"}, ("state",)),
        ({"replica": {"url": "http://h"}}, ("replica",)),
        ({"admin": {"listen": "127.0.0.1:1"}}, ("admin",)),
        ({"tracing": {"enabled": True}}, ("tracing",)),
        ({"extensions": {"cbor": True}}, ("extensions", "cbor")),
        ({"tenants": [{"name": "a"}]}, ("tenants",)),
        (
            {"routes": [{"match": "*", "csms": {"on_csms_down": "buffer"}}]},
            ("routes", 0, "csms", "on_csms_down"),
        ),
    ],
)
def test_a_wish_for_something_later_is_told_where_it_stands(sections, where):
    [(place, sentence)] = said(**sections)
    assert place == where
    assert sentence.endswith("which this release does not have yet")


def test_every_key_of_the_table_exists():
    default = Config()
    for path in [*LATER, *(value.path for value in LATER_VALUES)]:
        value: object = default
        for name in path.split("."):
            assert name in type(value).model_fields, path
            value = getattr(value, name)


def keys(section: Section, path: str = "") -> Iterator[str]:
    """Every key that is not refused, dotted."""
    for name in type(section).model_fields:
        value, here = getattr(section, name), f"{path}.{name}".lstrip(".")
        if here in LATER:
            continue
        if isinstance(value, Section):
            yield from keys(value, here)
        else:
            yield here


def test_no_key_is_taken_and_then_ignored():
    sources = [p for p in (ROOT / "gateway").rglob("*.py") if p.name not in MODELS]
    sources += (ROOT / "mappings").rglob("*.yaml")
    words = set(re.findall(r"[a-z0-9_]+", " ".join(p.read_text("utf-8") for p in sources)))
    unread = {key for key in keys(Config()) if key.rpartition(".")[2] not in words}
    assert unread == set()
