"""Who may begin a handshake."""

import resource

import pytest

from gateway.io.admission import SPARE_DESCRIPTORS, Admission, Strangers, max_stations


def test_there_is_room_until_there_is_none():
    now = [0.0]
    admission = Admission(handshakes_per_s=2, stations=10, clock=lambda: now[0])
    assert [bool(admission.refuses(0)) for _ in range(3)] == [False, False, True]
    now[0] = 1.0
    assert not admission.refuses(9)
    assert admission.refuses(10)
    admission.draining = True
    now[0] = 100.0
    assert "shutting down" in admission.refuses(0)


def test_stations_need_two_descriptors_each(monkeypatch):
    limits = [(256, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limits.append(new))
    assert max_stations("auto") == (4096 - SPARE_DESCRIPTORS) // 2
    assert limits[-1] == (4096, 4096)
    assert max_stations(7) == 7


@pytest.mark.parametrize("gone_twice", [False, True])
def test_strangers_are_counted_in_all_and_for_each_address(gone_twice):
    strangers = Strangers(most=3, most_per_address=2)
    assert [strangers.enter(n, "a") for n in range(3)] == [True, True, False]
    assert strangers.enter(10, "b")
    assert not strangers.enter(11, "c")
    strangers.leave(0)
    if gone_twice:
        strangers.leave(0)
    assert strangers.enter(12, "c")
    assert not strangers.enter(13, "a")


def test_the_clients_of_a_proxy_are_counted_each_by_itself():
    strangers = Strangers(most=5, most_per_address=1)
    assert [strangers.enter(n, None) for n in range(4)] == [True] * 4
    assert strangers.calls_for(0, "a")
    assert not strangers.calls_for(1, "a")
    assert strangers.calls_for(1, "b")
    assert not strangers.enter(9, "a")
    strangers.leave(0)
    assert strangers.calls_for(2, "a")
    assert strangers.calls_for(2, "a")
    assert strangers.calls_for(0, "a"), "it has shown who it is"


def test_the_connections_of_a_proxy_count_in_all():
    strangers = Strangers(most=2, most_per_address=1)
    assert [strangers.enter(n, None) for n in range(3)] == [True, True, False]
    strangers.leave(0)
    assert strangers.enter(3, "a")
