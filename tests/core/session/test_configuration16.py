"""What is known of a 1.6 station's keys."""

import pytest

from gateway.core.session.bindings import Bindings
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation


@pytest.fixture
def cache(revision):
    return Configuration16(Bindings(Loaded(), Translation()), revision.maps.keys)


def row(key, value=None, readonly=False):
    return {"key": key, "readonly": readonly, **({} if value is None else {"value": value})}


def test_keys_are_the_same_in_any_case_and_kept_once(cache):
    cache.keep(row("heartbeatInterval", "300"))
    cache.keep(row("HeartbeatInterval", "60", readonly=True))
    assert cache.value("HEARTBEATINTERVAL") == "60"
    assert cache.is_readonly("heartbeatInterval")
    cache.forget(["heartbeatinterval"])
    assert cache.is_empty


def test_an_unknown_key_is_neither_there_nor_read_only(cache):
    assert cache.row("X") is None
    assert cache.value("X") is None
    assert not cache.is_readonly("X")


def test_a_written_value_takes_the_place_of_the_one_before(cache):
    cache.keep(row("X", "1", readonly=False))
    cache.written("x", "2")
    cache.written("Y", "3")
    assert (cache.value("X"), cache.value("Y")) == ("2", "3")


def test_a_secret_is_not_kept(cache):
    cache.keep(row("authorizationKey", "leaked"))
    cache.written("AuthorizationKey", "leaked")
    assert cache.row("AuthorizationKey") == row("authorizationKey")


def test_a_full_answer_replaces_everything(cache):
    cache.keep(row("X", "1"))
    cache.replace([row("Y", "2")])
    assert cache.row("X") is None
    assert cache.value("Y") == "2"
    cache.clear()
    assert cache.is_empty


@pytest.mark.parametrize(("value", "known"), [("5", 5), ("0", None), ("many", None), (None, None)])
def test_how_many_keys_a_request_may_have(cache, value, known):
    cache.keep(row("GetConfigurationMaxKeys", value))
    assert cache.max_keys == known
