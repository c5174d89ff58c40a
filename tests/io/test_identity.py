"""Which station a raw path names (reliability S11)."""

import pytest

from gateway.config.model import ID_PATTERN
from gateway.io.identity import BadIdentity, NoSuchPath, StationPaths, quoted

PATHS = StationPaths(["/ocpp/{station}", "/steve/{station}/ws", "/ocpp/v16/{station}"], ID_PATTERN)

NAMED = {
    "/ocpp/CP1": "CP1",
    "/ocpp/CP1?x=/ocpp/CP2": "CP1",
    "/ocpp/%43P1": "CP1",
    "/ocpp/CP%20one": "CP one",
    "/ocpp/CP+one": "CP+one",
    "/ocpp/a*_.:%7C@=+%20-z": "a*_.:|@=+ -z",
    "/ocpp/" + 48 * "x": 48 * "x",
    "/steve/CP1/ws": "CP1",
    "/ocpp/v16/CP1": "CP1",
    "/ocpp/v16": "v16",
    "/ocpp/...": "...",
    "http://gateway:9000/ocpp/CP1": "CP1",
    "HTTPS://gateway/ocpp/CP1?x": "CP1",
}

BAD = [
    "/ocpp/",
    "/ocpp/CP1/",
    "/ocpp/CP1/more",
    "/ocpp//CP1",
    "/ocpp/.",
    "/ocpp/..",
    "/ocpp/%2e%2e",
    "/ocpp/..%2fetc",
    "/ocpp/..%2Fetc%2fpasswd",
    "/ocpp/a%5cb",
    "/ocpp/a\\b",
    "/ocpp/CP1%00",
    "/ocpp/CP1%0d%0aX-Evil:%201",
    "/ocpp/CP1%0a",
    "/ocpp/%2543P1",
    "/ocpp/%25",
    "/ocpp/%",
    "/ocpp/CP%4",
    "/ocpp/CP%zz",
    "/ocpp/%ff",
    "/ocpp/%c0%af",
    "/ocpp/%ed%a0%80",
    "/ocpp/caf\udce9",
    "/ocpp/%20CP1",
    "/ocpp/CP1%20",
    "/ocpp/" + 49 * "x",
    "/ocpp/<script>",
    "/ocpp/%3Cscript%3E",
    "/ocpp/caf%C3%A9",
    "/ocpp/CP1;x",
    "/steve/a/b/ws",
]


@pytest.mark.parametrize(("target", "station"), NAMED.items(), ids=NAMED.keys())
def test_a_path_names_its_station(target, station):
    assert PATHS.station(target) == station


@pytest.mark.parametrize("target", BAD)
def test_what_cannot_be_an_id_is_told_so_in_a_sentence(target):
    with pytest.raises(BadIdentity) as caught:
        PATHS.station(target)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "",
        "/CP1",
        "http://gateway",
        "ws://gateway/ocpp/CP1",
        "/OCPP/CP1",
        "ocpp/CP1",
        "/%6fcpp/CP1",
        "*",
    ],
)
def test_other_paths_are_nobodys(target):
    with pytest.raises(NoSuchPath):
        PATHS.station(target)


def test_composed_and_decomposed_letters_are_one_id():
    paths = StationPaths(["/{station}"], ".*")
    assert paths.station("/e%CC%81") == paths.station("/%C3%A9") == "\u00e9"


def test_an_id_is_one_segment_in_the_url_of_the_csms():
    assert quoted("a/b c|\u00e9") == "a%2Fb%20c%7C%C3%A9"
