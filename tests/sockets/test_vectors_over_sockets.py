"""Every vector, over real sockets against a gateway process on a SQLite file."""

from pathlib import Path

import pytest

from gateway.core.session.desk import Revision
from tests.sockets.player import Player
from tests.support.vectors import SCOPE, vector


@pytest.mark.parametrize("name", SCOPE)
async def test_a_vector_comes_out_exactly(name: str, revision: Revision, tmp_path: Path) -> None:
    await Player(vector(name), revision, tmp_path).play()
