"""What is known of a 2.0.1 station's device model: values, mutability and characteristics.

Spec: translation-csms 1.7, 6.3. Filled by reports and by every variable read or written; a complete
FullInventory replaces it. One row for each variable, so that a single value is a small change.

    row      {component, variable, attributes: {type: {value, mutability}}, characteristics, report}
    request  {base, seqs, last} of a report that the gateway asked for; seqs: parts that came
"""

from gateway.core.frames import JsonObject
from gateway.core.mapping.variables import ACTUAL, Attribute, Variable, key_of, variable_of
from gateway.core.session.bindings import Bindings

_ROWS, _STATE, _REQUESTS, _BATCH = "device_model", "device_model_state", "report", "batch_size"
_REQUESTS_KEPT = 4
VARIABLES_AT_MOST = 20_000
"""A report that never ends fills no more than this."""
FULL_INVENTORY, CONFIGURATION_INVENTORY = "FullInventory", "ConfigurationInventory"
WRITE_ONLY, READ_ONLY = "WriteOnly", "ReadOnly"


class DeviceModel:
    """A face over one station's rows; made whenever it is needed."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._table = bindings.table
        self._rows = bindings.table.kind(_ROWS)

    # -- reading -----------------------------------------------------------------------------

    @property
    def is_filled(self) -> bool:
        """Whether a complete FullInventory has told of everything that the station has."""
        return bool(self._state.get("filled"))

    @property
    def is_told(self) -> bool:
        """Whether a base report has told of what components the station has, or of some of them."""
        return bool(self._state.get("told"))

    def is_fresh(self, ttl_s: float) -> bool:
        """Whether a complete report of all variables is no older than that; 0: never."""
        return self.is_filled and self._bindings.now - self._state["time"] < ttl_s

    def row(self, variable: Variable) -> JsonObject | None:
        found: JsonObject | None = self._rows.get(_key(variable))
        return found

    def rows(self) -> list[JsonObject]:
        return list(self._rows.values())

    def attribute(self, attribute: Attribute) -> JsonObject:
        """{value, mutability} as far as known."""
        row = self.row(attribute.variable) or {}
        found: JsonObject = row.get("attributes", {}).get(attribute.type, {})
        return found

    def value(self, variable: Variable) -> str | None:
        """The last known Actual value."""
        return self.attribute(Attribute(variable)).get("value")

    def characteristics(self, variable: Variable) -> JsonObject:
        row = self.row(variable) or {}
        found: JsonObject = row.get("characteristics", {})
        return found

    def has_component(self, name: str) -> bool:
        folded = name.casefold()
        return any(row["component"]["name"].casefold() == folded for row in self._rows.values())

    def has_variable(self, name: str) -> bool:
        """Whether any component has a variable of that name."""
        folded = name.casefold()
        return any(row["variable"]["name"].casefold() == folded for row in self._rows.values())

    def spelled(self, variable: Variable) -> Variable | None:
        """The variable as the station itself writes it."""
        row = self.row(variable)
        return None if row is None else variable_of(row["component"], row["variable"])

    # -- single variables --------------------------------------------------------------------

    def keep_value(self, attribute: Attribute, value: str | None) -> None:
        """A value was read or written."""
        known = {} if value is None else {"value": value}
        self._change(attribute, known)

    def keep_write_only(self, attribute: Attribute) -> None:
        self._change(attribute, {"mutability": WRITE_ONLY})

    def forget(self, attribute: Attribute) -> None:
        """The station says that it has no such variable, or no such attribute of it."""
        row = self.row(attribute.variable)
        if row is None or attribute.type not in row["attributes"]:
            return
        attributes = {t: a for t, a in row["attributes"].items() if t != attribute.type}
        if attributes:
            self._put({**row, "attributes": attributes})
        else:
            self._table.drop(_ROWS, _key(attribute.variable))

    def _change(self, attribute: Attribute, known: JsonObject) -> None:
        variable, kind = attribute
        row = self.row(variable) or {
            "component": variable.component_json,
            "variable": variable.variable_json,
            "attributes": {},
        }
        before = row["attributes"].get(kind, {})
        after = {**before, **known}
        if kind in row["attributes"] and after == before:
            return
        self._put({**row, "attributes": {**row["attributes"], kind: after}})

    def _put(self, row: JsonObject) -> None:
        key = _key(variable_of(row["component"], row["variable"]))
        if key in self._rows or len(self._rows) < VARIABLES_AT_MOST:
            self._table.put(_ROWS, key, row)

    # -- reports -----------------------------------------------------------------------------

    def expect(self, request_id: int, base: str = "") -> None:
        """A report is asked for. base: of a base report."""
        requests = self._table.kind(_REQUESTS)
        for old in list(requests)[: 1 - _REQUESTS_KEPT]:
            self._table.drop(_REQUESTS, old)
        self._table.put(_REQUESTS, str(request_id), {"base": base, "seqs": [], "last": None})

    def expects(self, request_id: int) -> bool:
        """Whether the gateway itself asked for that report."""
        return str(request_id) in self._table.kind(_REQUESTS)

    def take_part(self, part: JsonObject) -> None:
        """Keep what a part of an expected report says; a repeated part says nothing new."""
        key = str(part["requestId"])
        request = self._table.get(_REQUESTS, key)
        if request is None or part["seqNo"] in request["seqs"]:
            return
        for item in part.get("reportData", ()):
            self._put(_row(item, key))
        last = request["last"] if part.get("tbc") else part["seqNo"]
        request = {**request, "seqs": [*request["seqs"], part["seqNo"]], "last": last}
        self._table.put(_REQUESTS, key, request)
        if request["base"] and not self.is_told:
            self._table.put(_STATE, "", {**self._state, "told": True})
        if request["base"] and is_whole(request["seqs"], last):
            self._completed(key, request["base"])

    def _completed(self, key: str, base: str) -> None:
        """A base report has come in whole. What it does not tell of is gone: of a FullInventory, or
        of the first report after another firmware."""
        full = base == FULL_INVENTORY
        if full or self._state.get("renew"):
            for old in [k for k, row in self._rows.items() if row.get("report") != key]:
                self._table.drop(_ROWS, old)
        filled = full or (self.is_filled and not self._state.get("renew"))
        time = self._bindings.now if full else self._state.get("time", 0.0)
        self._table.put(_STATE, "", {"told": True, "filled": filled, "time": time})

    def renew(self) -> None:
        """Another firmware runs: the next report replaces everything."""
        self._table.put(_STATE, "", {"told": self.is_told, "renew": True})

    @property
    def _state(self) -> JsonObject:
        return self._table.get(_STATE, "") or {}

    # -- how much one message may hold -------------------------------------------------------

    def items_per_message(self, action: str, opened: float) -> int:
        """The station's own limit, else the option's; less where it refused as many.

        opened: when its leg came up; what is learned holds for one link. Spec: translation-csms
        6.2, 3.
        """
        own = self._limit("ItemsPerMessage", action)
        limit = own or self._bindings.settings.devicemodel.items_per_message
        learned = self._table.get(_BATCH, action)
        if learned is not None and learned["opened"] == opened:
            limit = min(limit, learned["items"])
        return max(1, limit)

    def bytes_per_message(self, action: str) -> int:
        own = self._limit("BytesPerMessage", action)
        return own or self._bindings.settings.devicemodel.bytes_per_message

    def halve(self, action: str, items: int, opened: float) -> None:
        """That many items were too many."""
        self._table.put(_BATCH, action, {"items": max(1, items // 2), "opened": opened})

    def _limit(self, variable: str, action: str) -> int:
        value = self.value(Variable("DeviceDataCtrlr", variable, action)) or ""
        return int(value) if value.isascii() and value.isdigit() else 0


def is_whole(seqs: list[int], last: int | None) -> bool:
    """Whether parts 0 to last are there; a station that counts from 1 is taken as it is."""
    return last is not None and len({number for number in seqs if 0 < number <= last}) >= last


def rows_of(part: JsonObject) -> list[JsonObject]:
    """What a part of a report tells, as rows."""
    return [_row(item, "") for item in part.get("reportData", ())]


def _key(variable: Variable) -> str:
    return key_of(Attribute(variable.folded))


def _row(item: JsonObject, report: str) -> JsonObject:
    attributes = item["variableAttribute"]
    row = {
        "component": item["component"],
        "variable": item["variable"],
        "attributes": {a.get("type", ACTUAL): _attribute(a) for a in attributes},
        "report": report,
    }
    if "variableCharacteristics" in item:
        row["characteristics"] = item["variableCharacteristics"]
    return row


def _attribute(attribute: JsonObject) -> JsonObject:
    """A secret that a station tells all the same is not kept."""
    kept = ("mutability",) if attribute.get("mutability") == WRITE_ONLY else ("value", "mutability")
    return {name: attribute[name] for name in kept if name in attribute}
