"""What every test may use: the project's own schemas and maps, loaded once."""

import pytest
from hypothesis import settings

from gateway.config.model import Resources
from gateway.core.session import session
from gateway.core.session.desk import Revision
from gateway.revision import load_revision

# The same examples in every run, and none of them against the clock.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

COMPILED = not str(session.__file__).endswith(".py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if COMPILED:
        reason = "it replaces functions, and compiled modules call those that they were built with"
        for item in items:
            if item.get_closest_marker("interpreted"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def revision() -> Revision:
    return load_revision(Resources())
