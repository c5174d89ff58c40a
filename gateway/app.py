"""The composition root: the one module that knows everything.

`run` is what `ocpp-gateway serve` calls; `App.start` the same inside a running loop, for tests.
"""

import asyncio
import gc
import logging
import os
import signal
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.config import Config, Effective, address
from gateway.core.dialects import Side
from gateway.core.errors import ConfigError, OperatorError, Problems, said_by
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Record
from gateway.core.session.session import TranslationSession
from gateway.core.session.state import Loaded
from gateway.core.settings import ExtensionSettings, SessionSettings
from gateway.faces import front_door, soap_parts
from gateway.io.admission import Admission, max_stations
from gateway.io.admittance import Admittance, Spellings
from gateway.io.backoff import full_jitter
from gateway.io.chance import uuids
from gateway.io.clock import Clock, utc_clock
from gateway.io.credentials import Credentials
from gateway.io.csms_ws import CsmsFace
from gateway.io.drain import Drain, end
from gateway.io.flow import FlowLimits
from gateway.io.housekeeping import keep_house, watch_certificates, watch_clock
from gateway.io.link import LinkLimits
from gateway.io.listener import Listener
from gateway.io.negotiate import Versions
from gateway.io.pump import Pump
from gateway.io.registry import Registry
from gateway.io.renewal import Renewals
from gateway.io.routing import Routing
from gateway.io.sessions import MakesSessions, Ports
from gateway.io.shell import Session, Shell
from gateway.io.soap_post import Poster
from gateway.io.station_ws import StationFace
from gateway.io.tapped import Hear, tapping
from gateway.io.tls import station_context
from gateway.revision import load_revision, wrong_names
from gateway.storage import open_store
from gateway.storage.port import Store

RecordSink = Callable[[str, Record], None]

REPLICA = "gateway"
"""This process in the store. The engines of one process need no other name, and the same one after
a crash lets the restarted process take its stations over at once."""

ALLOCATIONS = 20_000
"""After how many more objects made than freed the garbage collector looks at the new ones."""

logger = logging.getLogger(__name__)


def session_settings(config: Config, route: Effective, versions: Versions) -> SessionSettings:
    """What a session of that route and that pair of versions works by."""
    limits = config.limits
    return SessionSettings(
        translation=route.translation,
        validation=route.validation_mode(not versions.one_dialect),
        profiles=route.profiles,
        json_depth=limits.json_depth,
        json_nodes=limits.json_nodes,
        station_queue=limits.station_queue,
        id_memory_s=limits.id_memory_s,
        unsolicited_per_minute=limits.unsolicited_per_minute,
        keep_transactions_days=config.store.keep_transactions_days,
        absorb_security=route.csms.soap.absorb_security,
        extensions=_extensions(route, versions),
    )


def _extensions(route: Effective, versions: Versions) -> ExtensionSettings:
    """Between legs of one version nothing is converted: of vendor messages some are answered."""
    if versions.station is not versions.csms:
        return route.extensions
    if versions.one_dialect:
        return ExtensionSettings()
    return ExtensionSettings(data_transfer=route.extensions.data_transfer)


def translating(config: Config, revision: Revision) -> MakesSessions:
    """Makes translation sessions; equal settings are made once and shared."""
    ids = uuids()
    settings: dict[tuple[str, Versions], SessionSettings] = {}

    def make(
        station: str, epoch: int, loaded: Loaded, route: Effective, versions: Versions
    ) -> Session:
        key = (route.name, versions)
        if key not in settings:
            settings[key] = session_settings(config, route, versions)
        return TranslationSession(station, epoch, loaded, ids, revision, settings[key])

    return make


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a running gateway consists of."""

    config: Config
    store: Store
    registry: Registry
    admission: Admission
    face: StationFace
    csms: CsmsFace
    poster: Poster
    listener: Listener
    clock: Clock


class App:
    """A running gateway. Made by `start`; ends with `drain` or `stop`."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._drain = Drain(parts.config.shutdown, parts.registry, parts.listener, parts.clock)
        self._housekeeping = asyncio.gather(
            keep_house(parts.store, REPLICA, parts.config.store, parts.clock),
            watch_clock(parts.clock, time.time),
            watch_certificates(_files_that_end(parts.config), time.time),
        )

    @classmethod
    async def start(
        cls,
        config: Config,
        record: RecordSink,
        *,
        store: Store,
        sessions: MakesSessions,
        revision: Revision | None = None,
        clock: Clock | None = None,
        opened: Callable[[Side], float] | None = None,
    ) -> Self:
        """Listen and serve.

        record: takes every Record of every station; revision: the one of the sessions (default:
        read anew); opened: when a leg that opens now counts as opened, seconds since the epoch,
        UTC (default: now).
        Raises OperatorError, OSError: addresses or files of the configuration cannot be used.
        """
        clock = clock or utc_clock()
        stations, limits = config.stations, _link_limits(config)
        registry = Registry(
            stations.duplicate_policy, stations.duplicate_probe_s, _noting_duplicates(record)
        )
        csms = CsmsFace(limits, stations.handshake_s, clock)
        routing = Routing(config, store)
        soap = soap_parts(config, revision or load_revision(config.resources), store)
        ports = Ports(
            config=config,
            routing=routing,
            store=store,
            replica=REPLICA,
            csms=csms,
            csms_soap=soap.dialling,
            registry=registry,
            shell=_shell(config, routing, store, clock, record),
            sessions=sessions,
            opened=opened or (lambda _side: clock()),
            lacks=soap.lacks,
        )
        admission = Admission(stations.handshakes_per_s, max_stations(stations.max_stations), clock)
        admittance = await _admittance(config, store, clock)
        door, face = front_door(ports, admission, admittance, limits, soap.tools)
        tls = station_context(stations.tls, _client_certificates(config))
        poster = soap.tools.poster
        await poster.start()
        try:
            listener = await Listener.open(door, stations, config.limits, tls)
        except OSError as error:
            csms.stop()
            await poster.stop()
            raise _nobody_listens(stations.listen, error) from error
        return cls(_Parts(config, store, registry, admission, face, csms, poster, listener, clock))

    @property
    def port(self) -> int:
        """The port that stations connect to."""
        return self._parts.listener.port

    def station_url(self, station: str) -> str:
        """Where a station connects to, on the first configured path."""
        stations = self._parts.config.stations
        scheme = "wss" if stations.tls.cert else "ws"
        host, _ = address(stations.listen)
        shown = f"[{host}]" if ":" in host else host
        return f"{scheme}://{shown}:{self.port}{stations.paths[0].replace('{station}', station)}"

    @property
    def connected(self) -> int:
        """How many stations have a session."""
        return len(self._parts.registry)

    @property
    def max_stations(self) -> int:
        """How many stations fit (reliability R8)."""
        return self._parts.admission.max_stations

    @property
    def pumps(self) -> tuple[Pump, ...]:
        """The sessions that there are."""
        return self._parts.registry.pumps()

    @property
    def draining(self) -> bool:
        """Whether new links are refused because the process is about to end."""
        return self._parts.admission.draining

    def hurry(self) -> None:
        """Cut a `drain` short."""
        self._drain.hurry.set()

    async def drain(self) -> None:
        """Let open calls finish, close every link with 1001, flush (reliability R23)."""

        def refuse_new() -> None:
            self._parts.admission.draining = True

        await self._drain.run(refuse_new)
        await self.stop()

    async def stop(self) -> None:
        """End at once: what is saved is saved, open calls are lost."""
        parts = self._parts
        parts.admission.draining = True
        await end(parts.registry.pumps())
        self._housekeeping.cancel()
        await asyncio.gather(self._housekeeping, return_exceptions=True)
        await parts.listener.close()
        parts.face.stop()
        parts.csms.stop()
        await parts.poster.stop()
        await parts.store.close()


def _nobody_listens(listen: str, error: OSError) -> ConfigError:
    number = error.errno or 0
    why = os.strerror(number) if number > 0 else error.strerror
    cure = "choose an address of this machine and a port that is free"
    key = ("stations", "listen")
    return ConfigError(f"nobody can listen at {listen}: {why}", None, cure, key)


def run(
    config: Config, record: RecordSink, report: Callable[[], None], hear: Hear | None = None
) -> int:
    """Serve until SIGTERM or SIGINT; the exit code.

    report: called at each SIGUSR1; hear: gets every message of every session; None: nobody does.
    Raises OperatorError: what the configuration names cannot be used.
    """
    revision = load_revision(config.resources)
    if problems := wrong_names(config, revision):
        raise Problems(problems)
    clock = utc_clock()
    with said_by("state"):
        store = open_store(config.state, config.store, clock=clock)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        sessions = translating(config, revision)
        if hear is not None:
            sessions = tapping(sessions, hear)
        serving = _serve(config, record, store, revision, sessions, clock, report)
        return runner.run(serving)


async def _serve(
    config: Config,
    record: RecordSink,
    store: Store,
    revision: Revision,
    sessions: MakesSessions,
    clock: Clock,
    report: Callable[[], None],
) -> int:
    try:
        app = await App.start(
            config, record, store=store, sessions=sessions, revision=revision, clock=clock
        )
    except OperatorError:
        await store.close()
        raise
    except OSError as error:
        logger.error("%s", error)
        await store.close()
        return 1
    told_to_stop = asyncio.Event()

    def on_signal() -> None:
        if told_to_stop.is_set():
            app.hurry()
        told_to_stop.set()

    _collect_rarely()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, report)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _no_reload)
    _say_hello(config, app)
    await told_to_stop.wait()
    logger.info("shutting down")
    await app.drain()
    return 0


def _no_reload() -> None:
    """SIGHUP asks for the changed configuration; unheard it would end the process on the spot."""
    logger.warning("SIGHUP: this release reads its configuration only when it starts: restart it")


def _collect_rarely() -> None:
    """Frames come and go by reference counts. To look for cycles every few messages, through the
    stations' memory and again and again through schemas and maps, costs a tenth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)


def _say_hello(config: Config, app: App) -> None:
    if config.state == "memory:":
        logger.warning("state: memory: forgets everything when the process ends")
    logger.info("room for %d stations", app.max_stations)
    logger.info("stations connect to %s", app.station_url("{station}"))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _client_certificates(config: Config) -> ssl.VerifyMode:
    """Whether peers of the listener must show a certificate, may, or are not asked."""
    if config.stations.auth == "mtls":
        return ssl.CERT_REQUIRED
    if any(entry.csms.callback_auth == "mtls" for entry in config.effective):
        return ssl.CERT_OPTIONAL
    return ssl.CERT_NONE


def _files_that_end(config: Config) -> tuple[str, ...]:
    """The certificates that the gateway shows to stations and to CSMSs, and the revocation list."""
    tls = config.stations.tls
    files = (tls.cert, tls.crl, *(entry.csms.tls.cert for entry in config.effective))
    return tuple(dict.fromkeys(file for file in files if file))


def _link_limits(config: Config) -> LinkLimits:
    limits = config.limits
    return LinkLimits(
        limits.max_frame_bytes,
        limits.max_fragments,
        limits.write_buffer_bytes,
        limits.write_stall_s,
    )


def _shell(
    config: Config, routing: Routing, store: Store, clock: Clock, record: RecordSink
) -> Shell:
    limits = config.limits

    def pause(station: str, attempt: int) -> float:
        csms = routing.of(station).csms
        return full_jitter(attempt, csms.backoff_min_s, csms.backoff_max_s)

    return Shell(
        store=store,
        clock=clock,
        record=record,
        pause=pause,
        flow=FlowLimits(limits.messages_per_s, limits.messages_burst, limits.bytes_per_s),
    )


def _noting_duplicates(record: RecordSink) -> Callable[[str, str], None]:
    def note(station: str, outcome: str) -> None:
        record(station, Record("=", Side.STATION, "", "", "duplicate_session", outcome))

    return note


async def _admittance(config: Config, store: Store, clock: Clock) -> Admittance:
    stations = config.stations
    credentials = None
    if stations.auth == "basic" and stations.credentials is not None:
        credentials = Credentials.load(Path(stations.credentials))
    known: Iterable[str] = ()
    if stations.id_case_insensitive:
        stored = [summary.station for summary in await store.stations()]
        known = (*stored, *(credentials.stations() if credentials else ()))
    renewals = Renewals(store, credentials, stations.password_overlap_s, clock)
    spellings = Spellings(known, stations.id_case_insensitive)
    return Admittance(stations, credentials, spellings, renewals)
