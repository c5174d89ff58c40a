"""Every mistake of a configuration is told at once, with its place and its cure."""

from pathlib import Path

import pytest

from gateway.config import Checked, ConfigUnreadable, read_config
from gateway.core.errors import ConfigError

SOUND = """
stations: {listen: 127.0.0.1:9000, auth: none, allow_unauthenticated: true}
csms: {url: "ws://127.0.0.1:9001/ocpp/{station}"}
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def reading(text: str, **environment: str) -> Checked:
        Path("gateway.yaml").write_text(text, "utf-8")
        return read_config(Path("gateway.yaml"), environment)

    return reading


def said(checked: Checked) -> list[str]:
    return [str(problem) for problem in checked.problems]


def test_minimal_file_is_sound(read):
    checked = read(SOUND)
    assert checked.problems == ()
    assert checked.warnings == ("gateway.yaml:2:42: stations connect without authentication",)
    assert checked.valid().csms.version == "auto"


def test_all_mistakes_are_told_in_the_order_of_the_file(read):
    checked = read(
        "stations:\n"
        "  listn: 127.0.0.1:9000\n"
        "  auth: sometimes\n"
        "  max_stations: many\n"
        "  ping_interval_s: -1\n"
        "csms:\n"
        "  url: [a]\n"
        "  tls: none\n"
        "routes:\n"
        "  - csms: {versoin: auto}\n"
        "tenant: []\n"
    )
    assert checked.config is None
    assert said(checked) == [
        "gateway.yaml:2:3: unknown key stations.listn (did you mean listen?)",
        "gateway.yaml:3:9: stations.auth must be 'none', 'basic' or 'mtls'",
        "gateway.yaml:4:17: stations.max_stations must be 'auto' or a whole number",
        "gateway.yaml:5:20: stations.ping_interval_s must be above 0",
        "gateway.yaml:7:8: csms.url must be text (put the value in quotes)",
        "gateway.yaml:8:8: csms.tls must be a section with keys of its own "
        "(leave it out if nothing is below it)",
        "gateway.yaml:10:5: match must be given",
        "gateway.yaml:10:12: unknown key routes[0].csms.versoin (did you mean version?)",
        "gateway.yaml:11:1: unknown key tenant (did you mean tenants?)",
    ]


def test_an_unknown_key_does_not_hide_what_else_is_wrong(read):
    checked = read(SOUND + "foo: 1\nstate: floppy\n")
    assert said(checked) == [
        "gateway.yaml:4:1: unknown key foo (see `print-schema`)",
        "gateway.yaml:5:8: this is no place for the state (for example "
        'sqlite:///var/lib/ocpp-gateway/state.db, or "memory:" in quotes)',
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("csms: {url: ws://a, url: ws://b}", "gateway.yaml:1:21: 'url' occurs twice, first in"),
        ("csms: {url: !!python/name:os.system ''}", "gateway.yaml:1:13: the tag"),
        ("csms:\n  url: [", "gateway.yaml:3:1: no YAML"),
        ("- a list", "gateway.yaml:1:1: a configuration is a mapping (start with stations:)"),
    ],
)
def test_a_file_that_is_no_configuration(read, text, problem):
    checked = read(text)
    assert len(checked.problems) == 1
    assert said(checked)[0].startswith(problem)
    with pytest.raises(ConfigError):
        checked.valid()


def test_a_file_that_is_not_there_could_not_be_checked(tmp_path):
    with pytest.raises(ConfigUnreadable, match="No such file"):
        read_config(tmp_path / "none.yaml", {})


@pytest.mark.parametrize(
    ("yaml", "value"),
    [("1.6", "1.6"), ('"2.0.1"', "2.0.1"), ("2.0.1", "2.0.1")],
)
def test_versions_are_text_with_or_without_quotes(read, yaml, value):
    text = SOUND.replace("csms: {", f"csms: {{version: {yaml}, ")
    assert read(text).valid().csms.version == value


def test_yes_is_no_boolean(read):
    checked = read(SOUND.replace("true", "yes"))
    assert said(checked) == [
        "gateway.yaml:2:71: stations.allow_unauthenticated must be true or false"
    ]


def test_numbers_are_read_as_written(read):
    checked = read(SOUND + "limits: {id_memory_s: 0.5}\nshutdown: {limit_s: 12}\n")
    assert checked.valid().limits.id_memory_s == 0.5
    assert checked.valid().shutdown.limit_s == 12


def test_octal_and_sexagesimal_numbers_are_no_numbers(read):
    checked = read(SOUND + "limits: {json_depth: 012, json_nodes: 12:30}\n")
    assert [problem.split(": ", 1)[1] for problem in said(checked)] == [
        "limits.json_depth must be a whole number",
        "limits.json_nodes must be a whole number",
    ]


def test_the_environment_wins_over_the_file(read):
    checked = read(
        SOUND,
        OCPPGW__STATIONS__PATHS="[/a/{station}, '/b/{station}']",
        OCPPGW__TRANSLATION__A__ORPHAN_STOP="drop",
        OCPPGW__LIMITS__STATION_QUEUE="3",
        OCPPGW__CSMS__PASSWORD="0815",
        OCPPGW__STORE__COMMIT_INTERVAL_MS="2.5",
    )
    config = checked.valid()
    assert config.stations.paths == ("/a/{station}", "/b/{station}")
    assert config.translation.a.orphan_stop == "drop"
    assert config.limits.station_queue == 3
    assert config.csms.password == "0815"
    assert config.store.commit_interval_ms == 2.5


def test_a_value_may_stand_in_a_file_that_the_environment_names(read, tmp_path):
    (tmp_path / "password").write_text("1234567890123456\n")
    checked = read(SOUND, OCPPGW__CSMS__PASSWORD_FILE=str(tmp_path / "password"))
    assert checked.valid().csms.password == "1234567890123456"


def test_such_a_file_is_for_its_owner_only(read, tmp_path):
    file = tmp_path / "password"
    file.write_text("1234567890123456\n")
    file.chmod(0o644)
    name = "OCPPGW__CSMS__PASSWORD_FILE"
    assert read(SOUND, **{name: str(file)}).warnings[1:] == (
        f"environment variable {name}: {file} can be read by everyone (chmod 600 {file})",
    )
    file.chmod(0o600)
    assert len(read(SOUND, **{name: str(file)}).warnings) == 1


@pytest.mark.parametrize("password", ["true", "[abc]", "{abc}", "[abc", "-1", "0x1F", "1e5"])
def test_a_password_of_the_environment_may_look_like_anything(read, password):
    assert read(SOUND, OCPPGW__CSMS__PASSWORD=password).valid().csms.password == password


def test_sections_that_only_the_environment_has_are_its_mistakes(read):
    checked = read(SOUND, OCPPGW__FOO__BAR="1", OCPPGW__TRACING__ENABLED="true")
    assert said(checked) == [
        "environment variable OCPPGW__FOO__BAR: unknown key foo (see `print-schema`)",
        "environment variable OCPPGW__TRACING__ENABLED: tracing belongs to tracing, which this "
        "release does not have yet (leave it out)",
    ]


def test_mistakes_of_the_environment_name_the_variable(read):
    checked = read(
        SOUND,
        OCPPGW__CSMS__PASSWORD_FILE="/nowhere",
        OCPPGW__LOG__FRAMES="loud",
        OCPPGW__LOG__FRAME="off",
    )
    assert [problem.split(": [")[0] for problem in said(checked)] == [
        "environment variable OCPPGW__CSMS__PASSWORD_FILE: /nowhere cannot be read: "
        "No such file or directory",
        "environment variable OCPPGW__LOG__FRAMES: log.frames must be 'off', 'meta' or 'full'",
        "environment variable OCPPGW__LOG__FRAME: unknown key log.frame (did you mean frames?)",
    ]


def test_csms_url_alone_is_enough():
    checked = read_config(None, {"CSMS_URL": "ws://csms:9001/ocpp", "XDG_STATE_HOME": "/s"})
    config = checked.valid()
    assert config.csms.url == "ws://csms:9001/ocpp/{station}"
    assert config.state == "sqlite:///s/ocpp-gateway/state.db"
    assert (config.stations.listen, config.stations.auth) == ("127.0.0.1:9000", "none")
    assert checked.warnings == ("stations connect without authentication",)


def test_without_a_file_the_state_stands_in_the_home_folder():
    config = read_config(None, {"HOME": "/h"}).valid()
    assert config.state == "sqlite:///h/.local/state/ocpp-gateway/state.db"


def test_without_a_file_a_listener_that_others_reach_must_choose_its_authentication():
    checked = read_config(None, {"OCPPGW__STATIONS__LISTEN": "0.0.0.0:9000"})
    assert said(checked) == [
        "environment variable OCPPGW__STATIONS__LISTEN: a listener that others can reach must "
        "choose its authentication (add stations.auth: basic, mtls or none)"
    ]


def test_without_a_file_another_loopback_port_still_needs_no_password():
    checked = read_config(None, {"OCPPGW__STATIONS__LISTEN": "[::1]:9500"})
    assert checked.valid().stations.auth == "none"


def test_the_minimal_file_of_the_documents_is_taken_as_it_stands(read):
    checked = read(
        "stations:                       # the face that charging stations connect to\n"
        "  paths: [/ocpp/{station}]      # further ones let a drop-in keep its old URL\n"
        "  listen: 127.0.0.1:9000\n"
        "  auth: none                    # none | basic | mtls\n"
        "  allow_unauthenticated: true\n"
        "csms:                           # the back end\n"
        "  url: ws://127.0.0.1:9001/ocpp/{station}     # ws(s):// or http(s):// (SOAP)\n"
        '  version: "1.6"\n'
        "  callback: http://127.0.0.1:9000/callback    # SOAP CSMS only\n"
        "state: sqlite:///var/lib/ocpp-gateway/state.db   # or memory:, postgresql://...\n"
        "admin: {listen: 127.0.0.1:9100}\n"
        "translation: {}\n"
        "routes: []\n"
    )
    assert said(checked) == []
    assert checked.valid().stations.paths == ("/ocpp/{station}",)


def test_a_key_that_is_named_file_is_no_file_to_read_from(read):
    checked = read(SOUND, OCPPGW__RECORD__FILE="traffic.jsonl")
    assert checked.valid().record.file == "traffic.jsonl"


def test_a_number_out_of_range_is_told_what_the_range_is(read):
    [problem] = said(read(SOUND.replace("stations: {", "stations: {max_stations: 0, ")))
    assert problem.endswith("stations.max_stations must be 'auto' or at least 1")


def test_braces_in_what_a_value_must_look_like_are_no_trap(read):
    [problem] = said(read(SOUND + "profiles: [a b]\n"))
    assert "profiles[0] must be 'scalar_to_list'" in problem


def test_station_ids_of_digits_need_no_quotes(read):
    config = read(SOUND + "routes:\n  - match: [45215306, 'B*']\n").valid()
    assert config.routes[0].match == ("45215306", "B*")


def test_a_colon_at_the_end_asks_for_quotes(read):
    [problem] = said(read("state: memory:\n"))
    assert problem.startswith("gateway.yaml:1:14: no YAML: mapping values are not allowed")
    assert "needs quotes" in problem
