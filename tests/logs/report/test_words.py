"""The sentences of a report."""

import re

from gateway.core.dialects import Version
from gateway.core.schema import repair
from gateway.core.session.recorded import Fate
from gateway.logs.report.words import FATES, KEYWORDS, REPAIRS, repair_in_words
from gateway.revision import REPAIRS as PROFILES

RULES_OF_SCHEMAS = {
    *("type", "enum", "const", "format", "required", "additionalProperties", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties"),
    *("oneOf", "anyOf", "allOf", "dependencies", "propertyNames", "contains"),
}


def test_every_repair_and_every_fate_has_a_sentence():
    always = {repair.STRIP_UNKNOWN, repair.CUT_STRINGS, repair.TIMESTAMPS, repair.DROP_NULL}
    always.add(repair.SOAP_VALUES)
    own = set(re.findall(r"\bown_[a-z]+\b(?!\.py)", repair.__doc__))
    assert set(REPAIRS) == always | own | PROFILES
    assert set(FATES) == set(Fate)


def keywords(schema):
    if isinstance(schema, list):
        return set().union(*map(keywords, schema))
    if not isinstance(schema, dict):
        return set()
    inner = [keywords(value) for name, value in schema.items() if name != "properties"]
    inner += [keywords(value) for value in schema.get("properties", {}).values()]
    return set(schema).union(*inner)


def test_every_keyword_that_a_payload_may_break_has_a_sentence(revision):
    catalog, found = revision.catalog, set()
    for version in Version:
        for action in catalog.actions(version):
            for part in ("request", "response"):
                found |= keywords(catalog.schema(version, action, part))
    assert found & RULES_OF_SCHEMAS == set(KEYWORDS)


def test_a_repair_that_an_overlay_asks_for_is_said_by_what_it_does():
    assert repair_in_words("acme.own_value") == repair_in_words("own_value") != ""
