"""The first route that matches wins; what it gives replaces what the file says, the rest stays."""

from gateway.config import Config

CONFIG = Config.model_validate(
    {
        "csms": {"url": "ws://main/{station}", "version": "1.6"},
        "profiles": ["scalar_to_list"],
        "translation": {"timezone_default": "Europe/Vienna", "a": {"signed": "raw"}},
        "routes": [
            {"match": "LAB-?", "validation": "enforce", "prefer": "highest"},
            {
                "match": ["A*", "B*"],
                "vendor": "Acme*",
                "csms": {"url": "ws://acme"},
                "profiles": [],
                "translation": {"a": {"orphan_stop": "drop"}},
            },
            {"match": "*", "model": "X1", "stations": {"assume_subprotocol": "1.6"}},
        ],
    }
)


def test_without_a_match_the_file_itself_holds():
    assert CONFIG.route("C1").name == "default"
    assert CONFIG.route("C1").csms is CONFIG.csms


def test_wildcards_match_the_whole_id():
    assert CONFIG.route("LAB-1").name == "routes[0]"
    assert CONFIG.route("LAB-12").name == "default"
    assert CONFIG.route("XLAB-1").name == "default"


def test_a_route_that_asks_for_a_vendor_waits_for_the_boot():
    assert CONFIG.route("A1").name == "default"
    assert CONFIG.route("A1", "Other").name == "default"
    assert CONFIG.route("B1", "ACME Inc").name == "routes[1]"


def test_the_first_match_wins():
    assert CONFIG.route("A1", "Acme", "X1").name == "routes[1]"
    assert CONFIG.route("C1", "Acme", "X1").name == "routes[2]"


def test_given_members_replace_at_every_depth_and_the_others_stay():
    entry = CONFIG.route("A1", "Acme")
    assert (entry.csms.url, entry.csms.version) == ("ws://acme/{station}", "1.6")
    assert (entry.translation.a.orphan_stop, entry.translation.a.signed) == ("drop", "raw")
    assert entry.translation.timezone_default == "Europe/Vienna"
    assert entry.profiles == ()
    assert CONFIG.route("LAB-1").profiles == ("scalar_to_list",)
    assert CONFIG.route("Z", model="X1").stations.assume_subprotocol == "1.6"


def test_validation_follows_from_whether_there_is_anything_to_translate():
    assert CONFIG.route("C1").validation_mode(translating=True) == "repair"
    assert CONFIG.route("C1").validation_mode(translating=False) == "observe"
    assert CONFIG.route("LAB-1").validation_mode(translating=False) == "enforce"
