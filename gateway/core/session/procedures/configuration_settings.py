"""set_variables: a 2.0.1 CSMS writes variables of a 1.6 station (translation-csms 6.6).

One call for each item, each after the answer to the one before; a missing answer gives up the item
and all that come after it. Items that are parts of one key are put into one call at the first of
them: the key is read, changed and written. The map's parameter `read` names the map whose call
reads keys.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.key_values import CONVERTERS, VALUE16_MAX
from gateway.core.mapping.keys import READ_ONLY
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import configuration_credential as credential
from gateway.core.session.procedures.configuration_batches import NoResult, Steps
from gateway.core.session.procedures.configuration_keys import INTERNAL, read_keys, reason_of
from gateway.core.session.procedures.configuration_members import (
    TooLong,
    member_value,
    with_members,
    with_rotations,
)
from gateway.core.session.procedures.configuration_shown import UNKNOWN_VARIABLE, Model, Target
from gateway.core.session.procedures.configuration_variables import echoed, find
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply

ACCEPTED, REBOOT, REJECTED = "Accepted", "RebootRequired", "Rejected"
DONE = frozenset({ACCEPTED, REBOOT})


class Verdict(NamedTuple):
    """What becomes of an item."""

    status: str
    reason: str = ""


class Item(NamedTuple):
    """One item that may be written.

    number: its position; text: the 1.6 value, or of a part what the CSMS sent; sent: that.
    """

    number: int
    target: Target
    text: str
    sent: str


def set_variables(x: Exchange) -> Procedure:
    asked = x.payload["setVariableData"]
    results: list[JsonObject | None] = [None] * len(asked)
    writer = _Writer(x)
    items = []
    for number, item in enumerate(asked):
        checked = writer.checked(number, item)
        if isinstance(checked, Verdict):
            results[number] = echoed(item, *checked)
        else:
            items.append(checked)
    written: set[int] = set()
    while items:
        group = _group(items)
        numbers = [item.number for item in group]
        items = [item for item in items if item not in group]
        try:
            verdict = yield from writer.write(group)
        except NoResult as end:
            if not writer.accepted:
                yield x.conclude(end.reply)
                return
            numbers = [n for n in range(numbers[0], len(asked)) if n not in written]
            verdict, items = Verdict(REJECTED, INTERNAL), []
        written.update(numbers)
        for number in numbers:
            results[number] = echoed(asked[number], *verdict)
    yield Answer(x.response({}, {"setting_results": results}), losses=tuple(x.lost))


def _group(items: Sequence[Item]) -> list[Item]:
    """The first item, and all others that are parts of the same key."""
    first = items[0]
    if not first.target.is_part:
        return [first]
    return [i for i in items if i.target.is_part and i.target.name == first.target.name]


class _Writer:
    """Writes for one exchange. accepted: the station has taken something."""

    def __init__(self, x: Exchange) -> None:
        self.x = x
        self.model = Model(x.desk)
        self.cache = Configuration16(x.desk.bindings, self.model.table)
        self.accepted = False

    # -- before anybody is asked -------------------------------------------------------------

    def checked(self, number: int, item: JsonObject) -> Item | Verdict:
        target = find(self.model, item)
        if isinstance(target, str):
            return Verdict(target)
        if self._is_closed(target):
            return Verdict(REJECTED, "ReadOnly")
        value: str = item["attributeValue"]
        if len(value) > VALUE16_MAX:
            return Verdict(REJECTED, "TooLargeElement")
        try:
            text = self._converted(target, value)
        except ValueError:
            return Verdict(REJECTED, "InvalidValue")
        if len(text) > VALUE16_MAX:
            return Verdict(REJECTED, "TooLargeElement")
        return Item(number, target, value if target.is_part else text, value)

    def _is_closed(self, target: Target) -> bool:
        if target.shown is not None or target.access == READ_ONLY:
            return True
        table = self.model.table
        if table.protects(target.variable) or table.protects16(target.name):
            return True
        if target.is_by_other_name and target.is_credential:
            return True
        return not target.is_credential and self.cache.is_readonly(target.name)

    def _converted(self, target: Target, value: str) -> str:
        """Raises ValueError for a value that the key cannot have."""
        if target.member is not None:
            return str(member_value(target.member, value))
        if target.connector is not None:
            return value
        return CONVERTERS[target.via].to_v16(value, self.model.table.values, True)

    # -- one key -----------------------------------------------------------------------------

    def write(self, group: list[Item]) -> Steps[Verdict]:
        """Write one key. Raises NoResult."""
        first = group[0]
        if not first.target.is_part:
            return (yield from self._change(first.target, first.text, first.sent))
        return (yield from self._merge(group))

    def _merge(self, group: list[Item]) -> Steps[Verdict]:
        name = group[0].target.name
        reads = self.x.desk.map(self.x.direction.params["read"]).to(Version.V16)
        told = yield from read_keys(self.x, self.model.table, reads.action, [name])
        if reason := told.refused(name):
            return Verdict(REJECTED, reason)
        row = told.row(name)
        if row is None:
            return Verdict(UNKNOWN_VARIABLE)
        if row["readonly"]:
            return Verdict(REJECTED, "ReadOnly")
        try:
            text = self._merged(row.get("value") or "", group)
        except TooLong:
            return Verdict(REJECTED, "TooLargeElement")
        return (yield from self._change(group[0].target, text, text))

    def _merged(self, text: str, group: list[Item]) -> str:
        rotations = {i.target.connector: i.text for i in group if i.target.connector is not None}
        if rotations:
            return with_rotations(text, rotations, self.model.table.values)
        members = [(i.target.member, i.text) for i in group if i.target.member is not None]
        return with_members(text, members)

    def _change(self, target: Target, text: str, sent: str) -> Steps[Verdict]:
        x = self.x
        if target.is_credential:
            credential.pend(x.desk, bytes.fromhex(text), sent)
        payload = x.request({"key_name": target.name, "key_value": text})
        reply: Reply = yield x.ask(payload, late=self._late(target, text))
        if reply.outcome in (Outcome.NONE, Outcome.LOST):
            raise NoResult(reply)
        return self._settled(target, text, reply)

    def _late(self, target: Target, text: str) -> Callable[[Reply], None]:
        def late(reply: Reply) -> None:
            if reply.outcome in (Outcome.RESULT, Outcome.ERROR, Outcome.INVALID):
                self._settled(target, text, reply)

        return late

    def _settled(self, target: Target, text: str, reply: Reply) -> Verdict:
        status = reply.payload.get("status", "")
        if target.is_credential:
            credential.settle(self.x.desk, bytes.fromhex(text), accepted=status in DONE)
        if reply.outcome is not Outcome.RESULT:
            return Verdict(REJECTED, reason_of(reply))
        if status in DONE:
            self._accepted(target, text)
        elif status != REJECTED:
            self.cache.forget([target.name])
            return Verdict(UNKNOWN_VARIABLE)
        return Verdict(status)

    def _accepted(self, target: Target, text: str) -> None:
        self.accepted = True
        if not target.is_credential:
            self.cache.written(target.name, text)
