"""OCPP translation gateway: a stateful proxy between stations and a CSMS of other versions."""

__version__ = "0.1.0"
