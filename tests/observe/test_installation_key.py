"""One key an installation, kept beside its state, readable by its owner only."""

import stat

import pytest

from gateway.core.errors import ConfigError
from gateway.observe.installation_key import installation_key


def test_the_key_is_made_once_and_kept(tmp_path):
    state = f"sqlite://{tmp_path}/deep/state.db"
    key = installation_key(state)
    assert len(key) == 32
    assert installation_key(state) == key
    mode = (tmp_path / "deep" / "log.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_installations_have_different_keys(tmp_path):
    assert installation_key(f"sqlite://{tmp_path}/a/s.db") != installation_key(
        f"sqlite://{tmp_path}/b/s.db"
    )


def test_without_a_file_for_the_state_there_is_none_for_the_key():
    assert installation_key("memory:") != installation_key("memory:")


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_damaged_key_is_said(tmp_path, content):
    (tmp_path / "log.key").write_text(content)
    with pytest.raises(ConfigError, match=r"log\.key cannot be used"):
        installation_key(f"sqlite://{tmp_path}/state.db")
