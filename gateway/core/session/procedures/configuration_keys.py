"""1.6 keys read from a station, for a 2.0.1 CSMS that named variables (translation-csms 6.6)."""

from collections.abc import Sequence

from gateway.core.dialects import UNSUPPORTED, Side
from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import KeyTable
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.exchange import Exchange
from gateway.core.session.features import learn_security_ext
from gateway.core.session.procedures.configuration_batches import NoResult, Steps
from gateway.core.session.requests import Ask, Outcome, Reply

UNSUPPORTED_REQUEST, INTERNAL = "UnsupportedRequest", "InternalError"


class Told:
    """What a station told of keys. refused: reasonCode by name, where its answer was an error."""

    def __init__(self) -> None:
        self._rows: dict[str, JsonObject] = {}
        self._refused: dict[str, str] = {}

    def row(self, name: str) -> JsonObject | None:
        return self._rows.get(name.casefold())

    @property
    def rows(self) -> list[JsonObject]:
        return list(self._rows.values())

    def refused(self, name: str) -> str:
        """Why nothing is known of a key; "" where the station has answered."""
        return self._refused.get(name.casefold(), "")

    def take(self, rows: Sequence[JsonObject]) -> None:
        self._rows |= {row["key"].casefold(): row for row in rows}

    def refuse(self, names: Sequence[str], reason: str) -> None:
        self._refused |= {name.casefold(): reason for name in names}


def read_keys(x: Exchange, table: KeyTable, action: str, names: Sequence[str]) -> Steps[Told]:
    """Read keys, as many at once as the station takes; a refused batch is read one by one.

    Raises NoResult where an answer is missing.
    """
    told = Told()
    cache = Configuration16(x.desk.bindings, table)
    size = cache.max_keys or max(1, len(names))
    waiting = [list(names[at : at + size]) for at in range(0, len(names), size)]
    while waiting:
        batch = waiting.pop(0)
        reply: Reply = yield Ask(Side.STATION, action, {"key": batch})
        if reply.outcome in (Outcome.NONE, Outcome.LOST):
            raise NoResult(reply)
        if reply.outcome is Outcome.ERROR and len(batch) > 1:
            waiting[:0] = [[name] for name in batch]
        elif reply.outcome is not Outcome.RESULT:
            told.refuse(batch, reason_of(reply))
        else:
            rows = reply.payload.get("configurationKey", [])
            told.take(rows)
            for row in rows:
                cache.keep(row)
            cache.forget([name for name in batch if told.row(name) is None])
            learn_features(x, table, rows)
    return told


def read_all(x: Exchange, table: KeyTable, action: str) -> Steps[Told]:
    """Read every key. Where the station gives no result nothing is known, and nobody is told."""
    told = Told()
    reply: Reply = yield Ask(Side.STATION, action, {})
    if reply.outcome is not Outcome.RESULT:
        x.desk.note("no_configuration", f"the station gave no keys: {reply.outcome.value}", action)
        return told
    rows = reply.payload.get("configurationKey", [])
    told.take(rows)
    Configuration16(x.desk.bindings, table).replace(told.rows)
    learn_features(x, table, rows)
    return told


def learn_features(x: Exchange, table: KeyTable, rows: Sequence[JsonObject]) -> None:
    """A station that has a security profile knows the security extension (translation-csms 1.8)."""
    if any(table.protects16(row["key"]) and _is_standard(table, row["key"]) for row in rows):
        learn_security_ext(x.desk, True)


def _is_standard(table: KeyTable, name: str) -> bool:
    found = table.find(name)
    return found is not None and found.key.origin == "security"


def reason_of(reply: Reply) -> str:
    """reasonCode for a call that the station refused (translation-csms 2.2)."""
    unsupported = reply.error is not None and reply.error.code in UNSUPPORTED
    return UNSUPPORTED_REQUEST if unsupported else INTERNAL
