"""All 1.6 keys of a 2.0.1 station's report, and names for the rest (translation-csms 6.3, 8)."""

from collections.abc import Iterator, Sequence

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_values import cut16
from gateway.core.mapping.keys import KeyTable, Kind
from gateway.core.mapping.variables import (
    Attribute,
    Variable,
    key_of,
    shortened,
    variable_of,
)
from gateway.core.session import device_model
from gateway.core.session.bindings import Bindings
from gateway.core.session.procedures.configuration_places import (
    ALIAS,
    Located,
    locate,
    rotations_in,
)
from gateway.core.session.procedures.configuration_rows import (
    ACCEPTED,
    UNKNOWN,
    WRITE_ONLY,
    Reading,
    Rows,
)


def rows_of_report(
    bindings: Bindings, table: KeyTable, told: Sequence[JsonObject]
) -> list[JsonObject]:
    """Known keys in the order of the table, then the rest as reported.

    told: rows of the report (`device_model.rows_of`).
    """
    variables = {_variable(row).folded: row for row in told}
    rows = [*_known(bindings, table, variables)]
    mapped = _mapped(bindings, table)
    for row in variables.values():
        variable = _variable(row)
        if table.is_credential(variable):
            continue
        if variable.folded not in mapped and table.member_of(variable) is None:
            rows += _unmapped(bindings, variable, row)
    return rows


def _variable(row: JsonObject) -> Variable:
    return variable_of(row["component"], row["variable"])


def _known(
    bindings: Bindings, table: KeyTable, told: dict[Variable, JsonObject]
) -> Iterator[JsonObject]:
    def lookup(attribute: Attribute) -> Reading:
        row = told.get(attribute.variable.folded)
        return _reading(row, attribute.type)

    maker = Rows(bindings, table)
    for name in _names(table, told):
        located = locate(bindings, table, name)
        if located is None or not _is_told(located, told):
            continue
        row = maker.row(located, lookup)
        if row is not None:
            yield row


def _is_told(located: Located, told: dict[Variable, JsonObject]) -> bool:
    """Keys that are answered without a look at a value have their row only where the station has
    their variable."""
    if located.kind is Kind.CREDENTIAL or located.is_computed:
        return located.attributes[0].variable.folded in told
    return True


def _reading(row: JsonObject | None, kind: str) -> Reading:
    attribute = None if row is None else row["attributes"].get(kind)
    if attribute is None:
        return Reading(UNKNOWN)
    if attribute.get("mutability") == device_model.WRITE_ONLY:
        return Reading(WRITE_ONLY)
    return Reading(ACCEPTED, attribute.get("value"))


def _names(table: KeyTable, told: dict[Variable, JsonObject]) -> Iterator[str]:
    """Names of all keys; of a key per language one for each language that the report has."""
    for key in table.keys:
        if not table.is_per_language(key):
            yield key.name
            continue
        deciding = table.composites[key.named].members[0].variable.folded
        for row in told.values():
            variable = _variable(row)
            language = variable.variable_instance
            if language and variable.folded._replace(variable_instance=None) == deciding:
                yield f"{key.name},{language}"


def _mapped(bindings: Bindings, table: KeyTable) -> set[Variable]:
    """Variables that have a key, which no other name is listed for."""
    found = {place.variable.folded for key in table.keys for place in key.places}
    if table.rotation is not None:
        found |= {place.folded for place in rotations_in(bindings, table.rotation).values()}
    return found


def _unmapped(bindings: Bindings, variable: Variable, row: JsonObject) -> Iterator[JsonObject]:
    exported = bindings.settings.devicemodel.export_unmapped
    for kind, attribute in row["attributes"].items():
        mutability = attribute.get("mutability")
        if exported == "none" or (exported == "rw" and mutability == device_model.READ_ONLY):
            continue
        name = _named(bindings, Attribute(variable, kind))
        made: JsonObject = {"key": name, "readonly": mutability == device_model.READ_ONLY}
        if "value" in attribute and mutability != device_model.WRITE_ONLY:
            made["value"] = cut16(attribute["value"])
        yield made


def _named(bindings: Bindings, attribute: Attribute) -> str:
    """The name as a 1.6 key; what a shortened one stands for is remembered."""
    whole = key_of(attribute)
    name = shortened(whole)
    if name != whole:
        bindings.table.put(ALIAS, name.casefold(), whole)
    return name
