"""`ocpp-gateway scenario`: plays conversations, shows a difference as a diff."""

import json
from pathlib import Path

import pytest

from gateway.cli.main import main

VECTORS = Path(__file__).parents[1] / "vectors"
HEARTBEAT = {
    "name": "heartbeat",
    "description": "A heartbeat crosses.",
    "direction": "A",
    "steps": [
        {"from": "station", "frame": [2, "a", "Heartbeat", {}]},
        {"expect": "csms", "frame": [2, "$id1", "Heartbeat", {}]},
        {"from": "csms", "frame": [3, "$id1", {"currentTime": "2025-01-01T00:00:00Z"}]},
        {"expect": "station", "frame": [3, "a", {"currentTime": "2025-01-01T00:00:00Z"}]},
    ],
}


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    """Plays the scripts given by file name; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def playing(scripts: dict[str, object], *arguments: str):
        Path("scripts").mkdir()
        for name, script in scripts.items():
            text = script if isinstance(script, str) else json.dumps(script)
            Path("scripts", name).write_text(text, "utf-8")
        code = main(["scenario", *(arguments or ["scripts"])])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return playing


def test_as_expected(play):
    assert play({"b.json": HEARTBEAT, "a.json": HEARTBEAT}) == (
        0,
        "ok         scripts/a.json\nok         scripts/b.json\n2 of 2 as expected\n",
        "",
    )


def test_a_station_is_not_let_in_while_the_csms_is_away(play):
    away = json.loads(json.dumps(HEARTBEAT))
    away["steps"][:0] = [
        {"do": "disconnect", "side": "csms"},
        {"do": "expect_silence", "side": "station", "seconds": 20},
    ]
    code, out, _ = play({"a.json": away}, "-q", "scripts")
    assert code == 1
    assert out.startswith("different  scripts/a.json\nstep 3: the station is not let in")


def test_a_difference_is_a_readable_diff(play):
    different = json.loads(json.dumps(HEARTBEAT))
    different["steps"][3]["frame"][2]["currentTime"] = "2025-01-01T00:00:01Z"
    code, out, _ = play({"a.json": different, "b.json": HEARTBEAT}, "-q", "scripts")
    assert code == 1
    assert out.splitlines() == [
        "different  scripts/a.json",
        "step 4: to the station:",
        "--- expected",
        "+++ sent",
        "@@ -2,6 +2,6 @@",
        "   3,",
        '   "a",',
        "   {",
        '-    "currentTime": "2025-01-01T00:00:01Z"',
        '+    "currentTime": "2025-01-01T00:00:00Z"',
        "   }",
        " ]",
        "",
        "1 of 2 as expected",
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("{", "scripts/a.json:1:2: Expecting property name"),
        ("[]", "scripts/a.json:1:1: not a conversation"),
        ({**HEARTBEAT, "direction": "C"}, "scripts/a.json: direction 'C' is neither A nor B"),
        ({**HEARTBEAT, "preset": {"foo": 1}}, "scripts/a.json: unknown preset: foo"),
        ({**HEARTBEAT, "steps": [{}]}, "scripts/a.json:1:1: not a script that can be played"),
        ({**HEARTBEAT, "steps": [5]}, "scripts/a.json:1:1: step 1 must be an object"),
        ({**HEARTBEAT, "steps": 5}, "scripts/a.json:1:1: steps must be a list"),
        (
            {**HEARTBEAT, "config": {"foo": 1, "pnc": {"mode": "on"}}},
            "scripts/a.json:1:1: config: pnc.mode must be 'off' or 'tunnel'; unknown key foo",
        ),
        (
            {**HEARTBEAT, "config": {"id_token": {"type_rules": [["(", "Central"]]}}},
            "scripts/a.json:1:1: config: id_token.type_rules[0].pattern must be a regular",
        ),
    ],
)
def test_a_script_that_cannot_be_played_ends_with_2(play, script, said):
    code, out, err = play({"a.json": script})
    assert code == 2
    assert err.startswith(said)
    assert out == "0 of 1 as expected\n"


def test_a_path_that_leads_nowhere_ends_with_2(play):
    code, _, err = play({}, "nowhere.json")
    assert (code, err) == (2, "nowhere.json: No such file or directory\n")
    assert main(["scenario", "scripts"]) == 2


def test_the_projects_own_conversations_can_be_played(play):
    script = VECTORS / "station" / "A01-boot-status-heartbeat.json"
    code, out, _ = play({}, str(script))
    assert (code, out) == (0, f"ok         {script}\n1 of 1 as expected\n")
