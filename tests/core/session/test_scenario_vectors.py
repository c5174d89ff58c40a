"""Scripted conversations through the core, offline: the vectors covered so far, and our own."""

import json
from pathlib import Path

import pytest

from gateway.core.session.desk import Revision
from gateway.core.session.scenario import play
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
