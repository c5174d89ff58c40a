"""The straightforward translator: 2.0.1 to 1.6 by the classes of the PyPI `ocpp` package.

What one would write first: unpack and validate, make the package's objects, build those of the
other version, serialise and validate. One pass a side, no copies but the package's own.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from ocpp.charge_point import (
    camel_to_snake_case,
    remove_nones,
    serialize_as_dict,
    snake_to_camel_case,
)
from ocpp.messages import Call, _validate_payload, pack, unpack
from ocpp.v16 import call as call16
from ocpp.v16 import datatypes as types16
from ocpp.v201 import call as call201

Payload = dict[str, Any]

UNITS = {"Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "Percent"}


def translated(data: bytes, transactions: dict[str, int]) -> str:
    """A station's CALL as the CALL of the other version. transactions: 2.0.1 id -> 1.6 id."""
    message = unpack(data)
    _validate_payload(message, "2.0.1")
    request = getattr(call201, message.action)(**camel_to_snake_case(message.payload))
    derived = TRANSLATORS[message.action](request, transactions)
    payload = remove_nones(snake_to_camel_case(serialize_as_dict(derived)))
    derived_call = Call(str(uuid4()), type(derived).__name__, payload)
    _validate_payload(derived_call, "1.6")
    text: str = pack(derived_call)
    return text


def boot(request: Any, transactions: dict[str, int]) -> call16.BootNotification:
    station = request.charging_station
    modem = station.get("modem", {})
    return call16.BootNotification(
        charge_point_vendor=station["vendor_name"][:20],
        charge_point_model=station["model"],
        charge_point_serial_number=station.get("serial_number"),
        firmware_version=station.get("firmware_version"),
        iccid=modem.get("iccid"),
        imsi=modem.get("imsi"),
    )


def heartbeat(request: Any, transactions: dict[str, int]) -> call16.Heartbeat:
    return call16.Heartbeat()


def authorize(request: Any, transactions: dict[str, int]) -> call16.Authorize:
    return call16.Authorize(id_tag=request.id_token["id_token"][:20])


def meter_values(request: Any, transactions: dict[str, int]) -> call16.MeterValues:
    return call16.MeterValues(
        connector_id=1,
        transaction_id=transactions.get(request.transaction_info["transaction_id"], 1),
        meter_value=[
            types16.MeterValue(
                timestamp=value["timestamp"],
                sampled_value=[_sample(sample) for sample in value["sampled_value"]],
            )
            for value in request.meter_value
        ],
    )


def _sample(sample: Payload) -> types16.SampledValue:
    unit = sample.get("unit_of_measure", {}).get("unit")
    return types16.SampledValue(
        value=format(Decimal(repr(sample["value"])), "f"),
        context=sample.get("context"),
        measurand=sample.get("measurand"),
        phase=sample.get("phase"),
        location=sample.get("location"),
        unit=unit if unit in UNITS else None,
    )


TRANSLATORS = {
    "BootNotification": boot,
    "Heartbeat": heartbeat,
    "Authorize": authorize,
    "TransactionEvent": meter_values,
}
