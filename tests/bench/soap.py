"""Reading SOAP against orjson and zeep, in this process: the whole codec, from bytes to payload.

"l+d" is `orjson.dumps(orjson.loads(frame))` of the 1.6 JSON frame with the same payload; zeep
parses the same body, headers left aside. Every message has values of its own. Times are CPU times,
taken in turns so short that all works meet the same machine.
"""

from collections.abc import Callable
from statistics import mean
from typing import Any, NamedTuple

import orjson
from lxml import etree
from zeep import Client

from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_write import Letter
from gateway.resources import folder
from gateway.soap_files import load_soap
from tests.bench.figures import Figure, spread
from tests.bench.paths import Scale, cpu_us, load_and_dump

STATION = Service.CENTRAL_SYSTEM
READINGS, PER_READING = 5, 12
VARIANTS, PER_TURN = 100, 10
MEASURANDS = ("Energy.Active.Import.Register", "Voltage", "Current.Import", "Power.Active.Import")
UNITS = ("Wh", "V", "A", "W")
LETTER = Letter("CP1", "urn:uuid:6b1c", "http://gw.example.com/soap", "http://cp.example.com/")


Times = dict[str, list[float]]


class Sample(NamedTuple):
    """The same messages in each form."""

    action: str
    frames: list[bytes]
    bodies: list[bytes]


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
    return {
        "connectorId": 1,
        "transactionId": 4711 + number,
        "meterValue": [
            {
                "timestamp": f"2026-11-22T05:{number % 60:02}:{10 * reading:02}Z",
                "sampledValue": [_sampled(number, reading, place) for place in range(PER_READING)],
            }
            for reading in range(READINGS)
        ],
    }


def _sampled(number: int, reading: int, place: int) -> dict[str, str]:
    return {
        "value": f"{1000 * number + 7 * place + reading}.5",
        "context": "Sample.Periodic",
        "measurand": MEASURANDS[place % 4],
        "phase": f"L{place // 4 + 1}",
        "location": "Outlet",
        "unit": UNITS[place % 4],
    }


def soap(scale: Scale) -> list[Figure]:
    """What a SOAP message costs on its way in, and beside it on its way out."""
    codec = load_soap()
    values = _sample(codec, "MeterValues", meter_values)
    boots = _sample(codec, "BootNotification", boot)
    parse = _zeep(values.action)
    of_values = _timed(codec, values, scale.rounds, parse)
    of_boots = _timed(codec, boots, scale.rounds)
    faster = Figure(
        "zeep's parse / ours, the same MeterValues",
        3,
        _ratios(of_values["zeep"], of_values["in"]),
        "x",
        f"{spread(of_values['zeep'], 0)} us",
        at_least=True,
    )
    return [_figure(values, 30, of_values), faster, _figure(boots, 50, of_boots)]


def _figure(sample: Sample, goal: float, times: Times) -> Figure:
    floor = times["l+d"]
    return Figure(
        f"SOAP in, {sample.action} of {len(sample.bodies[0])} bytes",
        goal,
        _ratios(times["in"], floor),
        "l+d",
        f"{spread(times['in'])} us, l+d {spread(floor)} us; out {spread(times['out'])} us",
    )


def _ratios(ours: list[float], base: list[float]) -> list[float]:
    return [a / b for a, b in zip(ours, base, strict=True)]


def _timed(
    codec: Soap, sample: Sample, rounds: int, zeep: Callable[[bytes], object] | None = None
) -> Times:
    """Microseconds of each work, one value a round."""
    read, write = codec.read.call, codec.write.call

    def ours(body: bytes) -> object:
        return read(STATION, body, None)

    def out(frame: bytes) -> object:
        return write(STATION, sample.action, orjson.loads(frame)[3], LETTER)

    works = {
        "l+d": (load_and_dump, sample.frames),
        "in": (ours, sample.bodies),
        "out": (out, sample.frames),
    }
    if zeep is not None:
        works["zeep"] = (zeep, sample.bodies)
    return {name: [mean(values) for values in rows] for name, rows in _turns(works, rounds).items()}


def _turns(
    works: dict[str, tuple[Callable[[bytes], object], list[bytes]]], rounds: int
) -> dict[str, list[list[float]]]:
    """By work: for each round the microseconds of each turn."""
    taken: dict[str, list[list[float]]] = {name: [[] for _ in range(rounds)] for name in works}
    for number in range(rounds + 1):
        for start in range(0, VARIANTS, PER_TURN):
            for name, (work, inputs) in works.items():
                spent = cpu_us(work, inputs[start : start + PER_TURN])
                # The first round warms up.
                if number:
                    taken[name][number - 1].append(spent)
    return taken


def _sample(codec: Soap, action: str, make: Callable[[int], dict[str, Any]]) -> Sample:
    payloads = [make(number) for number in range(VARIANTS)]
    frames = [orjson.dumps([2, f"{n:08x}", action, made]) for n, made in enumerate(payloads)]
    bodies = [codec.write.call(STATION, action, made, LETTER).data for made in payloads]
    return Sample(action, frames, bodies)


def _zeep(action: str) -> Callable[[bytes], object]:
    client = Client(str(folder("schemas") / "soap" / f"{STATION.stem}.wsdl"))
    name = f"{{{STATION.namespace}}}{action[0].lower()}{action[1:]}Request"
    element, types = client.get_element(name), client.wsdl.types

    def parse(body: bytes) -> object:
        return element.parse(etree.fromstring(body)[1][0], types)

    return parse
