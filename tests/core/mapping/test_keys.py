"""The key table: what a name and what a variable stands for."""

import pytest

from gateway.core.mapping.keys import EMPTY, Kind, ambiguities
from gateway.core.mapping.variables import Variable
from gateway.core.settings import Translation


@pytest.fixture
def table(revision):
    return revision.maps.keys


def test_keys_are_found_in_any_case(table):
    assert table.find("HEARTBEATINTERVAL").key.name == "HeartbeatInterval"
    assert table.find("Heartbeat") is None
    assert EMPTY.find("HeartbeatInterval") is None


def test_a_key_per_language_needs_its_language(table):
    assert table.find("defaultpricetext, de").language == "de"
    assert table.find("DefaultPriceText") is None
    assert table.find("DefaultPriceText,") is None
    assert table.find("HeartbeatInterval,de") is None


def test_variables_are_found_in_any_case(table):
    variable = Variable("ocppcommctrlr", "messageattempts", "TRANSACTIONEVENT")
    assert table.of_variable(variable).name == "TransactionMessageAttempts"
    assert table.of_variable(variable._replace(variable_instance=None)) is None
    assert table.of_variable(variable._replace(evse=1)) is None
    spelled = Variable("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")
    assert table.spelled(variable) == spelled
    assert table.spelled(Variable("evse", "unheard", evse=1)) == Variable("EVSE", "unheard", evse=1)


def test_members_of_json_keys(table):
    price = Variable("TariffCostCtrlr", "TariffFallbackMessage")
    assert table.member_of(price)[0].key.name == "DefaultPrice"
    found, member = table.member_of(price._replace(variable_instance="de"))
    assert (found.key.name, found.language) == ("DefaultPriceText", "de")
    assert member.variable.variable_instance == "de"
    charging = Variable("TariffCostCtrlr", "OfflineChargingPrice", "kWhPrice")
    assert table.member_of(charging)[1].path == ("chargingPrice", "kWhPrice")
    assert table.member_of(Variable("TariffCostCtrlr", "Currency")) is None


def test_characteristics(table):
    entries = Variable("LocalAuthListCtrlr", "Entries")
    assert table.characteristic(Kind.LIMIT, entries).name == "LocalAuthListMaxLength"
    assert table.characteristic(Kind.LIST, entries) is None


def test_what_nobody_writes(table):
    assert table.protects(Variable("securityctrlr", "SECURITYPROFILE"))
    assert not table.protects(Variable("SecurityCtrlr", "OrganizationName"))
    assert table.protects16("centralsystemuri")
    assert table.is_credential(Variable("SecurityCtrlr", "basicauthpassword"))


def test_the_table_that_is_shipped_is_unambiguous_and_says_where_it_stands(table):
    assert list(ambiguities(table)) == []
    place = table.find("HeartbeatInterval").key.place
    assert place.file.endswith("configuration/keys.yaml")
    assert place.line > 1


def test_every_key_of_the_standard_has_its_row(table):
    names = {key.name for key in table.keys}
    assert len(names) == 69
    required = {key.name for key in table.keys if key.required and key.profile == "Core"}
    assert {"HeartbeatInterval", "NumberOfConnectors", "GetConfigurationMaxKeys"} <= required
    assert all(key.profile for key in table.keys)


def test_options_of_the_table_are_on_or_off_by_default(table):
    defaults = Translation()
    assert not defaults.a.provision
    assert [want.unless for want in table.provision if want.unless] == ["config.stoptxn_periodic"]
