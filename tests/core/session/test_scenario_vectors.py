"""Scripted conversations through the core, offline: the vectors covered so far, and our own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.desk import Revision
from gateway.core.session.scenario import VERSIONS, play
from gateway.core.settings import Section, Translation
from tests.support.vectors import SCOPE, TESTS, vector

CONVERSATIONS = sorted((TESTS / "conversations").glob("*.json"))


@pytest.mark.parametrize("name", SCOPE)
def test_a_vector_of_the_scope_comes_out_exactly(name: str, revision: Revision) -> None:
    result = play(vector(name), revision)
    assert result.ok, result.text


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_a_conversation_of_our_own_comes_out_exactly(path: Path, revision: Revision) -> None:
    result = play(json.loads(path.read_text()), revision)
    assert result.ok, result.text


def scripts() -> Iterator[dict[str, Any]]:
    yield from (vector(name) for name in SCOPE)
    yield from (json.loads(path.read_text()) for path in CONVERSATIONS)


def named(config: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Keys of a script's config, dotted."""
    for name, value in config.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from named(value, f"{prefix}{name}.")


def options(section: type[Section], prefix: str = "") -> Iterator[str]:
    """Keys of a section of the configuration, dotted."""
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            yield from options(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_every_option_of_the_translation_is_played() -> None:
    played = {key for script in scripts() for key in named(script.get("config", {}))}
    assert set(options(Translation)) - played == set()


def test_every_message_that_a_peer_may_send_is_played(revision: Revision) -> None:
    played = {
        (VERSIONS[script["direction"]][Side(step["from"])], step["from"], step["frame"][2])
        for script in scripts()
        for step in script["steps"]
        if "from" in step and step["frame"][0] == 2 and len(step["frame"]) == 4
    }
    sendable = {
        (version, str(side), action)
        for version in Version
        for action in revision.catalog.actions(version)
        for side in revision.catalog.sender(version, action) or ()
    }
    assert sendable - played == set()
