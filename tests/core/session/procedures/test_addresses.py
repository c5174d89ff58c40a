"""Which 1.6 connector of an EVSE is meant (translation-csms 1.3)."""

import pytest

from gateway.core.errors import Untranslatable
from gateway.core.session.bindings import Bindings
from gateway.core.session.procedures.addresses import all16, one16
from gateway.core.session.state import ACTIVE, Loaded
from gateway.core.settings import Translation

TOPOLOGY = [[1, 1], [1, 2], [1, 3], [2, 1]]


def bindings(*statuses: str, topology: object = TOPOLOGY) -> Bindings:
    made = Bindings(Loaded(), Translation.model_validate({"topology": topology}))
    for number, status in enumerate(statuses, start=1):
        connector = made.connector(1, number)
        connector.status16 = status
        made.keep_connector(connector)
    return made


@pytest.mark.parametrize(
    ("statuses", "number"),
    [
        ((), 1),
        (("Faulted", "Available", "Preparing"), 3),
        (("Faulted", "Available", "Available"), 2),
        (("Faulted", "Charging", "Unavailable"), 1),
    ],
)
def test_a_connector_that_prepares_then_a_free_one_then_the_lowest(
    statuses: tuple[str, ...], number: int
) -> None:
    assert one16(bindings(*statuses), 1) == number


def test_the_connector_that_charges_comes_first() -> None:
    memory = bindings("Preparing", "Available")
    record = memory.new_transaction("t")
    record.state, record.evse_id, record.connector16 = ACTIVE, 1, 3
    memory.keep(record)
    assert one16(memory, 1) == 3


def test_an_evse_stands_for_all_its_connectors_or_the_whole_station() -> None:
    assert all16(bindings(), 1) == [1, 2, 3]
    assert all16(bindings(), 2) == [4]
    assert all16(bindings(), 0) == [0]
    assert one16(bindings(), 0) == 0


def test_an_evse_is_known_from_the_topology_or_taken_as_it_is() -> None:
    with pytest.raises(Untranslatable) as refused:
        one16(bindings(), 3)
    assert refused.value.reason_code == "UnknownEvse"
    assert one16(bindings(topology=None), 3) == 3
