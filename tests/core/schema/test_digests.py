"""Schema files other than those that the project was tested with are told, file by file."""

from gateway import resources
from gateway.core.dialects import Version
from gateway.core.schema.digests import changed

FILES = resources.schema_files()
DIGESTS = resources.schema_digests_text()


def test_every_file_of_the_package_has_a_digest() -> None:
    recorded = {line.split()[1] for line in DIGESTS.splitlines()}

    assert recorded == {f"{version.key}/{name}" for version, name in FILES}


def test_files_as_recorded_are_not_worth_a_word() -> None:
    files = {(Version.V16, "A.json"): b"{}"}
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

    assert changed(files, f"{digest}  v16/A.json\n") == ()


def test_each_difference_is_a_sentence() -> None:
    files = dict(FILES)
    del files[Version.V16, "Reset.json"]
    files[Version.V16, "New.json"] = b"{}"
    files[Version.V201, "ResetRequest.json"] = b"{}"
    before = set(changed(FILES, DIGESTS))

    assert set(changed(files, DIGESTS)) - before == {
        "the schema file v16/Reset.json is not installed",
        "the schema file v16/New.json is new; this release was not tested with it",
        "the schema file v201/ResetRequest.json differs from the one this release was tested with",
    }
