"""Whose words count for each station of a log, and which repairs: by what it said at boot.

As in a running gateway an overlay is in force from the boot on that it matches, and from the start
where its name is among the profiles of the station's route or of the run. Maps and overlays are
loaded when something in the log breaks the standard, not before.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from gateway.core.codec.brackets import CLOSE_BRACKETS, CLOSED
from gateway.core.frames import JsonObject
from gateway.core.mapping.overlay import BOOT_FIELDS
from gateway.core.schema.catalog import Catalog
from gateway.core.session.desk import Revision
from gateway.core.session.variants import fitting
from gateway.core.settings import ExtensionSettings
from gateway.logs.entry import Entry, Remark
from gateway.logs.rules import Finding, level_of
from gateway.logs.shares import station_of

MENDED = "mended"

ProfilesOf = Callable[[str], tuple[str, ...]]
"""Names of repairs and overlays that a station's route and the run ask for, by its name."""


class Judge(NamedTuple):
    """What a station's messages are judged and mended by."""

    catalog: Catalog
    profiles: tuple[str, ...]


class Fitting:
    """The stations of a run. load: the revision, asked for once."""

    def __init__(self, load: Callable[[], Revision], profiles_of: ProfilesOf) -> None:
        self._load = load
        self._profiles_of = profiles_of
        self._boots: dict[str, JsonObject] = {}
        self._judges: dict[str, Judge] = {}

    @cached_property
    def revision(self) -> Revision:
        """The standard one."""
        return self._load()

    def told(self, entry: Entry, boot: JsonObject) -> None:
        """A station registers by this payload."""
        name = station_of(entry.station, entry.file)
        self._boots[name] = boot
        self._judges.pop(name, None)

    def judge(self, entry: Entry) -> Judge:
        """What the frame of an entry is judged by."""
        name = station_of(entry.station, entry.file)
        judge = self._judges.get(name)
        if judge is None:
            named, boot = self._profiles_of(entry.station), self._boots.get(name)
            fitted = fitting(self.revision, entry.station, boot, ExtensionSettings(), named)
            judge = self._judges[name] = judge_of(fitted, named)
        return judge


def judge_of(revision: Revision, profiles: Iterable[str]) -> Judge:
    """revision: as it fits the station; profiles: of its route."""
    return Judge(revision.catalog, (*profiles, *revision.profiles))


def completed(remark: Remark, judge: Judge) -> Finding | None:
    """What is said of a frame that ends too early and is taken as `remark.closed`; None: it is not
    taken so."""
    entry = remark.closed
    if entry is None or CLOSE_BRACKETS not in judge.profiles:
        return None
    return Finding(
        entry.file,
        entry.line,
        level_of(MENDED),
        MENDED,
        "",
        CLOSED,
        entry.station,
        "",
        entry.frame.message_id,
        judge.catalog.own.marked(CLOSE_BRACKETS),
    )


def tells_vendor(fields: Mapping[str, object]) -> bool:
    """Whether a request with these fields is one by which stations register."""
    return not BOOT_FIELDS.isdisjoint(fields)
