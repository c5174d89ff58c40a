"""The 2.0.1 transactionId of a transaction whose start the gateway never saw."""

from uuid import NAMESPACE_URL
from uuid import uuid5 as reference

import pytest

from gateway.core.session.procedures.derived_id import adopted_id, uuid5


@pytest.mark.parametrize("name", ["", "http://example.com", "ocpp16:CP-1:987654", "Säule"])
def test_it_is_the_uuid5_of_the_standard_library(name: str) -> None:
    assert uuid5(name) == str(reference(NAMESPACE_URL, name))


def test_a_transaction_is_named_after_station_and_number() -> None:
    assert adopted_id("CP-1", 987654) == str(reference(NAMESPACE_URL, "ocpp16:CP-1:987654"))


def test_transactions_without_a_number_are_told_apart_by_occasion() -> None:
    assert adopted_id("CP-1", -1, "a") != adopted_id("CP-1", -1, "b")
    assert adopted_id("CP-1", -1, "a") == adopted_id("CP-1", -1, "a")
