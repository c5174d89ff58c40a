"""Rules across keys, and what the files named in a configuration must be."""

import os
from pathlib import Path
from typing import get_args

import pytest
import trustme

from gateway.config import read_config
from gateway.config.rules import address, is_loopback
from gateway.core.dialects import Version
from gateway.core.settings import IdTokenSettings, StationIs16
from tests.support.payloads import catalog

OPEN = "auth: none, allow_unauthenticated: true"


def problems(tmp_path: Path, **sections: str) -> list[str]:
    """Sentences, without place and cure, about a sound file with these sections changed."""
    file = tmp_path / "gateway.yaml"
    given = {
        "stations": "{auth: none, allow_unauthenticated: true}",
        "csms": "{url: ws://127.0.0.1:9001/o}",
        **sections,
    }
    file.write_text("".join(f"{name}: {text}\n" for name, text in given.items()))
    checked = read_config(file, {})
    return [problem.message for problem in checked.problems]


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("[::1]:80", ("::1", 80)),
        ("gateway:0", ("gateway", 0)),
        (":9000", ("0.0.0.0", 9000)),
    ],
)
def test_addresses(listen, expected):
    assert address(listen) == expected


@pytest.mark.parametrize("listen", ["9000", "127.0.0.1", "::1:9000", "h:65536", "h:http", "[::1]"])
def test_what_is_no_address(listen, tmp_path):
    with pytest.raises(ValueError, match="HOST:PORT"):
        address(listen)
    stations = f'{{auth: none, allow_unauthenticated: true, listen: "{listen}"}}'
    assert problems(tmp_path, stations=stations) == [f"{listen!r} is not HOST:PORT"]


@pytest.mark.parametrize(
    ("listen", "local"),
    [
        ("127.0.0.9:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        (":1", False),
        ("h:1", False),
    ],
)
def test_loopback(listen, local):
    assert is_loopback(listen) is local


@pytest.mark.parametrize(
    ("stations", "expected"),
    [
        ("{listen: '0.0.0.0:9000'}", "a listener that others can reach must choose"),
        ("{auth: none}", "auth: none lets everyone in"),
        ("{}", "auth: basic needs the passwords of the stations"),
        ("{auth: mtls}", "auth: mtls needs TLS"),
        ("{credentials: nowhere.json}", "nowhere.json does not exist"),
        (f"{{{OPEN}, tls: {{cert: c.pem}}}}", "cert and key go together, key is missing"),
        (f"{{{OPEN}, id_pattern: '['}}", "'[' is not a regular expression"),
        (f"{{{OPEN}, paths: []}}", "no path for stations"),
        (f"{{{OPEN}, trusted_proxies: [10.0.0.1/8]}}", "not a network: 10.0.0.1/8"),
        (f"{{{OPEN}, trusted_proxies: [10.0.0.0/8, proxy]}}", "not a network: 'proxy'"),
    ],
)
def test_the_station_side(tmp_path, stations, expected):
    [problem] = problems(tmp_path, stations=stations)
    assert problem.startswith(expected)


@pytest.mark.parametrize(
    ("stations", "expected"),
    [
        (
            f"{OPEN}, security_profile: 1",
            "none here gives security profile none, and 1 is asked for",
        ),
        ("auth: basic, security_profile: 2", "basic here gives security profile 1, and 2 is"),
        ("auth: basic, security_profile: 3", "basic here gives security profile 1, and 3 is"),
        ("auth: basic, security_profile: 1", ""),
        ("auth: basic, security_profile: 2, trusted_proxies: [10.0.0.1]", ""),
    ],
)
def test_a_security_profile_that_no_station_can_have(tmp_path, stations, expected):
    csms = "{url: ws://127.0.0.1:9001/o, auth: station}"
    found = problems(tmp_path, stations=f"{{{stations}}}", csms=csms)
    assert [expected in problem for problem in found] == ([True] if expected else [])


def test_the_security_profile_of_a_route_is_told_at_its_own_place(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text(
        "stations: {auth: none, allow_unauthenticated: true}\ncsms: {url: ws://h/x}\n"
        "routes: [{match: A, stations: {security_profile: 2}}, {match: B}]\n"
    )
    [problem] = read_config(file, {}).problems
    assert str(problem).endswith(
        "gateway.yaml:3:50: no station gets in: auth: none here gives security profile none, "
        "and 2 is asked for (use stations.auth: basic or mtls)"
    )


def test_a_state_that_is_none_is_told_without_its_password(tmp_path):
    assert "CANARY" not in problems(tmp_path, state="postgresqll://u:CANARY@h/db")[0]


@pytest.mark.parametrize(
    "path",
    ["ocpp/{station}", "/ocpp", "/ocpp/x{station}", "/{station}/{station}", "/{station}/{x}"],
)
def test_a_path_has_exactly_one_station_segment(tmp_path, path):
    stations = f"{{auth: none, allow_unauthenticated: true, paths: ['{path}']}}"
    [problem] = problems(tmp_path, stations=stations)
    assert "{station} as exactly one whole segment" in problem


def test_passwords_that_the_csms_checks_need_no_file_here(tmp_path):
    csms = "{url: wss://csms/o, auth: station}"
    assert problems(tmp_path, stations="{auth: basic}", csms=csms) == []


@pytest.mark.parametrize(
    ("csms", "expected"),
    [
        ("{url: ftp://h/x}", "the URL is not a ws://, wss://, http:// or https:// URL"),
        ("{url: 'ws:///x'}", "the URL is not a ws://, wss://, http:// or https:// URL"),
        ("{url: 'ws://h/{id}'}", "the URL has braces that are not {station}"),
        ("{url: 'ws://{station}.h/'}", "the URL has {station} in the host"),
        ("{url: 'ws://h/?a=b'}", "the URL does not say where the station's id goes"),
        ("{url: 'ws://h/a b'}", "the URL has blanks or control characters in it"),
        ("{url: 'ws://u:CANARY/1@h/x'}", "the URL has a host or a port that is none"),
        ("{url: ws://h/x, auth: basic}", "auth: basic needs a password"),
        ("{url: ws://h/x, auth: basic, password: x, username: 'a:b'}", "HTTP Basic ends"),
        ("{url: ws://h/x, auth: mtls}", "auth: mtls needs a certificate"),
        ("{url: ws://h/x, backoff_min_s: 9, backoff_max_s: 8}", "backoff_min_s is above"),
    ],
)
def test_the_csms_side(tmp_path, csms, expected):
    [problem] = problems(tmp_path, csms=csms)
    assert problem.startswith(expected)
    assert "CANARY" not in problem


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ("{upstream_timeout_s: 30}", "upstream_timeout_s must be above 0 and below 30"),
        ("{station_timeout_s: 26}", "station_timeout_s must be above 0 and at most"),
        ("{timezone_default: Mars/Base}", "'Mars/Base' is not a time zone"),
        ("{topology: [[1, 1], [1, 1]]}", "[1, 1] must be positive and stand once"),
        ("{topology: [[0, 1]]}", "[0, 1] must be positive and stand once"),
        (
            "{id_token: {type_rules: [{pattern: '(', type: Local}]}}",
            "translation.id_token.type_rules[0].pattern must be a regular expression",
        ),
        ("{b: {boot_reason: Sunrise}}", "translation.b.boot_reason must be 'ApplicationReset', "),
        ("{id_token: {default_type: Card}}", "translation.id_token.default_type must be 'Central'"),
        ("{report: {items_per_part: 0}}", "translation.report.items_per_part must be at least 1"),
        ("{a: {stop_interval_s: -1}}", "translation.a.stop_interval_s must be at least 0"),
        (f"{{vendor_id: {'x' * 256}}}", "translation.vendor_id must be text of at most 255"),
        ("{topology: [[1]]}", "item 2 must be given"),
    ],
)
def test_translation(tmp_path, translation, expected):
    [problem] = problems(tmp_path, translation=translation)
    assert problem.startswith(expected)


@pytest.mark.parametrize(
    ("model", "field", "action", "path"),
    [
        (StationIs16, "boot_reason", "BootNotification", "reason"),
        (IdTokenSettings, "default_type", "Authorize", "idToken.type"),
    ],
)
def test_words_of_2_0_1_are_those_of_its_schemas(model, field, action, path):
    words = get_args(model.model_fields[field].annotation)
    fields = catalog().fields(Version.V201, action, "request")
    assert set(words) == set(fields[path].enum)


@pytest.mark.parametrize("state", ["sqlite:///{}", "sqlite:///{}/pipe"])
def test_a_state_that_is_no_file_is_never_opened(tmp_path, state):
    os.mkfifo(tmp_path / "pipe")
    [problem] = problems(tmp_path, state=f'"{state.format(tmp_path)}"')
    assert problem.endswith(" is no file")


def test_a_route_is_held_to_the_same_rules_at_its_own_place(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text(
        "stations: {auth: none, allow_unauthenticated: true}\n"
        "csms: {url: ws://h/x}\n"
        "routes:\n"
        "  - match: A*\n"
        "    translation: {upstream_timeout_s: 31}\n"
    )
    [problem] = read_config(file, {}).problems
    assert (problem.place.line, problem.place.column) == (5, 39)


@pytest.fixture(scope="module")
def pems(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pems")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("one", "two"):
        cert = ca.issue_cert(f"{name}.example")
        cert.private_key_pem.write_to_path(folder / f"{name}.key")
        cert.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        (folder / f"{name}.key").chmod(0o600)
    return folder


def _tls(pems: Path, cert: str, key: str, ca: str = "ca.pem") -> str:
    files = f"cert: {pems / cert}, key: {pems / key}, client_ca: {pems / ca}"
    return f"{{auth: mtls, tls: {{{files}}}}}"


def test_files_for_certificates_of_stations_need_tls(tmp_path, pems):
    def found(tls: str) -> list[str]:
        return problems(tmp_path, stations=f"{{{OPEN}, tls: {{{tls}}}}}")

    assert found(f"client_ca: {pems / 'ca.pem'}") == [
        "certificates of stations are never asked for: there is no TLS"
    ]
    assert found("client_ca: c.pem")[1] == "c.pem does not exist"
    assert found("crl: c.pem")[1].startswith("crl takes certificates back")


def test_sound_tls_files(tmp_path, pems):
    assert problems(tmp_path, stations=_tls(pems, "one.pem", "one.key")) == []


def test_a_key_that_belongs_to_another_certificate(tmp_path, pems):
    [problem] = problems(tmp_path, stations=_tls(pems, "one.pem", "two.key"))
    assert problem.startswith("certificate and key do not load")


def test_an_authority_that_is_no_certificate(tmp_path, pems):
    [problem] = problems(tmp_path, stations=_tls(pems, "one.pem", "one.key", "one.key"))
    assert "holds no certificate in PEM form" in problem


def test_a_revocation_list_is_looked_into(tmp_path, pems):
    def tls(crl: str) -> str:
        return _tls(pems, "one.pem", "one.key").replace("}}", f", crl: {pems / crl}}}}}")

    assert "does not exist" in problems(tmp_path, stations=tls("none.pem"))[0]
    for other in ("one.key", "ca.pem"):
        [problem] = problems(tmp_path, stations=tls(other))
        assert "holds no revocation list in PEM form" in problem


def test_a_key_that_everyone_can_read_is_warned_of(tmp_path, pems):
    key = pems / "one.key"
    key.chmod(0o644)
    file = tmp_path / "gateway.yaml"
    file.write_text(f"stations: {_tls(pems, 'one.pem', 'one.key')}\n")
    checked = read_config(file, {"CSMS_URL": "ws://h/x"})
    key.chmod(0o600)
    assert checked.problems == ()
    assert [w.split(": ", 1)[1] for w in checked.warnings] == [
        f"{key} can be read by everyone (chmod 600 {key})"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_key_that_cannot_be_read(tmp_path, pems):
    key = pems / "two.key"
    key.chmod(0)
    found = problems(tmp_path, stations=_tls(pems, "two.pem", "two.key"))
    key.chmod(0o600)
    assert found == [f"{key} cannot be read"]


def test_a_recording_needs_its_folder(tmp_path):
    missing = tmp_path / "none" / "traffic.jsonl"
    assert problems(tmp_path, record=f"{{file: {missing}}}") == [
        f"there is no folder for {missing}"
    ]
    assert problems(tmp_path, record=f"{{file: {tmp_path}/traffic.jsonl, content: full}}") == []
    assert problems(tmp_path, record=f"{{file: {tmp_path}}}") == [f"{tmp_path} is a folder"]


def test_a_certificate_for_a_csms_without_tls_is_never_shown(tmp_path, pems):
    csms = f"auth: mtls, tls: {{cert: {pems / 'one.pem'}, key: {pems / 'one.key'}}}"
    assert problems(tmp_path, csms=f"{{url: 'wss://h/x', {csms}}}") == []
    assert problems(tmp_path, csms=f"{{url: 'ws://h/x', {csms}}}") == [
        "auth: mtls shows a certificate, and the URL opens no TLS"
    ]


def test_what_a_route_inherits_is_told_once(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text(
        "stations: {auth: none, allow_unauthenticated: true}\n"
        "translation: {timezone_default: Moon}\n"
        "csms: {url: floppy}\n"
        "routes: [{match: A}, {match: B, csms: {version: auto, url: 'ftp://h'}}, {match: C}]\n"
    )
    found = [str(problem.place).split(":", 1)[1] for problem in read_config(file, {}).problems]
    assert found == ["2:33", "3:13", "4:60"]
