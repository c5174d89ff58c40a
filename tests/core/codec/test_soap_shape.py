"""Our service descriptions, and what they say of each message."""

import pytest
from lxml import etree

from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_shape import Description, Kind, Shape
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.session.desk import Revision
from tests.support.soap import CP, CS, OFFICIAL, OURS

TYPES = {"string": {Kind.TEXT, Kind.WORD, Kind.TIME, Kind.URI}, "integer": {Kind.INTEGER}}
TYPES |= {"number": {Kind.DECIMAL}, "boolean": {Kind.BOOLEAN}, "object": {Kind.STRUCTURE}}


def description(service: Service) -> Description:
    return Description(service, OURS[service].name, OURS[service].read_bytes())


@pytest.fixture(scope="module")
def shapes() -> dict[tuple[Service, str], Shape]:
    return {(s, n): shape for s in Service for n, shape in description(s).shapes.items()}


def test_a_message_in_wire_order(shapes):
    shape = shapes[CS, "startTransactionRequest"]
    assert [(c.name, c.kind, c.required) for c in shape.children.values()] == [
        ("connectorId", Kind.INTEGER, True),
        ("idTag", Kind.TEXT, True),
        ("timestamp", Kind.TIME, True),
        ("meterStart", Kind.INTEGER, True),
        ("reservationId", Kind.INTEGER, False),
    ]
    assert shape.tag == "{urn://Ocpp/Cs/2015/10/}startTransactionRequest"


def test_lists_words_and_decimals(shapes):
    schedule = shapes[CP, "getCompositeScheduleResponse"].children["chargingSchedule"]
    period = schedule.children["chargingSchedulePeriod"]
    assert (period.many, period.kind) == (True, Kind.STRUCTURE)
    assert period.children["limit"].kind is Kind.DECIMAL
    assert schedule.children["chargingRateUnit"].words == {"A", "W"}
    assert shapes[CP, "getConfigurationRequest"].children["key"].many


def test_every_message_has_the_members_of_its_json_schema(shapes, revision: Revision):
    for (_, name), shape in shapes.items():
        part = "request" if name.endswith("Request") else "response"
        action = name[0].upper() + name[1 : -len(part)]
        assert revision.catalog.sender(Version.V16, action) is not None, action
        fields = revision.catalog.fields(Version.V16, action, part)
        assert set(_paths(shape)) == {path.replace("[]", "") for path in fields}, name


def _paths(shape: Shape, at: str = "") -> list[str]:
    found = []
    for child in shape.children.values():
        path = f"{at}.{child.name}" if at else child.name
        found += [path, *_paths(child, path)]
    return found


@pytest.mark.parametrize("service", list(Service))
def test_the_official_description_has_the_same_shapes(service, shapes):
    if not OFFICIAL[service].exists():
        pytest.skip("the official descriptions are not at hand (they may not be copied)")
    official = _official(service)
    ours = {name: _facts(shape) for (s, name), shape in shapes.items() if s is service}
    assert ours == official


def _official(service: Service) -> dict[str, object]:
    """The same facts, read out of the official file by another library."""
    import xmlschema

    root = etree.parse(OFFICIAL[service]).getroot()
    schema = xmlschema.XMLSchema(etree.tostring(next(root.iter("{*}schema"))).decode())
    return {
        element.local_name: _facts_of(element)
        for element in schema.elements.values()
        if element.local_name != "chargeBoxIdentity"
    }


def _facts(shape: Shape) -> tuple[object, ...]:
    children = tuple(
        (child.name, child.required, child.many, tuple(sorted(child.words)), _facts(child))
        for child in shape.children.values()
    )
    return (shape.kind is Kind.STRUCTURE, children)


def _facts_of(element) -> tuple[object, ...]:
    if not element.type.is_complex():
        return (False, ())
    children = tuple(
        (
            child.local_name,
            child.min_occurs > 0,
            child.max_occurs is None,
            tuple(sorted(child.type.enumeration or ())) if child.type.is_simple() else (),
            _facts_of(child),
        )
        for child in element.type.content.iter_elements()
    )
    return (True, children)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"<a", "x.wsdl:1:"),
        (b"<a/>", "x.wsdl:1:1: no schema of urn://Ocpp/Cs/2015/10/"),
        (OURS[CP].read_bytes(), "no schema of urn://Ocpp/Cs/2015/10/"),
        (OURS[CS].read_bytes().replace(b'type="xs:int"', b'type="xs:no"'), "x.wsdl:1:1: "),
    ],
)
def test_what_is_no_description(text, problem):
    with pytest.raises(ConfigError) as failed:
        Description(CS, "x.wsdl", text)
    assert problem in str(failed.value)
