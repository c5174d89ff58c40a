"""Which version is spoken on which leg (decision 15)."""

import pytest

from gateway.config import Config
from gateway.core.dialects import Version
from gateway.io.negotiate import (
    Versions,
    dial_order,
    is_transparent,
    offered_versions,
    station_version,
)

V16, V201 = Version.V16, Version.V201


@pytest.mark.parametrize(
    ("headers", "versions"),
    [
        ([], ()),
        (["ocpp1.6"], (V16,)),
        (["ocpp1.6, ocpp2.0.1"], (V201, V16)),
        (["ocpp2.0.1,ocpp1.6"], (V201, V16)),
        (["ocpp1.6", " ocpp2.0.1 "], (V201, V16)),
        (["ocpp1.6, ocpp1.6"], (V16,)),
        (["OCPP1.6", "ocpp1.5", "ocpp2.1", "ocpp16", ""], ()),
    ],
)
def test_offers_are_read(headers, versions):
    assert offered_versions(headers) == versions


@pytest.mark.parametrize(
    ("offered", "csms", "prefer", "order"),
    [
        ((V16,), "1.6", "transparent", (V16,)),
        ((V201,), "1.6", "transparent", (V16,)),
        ((V201, V16), "2.0.1", "highest", (V201,)),
        ((V16,), "auto", "transparent", (V16, V201)),
        ((V201,), "auto", "transparent", (V201, V16)),
        ((V201, V16), "auto", "transparent", (V201, V16)),
        ((V201, V16), "auto", "highest", (V201, V16)),
        ((V16,), "auto", "highest", (V16, V201)),
    ],
)
def test_what_the_csms_is_offered(offered, csms, prefer, order):
    assert dial_order(offered, csms, prefer) == order


@pytest.mark.parametrize(
    ("offered", "csms", "prefer", "answer"),
    [
        ((V16,), V16, "transparent", V16),
        ((V16,), V201, "transparent", V16),
        ((V201,), V16, "transparent", V201),
        ((V201, V16), V16, "transparent", V16),
        ((V201, V16), V201, "transparent", V201),
        ((V201, V16), V16, "highest", V201),
        ((V16,), V16, "highest", V16),
    ],
)
def test_what_the_station_is_answered(offered, csms, prefer, answer):
    assert station_version(offered, csms, prefer) is answer


@pytest.mark.parametrize(
    ("route", "versions", "transparent"),
    [
        ({}, (V16, V16), True),
        ({}, (V201, V16), False),
        ({"validation": "observe"}, (V16, V16), True),
        ({"validation": "observe"}, (V16, V201), False),
        ({"validation": "repair"}, (V16, V16), False),
        ({"validation": "enforce"}, (V201, V201), False),
        ({"profiles": ["string_to_number"]}, (V16, V16), False),
    ],
)
def test_bytes_pass_untouched_where_nothing_is_to_be_changed(route, versions, transparent):
    config = Config.model_validate({"routes": [{"match": "*", **route}]})
    assert is_transparent(config.route("CP1"), Versions(*versions)) is transparent
