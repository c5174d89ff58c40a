"""Members that no schema knows, put into every object of a 1.6 payload: each map carries them into
customData, changes nothing else by it, and makes a valid 2.0.1 payload."""

import copy
import json
from itertools import count
from random import Random

import pytest

from gateway.core.errors import Untranslatable
from gateway.core.mapping.rows import REQUEST
from gateway.core.session.desk import Revision
from gateway.core.session.variants import fitting
from gateway.core.settings import ExtensionSettings
from tests.properties.test_maps import WAYS, state_of, station
from tests.support.mapping import V16, V201, library, source_of, target_of
from tests.support.payloads import catalog
from tests.support.samples import sample

NAME = "zzOwn"
SPACE = "org.ocpp-gateway.extra"
WANTED = [
    way
    for way in WAYS
    if library().maps[way[0]].paired and source_of(*way)[0] is V16 and target_of(*way)[0] is V201
]


def marked(value, numbers):
    """The payload with one more member in each object."""
    if isinstance(value, dict):
        inside = {name: marked(member, numbers) for name, member in value.items()}
        return {**inside, NAME: next(numbers)}
    return [marked(item, numbers) for item in value] if isinstance(value, list) else value


def unmarked(value):
    """The payload without what was carried."""
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: unmarked(member) for name, member in value.items() if name != "customData"}
    custom = value.get("customData")
    if custom is not None and custom["vendorId"] != SPACE:
        kept["customData"] = _verbatim({n: v for n, v in custom.items() if n != "extra"})
    return kept


def _verbatim(value):
    """Samples that are kept as they came keep what was in them."""
    if isinstance(value, dict):
        return {name: _verbatim(member) for name, member in value.items() if name != NAME}
    return [_verbatim(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def carrying(revision: Revision) -> Revision:
    return fitting(revision, "CP", None, ExtensionSettings(extra_fields="custom_data"))


@pytest.mark.parametrize("way", WANTED, ids=lambda w: f"{w[0]}-{w[1]}-{w[2].key}")
def test_what_no_schema_knows_is_carried_and_changes_nothing(way, revision, carrying):
    part = way[1]
    version, action = source_of(*way)
    random = Random(str(way))
    for _ in range(30):
        payload = sample(random, version, action, part)
        given = marked(payload, count(1))
        before = copy.deepcopy(given)
        assert carrying.catalog.is_valid(version, action, part, given)
        assert not revision.catalog.is_valid(version, action, part, given)
        expected = translated(revision, way, payload)
        made = translated(carrying, way, given)
        assert given == before
        if expected is None or made is None:
            assert made is expected
            continue
        assert unmarked(made) == expected
        assert catalog().violations(*target_of(*way), part, made) == ()
        if part == REQUEST or made.get("customData"):
            assert f'"{NAME}": {given[NAME]}' in json.dumps(made)


def translated(revision, way, payload):
    name, part, towards = way
    run = getattr(revision.maps.named(name).to(towards), part)
    try:
        return run(payload, station(towards), state_of(way), [])
    except Untranslatable:
        return None
