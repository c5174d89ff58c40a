"""Files that a configuration names: paths that are none."""

import pytest

from gateway.config.file_rules import recording, secret_file

WHERE = ("stations", "credentials")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 5000, "cannot be read: File name too long"),
        ("/", "is no file"),
        ("nowhere", "does not exist"),
        ("a\0b", "cannot be read: "),
    ],
)
def test_a_path_to_no_file_is_told_in_a_sentence(tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    [finding] = secret_file(WHERE, name)
    assert said in finding.message
    assert finding.cure


def test_a_recording_in_a_folder_that_cannot_be(tmp_path):
    [finding] = recording(f"{tmp_path}/{'x' * 5000}/traffic.jsonl", "memory:")
    assert finding.message.startswith("there is no folder for ")


def test_a_recording_is_not_written_into_the_state(tmp_path):
    state = f"sqlite://{tmp_path}/state.db"
    (tmp_path / "link").symlink_to(tmp_path / "state.db")
    for name in ("state.db", "link", "../" + tmp_path.name + "/state.db"):
        [finding] = recording(f"{tmp_path}/{name}", state)
        assert finding.message.endswith("is the file of the state")
    assert list(recording(f"{tmp_path}/traffic.jsonl", state)) == []
