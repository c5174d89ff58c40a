"""What a call opens with: its map, its procedure and the schemas of its two halves.

Found once per revision, side, pair of versions and action, since every message asks.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gateway.core.dialects import NOT_IMPLEMENTED, NOT_SUPPORTED, Side, Version
from gateway.core.mapping.model import Direction
from gateway.core.schema.catalog import Check
from gateway.core.session import procedures
from gateway.core.session.carriage import carrying
from gateway.core.session.requests import Procedure, Refuse
from gateway.core.session.unchanged import unchanged

if TYPE_CHECKING:
    from gateway.core.session.desk import Revision
    from gateway.core.session.exchange import Exchange

OpeningKey = tuple[Side, Version, Version, str]
"""Side that calls, its version, the other side's version, action."""


class Opening(NamedTuple):
    """accepts: whether a request payload is valid and `bounded`; answers: whether a response is."""

    direction: Direction
    procedure: "Callable[[Exchange], Procedure]"
    accepts: Check
    answers: Check


def opening(revision: "Revision", key: OpeningKey) -> Opening | Refuse:
    """What the call opens with, or the refusal it gets. Spec: translation-station 1.2."""
    found = revision.openings.get(key)
    if found is None:
        found = _find(revision, *key)
        if key[3] in revision.catalog.actions(key[1]):
            revision.openings[key] = found
    return found


def _find(
    revision: "Revision", side: Side, version: Version, target: Version, action: str
) -> Opening | Refuse:
    catalog = revision.catalog
    senders = catalog.sender(version, action)
    if senders is None:
        return Refuse(NOT_IMPLEMENTED, f"OCPP {version} has no action of that name")
    if side not in senders:
        return Refuse(NOT_SUPPORTED, f"a {side} does not send {action}")
    direction = _direction(revision, side, version, target, action)
    if direction is None:
        return Refuse(NOT_SUPPORTED, f"{action} is not translated")
    procedure = procedures.PROCEDURES[direction.procedure]
    if revision.carries_custom_data and version is not target:
        procedure = carrying(procedure)
    return Opening(
        direction,
        procedure,
        catalog.bounded_checker(version, action, "request"),
        catalog.bounded_checker(version, action, "response"),
    )


def _direction(
    revision: "Revision", side: Side, version: Version, target: Version, action: str
) -> Direction | None:
    message_map = revision.maps.entry(version, action, side)
    if target is version:
        return unchanged(version, action, side, message_map)
    return None if message_map is None else message_map.to(target)
