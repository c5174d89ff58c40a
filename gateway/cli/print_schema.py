"""`ocpp-gateway print-schema [WHAT]`: JSON Schemas of the files that operators write."""

import argparse
import json
import sys
from typing import Any

from gateway import resources
from gateway.config import Config
from gateway.core.errors import OperatorError

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONFIG, MAP, OVERLAY = "config", "map", "overlay"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=(CONFIG, MAP, OVERLAY),
        default=CONFIG,
        help="the configuration, a map, or a vendor's overlay (config)",
    )


def run(args: argparse.Namespace) -> int:
    try:
        print(json.dumps(_schema(args.what), indent=2))
    except OperatorError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _schema(what: str) -> dict[str, Any]:
    """One document that refers to nothing outside: what it refers to is among its definitions."""
    if what == CONFIG:
        return {"$schema": _DIALECT, **Config.model_json_schema()}
    if what == MAP:
        return resources.own_schema(MAP)
    schema = resources.own_schema(OVERLAY)
    schema["$defs"][MAP] = resources.own_schema(MAP)
    return schema
