"""`ocpp-gateway print-schema`: the JSON Schema of the configuration file."""

import argparse
import json

from gateway.config import Config

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> int:
    print(json.dumps({"$schema": _DIALECT, **Config.model_json_schema()}, indent=2))
    return 0
