"""`ocpp-gateway explain ACTION`, `--all` and `--frame FILE`: what becomes of a message, and why.

The first reads the maps and tells every field's fate, the second does so for all messages on one
page; the third translates a frame and tells which row wrote what.
"""

import argparse
import difflib
import time

from gateway.cli.config_option import TRANSLATION, add_config_option, usable_config
from gateway.cli.explain_action import explained
from gateway.cli.explain_all import page, write
from gateway.cli.explain_frame import Tracer, frames_in
from gateway.cli.page import Block
from gateway.config import Config
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.mapping.trace import concerned
from gateway.core.schema.catalog import Catalog
from gateway.revision import load_catalog, load_library, load_overlays


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("action", nargs="?", help="a message of either version")
    what.add_argument("--all", action="store_true", help="every message, as a reference page")
    what.add_argument("--frame", metavar="FILE", help="frames as JSON, one a line; - for stdin")
    parser.add_argument(
        "--version",
        choices=[str(version) for version in Version],
        help="of the frame, where its content does not tell",
    )
    parser.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        action="append",
        default=[],
        help="with --all: where to; .html for HTML, else Markdown; more than once for both",
    )
    add_config_option(parser, TRANSLATION)


def run(args: argparse.Namespace) -> int:
    config = usable_config(args)
    catalog = load_catalog(config.resources)
    if args.output and not args.all:
        raise ConfigError("-o belongs to --all", cure="explain --all -o FILE")
    if args.all:
        write(_reference(config, catalog), args.output)
        return 0
    if args.frame is not None:
        return _frames(args, config, catalog)
    return _action(args.action, config, catalog)


def _action(wanted: str, config: Config, catalog: Catalog) -> int:
    action = _known(wanted, catalog)
    library = load_library(config.resources)
    versions = [version for version in Version if catalog.sender(version, action)]
    maps = {m.name: m for version in versions for m in concerned(library, version, action)}
    if not maps:
        print(f"{action} has no map here: a call is answered with an error, never passed on.")
        return 0
    for source in maps.values():
        print("\n".join(explained(source, library)))
    return 0


def _reference(config: Config, catalog: Catalog) -> list[Block]:
    senders = {
        version: {a: catalog.sender(version, a) or frozenset() for a in catalog.actions(version)}
        for version in Version
    }
    return list(page(load_library(config.resources), senders, load_overlays(config.resources)))


def _known(wanted: str, catalog: Catalog) -> str:
    """The action, however it was capitalised. Raises ConfigError."""
    spelled = {action.lower(): action for version in Version for action in catalog.actions(version)}
    if wanted.lower() in spelled:
        return spelled[wanted.lower()]
    near = difflib.get_close_matches(wanted.lower(), spelled, n=1)
    cure = f"did you mean {spelled[near[0]]}?" if near else ""
    raise ConfigError(f"no version of OCPP has a message {wanted}", None, cure)


def _frames(args: argparse.Namespace, config: Config, catalog: Catalog) -> int:
    tracer = Tracer(
        catalog,
        load_library(config.resources),
        config.translation,
        time.time(),
        Version(args.version) if args.version else None,
    )
    sound = True
    for place, frame in frames_in(args.frame):
        said = tracer.told(place, frame)
        print("\n".join(said.lines))
        sound = sound and said.sound
    return 0 if sound else 1
