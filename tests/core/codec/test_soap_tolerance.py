"""Bodies that break their schema, and values that JSON writes otherwise."""

import pytest

from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_service import SoapRefused
from tests.support.soap import CP, CS, envelope, soap

REPAIR, ENFORCE = ReadSettings(), ReadSettings("enforce")


def read(body, settings=None, service=CS):
    return soap().read.call(
        service, envelope(body, service=service), None, settings or ReadSettings()
    )


def status(value="Available", connector="1", error="NoError", more=""):
    return (
        f"<s:statusNotificationRequest><s:connectorId>{connector}</s:connectorId>"
        f"<s:status>{value}</s:status><s:errorCode>{error}</s:errorCode>{more}"
        "</s:statusNotificationRequest>"
    )


def refusal(body, settings=ENFORCE, service=CS):
    with pytest.raises(SoapRefused) as refused:
        read(body, settings, service)
    assert refused.value.fault.subcode == "ProtocolError"
    return refused.value.fault.reason


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("+7", 7), (" 7 ", 7), ("\n7\n", 7), ("-7", -7), ("-0", 0), ("000", 0)],
)
@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
def test_integers_that_xml_schema_knows(text, number, settings):
    reading = read(status(connector=text), settings)
    assert reading.payload["connectorId"] == number
    assert reading.repairs == ()


@pytest.mark.parametrize("text", ["7.0", "7e0", "seven", "2147483648", "9" * 5000, "", "+", "0x7"])
def test_what_is_no_integer_of_32_bits(text):
    assert refusal(status(connector=text), REPAIR)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("16.5", 16.5),
        ("16.50", 16.5),
        (".5", 0.5),
        ("5.", 5),
        ("+5.0", 5),
        ("-.5", -0.5),
        ("00", 0),
    ],
)
@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
def test_decimals_that_xml_schema_knows(text, limit, settings):
    reading = read(profile(limit=text), settings, CP)
    schedule = reading.payload["csChargingProfiles"]["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": limit}]


@pytest.mark.parametrize("text", ["16.55", "1e1", "NaN", ".", "1,5", ""])
def test_what_is_no_decimal_with_one_digit(text):
    assert refusal(profile(limit=text), REPAIR, CP)


def profile(limit: str) -> str:
    return (
        "<s:setChargingProfileRequest><s:connectorId>1</s:connectorId><s:csChargingProfiles>"
        "<s:chargingProfileId>1</s:chargingProfileId><s:stackLevel>0</s:stackLevel>"
        "<s:chargingProfilePurpose>TxProfile</s:chargingProfilePurpose>"
        "<s:chargingProfileKind>Relative</s:chargingProfileKind><s:chargingSchedule>"
        "<s:chargingRateUnit>A</s:chargingRateUnit><s:chargingSchedulePeriod>"
        f"<s:startPeriod>0</s:startPeriod><s:limit>{limit}</s:limit></s:chargingSchedulePeriod>"
        "</s:chargingSchedule></s:csChargingProfiles></s:setChargingProfileRequest>"
    )


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), (" 0 ", False)]
)
def test_booleans_of_four_spellings(text, value):
    body = (
        f"<s:getConfigurationResponse><s:configurationKey><s:key>k</s:key><s:readonly>{text}"
        "</s:readonly></s:configurationKey></s:getConfigurationResponse>"
    )
    reading = soap().read.answer(CP, "GetConfiguration", envelope(body, service=CP), None)
    assert reading.payload == {"configurationKey": [{"key": "k", "readonly": value}]}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-22T05:40:00Z", "2026-11-22T05:40:00Z"),
        ("2026-11-22T05:40:00.25+01:00", "2026-11-22T05:40:00.25+01:00"),
        ("2026-11-22T05:40:00", "2026-11-22T05:40:00Z"),
        (" 2026-11-22T05:40:00 ", "2026-11-22T05:40:00Z"),
        ("2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-12-31T24:00:00+02:00", "2027-01-01T00:00:00+02:00"),
    ],
)
@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
def test_times_that_xml_schema_knows(text, time, settings):
    reading = read(status(more=f"<s:timestamp>{text}</s:timestamp>"), settings)
    assert (reading.payload["timestamp"], reading.repairs) == (time, ())


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-22 05:40:00", "2026-11-22T05:40:00Z"),
        ("2026-11-22t05:40:00z", "2026-11-22T05:40:00Z"),
        ("2026-11-22T05:40:60Z", "2026-11-22T05:40:59Z"),
        ("2026-11-22T05:40:00+0100", "2026-11-22T04:40:00Z"),
    ],
)
def test_times_that_are_repaired(text, time):
    body = status(more=f"<s:timestamp>{text}</s:timestamp>")
    reading = read(body)
    assert (reading.payload["timestamp"], reading.repairs) == (time, ("timestamps",))
    assert refusal(body) == "timestamp has a value of another type"


@pytest.mark.parametrize("text", ["soon", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z"])
def test_a_time_that_is_none_is_left_out_where_it_need_not_be_there(text):
    body = status(more=f"<s:timestamp>{text}</s:timestamp>")
    reading = read(body)
    assert "timestamp" not in reading.payload
    assert reading.repairs == ("timestamps",)
    assert refusal(body) == "timestamp has a value of another type"


def test_a_time_that_is_none_and_must_be_there():
    body = "<s:reserveNowRequest><s:connectorId>1</s:connectorId><s:expiryDate>soon</s:expiryDate>"
    body += "<s:idTag>T</s:idTag><s:reservationId>1</s:reservationId></s:reserveNowRequest>"
    assert refusal(body, REPAIR, CP) == "expiryDate has a value of another type"


@pytest.mark.parametrize("mode", ["repair", "enforce"])
def test_a_time_without_a_zone_may_be_in_one_of_the_operators(mode):
    local = ReadSettings(mode, zone="Europe/Amsterdam")
    reading = read(status(more="<s:timestamp>2026-07-22T05:40:00</s:timestamp>"), local)
    assert reading.payload["timestamp"] == "2026-07-22T03:40:00Z"
    reading = read(status(more="<s:timestamp>2026-07-22T05:40:00+01:00</s:timestamp>"), local)
    assert reading.payload["timestamp"] == "2026-07-22T05:40:00+01:00"


def diagnostics(location):
    return f"<s:getDiagnosticsRequest><s:location>{location}</s:location></s:getDiagnosticsRequest>"


@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
def test_blanks_around_an_address(settings):
    for blank in (" ", "\n  "):
        reading = read(diagnostics(f"{blank}ftp://h/a%20b{blank}"), settings, CP)
        assert (reading.payload, reading.repairs) == ({"location": "ftp://h/a%20b"}, ())
    assert refusal(diagnostics(""), settings, CP).startswith("getDiagnosticsRequest is incomplete")


def test_a_string_that_is_too_long_is_left_to_be_cut_on_output():
    body = "<s:authorizeRequest><s:idTag>" + "T" * 21 + "</s:idTag></s:authorizeRequest>"
    assert read(body).payload == {"idTag": "T" * 21}
    assert refusal(body) == "idTag is too long"


def test_a_word_that_is_none_may_be_left_to_a_profile():
    body = status(error="Kaput")
    assert read(body, ReadSettings(opened=True)).payload["errorCode"] == "Kaput"
    assert refusal(body, REPAIR) == "errorCode is none of the words allowed"
    assert refusal(body, ReadSettings("enforce", opened=True))


TEXTS = ['"', "\\", 'a","b":"c', " ", "\t", "a\nb", "\u20ac", "\U0001f50c", "&lt;x&gt;", "{,}"]


@pytest.mark.parametrize("text", TEXTS)
def test_free_text_is_kept(text):
    reading = read(status(more=f"<s:info>{text}</s:info>"))
    assert reading.payload["info"] == text.replace("&lt;", "<").replace("&gt;", ">")
    assert reading.repairs == ()


def test_markup_in_a_section_is_text():
    body = (
        "<s:dataTransferRequest><s:vendorId>v</s:vendorId>"
        "<s:data><![CDATA[<a b='1'>&amp;</a>]]></s:data></s:dataTransferRequest>"
    )
    assert read(body).payload["data"] == "<a b='1'>&amp;</a>"


@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n  <![CDATA[{}]]>\n", "\n  {}\n"),
        (" <!-- so --> x", "  x"),
        ("<![CDATA[ ]]>", " "),
    ],
)
def test_blanks_beside_a_section_are_part_of_the_text(text, said, settings):
    body = (
        "\n<s:dataTransferRequest>\n <s:vendorId>v</s:vendorId> <!-- so -->\n"
        f" <s:data>{text}</s:data>\n</s:dataTransferRequest>\n"
    )
    reading = read(body, settings)
    assert reading.payload == {"vendorId": "v", "data": said}
    assert reading.repairs == ()


@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
@pytest.mark.parametrize("blank", ["", " ", "\n\t", "&#32;", "<!-- so -->", " <!-- so -->\n"])
def test_white_space_between_elements(blank, settings):
    body = status().replace("><", f">{blank}<")
    assert read(body, settings).payload == {
        "connectorId": 1,
        "status": "Available",
        "errorCode": "NoError",
    }
    empty = f"<s:heartbeatRequest>{blank}</s:heartbeatRequest>"
    assert read(empty, settings).payload == {}


def test_elements_that_the_schema_does_not_know_are_dropped():
    body = status(more='<s:colour><s:deep/></s:colour><v:info xmlns:v="urn:v">x</v:info>')
    reading = read(body)
    assert "info" not in reading.payload
    assert reading.repairs == ("unknown_element",)
    assert refusal(body).startswith("statusNotificationRequest is incomplete, or has elements")


def test_what_the_repairs_of_a_payload_settle_is_left_to_them():
    body = (
        "<s:meterValuesRequest><s:meterValue><s:sampledValue><s:value>1</s:value>"
        "<s:age>5</s:age></s:sampledValue><s:site>A</s:site></s:meterValue>"
        "<s:meterValue><s:sampledValue><s:value>2</s:value></s:sampledValue>"
        "<s:site><s:id>B</s:id><s:id>C</s:id></s:site></s:meterValue>"
        '<v:connectorId xmlns:v="urn:v">9</v:connectorId><v:own xmlns:v="urn:v"/>'
        "</s:meterValuesRequest>"
    )
    reading = read(body, ReadSettings(opened=True))
    assert reading.payload == {
        "meterValue": [
            {"sampledValue": [{"value": "1", "age": "5"}], "site": "A"},
            {"sampledValue": [{"value": "2"}], "site": {"id": ["B", "C"]}},
        ],
        "own": "",
    }
    assert reading.repairs == ("unknown_element",)
    assert refusal(body, ReadSettings("enforce", opened=True))


@pytest.mark.parametrize(
    "of_its_own", ['xmlns=""', 'xmlns="urn://Ocpp/Cs/2015/10"', 'xmlns="urn://Ocpp/Cs/2012/06/"']
)
def test_no_element_is_lost_that_is_out_of_order_and_of_another_namespace(of_its_own):
    body = (
        f'<stopTransactionRequest xmlns="{CS.namespace}"><idTag {of_its_own}>T</idTag>'
        "<meterStop>5</meterStop><timestamp>2025-06-01T14:00:00Z</timestamp>"
        f"<transactionData {of_its_own}><sampledValue><value>1</value></sampledValue>"
        "<timestamp>2025-06-01T13:00:00Z</timestamp></transactionData>"
        f"<transactionId {of_its_own}>7</transactionId></stopTransactionRequest>"
    )
    assert read(body).payload == {
        "transactionId": 7,
        "idTag": "T",
        "timestamp": "2025-06-01T14:00:00Z",
        "meterStop": 5,
        "transactionData": [
            {"timestamp": "2025-06-01T13:00:00Z", "sampledValue": [{"value": "1"}]}
        ],
    }


def test_order_and_namespaces_are_put_right_but_not_under_enforce():
    body = (
        '<startTransactionRequest xmlns="urn://ocpp/cs/2015/10"><meterStart>5</meterStart>'
        "<timestamp>2026-11-22T05:40:00Z</timestamp><idTag>T</idTag><connectorId>1</connectorId>"
        "</startTransactionRequest>"
    )
    reading = read(body)
    assert reading.payload == {
        "connectorId": 1,
        "idTag": "T",
        "timestamp": "2026-11-22T05:40:00Z",
        "meterStart": 5,
    }
    assert set(reading.repairs) == {"element_name", "element_order"}
    assert refusal(body)


def test_everything_in_no_namespace():
    assert read("<authorizeRequest><idTag>T</idTag></authorizeRequest>").payload == {"idTag": "T"}


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.mark.parametrize("settings", [REPAIR, ENFORCE])
@pytest.mark.parametrize(
    "attribute",
    [
        'xsi:schemaLocation="urn://Ocpp/Cs/2015/10/ file:///etc/passwd"',
        'xsi:noNamespaceSchemaLocation="http://attacker.example/x.xsd"',
        'xsi:type="s:Own"',
        'id="1"',
    ],
)
def test_attributes_are_taken_off_before_anything_is_validated(attribute, settings):
    tag = f"<s:idTag {attribute}>T</s:idTag>"
    body = f"<s:authorizeRequest {XSI} {attribute}>{tag}</s:authorizeRequest>"
    assert read(body, settings).payload == {"idTag": "T"}


STOP = (
    "<s:stopTransactionRequest><s:transactionId>1</s:transactionId>"
    "<s:timestamp>2026-11-22T05:40:00Z</s:timestamp><s:meterStop>1</s:meterStop>"
    "<s:transactionData>{}</s:transactionData></s:stopTransactionRequest>"
)


@pytest.mark.parametrize("content", ["", " \n ", "<s:x/>"])
def test_an_object_without_members_is_absent(content):
    body = STOP.format(content)
    reading = read(body)
    assert set(reading.payload) == {"transactionId", "timestamp", "meterStop"}
    assert "empty_element" in reading.repairs
    assert refusal(body).startswith("transactionData")


def test_an_object_that_must_be_there_must_have_members():
    body = (
        "<s:setChargingProfileRequest><s:connectorId>1</s:connectorId><s:csChargingProfiles/>"
        "</s:setChargingProfileRequest>"
    )
    assert refusal(body, REPAIR, CP).startswith("setChargingProfileRequest is incomplete")


@pytest.mark.parametrize("empty", ["<s:timestamp/>", "<s:timestamp> </s:timestamp>"])
def test_an_empty_element_that_is_no_text_is_absent(empty):
    reading = read(status(more=empty))
    assert "timestamp" not in reading.payload
    assert reading.repairs == ("empty_element",)
    assert refusal(status(more=empty)) == "timestamp has a value of another type"


def test_nil_is_absent():
    more = f'<s:info {XSI} xsi:nil="true"/><s:timestamp {XSI} xsi:nil="1"/>'
    reading = read(status(more=more))
    assert set(reading.payload) == {"connectorId", "status", "errorCode"}
    assert reading.repairs == ("nil",)
    assert refusal(status(more=more))
    tag = f'<s:authorizeRequest {XSI}><s:idTag xsi:nil="true"/></s:authorizeRequest>'
    assert refusal(tag, REPAIR)


@pytest.mark.parametrize(("charging", "word"), [(True, "Charging"), (False, "Preparing")])
def test_occupied_of_older_editions(charging, word):
    asked = []
    settings = ReadSettings(charging=lambda connector: bool(asked.append(connector)) or charging)
    reading = read(status("Occupied", connector="2"), settings)
    assert (reading.payload["status"], reading.repairs, asked) == (word, ("old_words",), [2])
    assert refusal(status("Occupied")) == "status is none of the words allowed"


def test_other_words_of_older_editions():
    reading = read(status(error="Mode3Error"))
    assert reading.payload["errorCode"] == "EVCommunicationError"
    body = (
        "<s:meterValuesRequest><s:connectorId>1</s:connectorId><s:meterValue><s:timestamp>"
        "2026-11-22T05:40:00Z</s:timestamp><s:sampledValue><s:value>1</s:value><s:unit>Amp</s:unit>"
        "</s:sampledValue><s:sampledValue><s:value>2</s:value><s:unit>Volt</s:unit></s:sampledValue>"
        "</s:meterValue></s:meterValuesRequest>"
    )
    samples = read(body).payload["meterValue"][0]["sampledValue"]
    assert [sample["unit"] for sample in samples] == ["A", "V"]


def test_a_word_that_a_message_does_have_is_kept():
    body = "<s:reserveNowResponse><s:status>Occupied</s:status></s:reserveNowResponse>"
    reading = soap().read.answer(CP, "ReserveNow", envelope(body, service=CP), None)
    assert (reading.payload, reading.repairs) == ({"status": "Occupied"}, ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<s:authorizeRequest/>", "authorizeRequest is incomplete"),
        ("<s:authorizeRequest>T</s:authorizeRequest>", "authorizeRequest"),
        ("<s:authorizeRequest><s:idTag><s:x/></s:idTag></s:authorizeRequest>", "idTag"),
        ("<s:authorizeRequest><s:idTag>a</s:idTag><s:idTag>b</s:idTag></s:authorizeRequest>", ""),
        ("<s:heartbeatRequest>now</s:heartbeatRequest>", "heartbeatRequest must be empty"),
    ],
)
def test_what_cannot_be_put_right_is_refused_in_our_own_words(body, reason):
    assert refusal(body, REPAIR).startswith(reason)


def test_the_reason_never_quotes_what_the_peer_wrote():
    body = status("<s:secret/>hunter2")
    assert "hunter2" not in refusal(body)
    assert "secret" not in refusal(body, REPAIR)
