"""Bodies with something cut, put in or changed: read, or refused, and never anything else."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_service import SoapRefused
from tests.support.soap import CS, LETTER, soap

PAYLOAD = {
    "connectorId": 1,
    "meterValue": [
        {"timestamp": "2026-11-22T05:40:00Z", "sampledValue": [{"value": "1", "unit": "Wh"}]}
    ],
}
BODY = soap().write.call(CS, "MeterValues", PAYLOAD, LETTER).data
PIECES = st.sampled_from(
    b"< > </cs:value> <cs:value> &x; &amp; <!-- --> <?p?> ]]> <![CDATA[ <a:b> cs: - "
    b'<soap:Body> </soap:Header> <!DOCTYPE\fx> T24:00:00 " \xff \0'.split(b" ")
)
ATTRIBUTES = st.sampled_from([b" xmlns:cs=''", b" xsi:nil='1'", b" a='1'", b"\n", b""])


class Change(NamedTuple):
    at: int
    cut: int
    put: bytes


CHANGES = st.lists(
    st.builds(Change, st.integers(0, len(BODY)), st.integers(0, 40), PIECES | ATTRIBUTES),
    min_size=1,
    max_size=4,
)
MODES = st.builds(ReadSettings, st.sampled_from(["enforce", "repair", "observe"]), st.booleans())


@settings(max_examples=300)
@given(changes=CHANGES, mode=MODES)
def test_a_changed_body_is_read_or_refused(changes, mode):
    data = BODY
    for change in changes:
        data = data[: change.at] + change.put + data[change.at + change.cut :]
    for read in (
        lambda: soap().read.call(CS, data, None, mode),
        lambda: soap().read.answer(CS, "MeterValues", data, None, mode),
    ):
        try:
            reading = read()
        except SoapRefused:
            continue
        assert reading.action
        assert reading.payload is None or isinstance(reading.payload, dict)
