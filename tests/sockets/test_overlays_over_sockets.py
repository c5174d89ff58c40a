"""Repairs of vendors' overlays in a running gateway: by the boot, and by the configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.core.session.desk import Revision
from tests.sockets.player import Player
from tests.support.vectors import TESTS

TIME = "2025-06-01T08:00:00Z"
VALUE = {"timestamp": TIME, "sampledValue": [{"value": "7"}]}
MADE = {"timestamp": TIME, "sampledValue": [{"value": 7, "unitOfMeasure": {"unit": "Wh"}}]}


@pytest.mark.parametrize("name", ["vendor-repairs", "vendor-own-words"])
async def test_by_the_boot(name: str, revision: Revision, tmp_path: Path) -> None:
    script = json.loads((TESTS / "conversations" / f"{name}.json").read_text("utf-8"))
    await Player(script, revision, tmp_path).play()


async def test_by_the_configuration(revision: Revision, tmp_path: Path) -> None:
    script: dict[str, Any] = {
        "name": "huawei, by name",
        "direction": "B",
        "profiles": ["huawei", "terse"],
        "preset": {"registration": "Accepted"},
        "steps": [
            {
                "from": "station",
                "frame": [2, "s1", "MeterValues", {"connectorId": 1, "meterValue": VALUE}],
            },
            {
                "expect": "csms",
                "frame": [2, "$id1", "MeterValues", {"evseId": 1, "meterValue": [MADE]}],
            },
            {"from": "csms", "frame": [3, "$id1", {}]},
            {"expect": "station", "frame": [3, "s1", {}]},
        ],
    }
    await Player(script, revision, tmp_path).play()
