"""EVSE and connector numbering (translation-station 1.7, translation-csms 1.3)."""

import pytest

from gateway.core.errors import Untranslatable
from gateway.core.session.numbering import Numbering, likeliest_connector
from gateway.core.session.state import Connector, Transaction
from gateway.core.session.table import Table


def numbering(configured: tuple[tuple[int, int], ...] | None = None) -> Numbering:
    return Numbering(Table(), configured)


def test_a_configured_topology_numbers_by_position() -> None:
    table = numbering(((1, 1), (1, 2), (2, 1)))
    assert [table.number(1, 1), table.number(1, 2), table.number(2, 1)] == [1, 2, 3]
    assert table.address(2) == (1, 2)


def test_a_configured_topology_is_not_stored() -> None:
    rows = Table()
    Numbering(rows, ((1, 1),)).learn(1, 1)
    assert not rows.dirty


@pytest.mark.parametrize(
    ("spoken", "numbers"),
    [
        ([(1, 1), (2, 1)], [1, 2]),
        ([(2, 1), (1, 1)], [2, 1]),
        ([(1, 1), (1, 2), (2, 1)], [1, 2, 3]),
        ([(1, 2), (1, 1), (2, 1)], [2, 1, 3]),
        ([(3, 2), (3, 1)], [4, 3]),
    ],
)
def test_addresses_are_numbered_as_they_are_learned(
    spoken: list[tuple[int, int]], numbers: list[int]
) -> None:
    table = numbering()
    assert [table.learn(*address) for address in spoken] == numbers


def test_a_number_once_given_never_changes() -> None:
    rows = Table()
    first = Numbering(rows, None)
    first.learn(1, 2)
    first.learn(2, 1)
    stored = [(op.kind, op.key, op.value) for op in rows.take_changes()]  # type: ignore[union-attr]
    again = Numbering(Table(stored), None)
    assert (again.learn(2, 1), again.learn(1, 2)) == (first.number(2, 1), first.number(1, 2))


def test_a_number_added_to_a_configured_topology_never_changes() -> None:
    rows = Table()
    first = Numbering(rows, ((1, 1),))
    assert [first.learn(5, 2), first.learn(4, 2)] == [6, 7]
    stored = [(op.kind, op.key, op.value) for op in rows.take_changes()]  # type: ignore[union-attr]
    again = Numbering(Table(stored), ((1, 1),))
    assert [again.learn(4, 2), again.learn(5, 2)] == [7, 6]
    corrected = Numbering(Table(stored), ((1, 1), (5, 2)))
    assert [corrected.number(5, 2), corrected.number(4, 2)] == [2, 7]
    assert len(Numbering(Table(stored), None)) == 0


def test_zero_is_the_whole_station_and_never_in_the_table() -> None:
    table = numbering()
    assert (table.number(0, 0), table.address(0), len(table)) == (0, (0, 0), 0)


def test_a_station_extends_the_topology_and_a_csms_does_not() -> None:
    table = numbering(((1, 1),))
    assert table.read16(7, extend=True) == (7, 1)
    with pytest.raises(Untranslatable):
        table.read16(8, extend=False)


def test_while_nothing_is_known_a_csms_may_name_any_connector() -> None:
    assert numbering().read16(3, extend=False) == (3, 1)


@pytest.mark.parametrize(
    ("address", "reason"), [((9, 1), "UnknownEvse"), ((1, 2), "UnknownConnectorId")]
)
def test_an_unknown_address_of_a_csms_says_what_is_unknown(
    address: tuple[int, int], reason: str
) -> None:
    with pytest.raises(Untranslatable) as caught:
        numbering(((1, 1),)).read201(*address)
    assert caught.value.reason_code == reason


def test_without_a_configured_topology_a_csms_may_name_an_evse_not_seen_yet() -> None:
    assert numbering().read201(2, 1) == 2


def test_without_a_configured_topology_every_evse_has_one_connector() -> None:
    with pytest.raises(Untranslatable) as caught:
        numbering().read201(2, 2)
    assert caught.value.reason_code == "UnknownConnectorId"


def test_an_evse_is_the_only_one_if_nothing_speaks_of_another() -> None:
    assert numbering(((1, 1), (1, 2))).is_only(1)
    assert not numbering(((1, 1), (2, 1))).is_only(1)
    assert not numbering().is_only(1)
    assert numbering(((5, 1),)).is_only(5)


@pytest.mark.parametrize("number", [1, 2])
def test_a_station_whose_second_connector_speaks_first_has_another(number: int) -> None:
    learned = numbering()
    learned.read16(number, extend=True)
    assert learned.is_only(number) is (number == 1)


def occupied(connector_id: int) -> dict[int, Connector]:
    return {connector_id: Connector(1, connector_id, status201="Occupied")}


@pytest.mark.parametrize(
    ("connectors", "known", "running", "expected"),
    [
        ([1, 2], {}, [Transaction("t", connector_id=2)], 2),
        ([3], {}, [], 3),
        ([1, 2], occupied(2), [], 2),
        ([1, 2], {}, [], 1),
        ([], {}, [], 1),
    ],
)
def test_an_evse_named_alone_means_its_likeliest_connector(
    connectors: list[int],
    known: dict[int, Connector],
    running: list[Transaction],
    expected: int,
) -> None:
    assert likeliest_connector(connectors, known, running) == expected


@pytest.mark.parametrize(("value", "numbers"), [("3", [1, 2, 3]), ("101", []), ("many", [])])
def test_connectors_that_a_station_says_it_has(value: str, numbers: list[int]) -> None:
    rows = Table()
    row = {"key": "NumberOfConnectors", "readonly": True, "value": value}
    rows.put("configuration16", "NumberOfConnectors", row)
    learned = Numbering(rows, None)
    learned.learn_told()
    assert learned.numbers == numbers
    configured = Numbering(rows, ((1, 1),))
    configured.learn_told()
    assert configured.numbers == [1]
