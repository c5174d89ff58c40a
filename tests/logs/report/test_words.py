"""The sentences of a report."""

import re

from gateway.core.schema import repair
from gateway.core.session.recorded import Fate
from gateway.logs.report.words import FATES, REPAIRS, repair_in_words
from gateway.revision import REPAIRS as PROFILES


def test_every_repair_and_every_fate_has_a_sentence():
    always = {repair.STRIP_UNKNOWN, repair.CUT_STRINGS, repair.TIMESTAMPS, repair.DROP_NULL}
    always.add(repair.SOAP_VALUES)
    own = set(re.findall(r"\bown_[a-z]+\b(?!\.py)", repair.__doc__))
    assert set(REPAIRS) == always | own | PROFILES
    assert set(FATES) == set(Fate)


def test_a_repair_that_an_overlay_asks_for_is_said_by_what_it_does():
    assert repair_in_words("acme.own_value") == repair_in_words("own_value") != ""
