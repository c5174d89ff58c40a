"""`ocpp-gateway check`: exit code 0, 1 or 2, and a line for each mistake."""

import re
import shutil
import socket
from pathlib import Path

import pytest
import yaml

from gateway.cli.main import main
from gateway.io.credentials import Credentials

MAPPINGS = Path(__file__).parents[2] / "mappings"
EXAMPLES = sorted((Path(__file__).parents[2] / "deploy").glob("*.yaml"))
SOUND = """
stations: {auth: none, allow_unauthenticated: true, listen: "127.0.0.1:0"}
csms: {url: "ws://g:CANARY@127.0.0.1:1/o/{station}?k=CANARY", auth: basic, password: "CANARY-CAN"}
state: "memory:"
"""


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Writes a configuration and checks it; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def checking(text: str, *arguments: str):
        (tmp_path / "gateway.yaml").write_text(text, "utf-8")
        code = main(["check", "-c", "gateway.yaml", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return checking


def test_nothing_wrong(check):
    assert check(SOUND) == (
        0,
        "warning: gateway.yaml:2:18: stations connect without authentication\nnothing wrong\n",
        "",
    )


def test_every_mistake_has_its_line(check):
    text = SOUND.replace("csms: {", "csms: {on_csms_down: buffer, vresion: auto, ")
    code, out, _ = check(text + "tracing: {enabled: true}\n")
    assert code == 1
    assert out.splitlines() == [
        "warning: gateway.yaml:2:18: stations connect without authentication",
        "gateway.yaml:3:22: csms.on_csms_down belongs to the buffer for times when the CSMS is "
        "away, which this release does not have yet (leave it out)",
        "gateway.yaml:3:30: unknown key csms.vresion (did you mean version?)",
        "gateway.yaml:5:10: tracing belongs to tracing, which this release does not have yet "
        "(leave it out)",
        "3 problems",
    ]


def test_profiles_are_repairs_or_overlays(check):
    text = SOUND + "profiles: [string_to_number, huawei]\n"
    assert check(text)[0] == 0
    routes = "routes: [{match: A}, {match: B, profiles: [terse, hauwei]}]\n"
    code, out, _ = check(text + routes)
    assert code == 1
    near = "routes[1].profiles[1]: there is no repair and no overlay 'hauwei' (did you mean"
    assert f"gateway.yaml:6:51: {near}" in out


def test_the_tunnel_takes_messages_by_their_names(check):
    tunnel = "translation: {tunnel: {actions: [NotifyReport, NotifyEvnt]}}\n"
    code, out, _ = check(SOUND + tunnel + f"routes: [{{match: A, {tunnel.strip()}}}]\n")
    assert code == 1
    no_message = "OCPP 2.0.1 has no message 'NotifyEvnt' (did you mean 'NotifyEvent'?)"
    assert [line for line in out.splitlines() if "NotifyEvnt" in line] == [
        f"gateway.yaml:5:48: translation.tunnel.actions[1]: {no_message}",
        f"gateway.yaml:6:68: routes[0].translation.tunnel.actions[1]: {no_message}",
    ]


OWN = """overlay: {name}
evidence: made up
match: named
fields: {{BootNotification.request: [{{name: {field}, type: string}}]}}
maps:
  BootNotification:
    request:
      - {{v16: {field}, v201: chargingStation.customData.mac}}
"""


def test_overlays_of_a_route_that_do_not_go_together_are_named(check, tmp_path):
    for name, field in (("one", "mac"), ("other", "hardware")):
        (tmp_path / f"{name}.yaml").write_text(OWN.format(name=name, field=field))
    text = SOUND + "resources: {overlays: [one.yaml, other.yaml]}\n"
    assert check(text + "routes: [{match: A, profiles: [one]}]\n")[0] == 0
    code, out, _ = check(text + "routes: [{match: A, profiles: [one, other]}]\n")
    assert code == 1
    assert (
        "gateway.yaml:6:31: routes[0].profiles do not go together: other.yaml:7:5: "
        "BootNotification.request of OCPP 1.6: no row names mac"
    ) in out


def test_a_port_that_is_taken_is_warned_of(check):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        code, out, _ = check(SOUND.replace("127.0.0.1:0", listen))
    assert code == 0
    assert out.splitlines()[1:] == [
        f"warning: gateway.yaml:2:61: nobody can listen at {listen} here and now: "
        "Address already in use",
        "nothing wrong",
    ]


def test_the_file_of_passwords_is_looked_into(check, tmp_path):
    text = SOUND.replace("auth: none, allow_unauthenticated: true", "credentials: c.json")
    file = tmp_path / "c.json"
    file.write_text("nonsense")
    file.chmod(0o600)
    code, out, _ = check(text)
    assert code == 1
    assert out.startswith("c.json:1:1: not a credentials file: Expecting value (make the file with")
    file.unlink()
    credentials = Credentials(file, {}, lambda *_: b"")
    credentials.add("CS:1", b"0123456789abcdef")
    credentials.add("CS-2", b"0123456789abcdef")
    credentials.save()
    code, out, _ = check(text)
    assert code == 0
    assert out.splitlines() == [
        "warning: gateway.yaml:2:25: CS:1: HTTP Basic ends the user name at the first colon "
        "(such stations cannot log in: use stations.auth: mtls)",
        "nothing wrong",
    ]


def test_a_file_without_a_csms_is_not_ready(check, monkeypatch):
    text = SOUND.splitlines()[1]
    code, out, _ = check(text)
    assert code == 1
    assert "no CSMS to connect to (set csms.url, or CSMS_URL=ws://... in the environment)" in out
    monkeypatch.setenv("CSMS_URL", "ws://127.0.0.1/x")
    assert check(text)[0] == 0


def test_a_file_that_is_not_there_could_not_be_checked(capsys):
    assert main(["check", "-c", "nowhere.yaml"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "nowhere.yaml: No such file or directory (name a file with -c)\n"


def test_without_a_file_maps_and_schemas_are_checked(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["check"]) == 0
    assert capsys.readouterr().out.endswith("nothing wrong\n")


def test_what_is_in_force_is_printed_without_secrets(check):
    code, out, err = check(SOUND, "--print-config")
    assert code == 0
    assert "CANARY" not in out + err
    shown = yaml.safe_load(out)
    assert shown["csms"]["password"] == "***"
    assert shown["csms"]["url"] == "ws://***@127.0.0.1:1/o/{station}?k=***"
    assert shown["stations"]["id_pattern"] == "[A-Za-z0-9*_.:|@=+ -]{1,48}"
    assert shown["translation"]["upstream_timeout_s"] == 25
    assert err.endswith("nothing wrong\n")


def test_what_is_in_force_is_a_configuration_that_says_the_same(check):
    text = SOUND.replace("g:CANARY@", "").replace("?k=CANARY", "").replace(", auth: basic", "")
    text += (
        "translation: {id_token: {case: upper, type_rules: [{'^A': Local}]}}\n"
        "routes: [{match: 'A*', csms: {version: '1.6'}}, {match: B, profiles: [huawei]}]\n"
    )
    _, first, _ = check(text, "--print-config")
    assert yaml.safe_load(first)["translation"]["id_token"]["case"] == "upper"
    assert yaml.safe_load(first)["routes"][0] == {"match": "A*", "csms": {"version": "1.6"}}
    code, second, _ = check(first, "--print-config")
    assert (code, second) == (0, first)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_configuration_is_sound(example, monkeypatch, tmp_path, capsys):
    credentials = tmp_path / "credentials.json"
    credentials.write_text("{}")
    credentials.chmod(0o600)
    monkeypatch.setenv("OCPPGW__STATIONS__CREDENTIALS", str(credentials))
    monkeypatch.setenv("OCPPGW__STATIONS__LISTEN", "127.0.0.1:0")
    assert main(["check", "-c", str(example)]) == 0
    assert capsys.readouterr().out == "nothing wrong\n"


@pytest.mark.parametrize("name", ["Authorize", "StatusNotification", "StartTransaction"])
def test_a_row_that_is_missing_is_named(check, tmp_path, name):
    shutil.copytree(MAPPINGS, tmp_path / "maps")
    file = tmp_path / "maps" / "ocpp16-ocpp201" / f"{name}.yaml"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    row = next(n for n, line in enumerate(lines) if line.startswith("  - {v16: "))
    file.write_text("".join(lines[:row] + lines[row + 1 :]), "utf-8")
    code, out, _ = check(SOUND + "resources: {mappings: maps}\n")
    assert code == 1
    assert f"\nmaps/ocpp16-ocpp201/{name}.yaml:" in out


def test_a_folder_of_maps_that_is_not_whole_is_told(check, tmp_path):
    shutil.copytree(MAPPINGS, tmp_path / "maps")
    for name in ("Authorize", "GetLog"):
        (tmp_path / "maps" / "ocpp16-ocpp201" / f"{name}.yaml").unlink()
    shutil.rmtree(tmp_path / "maps" / "configuration")
    code, out, _ = check(SOUND + "resources: {mappings: maps}\n")
    assert code == 1
    told = [line for line in out.splitlines() if line.startswith("gateway.yaml:5:23: maps/")]
    cure = "(copy what is missing from the folder that is installed)"
    assert told == [
        f"gateway.yaml:5:23: maps/ has no map for Authorize, GetLog of OCPP 1.6 {cure}",
        f"gateway.yaml:5:23: maps/ has no map for Authorize, GetLog of OCPP 2.0.1 {cure}",
        f"gateway.yaml:5:23: maps/configuration/ has no table of keys {cure}",
    ]


def test_mistakes_of_configuration_and_maps_are_told_together(check, tmp_path):
    shutil.copytree(MAPPINGS, tmp_path / "maps")
    broken = tmp_path / "maps" / "ocpp16-ocpp201" / "Heartbeat.yaml"
    broken.write_text("message: [", "utf-8")
    code, out, _ = check(SOUND + "resources: {mappings: maps}\nfoo: 1\n")
    assert code == 1
    assert "gateway.yaml:6:1: unknown key foo" in out
    assert "maps/ocpp16-ocpp201/Heartbeat.yaml:2:1: no YAML" in out


def test_directories_of_the_operator_take_the_place_of_the_installed_ones(check):
    code, out, _ = check(SOUND + "resources: {mappings: nowhere}\n")
    assert code == 1
    assert "nowhere is not a directory" in out


def test_an_overlay_of_the_operator_is_checked_with_its_line(check, tmp_path):
    (tmp_path / "acme.yaml").write_text(
        "overlay: Acme\nmatch: {vendor: Acme}\nmaps: {Hartbeat: {}}\n"
    )
    code, out, _ = check(SOUND + "resources: {overlays: [acme.yaml]}\n")
    assert code == 1
    assert "\nacme.yaml:3:8: there is no map Hartbeat (did you mean 'Heartbeat'?)\n" in out


def test_an_overlay_that_is_not_there_is_said(check):
    code, out, _ = check(SOUND + "resources: {overlays: [acme.yaml]}\n")
    assert code == 1
    assert "acme.yaml cannot be read" in out


def test_an_overlay_that_could_mean_the_same_stations_as_a_shipped_one_is_told(check, tmp_path):
    (tmp_path / "own.yaml").write_text("overlay: ours\nmatch: {vendor: EV-*}\n")
    code, out, _ = check(SOUND + "resources: {overlays: [own.yaml]}\n")
    assert code == 1
    assert "own.yaml:1:1: own and evbox (" in out
    (tmp_path / "own.yaml").write_text("overlay: ours\nmatch: {vendor: EV-*}\nover: evbox\n")
    assert check(SOUND + "resources: {overlays: [own.yaml]}\n")[0] == 0


def test_a_route_that_asks_for_an_unknown_codec_is_told(check):
    routes = (
        "extensions: {data_transfer: [{vendor_id: a, then: 'map:evb_state'}]}\n"
        "routes: [{match: X, extensions: {data_transfer: [{vendor_id: a, then: 'map:none'}]}}]\n"
    )
    code, out, _ = check(SOUND + routes)
    assert code == 1
    near = "there is no codec 'evb_state' (did you mean 'evb_status'?)"
    assert f"gateway.yaml:5:51: extensions.data_transfer[0].then: {near}" in out
    none = "routes[0].extensions.data_transfer[0].then: there is no codec 'none'"
    assert f"gateway.yaml:6:71: {none}" in out


def test_what_a_route_may_do_is_said(check):
    code, out, _ = check(
        SOUND + "extensions: {data_transfer: [{vendor_id: a, then: 'plugin:x'}]}\n"
    )
    assert code == 1
    assert (
        "extensions.data_transfer[0].then must be pass, drop, map:NAME, or answer: with a status"
        in out
    )


@pytest.mark.parametrize(("space", "told"), [("''", "at least 1"), ("x" * 256, "at most 255")])
def test_a_vendors_namespace_is_a_vendor_id(check, space, told):
    code, out, _ = check(SOUND + f"extensions: {{vendor_namespaces: {{A: {space}}}}}\n")
    assert code == 1
    assert f"extensions.vendor_namespaces.A must be text of {told} characters" in out


def test_a_stylesheet_of_the_operator_is_checked_with_its_line(check, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "envelope.xsl").write_text(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">\n'
        '<xsl:template name="identity"><xsl:value-of select="document(\'x\')"/></xsl:template>\n'
        "</xsl:stylesheet>"
    )
    code, out, _ = check(SOUND + "resources: {xslt_overlays: [own]}\n")
    assert code == 1
    assert re.search(r"^own/envelope\.xsl:2\b.*document", out, re.M), out


def test_the_shipped_example_of_a_stylesheet_overlay_is_sound(check):
    example = MAPPINGS.parent / "xslt" / "examples" / "identity-from-boot"
    text = (
        f"resources: {{xslt_overlays: [{example}], xslt_parameters: {{identity-field: iccid}}}}\n"
    )
    assert check(SOUND + text)[0] == 0


def test_a_parameter_that_no_stylesheet_declares_is_said(check):
    code, out, _ = check(SOUND + "resources: {xslt_parameters: {nobody: x}}\n")
    assert code == 1
    assert "gateway.yaml:5:39: resources.xslt_parameters: no stylesheet has" in out


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("mappings", "nowhere", "5:23"),
        ("schemas", "nowhere", "5:22"),
        ("xslt", "nowhere", "5:19"),
        ("overlays", "[none.yaml]", "5:24"),
        ("xslt_overlays", "[nowhere]", "5:29"),
    ],
)
def test_files_that_cannot_be_used_are_named_with_the_line_that_asks_for_them(
    check, key, value, place
):
    code, out, _ = check(SOUND + f"resources: {{{key}: {value}}}\n")
    assert code == 1
    assert re.search(rf"^gateway\.yaml:{place}: no", out, re.M), out
