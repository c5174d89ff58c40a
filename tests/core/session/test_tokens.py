"""Identity tokens in both spellings (translation-station 1.8, translation-csms 1.4)."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.core.errors import Untranslatable
from gateway.core.session.table import Table
from gateway.core.session.tokens import Tokens
from gateway.core.settings import IdTokenSettings

LONG = "2f1b7d0e-55a0-4f0c-9d1a-000000000001"


def tokens(**settings: Any) -> Tokens:
    return Tokens(Table(), IdTokenSettings(**settings))


def test_a_short_token_is_its_own_tag() -> None:
    assert tokens().tag("04A2b3", "ISO14443") == "04A2b3"


@pytest.mark.parametrize(("case", "tag"), [("upper", "AB12"), ("lower", "ab12")])
def test_the_case_is_changed_only_if_asked(case: str, tag: str) -> None:
    assert tokens(case=case).tag("aB12", "ISO14443") == tag


def test_a_tag_is_printable_ascii() -> None:
    assert tokens().tag("Käse\t1", "Central") == "K?se?1"


def test_a_long_token_gets_an_alias_that_is_read_back() -> None:
    registry = tokens()
    assert registry.tag(LONG, "Central") == "HQIQHTZ4Q5DWACIUC25M"
    assert registry.untag("HQIQHTZ4Q5DWACIUC25M") == (LONG, "Central")


def test_the_alias_is_that_of_one_type() -> None:
    registry = tokens()
    aliases = [registry.tag(LONG, kind) for kind in ("Central", "eMAID", "Central")]
    assert aliases[0] == aliases[2] != aliases[1]
    assert registry.untag(aliases[1]) == (LONG, "eMAID")


def test_the_alias_is_durable() -> None:
    table = Table()
    Tokens(table, IdTokenSettings()).tag(LONG, "Central")
    rows = [(op.kind, op.key, op.value) for op in table.take_changes()]  # type: ignore[union-attr]
    again = Tokens(Table(rows), IdTokenSettings())
    assert again.untag("hqiqhtz4q5dwaciuc25m") == (LONG, "Central")


def test_a_long_token_is_cut_if_asked() -> None:
    assert tokens(overflow="truncate").tag("x" * 19 + " yz", "Central") == "x" * 19


def test_a_long_token_is_refused_if_asked() -> None:
    with pytest.raises(Untranslatable):
        tokens(overflow="reject").tag(LONG, "Central")


def test_no_authorization_has_a_tag_of_its_own() -> None:
    assert tokens(no_auth_tag="FREE").tag("", "NoAuthorization") == "FREE"


def test_the_spelling_that_a_csms_used_comes_back() -> None:
    registry = tokens()
    registry.register("Abc", "abc", "Central")
    assert registry.tag("ABC", "ISO14443") == "Abc"


def test_an_unknown_tag_takes_the_type_of_the_first_rule_that_matches() -> None:
    registry = tokens(type_rules=({"pattern": "^DE-", "type": "eMAID"},))
    assert registry.untag("DE-8") == ("DE-8", "eMAID")
    assert registry.untag("X-8") == ("X-8", "ISO14443")


@pytest.mark.parametrize("rule", [{"^DE-": "eMAID"}, ["^DE-", "eMAID"]])
def test_a_type_rule_may_be_written_as_a_pair(rule: object) -> None:
    assert tokens(type_rules=(rule,)).untag("DE-8") == ("DE-8", "eMAID")


@pytest.mark.parametrize("rule", [{"pattern": "^DE-"}, {"type": "eMAID"}, ["^DE-"], {"^DE-": 5}])
def test_half_a_type_rule_is_none(rule: object) -> None:
    with pytest.raises(ValidationError):
        tokens(type_rules=(rule,))


@pytest.mark.parametrize(
    ("tag", "token_type"),
    [("04A1B2C3", "ISO14443"), ("04A1B2C3D4E5F6", "ISO14443"), ("app-user-1", "Central")],
)
def test_a_remote_start_tells_cards_from_tokens_of_the_csms(tag: str, token_type: str) -> None:
    registry = tokens()
    assert registry.untag_remote(tag) == (tag, token_type)
    assert registry.untag(tag) == (tag, token_type)
