"""The catalogue file is read, or the start stops with a reason."""

import pytest

from gateway import resources
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.schema.table import read_table


def test_file_names_follow_the_pattern_of_their_version() -> None:
    files = read_table(resources.catalogue_text()).files

    assert files[Version.V16, "Reset", "request"] == "Reset.json"
    assert files[Version.V16, "Reset", "response"] == "ResetResponse.json"
    assert files[Version.V201, "Reset", "request"] == "ResetRequest.json"


def test_an_action_has_one_sender_entry() -> None:
    text = resources.catalogue_text()
    actions = [line for line in text.splitlines() if line.startswith("    - ")]

    assert len(actions) == len(read_table(text).senders)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a: [", '"1.6": {}', '"1.6": {station: 1}', "!!python/object:os.system {}"],
)
def test_a_file_that_is_no_catalogue_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match=r"catalogue\.yaml cannot be read"):
        read_table(text)
