"""Where a 1.6 key that a CSMS names stands in a 2.0.1 station's device model.

Spec: translation-csms 6.1 and 8. The first hit decides: an operator's key, the key table, a stored
alias, the grammar, a variable of the component for 1.6 keys that the station is known to have.
"""

from typing import NamedTuple

from gateway.core.mapping.keys import (
    COMPUTED,
    LEGACY_COMPONENT,
    PHASE_ROTATION,
    Composite,
    Found,
    Key,
    KeyTable,
    Kind,
    Rotation,
)
from gateway.core.mapping.user_keys import with_user_keys
from gateway.core.mapping.variables import Attribute, Variable, is_alias, key_of, parse_key
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.device_model import DeviceModel

ALIAS = "key_alias"


class Located(NamedTuple):
    """name: as the CSMS wrote it; key: None for a name that is in no table.

    attributes: where the value may stand, the first that the station knows counts.
    """

    name: str
    key: Key | None
    language: str | None
    attributes: tuple[Attribute, ...]
    via: str

    @property
    def identity(self) -> str:
        """What tells it from every other one: under this its shadow is kept."""
        if self.key is None:
            return key_of(Attribute(self.attributes[0].variable.folded, self.attributes[0].type))
        name = self.key.name if self.language is None else f"{self.key.name},{self.language}"
        return name.casefold()

    @property
    def kind(self) -> Kind:
        return Kind.VARIABLE if self.key is None else self.key.kind

    @property
    def is_computed(self) -> bool:
        return self.kind in COMPUTED


def key_table(desk: Desk) -> KeyTable:
    """The key table as it holds for this station."""
    return with_user_keys(desk.revision.maps.keys, desk.settings.config.user_keys)


def locate(bindings: Bindings, table: KeyTable, name: str) -> Located | None:
    """The place of a key; None: the key is unknown, and nobody needs to be asked."""
    model = DeviceModel(bindings)
    found = table.find(name)
    if found is not None:
        return _of_key(model, name, found)
    attribute = _of_grammar(bindings, table, name)
    if attribute is None and model.row(Variable(LEGACY_COMPONENT, name)) is not None:
        attribute = Attribute(model.spelled(Variable(LEGACY_COMPONENT, name)) or Variable("", ""))
    return None if attribute is None else Located(name, None, None, (attribute,), "string")


def _of_key(model: DeviceModel, name: str, found: Found) -> Located | None:
    """A full report that lacks the place of a 1.6-only setting leaves nothing to ask."""
    key = found.key
    places = tuple(
        place
        for place in key.places
        if place.variable.component != LEGACY_COMPONENT
        or not model.is_filled
        or model.row(place.variable) is not None
    )
    if key.places and not places:
        return None
    return Located(name, key, found.language, places, key.via)


def _of_grammar(bindings: Bindings, table: KeyTable, name: str) -> Attribute | None:
    alias: str | None = bindings.table.get(ALIAS, name.casefold())
    if alias is None and is_alias(name):
        return None
    attribute = parse_key(alias or name)
    if attribute is None:
        return None
    known = DeviceModel(bindings).spelled(attribute.variable)
    return Attribute(known or table.spelled(attribute.variable), attribute.type)


def rotation_of(bindings: Bindings, rotation: Rotation, number: int) -> Variable | None:
    """Where a 1.6 connector's phase rotation stands; None outside the topology."""
    if number == 0:
        return rotation.station
    numbering = bindings.numbering
    address = numbering.address(number) if len(numbering) else (number, 1)
    if address is None:
        return None
    evse, connector = address
    if len(numbering.connectors(evse)) > 1:
        return rotation.connector._replace(evse=evse, connector=connector)
    return rotation.evse._replace(evse=evse)


def rotations_in(bindings: Bindings, rotation: Rotation) -> dict[int, Variable]:
    """All places of phase rotations, by 1.6 connector."""
    numbers = (0, *bindings.numbering.numbers)
    places = {number: rotation_of(bindings, rotation, number) for number in numbers}
    return {number: place for number, place in places.items() if place is not None}


def composite_of(table: KeyTable, key: Key) -> Composite | None:
    """The JSON key's members; None for the phase rotation and keys of one variable."""
    return None if key.named == PHASE_ROTATION else table.composites.get(key.named)
