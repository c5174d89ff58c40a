"""Reservations as the gateway remembers them (translation-csms 3.8)."""

from typing import Any

import pytest

from gateway.core.session import reservations
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation

NOW = 1748772000.0  # 2025-06-01T10:00:00Z


@pytest.fixture
def bindings() -> Bindings:
    made = Bindings(Loaded(), Translation())
    made.now = NOW
    return made


@pytest.mark.parametrize(
    ("expires", "reserved"),
    [
        ("2025-06-01T10:00:01Z", True),
        ("2025-06-01T10:00:00Z", False),
        ("2025-06-01T11:59:00+02:00", False),
        (NOW + 1, True),
        (NOW, False),
        (None, True),
    ],
)
def test_a_reservation_holds_until_it_expires(
    bindings: Bindings, expires: Any, reserved: bool
) -> None:
    reservations.keep(bindings, {"id": 7, "conn16": 2, "expires": expires})
    assert reservations.is_reserved(bindings, 2) is reserved
    assert not reservations.is_reserved(bindings, 1)


def test_a_reservation_gives_way_to_one_of_its_id(bindings: Bindings) -> None:
    reservations.keep(bindings, {"id": 7, "conn16": 2})
    reservations.keep(bindings, {"id": 7, "conn16": 1})
    assert not reservations.is_reserved(bindings, 2)
    assert reservations.is_reserved(bindings, 1)
    reservations.forget(bindings, 7)
    assert not reservations.is_reserved(bindings, 1)


def test_reservations_that_are_long_over_do_not_pile_up(bindings: Bindings) -> None:
    reservations.keep(bindings, {"id": 1, "conn16": 2, "expires": NOW - 90000})
    reservations.keep(bindings, {"id": 2, "conn16": 2, "expires": NOW - 60})
    reservations.keep(bindings, {"id": 3, "conn16": 2, "expires": NOW + 60})
    assert [row["id"] for row in reservations.on_connector(bindings, 2)] == [2, 3]
