"""The store of profiles that a 1.6 station accepted (translation-csms 4.5)."""

from typing import Any

import pytest

from gateway.core.frames import JsonObject
from gateway.core.session import charging_profiles as store
from gateway.core.session.bindings import Bindings
from gateway.core.session.effects import Put
from gateway.core.session.state import ACTIVE, CLOSED, Loaded
from gateway.core.settings import Translation

NOW = 1748772000.0  # 2025-06-01T10:00:00Z


@pytest.fixture
def bindings() -> Bindings:
    made = Bindings(Loaded(), Translation())
    made.now = NOW
    return made


def profile(number: int, purpose: str = "TxDefaultProfile", **members: Any) -> JsonObject:
    return {"id": number, "stackLevel": 0, "chargingProfilePurpose": purpose, **members}


def ids(bindings: Bindings, **wanted: Any) -> list[int]:
    return sorted(stored.profile["id"] for stored in store.matching(bindings, wanted))


def transaction(bindings: Bindings, tx201: str, **members: Any) -> None:
    record = bindings.new_transaction(tx201)
    for name, value in {"state": ACTIVE, "evse_id": 1, **members}.items():
        setattr(record, name, value)
    bindings.keep(record)


def test_a_profile_comes_back_from_the_store_as_it_was_sent(bindings: Bindings) -> None:
    sent = profile(3, "TxProfile", customData={"vendorId": "x"}, transactionId="t")
    transaction(bindings, "t")
    store.keep(bindings, 1, sent, "t")
    rows = [op for op in bindings.table.take_changes() if isinstance(op, Put)]
    again = Bindings(Loaded(tuple((op.kind, op.key, op.value) for op in rows)), Translation())
    again.now = NOW
    (stored,) = store.matching(again, {})
    assert (stored.evse_id, stored.profile, stored.tx201) == (1, sent, "t")


def test_a_profile_gives_way_to_one_of_its_id_or_of_its_place(bindings: Bindings) -> None:
    store.keep(bindings, 1, profile(1))
    store.keep(bindings, 1, profile(2))
    assert ids(bindings) == [2]
    store.keep(bindings, 2, profile(2, stackLevel=4))
    assert [s.evse_id for s in store.matching(bindings, {})] == [2]
    store.keep(bindings, 2, profile(3))
    store.keep(bindings, 2, profile(4, "ChargingStationMaxProfile"))
    assert ids(bindings) == [2, 3, 4]


def test_two_transactions_of_one_evse_have_each_their_profile(bindings: Bindings) -> None:
    transaction(bindings, "t1")
    transaction(bindings, "t2")
    store.keep(bindings, 1, profile(1, "TxProfile"), "t1")
    store.keep(bindings, 1, profile(2, "TxProfile"), "t2")
    assert ids(bindings) == [1, 2]


def test_a_profile_goes_with_its_transaction(bindings: Bindings) -> None:
    transaction(bindings, "t")
    store.keep(bindings, 1, profile(1, "TxProfile"), "t")
    store.keep(bindings, 1, profile(2))
    transaction(bindings, "t", state=CLOSED)
    assert ids(bindings) == [2]


@pytest.mark.parametrize(
    ("until", "there"),
    [
        ("2025-06-01T10:00:00Z", False),
        ("2025-06-01T10:00:01Z", True),
        ("2025-06-01T11:30:00+02:00", False),
        ("some day", True),
    ],
)
def test_a_profile_goes_with_its_time(bindings: Bindings, until: str, there: bool) -> None:
    store.keep(bindings, 1, profile(1, validTo=until))
    assert ids(bindings) == ([1] if there else [])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3]),
        ({"evseId": 0}, [1]),
        ({"evseId": 2}, [2, 3]),
        ({"chargingProfilePurpose": "TxDefaultProfile"}, [2, 3]),
        ({"stackLevel": 5}, [3]),
        ({"chargingProfileId": 2}, [2]),
        ({"chargingProfileId": [1, 3, 9]}, [1, 3]),
        ({"chargingProfileId": [1, 3], "evseId": 2}, [3]),
        ({"evseId": 1}, []),
    ],
)
def test_every_criterion_must_hold(
    bindings: Bindings, wanted: JsonObject, found: list[int]
) -> None:
    store.keep(bindings, 0, profile(1, "ChargingStationMaxProfile"))
    store.keep(bindings, 2, profile(2))
    store.keep(bindings, 2, profile(3, stackLevel=5))
    assert ids(bindings, **wanted) == found
    store.clear(bindings, wanted)
    assert ids(bindings) == sorted({1, 2, 3} - set(found))
