"""What a 1.6 station holds, as far as the gateway has seen it come and go.

A 1.6 station cannot be asked how long its local list is, how many certificates it has, or what it
measures at this moment; the model that a 2.0.1 CSMS is shown tells it from here (translation-csms
6.6). Durable but for what was measured, which is old news after a restart. Bindings:

    local_list     key "": idTags in lower case
    certificates   key certificateType: what each certificate of it is known by
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from hashlib import sha256

from gateway.core.frames import JsonObject
from gateway.core.numbers import decimal, plain
from gateway.core.session.bindings import Bindings

_LIST, _CERTIFICATES = "local_list", "certificates"
_UNLISTED = "pem "
"""Before the digest of a certificate that the station has not listed by its hashes yet."""
_PHASES = (frozenset(("L1", "L2", "L3")), frozenset(("L1-N", "L2-N", "L3-N")))


# -- local list -------------------------------------------------------------------------------


def list_count(bindings: Bindings) -> int:
    return len(bindings.table.get(_LIST, "") or ())


def list_replaced(bindings: Bindings, tags: Iterable[str]) -> None:
    """The station has taken a full list, or told that it has none."""
    found = sorted({tag.lower() for tag in tags})
    if found != (bindings.table.get(_LIST, "") or []):
        bindings.table.put(_LIST, "", found)


def list_changed(bindings: Bindings, added: Iterable[str], removed: Iterable[str]) -> None:
    """The station has taken a differential list."""
    known = set(bindings.table.get(_LIST, "") or ())
    known |= {tag.lower() for tag in added}
    list_replaced(bindings, known - {tag.lower() for tag in removed})


# -- certificates -----------------------------------------------------------------------------


def certificate_count(bindings: Bindings) -> int:
    return sum(len(known) for known in bindings.table.kind(_CERTIFICATES).values())


def certificate_installed(bindings: Bindings, use: str, pem: str) -> None:
    """use: certificateType; pem: the certificate. One that was there before counts once."""
    known: list[str] = bindings.table.get(_CERTIFICATES, use) or []
    name = _UNLISTED + sha256(pem.strip().encode()).hexdigest()[:16]
    if name not in known:
        bindings.table.put(_CERTIFICATES, use, [*known, name])


def certificate_deleted(bindings: Bindings, hashes: JsonObject) -> None:
    """One that the station has not listed may be any of those that were installed since."""
    rows: dict[str, list[str]] = bindings.table.kind(_CERTIFICATES)
    name = _name(hashes)
    if not any(name in known for known in rows.values()):
        unlisted = [n for known in rows.values() for n in known if n.startswith(_UNLISTED)]
        name = unlisted[-1] if unlisted else name
    for use, known in list(rows.items()):
        if name in known:
            bindings.table.put(_CERTIFICATES, use, [n for n in known if n != name])


def certificates_listed(bindings: Bindings, use: str, listed: Iterable[JsonObject]) -> None:
    """All that the station has of one use, by their certificateHashData."""
    names = sorted({_name(hashes) for hashes in listed})
    if names != bindings.table.get(_CERTIFICATES, use):
        bindings.table.put(_CERTIFICATES, use, names)


def _name(hashes: JsonObject) -> str:
    return f"{hashes['issuerKeyHash']} {hashes['serialNumber']}".lower()


# -- what is measured -------------------------------------------------------------------------


def measured(
    bindings: Bindings, place: tuple[int, int], names: Collection[str], values: Iterable[JsonObject]
) -> None:
    """Keep the newest samples of some measurands. values: 2.0.1 meterValues, in base units."""
    for value in values:
        found: dict[str, list[JsonObject]] = {}
        for sample in value["sampledValue"]:
            name = sample.get("measurand")
            if name in names:
                found.setdefault(name, []).append(sample)
        for name, samples in found.items():
            whole = [s for s in samples if "phase" not in s]
            total = decimal(whole[-1]["value"]) if whole else _sum(samples)
            if total is not None:
                bindings.measured.setdefault(place, {})[name] = total


def not_measured(bindings: Bindings, place: tuple[int, int]) -> None:
    """A transaction has ended there: what was measured in it does not hold any more."""
    bindings.measured.pop(place, None)


def measured_on(bindings: Bindings, evse_id: int, name: str) -> str | None:
    """Of all connectors of an EVSE together."""
    found = [m[name] for place, m in bindings.measured.items() if place[0] == evse_id and name in m]
    return plain(sum(found, Decimal())) if found else None


def _sum(samples: Iterable[JsonObject]) -> Decimal | None:
    by_phase = {s["phase"]: decimal(s["value"]) for s in samples}
    for phases in _PHASES:
        if phases <= set(by_phase):
            return sum((by_phase[phase] for phase in sorted(phases)), Decimal())
    return None
