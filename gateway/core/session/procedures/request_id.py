"""Ids of requests that the gateway itself makes of a station (translation-csms 1.5)."""

from gateway.core.session.bindings import Bindings


def next_request_id(bindings: Bindings) -> int:
    """Durable, from `ids.request_base`: one counter for reports, logs and firmware."""
    return bindings.table.count("request_id", bindings.settings.ids.request_base)
