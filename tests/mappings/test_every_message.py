"""Nothing unsaid: every message of both versions, from either side, and every field of each."""

from collections import defaultdict

import pytest

from gateway.core.dialects import Version
from gateway.core.mapping.rows import OTHER, REQUEST, RESPONSE, travels
from gateway.core.mapping.trace import FILLED, LOST, NEVER, REFUSED, USED, fates
from gateway.core.mapping.treatments import ANSWERED, MAPPED, treatments
from gateway.core.mapping.treatments import REFUSED as REFUSES
from gateway.core.session.procedures import PROCEDURES
from tests.support.mapping import library, maps
from tests.support.payloads import catalog

SENDERS = {
    version: {action: catalog().sender(version, action) for action in catalog().actions(version)}
    for version in Version
}
CALLS = [
    pytest.param(version, action, side, id=f"{version} {action} from the {side}")
    for version, actions in SENDERS.items()
    for action, sides in actions.items()
    for side in sorted(sides)
]
PARTS = [
    pytest.param(source, towards, part, id=f"{source.name}.{part} to {towards.key}")
    for source in library().maps.values()
    for towards in source.directions()
    if OTHER[towards] in source.actions
    for part in (REQUEST, RESPONSE)
    if source.rows[part] or not source.becomes
]


def test_the_standards_have_so_many_messages():
    assert {v: len(actions) for v, actions in SENDERS.items()} == {
        Version.V16: 39,
        Version.V201: 64,
    }


@pytest.mark.parametrize(("version", "action", "side"), CALLS)
def test_a_call_opens_with_a_map_whose_procedure_exists(version, action, side):
    found = maps().entry(version, action, side)
    assert found is not None
    assert found.to(OTHER[version]).procedure in PROCEDURES


@pytest.mark.parametrize(("version", "action", "side"), CALLS)
def test_a_call_has_a_treatment(version, action, side):
    (found,) = [
        t
        for t in treatments(library(), SENDERS)
        if (t.version, t.action, t.side) == (version, action, side)
    ]
    assert found.kind in (MAPPED, ANSWERED, REFUSES)
    assert (found.kind == MAPPED) is bool(found.becomes)
    assert found.opens is not None
    assert found.opens.spec[version]


def named(source, towards, part):
    """Every path that a row names, by version."""
    found = defaultdict(set)
    for fate in fates(source, library()):
        if (fate.towards, fate.part) == (towards, part):
            origin, target = travels(part, towards)
            found[origin] |= {path.rstrip(".") for path in fate.sources}
            found[target] |= {path.rstrip(".") for path in fate.targets}
    return found


def covers(paths, field):
    """Whether the field, what it is in, or something in it is named."""
    inside = (field + ".", field + "[]")
    return any(
        field == path or field.startswith((path + ".", path + "[]")) or path.startswith(inside)
        for path in paths
    )


@pytest.mark.parametrize(("source", "towards", "part"), PARTS)
def test_every_field_is_mapped_filled_or_lost(source, towards, part):
    found = named(source, towards, part)
    for version in travels(part, towards):
        action = source.actions.get(version)
        fields = catalog().fields(version, action, part) if action else {}
        unsaid = [field for field in fields if not covers(found[version], field)]
        assert unsaid == []


@pytest.mark.parametrize(("source", "towards", "part"), PARTS)
def test_what_is_not_carried_over_has_its_reason(source, towards, part):
    for fate in fates(source, library()):
        if (fate.towards, fate.part) == (towards, part) and fate.kind in (
            *(FILLED, LOST, NEVER, REFUSED, USED),
        ):
            assert len(fate.why) > len("lost"), fate


def test_what_a_message_becomes_has_its_own_fields():
    for source in library().maps.values():
        for name in source.becomes:
            assert library().maps[name].rows[REQUEST] or not catalog().fields(
                *next(iter(source.actions.items())), REQUEST
            ), name
