"""Overlay files: what is wrong with them is said with its place."""

import pytest

from gateway.core.mapping.overlay_reader import Known, read_overlays
from tests.support.mapping import library

KNOWN = Known((), ("current_measurand", "enum_fallback"), library().maps)
HEAD = "overlay: Acme\nmatch: {vendor: Acme}\n"


def read(text, own=None):
    files = {"vendors/acme.yaml": text} if own is None else {}
    return read_overlays(files, own or {}, KNOWN, "mappings/")


def said(text):
    return [str(problem) for problem in read(text)[1]]


def test_everything_at_once():
    overlays, problems = read(
        HEAD
        + "profiles: [enum_fallback]\n"
        + "fields: {StatusNotification.request: [{name: mode, type: object}]}\n"
        + "measurands: {Soh: keep, BatterySoC: {measurand: SoC, location: EV}}\n"
        + "maps: {Heartbeat: {response: [{v16: mood, v201: customData.mood}]}}\n"
        + "enums: {UnlockStatus: {summary: more, to_v201: {Stuck: [UnlockFailed, null]}}}\n"
        + "keys: {AcmeLight: {v16: {type: integer}, variable: AcmeLight.Level}}\n"
    )
    assert problems == []
    acme = overlays["acme"]
    assert acme.summary == "Acme"
    assert acme.profiles == ("enum_fallback",)
    [field] = acme.fields["StatusNotification", "request"]
    assert (field.path, field.type) == ("mode", "object")
    assert acme.measurands == {"Soh": {}, "BatterySoC": {"measurand": "SoC", "location": "EV"}}
    assert len(acme.maps["Heartbeat"].rows["response"]) == 1
    assert [key.name for key in acme.keys] == ["AcmeLight"]


def test_a_file_of_the_operator_is_shown_by_its_own_path():
    overlays, problems = read("", {"/etc/gw/acme.yaml": HEAD, "my/other.yaml": "overlay: 1\n"})
    assert overlays["acme"].place.file == "/etc/gw/acme.yaml"
    assert {problem.place.file for problem in problems} == {"my/other.yaml"}


def test_two_files_of_one_name_are_told():
    _, problems = read("", {"a/acme.yaml": HEAD, "b/acme.yaml": HEAD})
    assert str(problems[0]).startswith("b/acme.yaml:1:1: a second overlay acme (the first is a/")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: the file holds no overlay"),
        ("[]", "1:1: the file holds no overlay"),
        ("overlay: [", "2:1: no YAML"),
        ("match: {vendor: A}\n", "1:1: an overlay says in a sentence what it is for"),
        (
            "overlay: A\n",
            "1:1: match: whose stations are meant? (station, vendor, model, firmware; or `named`",
        ),
        ("overlay: A\nmatch: {vndor: A}\n", "2:9: unknown key 'vndor' (did you mean 'vendor'?)"),
        ("overlay: A\nmatch: {vendor: ''}\n", "2:17: vendor: a pattern has 1 to 200 characters"),
        (HEAD + "colour: red\n", "3:1: unknown key 'colour'"),
        (HEAD + "profiles: [enum_falback]\n", "3:1: unknown repair 'enum_falback' (did you mean"),
        (HEAD + "fields: {Heartbeat: []}\n", "3:10: fields: 'Heartbeat' is no part of a message"),
        (HEAD + "fields: {A.request: [{type: text, name: x}]}\n", "3:23: type: 'text' is none"),
        (HEAD + "fields: {A.request: [{type: any}]}\n", "3:22: a field needs its name"),
        (HEAD + "fields: {A.request: [{name: x, max_length: y}]}\n", "3:32: max_length: a whole"),
        (HEAD + "measurands: {Soh: {unit: Percent}}\n", "3:14: Soh: what does it stand for?"),
        (
            HEAD + "maps: {Hartbeat: {}}\n",
            "3:8: there is no map Hartbeat (did you mean 'Heartbeat'?)",
        ),
        (HEAD + "maps: {Heartbeat: {request: [{v16: a}]}}\n", "3:30: a one-sided row says once"),
        (HEAD + "codecs: {c: {json: []}}\n", "3:10: the codec c needs a summary"),
        (HEAD + "codecs: {c: {summary: s}}\n", "3:10: c is of one kind (list: or json:)"),
        (HEAD + "codecs: {c: {summary: s, list: [], separator: ab}}\n", "3:36: separator: one"),
        (HEAD + "codecs: {c: {summary: s, json: [{type: text}]}}\n", "3:33: an item needs a name"),
        (
            HEAD + "codecs: {c: {summary: s, json: [{name: a}, {name: a}]}}\n",
            "3:26: json: a stands twice",
        ),
        (
            HEAD + "codecs: {c: {summary: s, json: [{name: a, scale: 3}]}}\n",
            "3:43: scale: a power of ten",
        ),
        (
            HEAD + "codecs: {c: {summary: s, json: [{name: a, scale: x}]}}\n",
            "3:43: scale: a power of ten",
        ),
        (
            HEAD + "codecs: {c: {summary: s, json: [{name: a, group: []}]}}\n",
            "3:43: group: belongs to",
        ),
        (
            HEAD + "codecs: {c: {summary: s, json: [{name: a, type: int}]}}\n",
            "3:43: type: 'int' is none",
        ),
        (
            HEAD + "codecs: {c: {summary: s, json: [], examples: [{v16: a, v201: b}]}}\n",
            "3:47: an example",
        ),
        (
            HEAD + "codecs: {c: {summary: s, list: [{name: a, scale: '0.1'}]}}\n",
            "3:43: scale: belongs to a number",
        ),
        ("overlay: A\nmatch: {vendor: []}\n", "2:1: match: whose stations are meant?"),
        ("overlay: A\nmatch: {vendor: null}\n", "2:17: vendor: a pattern has"),
        (HEAD + "keys: {K: {}}\n", "3:8: K needs one place"),
        (HEAD + "evidence: [a]\n", "3:11: evidence: text is expected here"),
        ("overlay: A\nmatch: names\n", "2:8: a mapping is expected here"),
        (HEAD + "values: {errorCode: {A: 1}}\n", "3:25: A: text is expected here"),
        (HEAD + "values: {errorCode: A}\n", "3:21: a mapping is expected here"),
        (HEAD + "names: {Heartbeat: {a: b}}\n", "3:9: names: 'Heartbeat' is no part of a message"),
        (HEAD + "names: {Heartbeat.request: {a: 1}}\n", "3:32: a: text is expected here"),
        (HEAD + "missing: {Heartbeat.req: {a: b}}\n", "3:11: missing: 'Heartbeat.req' is no part"),
        (HEAD + "samples: [{seen: {unit: W}}]\n", "3:11: which samples, and what are they?"),
        (HEAD + "samples: [{seen: {unit: W}, meant: {unt: W}}]\n", "3:37: unknown key 'unt'"),
        (HEAD + "samples: [{seen: {unit: 5}, meant: {unit: W}}]\n", "3:25: unit: text is expected"),
    ],
)
def test_a_mistake_has_its_place(text, told):
    assert any(
        problem.startswith(f"mappings/vendors/acme.yaml:{told}") for problem in said(text)
    ), said(text)
