"""Versions, sides and the spellings of error codes (decision 14)."""

import pytest

from gateway.core.dialects import (
    ERROR_CODES,
    SUBPROTOCOLS,
    Side,
    Version,
    read_error,
    spell_error,
)

V16_CODES = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}


def test_1_6_knows_ten_codes_two_of_them_misspelled() -> None:
    assert {spell_error(code, Version.V16) for code in ERROR_CODES} == V16_CODES


def test_2_0_1_spells_codes_as_they_are_inside() -> None:
    assert {spell_error(code, Version.V201) for code in ERROR_CODES} == ERROR_CODES


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("code", sorted(V16_CODES | ERROR_CODES))
def test_every_spelling_is_read_whatever_the_version(code: str, version: Version) -> None:
    inside = read_error(code)

    assert inside in ERROR_CODES
    assert spell_error(read_error(spell_error(inside, version)), version) == spell_error(
        inside, version
    )


@pytest.mark.parametrize(
    ("spelled", "inside"),
    [
        ("FormationViolation", "FormatViolation"),
        ("FormatViolation", "FormatViolation"),
        ("OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("OccurrenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("MessageTypeNotSupported", "MessageTypeNotSupported"),
        ("", "GenericError"),
        ("internalerror", "GenericError"),
        ("Whatever", "GenericError"),
    ],
)
def test_spellings_become_one_inside(spelled: str, inside: str) -> None:
    assert read_error(spelled) == inside


@pytest.mark.parametrize(
    ("code", "spelled"),
    [("MessageTypeNotSupported", "NotSupported"), ("RpcFrameworkError", "GenericError")],
)
def test_codes_that_1_6_lacks_become_its_nearest(code: str, spelled: str) -> None:
    assert spell_error(code, Version.V16) == spelled


def test_versions_are_written_as_peers_and_maps_write_them() -> None:
    assert [(v.value, v.key, SUBPROTOCOLS[v]) for v in Version] == [
        ("1.6", "v16", "ocpp1.6"),
        ("2.0.1", "v201", "ocpp2.0.1"),
    ]


def test_a_side_knows_the_other() -> None:
    assert Side.STATION.other is Side.CSMS
    assert Side.CSMS.other is Side.STATION
