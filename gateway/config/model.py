"""The configuration as frozen models: every key, its default, its bounds.

Keys and defaults: configuration.md; the field descriptions are what `print-schema` publishes. The
`translation` section stands in gateway.core.settings, because vectors use it without a server.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr, field_validator

from gateway.config.route import Effective, choose, compile_routes
from gateway.core.settings import Count, ExtensionSettings, Positive, Seconds, Section, Translation

Share = Annotated[float, Field(ge=0, le=1)]
Compression = Literal["auto", "on", "off"]
Subprotocol = Literal["1.6", "2.0.1"]
Profile = Literal[
    "scalar_to_list",
    "string_to_number",
    "number_to_string",
    "enum_fallback",
    "current_measurand",
    "empty_items",
    "unset_clock",
    "close_brackets",
    "xml_recover",
]
OverlayName = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
ID_PATTERN = "[A-Za-z0-9*_.:|@=+ -]{1,48}"
CALLBACK_NETWORKS = ("public", "private")


def _key(default: Any, text: str) -> Any:
    return Field(default=default, description=text)


class ServerTls(Section):
    """Files of a TLS listener; read again when they change."""

    cert: str | None = _key(None, "certificate chain, PEM file")
    key: str | None = _key(None, "private key, PEM file")
    client_ca: str | None = _key(None, "who signs station certificates, PEM file")
    crl: str | None = _key(None, "revocation list, PEM file")


class ClientTls(Section):
    """Files of the connection to the CSMS; read again when they change."""

    ca: str | None = _key(None, "who signs the CSMS's certificate, PEM file; null: system store")
    cert: str | None = _key(None, "own certificate chain, PEM file")
    key: str | None = _key(None, "own private key, PEM file")


class StationSoap(Section):
    paths: tuple[str, ...] = _key(("/soap", "/soap/{station}"), "HTTP paths of the SOAP service")
    fault_status: Literal[500, "spec"] = _key(500, "HTTP status of faults")
    answer_s: Positive = _key(30, "latest answer to a SOAP request")
    compress: bool = _key(False, "gzip towards SOAP stations, above 1 KiB")
    must_understand: bool = _key(True, "attribute on request headers")
    prefix: str | None = _key(None, "fixed namespace prefix for peers that want one")
    learn_callback: bool = _key(True, "take callback addresses from From")
    callback_host: Literal["from", "peer"] = _key("from", "whose host a callback address has")
    callback_url: str | None = _key(None, "per station (in a route); wins over From")
    callback_networks: tuple[str, ...] = _key(CALLBACK_NETWORKS, "allowed targets")
    callback_ports: str = _key("1-65535", "allowed ports")


class Stations(Section):
    """The face that charging stations connect to."""

    listen: str = _key("127.0.0.1:9000", "HOST:PORT")
    paths: tuple[str, ...] = _key(
        ("/ocpp/{station}",), "WebSocket paths, exactly one {station} segment each"
    )
    auth: Literal["none", "basic", "mtls"] = _key("basic", "none needs allow_unauthenticated: true")
    allow_unauthenticated: bool = _key(False, "needed by auth: none")
    tls: ServerTls = ServerTls()
    security_profile: Literal[1, 2, 3] | None = _key(None, "minimum security profile")
    credentials: str | None = _key(None, "file made by `ocpp-gateway credentials`")
    accept_hex_key: bool = _key(False, "accept the hex digits of a 1.6 key as they are")
    password_overlap_s: Seconds = _key(3600, "old and new password both valid")
    id_pattern: str = _key(ID_PATTERN, "regular expression of station ids")
    id_case_insensitive: bool = _key(False, "match ids without case")
    assume_subprotocol: Subprotocol | None = _key(None, "version taken when a station offers none")
    trusted_proxies: tuple[str, ...] = _key((), "networks whose X-Forwarded-* headers count")
    compression: Compression = _key("auto", "permessage-deflate; auto: on 2.0.1 legs")
    ping_interval_s: Positive = _key(30, "WebSocket ping")
    pong_timeout_s: Positive = _key(10, "no pong in this time: the link is dead")
    max_stations: Literal["auto"] | Count = _key("auto", "auto: from the open files limit")
    handshakes_per_s: Positive = _key(500, "above: 503")
    handshake_s: Positive = _key(10, "whole handshake with TLS")
    max_unauthenticated: Count = _key(256, "connections before they have shown who they are")
    max_unauthenticated_per_address: Count = _key(64, "the same, from one address")
    duplicate_policy: Literal["probe", "reject", "replace"] = _key(
        "probe", "what becomes of a second link of a station"
    )
    duplicate_probe_s: Positive = _key(5, "how long the first link may take to answer a probe")
    auth_failures_per_minute: Count = _key(10, "per address")
    auth_failures_per_identity_h: Count = _key(20, "per station id and hour")
    auth_table_size: Count = _key(100_000, "addresses and ids remembered")
    soap: StationSoap = StationSoap()


class CsmsSoap(Section):
    down_after: Count = _key(3, "failed POSTs until the CSMS counts as away")
    absorb_security: bool = _key(True, "messages that SOAP lacks get an empty answer")
    compress: bool = _key(False, "gzip towards the CSMS, above 1 KiB")
    fault_status: Literal[500, "spec"] = _key(500, "HTTP status of faults")
    must_understand: bool = _key(True, "attribute on request headers")
    prefix: str | None = _key(None, "fixed namespace prefix")


class Secondary(Section):
    """A further back end that listens in."""

    url: str
    version: str = "auto"
    allow: tuple[str, ...] = ()
    queue: Count = 100


class Csms(Section):
    """The back end."""

    url: str | None = _key(None, "ws(s)://...{station}...; {station} is the percent-encoded id")
    version: Literal["1.6", "1.6-soap", "2.0.1", "auto"] = _key("auto", "what the CSMS speaks")
    callback: str | None = _key(None, "SOAP CSMS: base URL where it calls the stations")
    callback_auth: Literal["none", "basic", "mtls"] = _key(
        "none", "what the SOAP CSMS shows when it calls"
    )
    callback_username: str | None = _key(None, "for callback_auth: basic")
    callback_password: str | None = _key(None, "for callback_auth: basic")
    auth: Literal["none", "basic", "station", "mtls"] = _key(
        "none", "what the gateway shows; station: the station's own user and password"
    )
    username: str | None = _key(None, "for auth: basic; null: the station id")
    password: str | None = _key(None, "for auth: basic")
    tls: ClientTls = ClientTls()
    on_csms_down: Literal["mirror", "buffer"] = _key("mirror", "while the CSMS is away")
    offline_auth: Literal["deny", "cached", "accept_all"] = _key("deny", "buffer mode")
    offline_auth_max_age_s: Seconds = _key(86400, "for cached")
    buffer_accept_s: Seconds = _key(86400, "buffer mode: who may connect")
    buffer_pending_interval_s: Positive = _key(60, "buffer mode: interval of a local Pending")
    drain_per_s: Positive = _key(50, "backlog messages")
    poison_attempts: Count = _key(3, "then dead letter")
    poison_interval_s: Positive = _key(10, "doubles with each attempt")
    breaker_failures: Share = _key(0.5, "share of failed calls that opens the breaker")
    breaker_window: Count = _key(20, "calls looked at")
    backoff_min_s: Positive = _key(1, "reconnect, full jitter")
    backoff_max_s: Positive = _key(60, "reconnect, full jitter")
    handshakes_per_s: Positive = _key(200, "at most, towards the CSMS")
    clock_skew_s: Positive = _key(300, "warn above")
    ping_interval_s: Positive = _key(30, "WebSocket ping")
    pong_timeout_s: Positive = _key(10, "no pong in this time: the link is dead")
    compression: Compression = _key("auto", "permessage-deflate; auto: offered on 2.0.1 legs")
    secondaries: tuple[Secondary, ...] = _key((), "further back ends")
    soap: CsmsSoap = CsmsSoap()

    @field_validator("url")
    @classmethod
    def _with_station(cls, url: str | None) -> str | None:
        """A WebSocket URL without {station} is the endpoint that ids are appended to.

        Spec: OCPP-J 1.6, 3.1.1; OCPP 2.0.1 Part 4, 3.1.1.
        """
        if url is None or not re.fullmatch("wss?://[^{?#]+", url):
            return url
        return url.rstrip("/") + "/{station}"


class Store(Section):
    commit_interval_ms: Seconds = _key(5, "group commit: at most this late")
    commit_rows: Count = _key(100, "group commit: at most so many rows")
    locked_ready_s: Positive = _key(30, "locked so long: readiness fails")
    outbox_rows_per_station: Count = _key(10_000, "unfinished rows")
    outbox_bytes: Annotated[int, Field(ge=1)] = _key(1 << 30, "unfinished rows of all stations")
    keep_done_s: Seconds = _key(86400, "finished rows and raw frames")
    keep_transactions_days: Positive = _key(30, "closed transaction records")
    heartbeat_s: Positive = _key(3, "replicas")
    dead_after_s: Positive = _key(12, "replicas")
    self_fence_s: Positive = _key(9, "replicas")
    poll_s: Positive = _key(2, "replicas: when notifications are lost")


class Replica(Section):
    url: str | None = _key(None, "where other replicas forward to")
    tls: ClientTls | None = _key(None, "how replicas know each other")
    secret: str | None = _key(None, "how replicas know each other")


class Admin(Section):
    listen: str = _key("127.0.0.1:9100", "UI, API, metrics, probes")
    tokens: str | None = _key(None, "file of token hash and role")
    tls: ServerTls = ServerTls()
    metrics_stations: tuple[str, ...] = _key((), "stations with gauges of their own")
    battery_gauge_s: Positive = _key(900, "gauges expire after the transaction")


class Log(Section):
    frames: Literal["off", "meta", "full"] = _key("meta", "full: with redacted payloads")
    field_bytes: Annotated[int, Field(ge=64)] = _key(2048, "longer fields are cut")


class Recording(Section):
    """A file of all messages, for `convert` and `validate`."""

    file: str | None = _key(None, "Open OCPP Trace, one record a line; null: none is written")
    content: Literal["masked", "full"] = _key("masked", "masked: tokens and secrets are hidden")


class Tracing(Section):
    enabled: bool = False
    endpoint: str | None = None
    sample: Share = 0.01


class Shutdown(Section):
    """SIGTERM: what may take how long."""

    accept_s: Seconds = _key(5, "still accepting, readiness already failing")
    open_calls_s: Seconds = _key(20, "open calls may finish")
    closes_per_s: Positive = _key(200, "links closed")
    limit_s: Positive = _key(60, "the process ends")


class Limits(Section):
    max_frame_bytes: Count = _key(262_144, "WebSocket message, after inflation")
    max_fragments: Count = _key(64, "of one WebSocket message")
    max_soap_bytes: Count = _key(1 << 20, "SOAP body, after decompression")
    json_depth: Count = _key(32, "nesting of a frame")
    json_nodes: Count = _key(20_000, "values in a frame")
    xml_depth: Count = _key(32, "nesting of a SOAP body")
    xml_elements: Count = _key(20_000, "elements in a SOAP body")
    xslt_output_bytes: Count = _key(1 << 20, "output of a stylesheet")
    station_queue: Count = _key(8, "CALLs of a station that wait")
    id_memory_s: Seconds = _key(600, "message ids remembered per link")
    unsolicited_per_minute: Count = _key(20, "then the link closes with 1008")
    write_buffer_bytes: Count = _key(262_144, "per link")
    write_stall_s: Positive = _key(60, "a slow reader is closed with 1013")
    messages_per_s: Positive = _key(20, "per station")
    messages_burst: Count = _key(100, "per station")
    bytes_per_s: Positive = _key(65_536, "per station")
    header_bytes: Count = _key(16_384, "HTTP")
    header_lines: Count = _key(64, "HTTP")
    body_s: Positive = _key(15, "HTTP")
    stale_days: Positive = _key(90, "older timestamps are flagged")
    ahead_days: Positive = _key(1, "later timestamps are flagged")


class Resources(Section):
    """Directories in place of the installed ones."""

    mappings: str | None = None
    xslt: str | None = None
    xslt_overlays: tuple[str, ...] = _key(
        (), "directories with stylesheets that change single templates of those installed"
    )
    xslt_parameters: dict[str, str] = Field(
        default_factory=dict, description="values of the parameters that stylesheets declare"
    )
    schemas: str | None = None
    overlays: tuple[str, ...] = _key((), "further overlay files on the maps")


class Scripts(Section):
    enabled: bool = False
    keys: tuple[str, ...] = ()
    memory_bytes: Count = 4 << 20
    fuel: Count = 10_000_000
    fallback: str = "pass"


class Plugin(Section):
    name: str
    address: str
    actions: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    timeout_ms: Positive = 200
    on_failure: Literal["open", "closed"] | None = None
    breaker_errors: Count = 5


class Extensions(ExtensionSettings):
    actions: tuple[dict[str, Any], ...] = ()
    scripts: Scripts = Scripts()
    plugins: tuple[Plugin, ...] = ()
    prices: tuple[dict[str, Any], ...] = ()
    cbor: bool = False


class StationsOfRoute(Section):
    """What a route may change of `stations`."""

    security_profile: Literal[1, 2, 3] | None = None
    assume_subprotocol: Subprotocol | None = None
    soap: StationSoap = StationSoap()


class Route(Section):
    """Settings of the stations that match; members given replace those of the file."""

    match: Annotated[str, Field(min_length=1)] | Annotated[tuple[str, ...], Field(min_length=1)] = (
        Field(description="station id pattern with * and ?, or a list of them")
    )
    vendor: str | None = _key(None, "pattern of the vendor told at boot")
    model: str | None = _key(None, "pattern of the model told at boot")
    prefer: Literal["transparent", "highest"] = _key(
        "transparent", "version that a station with several gets"
    )
    csms: Csms | None = None
    validation: "Validation | None" = None
    profiles: tuple[Profile | OverlayName, ...] | None = None
    translation: Translation | None = None
    extensions: Extensions | None = None
    stations: StationsOfRoute | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        return (self.match,) if isinstance(self.match, str) else self.match


Validation = Literal["auto", "enforce", "repair", "observe"]
DEFAULT_STATE = "sqlite:///var/lib/ocpp-gateway/state.db"


class Config(Section):
    """The whole configuration; made by `load`, frozen afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="ocpp-gateway configuration")

    stations: Stations = Stations()
    csms: Csms = Csms()
    state: str = _key(DEFAULT_STATE, "sqlite:///PATH, memory: or postgresql://...")
    store: Store = Store()
    replica: Replica = Replica()
    admin: Admin = Admin()
    log: Log = Log()
    record: Recording = Recording()
    tracing: Tracing = Tracing()
    shutdown: Shutdown = Shutdown()
    limits: Limits = Limits()
    validation: Validation = _key(
        "auto", "auto: repair when translating, observe when both legs speak one version"
    )
    profiles: tuple[Profile | OverlayName, ...] = _key(
        (), "additional named repairs, and vendor overlays by name"
    )
    resources: Resources = Resources()
    translation: Translation = Translation()
    extensions: Extensions = Extensions()
    routes: tuple[Route, ...] = _key((), "per station; the first that matches wins")
    tenants: tuple[dict[str, Any], ...] = _key((), "who gets what, first match")

    _effective: tuple[Effective, ...] = PrivateAttr(default=())

    def model_post_init(self, context: Any) -> None:
        self._effective = compile_routes(self)

    def route(self, station: str, vendor: str | None = None, model: str | None = None) -> Effective:
        """The settings in force for a station.

        vendor, model: as told at boot; None before that, then routes that ask for them are passed
        over. Rule: configuration.md 8, the first entry that matches wins.
        """
        return choose(self._effective, station, vendor, model)

    @property
    def effective(self) -> tuple[Effective, ...]:
        """What `route` chooses from: one entry a route, in order, and the file's own at the end."""
        return self._effective
