"""The ledger: what stations were promised against what the CSMS got, and whether that adds up.

L1 (`acknowledged`) holds each transaction message for which a station has its answer, L2
(`received`) each transaction call that came to the CSMS. For every message the fleet says in
advance which call it must become (`Ledger.expect`), worked out from the translation document and
not by the gateway's maps; calls are recognised by content, which the fleet makes unique. Ids and
sequence numbers are left out of the content and looked at on their own.

A call may come twice only if its answer was not stored: that is, if the gateway's own store still
had it as unfinished when the gateway died (`Ledger.died`). Spec: reliability.md section 0.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Payload = dict[str, Any]

TRANSACTION_ACTIONS = {
    "1.6": {"StartTransaction", "MeterValues", "StopTransaction"},
    "2.0.1": {"TransactionEvent", "MeterValues"},
}


class Received(NamedTuple):
    """One transaction call as it came to the CSMS.

    life: how often the gateway had been started by then. given: the 1.6 transactionId in the
    CSMS's answer, None but for a StartTransaction.
    """

    life: int
    station: str
    content: str
    tx_id: int | str | None
    seq_no: int | None
    given: int | None


@dataclass
class Expected:
    """What the CSMS must see of one transaction, in order.

    promised: contents whose message the station has the answer to. ids: 1.6 transactionIds that
    the station was given (a 1.6 station).
    """

    station: str
    contents: list[str] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)


def content_of(action: str, payload: Payload) -> str:
    """A transaction call without what the gateway and the CSMS put into it: ids, seqNo, offline."""
    plain = {k: v for k, v in payload.items() if k not in ("transactionId", "seqNo", "offline")}
    if "transactionInfo" in plain:
        info = plain["transactionInfo"]
        plain["transactionInfo"] = {k: v for k, v in info.items() if k != "transactionId"}
    return action + " " + json.dumps(plain, sort_keys=True)


class Ledger:
    def __init__(self) -> None:
        self.life = 0
        self.faults: list[str] = []
        self.received: list[Received] = []
        self.acknowledged = 0
        self._transactions: dict[str, Expected] = {}
        self._owner: dict[tuple[str, str], str] = {}
        self._unfinished: dict[int, set[tuple[str, str]]] = {}
        self._missing: set[tuple[str, str]] = set()

    # -- what the fleet tells -----------------------------------------------------------------

    def expect(self, transaction: str, station: str, action: str, payload: Payload) -> str:
        """The next call that must come of a transaction; returns its content."""
        content = content_of(action, payload)
        expected = self._transactions.setdefault(transaction, Expected(station))
        expected.contents.append(content)
        self._owner[(station, content)] = transaction
        self._missing.add((station, content))
        return content

    def promise(
        self, transaction: str, station: str, content: str | None, given: int | None
    ) -> None:
        """L1: the station has its answer. given: the 1.6 transactionId in it."""
        self.acknowledged += 1
        expected = self._transactions.setdefault(transaction, Expected(station))
        if content is not None:
            expected.promised.append(content)
        if given is not None:
            expected.ids.append(given)

    def fault(self, text: str) -> None:
        """Something that must never happen was seen by a peer."""
        self.faults.append(text)

    # -- what the CSMS tells ------------------------------------------------------------------

    def receive(
        self, station: str, version: str, action: str, payload: Payload, given: int | None
    ) -> None:
        """L2: a call has come."""
        if action not in TRANSACTION_ACTIONS[version]:
            return
        content = content_of(action, payload)
        info = payload.get("transactionInfo", payload)
        self.received.append(
            Received(
                self.life,
                station,
                content,
                info.get("transactionId"),
                payload.get("seqNo"),
                given,
            )
        )
        self._missing.discard((station, content))

    # -- what the store tells -----------------------------------------------------------------

    def died(self, unfinished: Iterable[tuple[str, str]]) -> None:
        """The gateway is gone. unfinished: (station, content) of what its store still holds."""
        self._unfinished[self.life] = set(unfinished)
        self.life += 1

    # -- the verdict --------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Whether everything expected has come."""
        return not self._missing

    def violations(self) -> list[str]:
        """Everything that is wrong, one sentence each; empty if the books balance."""
        found = list(self.faults)
        rows: dict[str, list[Received]] = {name: [] for name in self._transactions}
        for row in self.received:
            owner = self._owner.get((row.station, row.content))
            if owner is None:
                found.append(f"{row.station}: nobody's call {row.content}")
            else:
                rows[owner].append(row)
        for name, expected in self._transactions.items():
            found += _of_transaction(name, expected, rows[name])
            found += self._repeats(name, rows[name])
        found += _shared_ids(self._transactions, rows)
        return found

    def _repeats(self, name: str, rows: list[Received]) -> list[str]:
        """Calls that came twice although the first one's answer was stored, or came changed."""
        found = []
        before: dict[str, Received] = {}
        for row in rows:
            first = before.get(row.content)
            before[row.content] = row
            if first is None:
                continue
            if (first.tx_id, first.seq_no) != (row.tx_id, row.seq_no):
                found.append(f"{name}: repeated with other ids: {first} {row}")
            lives = range(first.life, row.life)
            if not any((row.station, row.content) in self._unfinished[life] for life in lives):
                found.append(f"{name}: came twice though its answer was stored: {row.content}")
        return found


def _of_transaction(name: str, expected: Expected, rows: list[Received]) -> list[str]:
    """Loss, order, ids and sequence numbers within one transaction."""
    found = []
    arrived = list(dict.fromkeys(row.content for row in rows))
    for content in expected.promised:
        if content not in arrived:
            found.append(f"{name}: answered and lost: {content}")
    in_order = [content for content in expected.contents if content in arrived]
    if arrived != in_order:
        found.append(f"{name}: out of order: {arrived}")
    if any(row.seq_no is not None for row in rows):
        return found + _sequence(name, rows)
    return found + _numbers(name, rows)


def _sequence(name: str, rows: list[Received]) -> list[str]:
    """2.0.1 events: one id, seqNo contiguous from 0."""
    found = []
    if len({row.tx_id for row in rows}) != 1:
        found.append(f"{name}: several ids: {[row.tx_id for row in rows]}")
    numbers = list(dict.fromkeys(row.seq_no for row in rows))
    if numbers != list(range(len(numbers))):
        found.append(f"{name}: seqNo {numbers}")
    return found


def _numbers(name: str, rows: list[Received]) -> list[str]:
    """1.6 calls: each carries the id that the CSMS gave to the last start before it."""
    found = []
    given = None
    for row in rows:
        if row.given is not None:
            given = row.given
        elif row.tx_id != given:
            found.append(f"{name}: {row.content} with id {row.tx_id}, the CSMS had given {given}")
    return found


def _shared_ids(transactions: dict[str, Expected], rows: dict[str, list[Received]]) -> list[str]:
    """Ids that stand for more than one transaction."""
    found = []
    owners: dict[tuple[str, object], str] = {}
    for name, expected in transactions.items():
        ids: set[tuple[str, object]] = {(expected.station, number) for number in expected.ids}
        if len(ids) > 1:
            found.append(f"{name}: the station was given several ids: {expected.ids}")
        ids |= {("CSMS", row.tx_id) for row in rows[name] if isinstance(row.tx_id, str)}
        ids |= {("CSMS", row.tx_id) for row in rows[name] if isinstance(row.tx_id, int)}
        for one in ids:
            other = owners.setdefault(one, name)
            if other != name:
                found.append(f"{one} stands for {other} and for {name}")
    return found
