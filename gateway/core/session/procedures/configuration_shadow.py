"""What a 1.6 CSMS wrote, given back as long as the station still has just that.

Spec: translation-csms 6.5. A value may lose on its way what 2.0.1 cannot say (phases, an order, a
fee); read back converted, it would look as if the station had changed it.
"""

from gateway.core.mapping.keys import KeyTable, Kind
from gateway.core.mapping.variables import Variable
from gateway.core.session.bindings import Bindings
from gateway.core.session.procedures.configuration_parts import parts_of
from gateway.core.session.procedures.configuration_places import Located

_SHADOW = "shadow"


def keep_shadow(bindings: Bindings, located: Located, text: str) -> None:
    """The station accepted what the CSMS wrote."""
    bindings.table.put(_SHADOW, located.identity, text)


def drop_shadow(bindings: Bindings, located: Located) -> None:
    """A write was refused."""
    bindings.table.drop(_SHADOW, located.identity)


def drop_shadows(bindings: Bindings) -> None:
    """Another firmware may have other values."""
    for key in list(bindings.table.kind(_SHADOW)):
        bindings.table.drop(_SHADOW, key)


def shadowed(
    bindings: Bindings, table: KeyTable, located: Located, reported: dict[Variable, str]
) -> str | None:
    """The text that the CSMS wrote, if converted it is exactly what the station reports."""
    text: str | None = bindings.table.get(_SHADOW, located.identity)
    if text is None:
        return None
    try:
        parts = parts_of(bindings, table, located, text)
    except ValueError:
        return None
    if located.kind is not Kind.COMPOSITE:
        return text if [parts[0].value] == list(reported.values()) else None
    written = {part.attribute.variable.folded: part.value for part in parts}
    told = {variable.folded: value for variable, value in reported.items()}
    return text if written == told else None
