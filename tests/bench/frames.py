"""Frames to measure with: as stations send them, no two alike."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

Payload = dict[str, Any]

BASE_TIME = "2025-06-%02dT%02d:%02d:%02dZ"
TRANSACTION_BODY = (
    '{"eventType":"Updated","timestamp":"%(ts)s","triggerReason":"MeterValuePeriodic",'
    '"seqNo":%(seq)d,"transactionInfo":{"transactionId":"%(tx)s"},"meterValue":[{"timestamp":'
    '"%(ts)s","sampledValue":[%(samples)s]}]}'
)
_SAMPLES = (
    ("Energy.Active.Import.Register", None, "Wh", 3),
    ("Power.Active.Import", None, "W", 1),
    ("Power.Offered", None, "W", 0),
    ("Current.Import", "L1", "A", 2),
    ("Current.Import", "L2", "A", 2),
    ("Current.Import", "L3", "A", 2),
    ("Voltage", "L1-N", "V", 1),
    ("Voltage", "L2-N", "V", 1),
    ("Voltage", "L3-N", "V", 1),
    ("Frequency", None, "Hz", 2),
    ("Power.Factor", None, None, 2),
    ("SoC", None, "Percent", 0),
)
VALUES = len(_SAMPLES)


def _sample(measurand: str, phase: str | None, unit: str | None, digits: int) -> str:
    text = f'{{"value":%.{digits}f,"context":"Sample.Periodic","measurand":"{measurand}"'
    if phase:
        text += f',"phase":"{phase}"'
    if unit:
        text += f',"unitOfMeasure":{{"unit":"{unit}"}}'
    return text + "}"


SAMPLES = ",".join(_sample(*row) for row in _SAMPLES)
"""The twelve samples with a place for each value."""


def timestamp(second: int) -> str:
    """A time in June 2025; repeats after 28 days."""
    minutes, s = divmod(second, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    return BASE_TIME % (days % 28 + 1, h, m, s)


def values(rng: Random) -> tuple[float, ...]:
    """One reading of everything in SAMPLES."""
    uniform = rng.uniform
    return (
        uniform(1e3, 9e6),
        uniform(0, 22000),
        uniform(1400, 22000),
        *(uniform(0, 32) for _ in range(3)),
        *(uniform(220, 240) for _ in range(3)),
        uniform(49.9, 50.1),
        uniform(0.8, 1),
        uniform(0, 100),
    )


def _transaction_event(rng: Random, number: int) -> Payload:
    text = TRANSACTION_BODY % {
        "ts": timestamp(number),
        "seq": number,
        "tx": f"{rng.getrandbits(64):016x}-{number:08d}",
        "samples": SAMPLES % values(rng),
    }
    payload: Payload = json.loads(text)
    return payload


def _boot(rng: Random, number: int) -> Payload:
    return {
        "reason": "PowerUp",
        "chargingStation": {
            "vendorName": f"Vendor {rng.getrandbits(32):08x}",
            "model": f"AC {rng.getrandbits(32):08x}",
            "serialNumber": f"SN-{number:08d}",
            "firmwareVersion": f"1.{rng.randrange(100)}.{number}",
            "modem": {"iccid": f"{rng.getrandbits(60):019d}", "imsi": f"{number:015d}"},
        },
    }


def _heartbeat(rng: Random, number: int) -> Payload:
    return {}


BODIES: dict[str, Callable[[Random, int], Payload]] = {
    "TransactionEvent": _transaction_event,
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
}


def calls(action: str, count: int, seed: int = 1) -> list[bytes]:
    """CALL frames of a 2.0.1 station, compact, each with its own id and content."""
    rng = Random(seed)
    frames = []
    for number in range(count):
        message_id = f"{rng.getrandbits(128):032x}"
        frame = [2, message_id, action, BODIES[action](rng, number)]
        frames.append(json.dumps(frame, separators=(",", ":")).encode())
    return frames
