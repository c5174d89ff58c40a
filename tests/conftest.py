"""What every test may use: the project's own schemas and maps, loaded once."""

import pytest
from hypothesis import settings

from gateway.config.model import Resources
from gateway.core.session.desk import Revision
from gateway.revision import load_revision

# The same examples in every run, and none of them against the clock.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def revision() -> Revision:
    return load_revision(Resources())
