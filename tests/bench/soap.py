"""SOAP against orjson and zeep: how long reading and writing a message takes, in this process.

Run: `python -m tests.bench.soap`. "l+d" is `orjson.dumps(orjson.loads(frame))` of the 1.6 JSON
frame with the same payload. Distinct values in every message, rounds interleaved, medians.
"""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import orjson
from zeep import Client

from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_write import Letter
from gateway.soap_files import load_soap

ROOT = Path(__file__).parents[2]
ROUNDS, VARIANTS = 7, 50
STATION = Service.CENTRAL_SYSTEM
MEASURANDS = ("Energy.Active.Import.Register", "Voltage", "Current.Import", "Power.Active.Import")
UNITS = ("Wh", "V", "A", "W")


class Figure(NamedTuple):
    """microseconds: median of the rounds; ratio: to l+d of the same payload."""

    name: str
    microseconds: float
    ratio: float


def boot(number: int) -> dict[str, Any]:
    return {
        "chargePointVendor": "ExampleCo",
        "chargePointModel": "Model 5",
        "chargePointSerialNumber": f"SN-{number:06}",
        "firmwareVersion": "1.4.2",
        "iccid": f"8931{number:014}",
        "imsi": f"204{number:012}",
        "meterType": "MT-1",
        "meterSerialNumber": f"M{number:08}",
    }


def meter_values(number: int) -> dict[str, Any]:
    """60 samples: 5 readings of 12."""
    return {
        "connectorId": 1,
        "transactionId": 4711 + number,
        "meterValue": [
            {
                "timestamp": f"2026-11-22T05:{number % 60:02}:{10 * reading:02}Z",
                "sampledValue": [_sample(number, reading, place) for place in range(12)],
            }
            for reading in range(5)
        ],
    }


def _sample(number: int, reading: int, place: int) -> dict[str, str]:
    return {
        "value": f"{1000 * number + 7 * place + reading}.5",
        "context": "Sample.Periodic",
        "measurand": MEASURANDS[place % 4],
        "phase": f"L{place // 4 + 1}",
        "location": "Outlet",
        "unit": UNITS[place % 4],
    }


def figures(action: str, make: Callable[[int], dict[str, Any]]) -> Iterator[Figure]:
    soap = load_soap()
    client = Client(str(ROOT / "schemas/soap/central-system.wsdl"))
    element = action[0].lower() + action[1:] + "Request"
    parsed_type = client.get_element(f"{{{STATION.namespace}}}{element}")
    payloads = [make(number) for number in range(VARIANTS)]
    letter = Letter("CP1", "urn:uuid:6b1c", "http://gw.example.com/soap", "http://cp.example.com/")
    frames = [orjson.dumps([2, "19223201", action, payload]) for payload in payloads]
    bodies = [soap.write.call(STATION, action, payload, letter).data for payload in payloads]

    def parse_with_zeep(body: bytes) -> Any:
        from lxml import etree

        return parsed_type.parse(etree.fromstring(body)[1][0], client.wsdl.types)

    works: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "l+d": (lambda frame: orjson.dumps(orjson.loads(frame)), frames),
        "in": (lambda body: soap.read.call(STATION, body, None), bodies),
        "out": (lambda payload: soap.write.call(STATION, action, payload, letter), payloads),
        "zeep": (parse_with_zeep, bodies),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, (work, inputs) in works.items():
            times[name].append(_microseconds(work, inputs))
    base = median(times["l+d"])
    for name, taken in times.items():
        yield Figure(f"{action} {name}", median(taken), median(taken) / base)


def _microseconds(work: Callable[[Any], Any], inputs: list[Any], seconds: float = 0.1) -> float:
    started = process_time()
    for count, item in enumerate(cycle(inputs), 1):
        work(item)
        if count % len(inputs) == 0 and process_time() - started > seconds:
            return (process_time() - started) / count * 1e6
    raise AssertionError("no inputs")


def main() -> None:
    found = [
        *figures("MeterValues", meter_values),
        *figures("BootNotification", boot),
    ]
    if "--json" in sys.argv:
        print(json.dumps([figure._asdict() for figure in found]))
        return
    for figure in found:
        print(f"{figure.name:28} {figure.microseconds:9.1f} us {figure.ratio:6.1f} x l+d")


if __name__ == "__main__":
    main()
