"""What every test may use: the project's own schemas and maps, loaded once."""

import pytest

from gateway.config.model import Resources
from gateway.core.session.desk import Revision
from gateway.revision import load_revision


@pytest.fixture(scope="session")
def revision() -> Revision:
    return load_revision(Resources())
