"""Which route a station takes: by its id, and by what it told of itself when it last booted.

What a boot tells counts from the station's next link on: a link is opened, and its CSMS dialled, by
the settings of one route. Rule: configuration.md 8.
"""

import orjson

from gateway.config import Config, Effective
from gateway.core.frames import JsonObject
from gateway.core.mapping.overlay import facts_of
from gateway.storage.port import Store

REGISTRATION = "registration"


class Routing:
    """The routes of one configuration, for stations of one store."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._asks = any(route.vendor or route.model for route in config.routes)
        self._told: dict[str, tuple[str | None, str | None]] = {}

    def of(self, station: str) -> Effective:
        """The settings in force, by what has been looked up of the station."""
        return self._config.route(station, *self._told.get(station, (None, None)))

    async def looked_up(self, station: str) -> Effective:
        """The settings for a link that begins now. Raises StoreError."""
        if self._asks and (boot := await stored_boot(self._store, station)) is not None:
            facts = facts_of(station, boot)
            self._told[station] = (facts.vendor, facts.model)
        return self.of(station)


async def stored_boot(store: Store, station: str) -> JsonObject | None:
    """The boot that the station sent last, in the version that it speaks. Raises StoreError."""
    for kind, _, value in await store.bindings(station):
        if kind == REGISTRATION and (boot := orjson.loads(value).get("boot")):
            return dict(boot)
    return None
