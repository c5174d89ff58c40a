"""Which 1.6 connectors a 2.0.1 CSMS means by an EVSE. Spec: translation-csms 1.3, direction B."""

from collections.abc import Iterable

from gateway.core.session.bindings import Bindings


def all16(bindings: Bindings, evse_id: int) -> list[int]:
    """The 1.6 connectors of an EVSE named alone; [0] for EVSE 0, the whole station.

    Raises Untranslatable for an unknown EVSE.
    """
    if evse_id == 0:
        return [0]
    connectors = bindings.numbering.connectors(evse_id) or [1]
    return [bindings.connector16(evse_id, connector_id) for connector_id in connectors]


def check_evse(bindings: Bindings, evse_id: int) -> None:
    """Topology is looked at before values are (translation-csms 1.1, 1).

    Raises Untranslatable for an unknown EVSE; 0 is the station.
    """
    all16(bindings, evse_id)


def one16(bindings: Bindings, evse_id: int) -> int:
    """The one 1.6 connector meant where an EVSE is named alone; 0 for EVSE 0.

    Raises Untranslatable for an unknown EVSE.
    """
    return likeliest16(bindings, all16(bindings, evse_id))


def likeliest16(bindings: Bindings, numbers: Iterable[int]) -> int:
    """Of several: with an open transaction, else Preparing, else Available, else the lowest."""
    among = sorted(numbers)
    if len(among) == 1:
        return among[0]
    for number in among:
        if bindings.running_on(number) is not None:
            return number
    for status in ("Preparing", "Available"):
        for number in among:
            if status16(bindings, number) == status:
                return number
    return among[0]


def status16(bindings: Bindings, number: int) -> str | None:
    """Last 1.6 status of a connector; None if it has told none."""
    address = bindings.numbering.address(number)
    return None if address is None else bindings.connector(*address).status16
