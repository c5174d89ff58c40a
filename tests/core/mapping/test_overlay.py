"""Whom an overlay is for, and of two which one counts."""

import pytest

from gateway.core.errors import Place
from gateway.core.mapping.codecs import JSON, Codec
from gateway.core.mapping.overlay import Facts, Overlay, Overlays, ambiguities, facts_of
from gateway.core.mapping.patterns import Pattern


def overlay(name, over="", codecs=(), **match):
    place = Place(f"vendors/{name}.yaml", 1)
    patterns = {
        fact: tuple(Pattern(text) for text in ([texts] if isinstance(texts, str) else texts))
        for fact, texts in match.items()
    }
    made = {codec: Codec(codec, place, "", JSON, ()) for codec in codecs}
    return Overlay(name, place, name, patterns, over, codecs=made)


def all_of(*overlays):
    return Overlays({o.name: o for o in overlays})


def chosen(overlays, **facts):
    return [o.name for o in overlays.chosen(Facts(**{"station": "CP", **facts}))]


def test_the_facts_of_a_1_6_boot():
    boot = {"chargePointVendor": "EV-BOX", "chargePointModel": "G4", "firmwareVersion": "1.2"}
    assert facts_of("CP", boot) == Facts("CP", "EV-BOX", "G4", "1.2")


def test_the_facts_of_a_2_0_1_boot():
    boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "EV-BOX", "model": "G4"}}
    assert facts_of("CP", boot) == Facts("CP", "EV-BOX", "G4", None)


@pytest.mark.parametrize(
    "boot", [None, {}, {"chargingStation": 7}, {"chargePointVendor": 7, "firmwareVersion": None}]
)
def test_a_boot_that_tells_nothing(boot):
    assert facts_of("CP", boot) == Facts("CP")


def test_all_that_is_asked_for_must_fit():
    one = all_of(overlay("box", vendor=["EV-BOX", "EVBOX*"], model="G?", firmware="1.*"))
    assert chosen(one, vendor="evbox b.v.", model="G4", firmware="1.0") == ["box"]
    assert chosen(one, vendor="EV-BOX", model="G4") == []
    assert chosen(one, vendor="EV-BOX", model="G44", firmware="1.0") == []
    assert chosen(one) == []


def test_the_stations_name_goes_before_what_it_says():
    both = all_of(overlay("lab", station="LAB-*"), overlay("box", vendor="EV-BOX"))
    assert chosen(both, station="LAB-1", vendor="EV-BOX") == ["lab"]
    assert chosen(both, station="X", vendor="EV-BOX") == ["box"]
    assert list(ambiguities(both.by_name.values())) == []


def test_an_overlay_lies_on_top_of_another():
    stack = all_of(
        overlay("box", vendor="EV-BOX"),
        overlay("g4", "box", vendor="EV-BOX", model="G4"),
        overlay("old", "g4", vendor="EV-BOX", model="G4", firmware="0.*"),
    )
    assert chosen(stack, vendor="EV-BOX", model="G3") == ["box"]
    assert chosen(stack, vendor="EV-BOX", model="G4") == ["box", "g4"]
    assert chosen(stack, vendor="EV-BOX", model="G4", firmware="0.9") == ["box", "g4", "old"]
    assert list(ambiguities(stack.by_name.values())) == []


def said(*overlays):
    return [str(problem) for problem in ambiguities(overlays)]


def test_two_that_could_match_one_station_are_an_error():
    assert said(overlay("a", vendor="EV*"), overlay("b", vendor="*BOX")) == [
        "vendors/b.yaml:1:1: b and a (vendors/a.yaml:1:1) can match the same station "
        "(narrower patterns, or `over: a` to lie on top of it)"
    ]
    assert len(said(overlay("a", vendor="EV*"), overlay("b", model="G4"))) == 1
    assert said(overlay("a", vendor="EV*"), overlay("b", vendor="X*")) == []
    assert said(overlay("a", vendor="E", model="1"), overlay("b", vendor="E", model="2")) == []


def test_two_on_top_of_the_same_are_rivals():
    low = overlay("low", vendor="E")
    rivals = (
        overlay("a", "low", vendor="E", model="G*"),
        overlay("b", "low", vendor="E", model="*4"),
    )
    assert len(said(low, *rivals)) == 1


def test_an_overlay_that_is_not_there_and_one_over_itself():
    assert said(overlay("a", "c", vendor="E"), overlay("b", vendor="F")) == [
        "vendors/a.yaml:1:1: over: there is no overlay 'c' (one of: a, b)"
    ]
    told = said(overlay("a", "b", vendor="E"), overlay("b", "a", vendor="F"))
    assert "a lies over itself" in told[0]


def test_a_codec_has_one_name_for_all():
    told = said(overlay("a", codecs=["x"], vendor="E"), overlay("b", codecs=["x"], vendor="F"))
    assert told == [
        "vendors/b.yaml:1:1: a second codec x, the first is vendors/a.yaml:1:1 "
        "(names are for all overlays)"
    ]


def test_what_a_route_names_lies_on_top_of_what_matches():
    overlays = all_of(overlay("box", vendor="EV-BOX"), overlay("old", over="odd"), overlay("odd"))
    box = Facts("CP", "EV-BOX")
    for named, found in (
        ((), ["box"]),
        (("enum_fallback",), ["box"]),
        (("odd",), ["box", "odd"]),
        (("old", "odd", "box"), ["box", "odd", "old"]),
    ):
        assert [o.name for o in overlays.chosen(box, named)] == found
    assert [o.name for o in overlays.chosen(Facts("CP"), ("box",))] == ["box"]


def test_what_is_only_named_matches_nobody_and_is_nobodys_rival():
    odd, box = overlay("odd"), overlay("box", vendor="*")
    assert not odd.matches(Facts("CP", "V", "M", "F"))
    assert list(ambiguities([odd, box, overlay("other")])) == []
