"""The `translation` section of the configuration: what changes the meaning of a translation.

The core owns these because vectors, `scenario` and `convert` use them without any server.
Keys, defaults and meaning: configuration.md 7, translation-station 1.9, translation-csms 1.6.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Seconds = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1, lt=1 << 31)]
TokenType = Literal[
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
]
BootReason = Literal[
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
]


class Section(BaseModel):
    """A frozen part of the configuration; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _regular(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        text = "a regular expression, and {pattern} is none: {why}"
        said = {"pattern": repr(pattern), "why": str(error)}
        raise PydanticCustomError("regular", text, said) from error
    return pattern


class TypeRule(Section):
    """idTags that match the pattern are tokens of that type."""

    pattern: Annotated[str, AfterValidator(_regular)]
    type: TokenType


def _spelled_out(rule: Any) -> Any:
    """A type rule may be written as a pair, `regex: type` or `[regex, type]`."""
    if isinstance(rule, dict) and len(rule) == 1 and not rule.keys() & TypeRule.model_fields.keys():
        rule = next(iter(rule.items()))
    if isinstance(rule, list | tuple) and len(rule) == 2:
        return dict(zip(("pattern", "type"), rule, strict=True))
    return rule


_Pair = Annotated[dict[str, str], Field(min_length=1, max_length=1)] | tuple[str, str]
_TypeRule = Annotated[
    TypeRule, BeforeValidator(_spelled_out, json_schema_input_type=TypeRule | _Pair)
]


class IdTokenSettings(Section):
    overflow: Literal["hash", "truncate", "reject"] = "hash"
    case: Literal["keep", "upper", "lower"] = "keep"
    no_auth_tag: Annotated[str, Field(min_length=1, max_length=20)] = "NOAUTH"
    default_type: TokenType = "ISO14443"
    group_type: TokenType = "Central"
    remote_type: TokenType = "Central"
    type_rules: tuple[_TypeRule, ...] = ()


class StationIs201(Section):
    """Direction A: the station speaks 2.0.1, the CSMS 1.6."""

    placeholder_id_tag: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    auth_cache_s: Seconds = 300
    status_connector0: bool = True
    transaction_data: Literal["all", "end", "none"] = "all"
    orphan_stop: Literal["minus_one", "drop"] = "minus_one"
    signed: Literal["json", "raw", "drop"] = "json"
    stop_attempts: Count = 3
    stop_interval_s: Seconds = 60
    provision: bool = False


class StationIs16(Section):
    """Direction B: the station speaks 1.6, the CSMS 2.0.1."""

    first_transaction_id: Count = 1
    boot_reason: BootReason = "Unknown"
    connector0_status: Literal["notify_event", "drop"] = "notify_event"
    attach_untagged_meter_values: bool = True
    offline_tolerance_s: Seconds = 10
    stop_on_late_deauth: bool = True


class PncSettings(Section):
    mode: Literal["off", "tunnel"] = "off"
    dialect: Literal["ocpp201", "appnote"] = "ocpp201"


class TunnelSettings(Section):
    enabled: bool = False
    actions: Literal["all"] | tuple[str, ...] = "all"


class CostSettings(Section):
    enabled: bool = False
    currency: Annotated[str, Field(min_length=1)] = "XXX"


class IdSettings(Section):
    request_base: Annotated[int, Field(ge=0, lt=1 << 31)] = 1 << 30


class RemoteStartSettings(Section):
    fill_single_evse: bool = True
    ttl_s: Seconds = 300


class ResetSettings(Section):
    soft_with_tx: Literal["Immediate", "OnIdle"] = "Immediate"
    immediate: Literal["Hard", "Soft"] = "Hard"


class UnlockSettings(Section):
    stop_transaction: bool = True


class TriggerSettings(Section):
    meter_values: Literal["auto", "MeterValues", "TransactionEvent"] = "auto"
    replay_boot: bool = True


class ProfileSettings(Section):
    multi_schedule: Literal["first", "refuse"] = "first"
    rate_unit: Literal["keep", "convert"] = "keep"
    voltage: Positive = 230


class FirmwareSettings(Section):
    allow_unsigned: bool = False


class GetConfigSettings(Section):
    max_keys: Count = 50


class DeviceModelSettings(Section):
    items_per_message: Count = 20
    bytes_per_message: Count = 8192
    report_base: Literal["FullInventory", "ConfigurationInventory"] = "FullInventory"
    cache_ttl_s: Seconds = 0
    export_unmapped: Literal["none", "rw", "all"] = "rw"
    offered_items: Count = 50
    offered_bytes: Count = 65536


class ReportSettings(Section):
    items_per_part: Count = 50
    bytes_per_part: Count = 32768


class UserKey(Section):
    """The place of a 1.6 key of the operator's. instance: of the variable."""

    component: Annotated[str, Field(min_length=1, max_length=50)]
    variable: Annotated[str, Field(min_length=1, max_length=50)]
    instance: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    evse: Annotated[int, Field(ge=0)] | None = None
    connector: Annotated[int, Field(ge=0)] | None = None
    attribute: Literal["Actual", "Target", "MinSet", "MaxSet"] = "Actual"
    converter: str = "string"


class ConfigKeySettings(Section):
    stoptxn_periodic: bool = False
    user_keys: dict[str, UserKey] = Field(default_factory=dict)


class StationFeatureSettings(Section):
    security_ext: Literal["auto"] | bool = "auto"


class Translation(Section):
    """Everything under `translation:`; a vector's `config` is this section."""

    vendor_id: Annotated[str, Field(min_length=1, max_length=255)] = "org.ocpp-gateway"
    timezone_default: str = "UTC"
    upstream_timeout_s: float = 25
    station_timeout_s: float = 20
    exchange_timeout_s: float = 25
    retry_grace_s: Seconds = 60
    csms_grace_s: Seconds = 10
    station_grace_s: Seconds = 0
    topology: tuple[tuple[int, int], ...] | None = None
    connector_types: tuple[str, ...] | None = None
    supply_phases: Annotated[int, Field(ge=0)] | None = None
    evse_max_power_w: Positive | None = None
    id_token: IdTokenSettings = IdTokenSettings()
    a: StationIs201 = StationIs201()
    b: StationIs16 = StationIs16()
    pnc: PncSettings = PncSettings()
    tunnel: TunnelSettings = TunnelSettings()
    costmsg: CostSettings = CostSettings()
    custom_data: bool = True
    ids: IdSettings = IdSettings()
    remote_start: RemoteStartSettings = RemoteStartSettings()
    reset: ResetSettings = ResetSettings()
    unlock: UnlockSettings = UnlockSettings()
    trigger: TriggerSettings = TriggerSettings()
    profile: ProfileSettings = ProfileSettings()
    firmware: FirmwareSettings = FirmwareSettings()
    getconfig: GetConfigSettings = GetConfigSettings()
    devicemodel: DeviceModelSettings = DeviceModelSettings()
    report: ReportSettings = ReportSettings()
    config: ConfigKeySettings = ConfigKeySettings()
    station: StationFeatureSettings = StationFeatureSettings()


CUSTOM_DATA = "custom_data"


_THEN = "pass|drop|map:[A-Za-z0-9_]+|answer:(Accepted|Rejected|UnknownMessageId|UnknownVendorId)"


def _what_becomes(text: str) -> str:
    if re.fullmatch(_THEN, text) is None:
        raise PydanticCustomError("then", "pass, drop, map:NAME, or answer: with a status")
    return text


class DataTransferRoute(Section):
    """What becomes of the vendor messages that match (extensions.md section 2).

    then: pass, map:NAME, answer:STATUS or drop. data: json: 1.6 text is parsed on its way to 2.0.1.
    max_bytes: of the data as text; longer ones are answered Rejected.
    """

    vendor_id: Annotated[str, Field(min_length=1, max_length=255)]
    message_id: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    direction: Literal["from_station", "from_csms"] | None = None
    data: Literal["text", "json"] = "text"
    then: Annotated[
        str, AfterValidator(_what_becomes), Field(json_schema_extra={"pattern": f"^({_THEN})$"})
    ] = "pass"
    max_bytes: Annotated[int, Field(ge=1)] | None = None


class ExtensionSettings(Section):
    """What goes beyond the standard for a group of stations; all off by default."""

    data_transfer: tuple[DataTransferRoute, ...] = Field(
        default=(), description="route table of vendor messages"
    )
    extra_fields: Literal["drop", "custom_data"] = Field(
        default="drop", description="1.6 members that the standard has not"
    )
    custom_data_transfer: bool = Field(
        default=False, description="customData goes to a 1.6 peer as vendor messages"
    )
    vendor_namespaces: dict[str, Annotated[str, Field(min_length=1, max_length=255)]] = Field(
        default_factory=dict, description="vendor told at boot -> vendorId in customData"
    )


class SessionSettings(Section):
    """Everything one session needs to know: its route's translation, validation and limits.

    validation: `enforce`, `repair` or `observe` as resolved for this pair of legs (decision 4).
    """

    translation: Translation = Translation()
    validation: Literal["enforce", "repair", "observe"] = "repair"
    profiles: tuple[str, ...] = ()
    json_depth: int = 32
    json_nodes: int = 20000
    station_queue: int = 8
    id_memory_s: float = 600
    unsolicited_per_minute: int = 20
    keep_transactions_days: float = 30
    absorb_security: bool = True
    extensions: ExtensionSettings = ExtensionSettings()
