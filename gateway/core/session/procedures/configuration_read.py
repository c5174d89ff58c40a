"""get_configuration: a 1.6 CSMS reads keys of a 2.0.1 station (translation-csms 6.2, 6.3).

With keys: GetVariables in batches, folded back into one answer. Without keys: one base report,
collected, and a row for every key that it tells of. The map's parameters name the calls:

    base_report: MAP      asks for everything
    report_of: MAP        asks for the characteristics of single variables
"""

from collections.abc import Iterable

from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import KeyTable
from gateway.core.mapping.variables import Attribute
from gateway.core.session.bindings import Bindings
from gateway.core.session.device_model import CONFIGURATION_INVENTORY, DeviceModel
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.configuration_batches import (
    NoResult,
    Results,
    Steps,
    read_variables,
    reason_of,
)
from gateway.core.session.procedures.configuration_export import rows_of_report
from gateway.core.session.procedures.configuration_places import Located, key_table, locate
from gateway.core.session.procedures.configuration_report import (
    ACCEPTED,
    NOT_SUPPORTED,
    Report,
    collect,
    learn_characteristics,
)
from gateway.core.session.procedures.configuration_rows import (
    REJECTED,
    UNKNOWN,
    WRITE_ONLY,
    Lookup,
    Reading,
    Rows,
)
from gateway.core.session.requests import Answer, Procedure


def get_configuration(x: Exchange) -> Procedure:
    names = _once(x.payload.get("key", ()))
    try:
        if names:
            rows, unknown = yield from _with_keys(x, names)
        else:
            rows, unknown = (yield from _without_keys(x)), []
    except NoResult as end:
        yield x.conclude(end.reply)
        return
    state = {"configuration_keys": rows or None, "unknown_keys": unknown or None}
    yield Answer(x.response({}, state), losses=tuple(x.lost))


def _once(names: Iterable[str]) -> list[str]:
    """Each key once, in the spelling that came first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


# -- with keys --------------------------------------------------------------------------------


def _with_keys(x: Exchange, names: list[str]) -> Steps[tuple[list[JsonObject], list[str]]]:
    table, bindings = key_table(x.desk), x.desk.bindings
    places = {name: locate(bindings, table, name) for name in names}
    known = [located for located in places.values() if located is not None]
    yield from learn_characteristics(x, known)
    maker = Rows(bindings, table)
    lookup = yield from _asked(x, maker, known)
    rows, unknown = [], []
    for name, located in places.items():
        row = None if located is None else maker.row(located, lookup)
        if row is None:
            unknown.append(name)
        else:
            rows.append(row)
    return rows, unknown


def _asked(x: Exchange, maker: Rows, known: list[Located]) -> Steps[Lookup]:
    """Read what the keys need; a place that the station does not know gives way to the next.

    One of which it says nothing does not.
    """
    told: dict[Attribute, Reading] = {}
    untold: set[Attribute] = set()
    waiting = [attribute for located in known for attribute in maker.asked(located)]
    while waiting:
        results = yield from read_variables(x, waiting)
        for attribute in waiting:
            if results.of(attribute) is None:
                untold.add(attribute)
            told[attribute] = _reading(results, attribute)
            _learn(x.desk.bindings, attribute, told[attribute])
        lacking = [located for located in known if untold.isdisjoint(located.attributes)]
        waiting = [a for located in lacking if (a := _next_place(located, told)) is not None]
    return lambda attribute: told.get(attribute, Reading(UNKNOWN))


def _next_place(located: Located, told: dict[Attribute, Reading]) -> Attribute | None:
    """The first place not asked for, if the station knows none of those before it."""
    for attribute in located.attributes:
        if attribute not in told:
            return attribute if attribute != located.attributes[0] else None
        if told[attribute].status != UNKNOWN:
            return None
    return None


def _reading(results: Results, attribute: Attribute) -> Reading:
    result = results.of(attribute)
    status = None if result is None else result["attributeStatus"]
    if result is None or status not in (ACCEPTED, REJECTED):
        return Reading(UNKNOWN)
    if status == REJECTED and reason_of(result) == WRITE_ONLY:
        return Reading(WRITE_ONLY)
    return Reading(status, result.get("attributeValue"))


def _learn(bindings: Bindings, attribute: Attribute, reading: Reading) -> None:
    model = DeviceModel(bindings)
    if reading.status == ACCEPTED:
        model.keep_value(attribute, reading.value)
    elif reading.status == WRITE_ONLY:
        model.keep_write_only(attribute)
    elif reading.status == UNKNOWN:
        model.forget(attribute)


# -- without keys -----------------------------------------------------------------------------


def _without_keys(x: Exchange) -> Steps[list[JsonObject]]:
    table, bindings = key_table(x.desk), x.desk.bindings
    settings = x.desk.settings.devicemodel
    model = DeviceModel(bindings)
    if model.is_fresh(settings.cache_ttl_s):
        return rows_of_report(bindings, table, model.rows())
    report_base: str = settings.report_base
    report = yield from _base_report(x, report_base)
    if report.status == NOT_SUPPORTED and report_base != CONFIGURATION_INVENTORY:
        report = yield from _base_report(x, CONFIGURATION_INVENTORY)
    if report.status == ACCEPTED:
        return rows_of_report(bindings, table, list(report.rows))
    rows, _ = yield from _with_keys(x, _all_names(table))
    return rows


def _base_report(x: Exchange, base: str) -> Steps[Report]:
    return collect(x, x.direction.params["base_report"], {"report_base": base}, base)


def _all_names(table: KeyTable) -> list[str]:
    return [key.name for key in table.keys if not table.is_per_language(key)]
