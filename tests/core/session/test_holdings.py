"""What a 1.6 station holds, by what passed the gateway (translation-csms 6.6)."""

import pytest

from gateway.core.session import holdings
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation

POWER = "Power.Active.Import"


@pytest.fixture
def bindings() -> Bindings:
    return Bindings(Loaded(), Translation())


def sample(value, phase=None, measurand=POWER):
    return {"value": value, "measurand": measurand} | ({"phase": phase} if phase else {})


def test_a_list_is_counted_by_tags_whatever_their_case(bindings):
    holdings.list_replaced(bindings, ["AA", "aa", "bb"])
    assert holdings.list_count(bindings) == 2
    holdings.list_changed(bindings, ["BB", "cc"], ["AA", "dd"])
    assert holdings.list_count(bindings) == 2


def test_a_list_that_is_the_same_again_is_not_written(bindings):
    holdings.list_replaced(bindings, ["AA"])
    bindings.table.take_changes()
    holdings.list_replaced(bindings, ["aa"])
    assert bindings.table.take_changes() == []


def test_a_deleted_certificate_is_the_listed_one_before_any_other(bindings):
    listed = {"issuerKeyHash": "AB", "serialNumber": "1"}
    holdings.certificates_listed(bindings, "CSMSRootCertificate", [listed])
    holdings.certificate_installed(bindings, "CSMSRootCertificate", "PEM")
    holdings.certificate_deleted(bindings, {"issuerKeyHash": "ab", "serialNumber": "1"})
    assert holdings.certificate_count(bindings) == 1
    holdings.certificate_deleted(bindings, listed)
    holdings.certificate_deleted(bindings, listed)
    assert holdings.certificate_count(bindings) == 0


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([sample(7360)], "7360"),
        ([sample(1.5, "L1"), sample(2.5, "L2"), sample(3, "L3")], "7"),
        ([sample(1, "L1-N"), sample(2, "L2-N"), sample(3, "L3-N")], "6"),
        ([sample(9, "L1"), sample(5)], "5"),
        ([sample(9, "L1"), sample(5, "L2")], None),
        ([sample(9, measurand="Power.Offered")], None),
    ],
)
def test_a_power_is_of_all_phases(bindings, samples, expected):
    values = [{"timestamp": "2025-06-01T09:00:00Z", "sampledValue": samples}]
    holdings.measured(bindings, (1, 1), {POWER}, values)
    assert holdings.measured_on(bindings, 1, POWER) == expected


def test_the_connectors_of_an_evse_are_taken_together(bindings):
    for place, value in (((1, 1), 5), ((1, 2), 6), ((2, 1), 100)):
        values = [{"timestamp": "2025-06-01T09:00:00Z", "sampledValue": [sample(value)]}]
        holdings.measured(bindings, place, {POWER}, values)
    assert holdings.measured_on(bindings, 1, POWER) == "11"
    holdings.not_measured(bindings, (1, 2))
    assert holdings.measured_on(bindings, 1, POWER) == "5"
