"""From a file and the environment to a `Config`, or to everything that is wrong with it.

Precedence: environment (`OCPPGW__SECTION__KEY`, then `CSMS_URL`), file, defaults. Nothing reads the
environment later.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from gateway.config.file_rules import secret_file
from gateway.config.later import later
from gateway.config.model import Config
from gateway.config.rules import findings, is_loopback
from gateway.config.sentences import Loc, complaints
from gateway.core import yamltree
from gateway.core.errors import ConfigError, OperatorError, Place, Problems

PREFIX = "OCPPGW__"
_FROM_FILE = "_file"
_STATION = "{station}"
_STATION_FOR_YAML = "\ue000station\ue001"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})").fullmatch
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch


class ConfigUnreadable(ConfigError):
    """The configuration file is not there or cannot be opened: nothing could be checked."""


@dataclass(frozen=True)
class Checked:
    """What came of reading a configuration.

    config: None if a value is wrong; problems: every mistake, in the order of the file; warnings:
    sentences to show at start. Only a configuration without problems may be served. source: what
    was read, None where nothing could be. misread: the mistakes that leave open what was meant
    (unknown keys, values of another kind); the others are about what cannot be served so.
    """

    config: Config | None
    problems: tuple[ConfigError, ...] = ()
    warnings: tuple[str, ...] = ()
    source: "_Source | None" = None
    misread: tuple[ConfigError, ...] = ()

    def valid(self) -> Config:
        """The configuration. Raises the first problem if there is one."""
        if self.problems or self.config is None:
            raise self.problems[0]
        return self.config

    def located(self, error: OperatorError) -> OperatorError:
        """The same, with the place in the file of the key that it names."""
        if isinstance(error, Problems):
            return Problems(tuple(self.located(problem) for problem in error.problems))
        if self.source is None or error.place is not None or not error.key:
            return error
        return self.source.error(error.key, error.message, error.cure)


@dataclass
class _Source:
    """The values found, and where each was written. files: those that the environment names."""

    values: dict[str, Any]
    tree: yamltree.Node | None = None
    environment: dict[Loc, tuple[str, str]] = field(default_factory=dict)
    files: list[tuple[Loc, str]] = field(default_factory=list)
    problems: list[ConfigError] = field(default_factory=list)

    def error(self, where: Loc, message: str, cure: str = "", is_key: bool = False) -> ConfigError:
        if name := self._variable(where):
            return ConfigError(f"environment variable {name}: {message}", None, cure)
        return ConfigError(message, self._place(where, is_key), cure)

    def _variable(self, where: Loc) -> str | None:
        """The environment variable that set a key, or anything in a section of its own."""
        for length in range(len(where), 0, -1):
            if where[:length] in self.environment:
                return self.environment[where[:length]][0]
        if isinstance(self.tree, yamltree.Table) and where and where[0] in self.tree.nodes:
            return None
        inside = (name for key, (name, _) in self.environment.items() if key[: len(where)] == where)
        return next(inside, None)

    def _place(self, where: Loc, is_key: bool) -> Place | None:
        if self.tree is None:
            return None
        node, place = self.tree, self.tree.place
        for part in where:
            if isinstance(node, yamltree.Table) and part in node.nodes:
                assert isinstance(part, str)
                place, node = node.places[part], node.nodes[part]
            elif isinstance(node, yamltree.Items) and isinstance(part, int):
                node = node.nodes[part]
                place = node.place
            else:
                return place
        return place if is_key else node.place


def read_config(path: Path | None, environment: Mapping[str, str]) -> Checked:
    """Read and check the whole configuration.

    path: None for a run without a file (design/README.md, decision 20). Raises ConfigUnreadable if
    the file cannot be opened; every other mistake is in the result.
    """
    try:
        source = _Source(_without_file(environment)) if path is None else _of_file(path)
    except ConfigUnreadable:
        raise
    except ConfigError as error:
        return Checked(None, (error,), misread=(error,))
    _apply_environment(source, environment)
    config = _validated(source)
    misread = _in_order(source.problems)
    if config is None:
        return Checked(None, misread, source=source, misread=misread)
    given = frozenset(source.values.get("stations") or ())
    warnings = []
    secrets = [finding for where, file in source.files for finding in secret_file(where, file)]
    for where, message, cure, fatal in (*findings(config, given), *secrets):
        problem = source.error(where, message, cure)
        if fatal:
            source.problems.append(problem)
        else:
            warnings.append(str(problem))
    source.problems += [source.error(*sentence, "leave it out") for sentence in later(config)]
    return Checked(config, _in_order(source.problems), tuple(warnings), source, misread)


def _in_order(problems: list[ConfigError]) -> tuple[ConfigError, ...]:
    """As the file is read; what has no place in it first."""
    return tuple(sorted(problems, key=lambda p: p.place[1:] if p.place else (0, 0)))


def _of_file(path: Path) -> _Source:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}", None, "name a file with -c") from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8 text", Place(str(path), 1)) from error
    tree, values = _parse(text, str(path))
    if not isinstance(tree, yamltree.Table):
        raise ConfigError("a configuration is a mapping", tree.place, "start with stations:")
    return _Source(values, tree)


def _parse(text: str, file: str) -> tuple[yamltree.Node, Any]:
    """The tree, for its places, and the plain values.

    `[/ocpp/{station}]` is how people write it, but in YAML braces end a text within brackets. So
    they pass the reader as characters of the same width that mean nothing to it.
    """
    tree = yamltree.read(text.replace(_STATION, _STATION_FOR_YAML), file)
    return tree, _with_braces(yamltree.plain(tree))


def _with_braces(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_STATION_FOR_YAML, _STATION)
    if isinstance(value, list):
        return [_with_braces(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_braces(item) for key, item in value.items()}
    return value


def _without_file(environment: Mapping[str, str]) -> dict[str, Any]:
    """Loopback without authentication, state in the user's own state folder."""
    folder = environment.get("XDG_STATE_HOME") or f"{environment.get('HOME', '.')}/.local/state"
    return {
        "stations": {},
        "state": f"sqlite://{Path(folder).absolute()}/ocpp-gateway/state.db",
    }


def _apply_environment(source: _Source, environment: Mapping[str, str]) -> None:
    if url := environment.get("CSMS_URL"):
        _put(source, ("csms", "url"), "CSMS_URL", url)
    for name in sorted(environment):
        if name.startswith(PREFIX):
            _apply_variable(source, name, environment[name])
    if source.tree is None:
        _defaults_without_file(source.values["stations"])


def _defaults_without_file(stations: dict[str, Any]) -> None:
    """A run without a file lets everyone in, unless the environment says who may.

    A listener that others can reach is not opened by default: its authentication must be chosen.
    """
    if not stations.keys() & {"auth", "credentials"} and _on_loopback(stations):
        stations.update(auth="none", allow_unauthenticated=True)


def _on_loopback(stations: dict[str, Any]) -> bool:
    try:
        return is_loopback(str(stations.get("listen", "127.0.0.1:9000")))
    except ValueError:
        return False


def _apply_variable(source: _Source, name: str, text: str) -> None:
    where: Loc = tuple(name.removeprefix(PREFIX).lower().split("__"))
    key = str(where[-1])
    if not key.endswith(_FROM_FILE):
        _put(source, where, name, text)
        return
    where = (*where[:-1], key.removesuffix(_FROM_FILE))
    try:
        _put(source, where, name, Path(text).read_text(encoding="utf-8").removesuffix("\n"))
        source.files.append((where, text))
    except (OSError, UnicodeDecodeError) as error:
        source.problems.append(
            ConfigError(f"environment variable {name}: {text} cannot be read: {_why(error)}")
        )


def _why(error: OSError | UnicodeDecodeError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _put(source: _Source, where: Loc, name: str, text: str) -> None:
    section: Any = source.values
    for part in where[:-1]:
        if not isinstance(section.get(part), dict):
            section[part] = {}
        section = section[part]
    section[where[-1]] = _value(text, name)
    source.environment[where] = (name, text)


def _value(text: str, name: str) -> Any:
    """Lists and sections in YAML's bracket form; true, false, null and integers by their look."""
    if text.startswith(("[", "{")):
        # An IPv6 address begins like a list: what is no YAML is text.
        with suppress(ConfigError):
            return _parse(text, name)[1]
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER(text) else text


def _validated(source: _Source) -> Config | None:
    try:
        return _model(source.values)
    except ValidationError as error:
        for item in error.errors():
            _mend(source, item)
    try:
        return _model(source.values)
    except ValidationError as error:
        only_keys = _report(source, error)
    return _model(source.values) if only_keys else None


def _report(source: _Source, failure: ValidationError) -> bool:
    """Note what is wrong and take unknown keys out; whether there was nothing else."""
    errors = failure.errors()
    known = [_known(source.values, item) for item in errors]
    found = complaints(Config, errors, known)
    for where, message, cure, is_key in found:
        source.problems.append(source.error(where, message, cure, is_key))
        if is_key:
            del _at(source.values, where[:-1])[where[-1]]
    return all(complaint.is_key for complaint in found)


def _model(values: dict[str, Any]) -> Config:
    # Strict, so that `yes` is no boolean; by way of JSON, so that a list is a tuple.
    return Config.model_validate_json(orjson.dumps(values), strict=True)


def _mend(source: _Source, item: Any) -> None:
    """Text that looks like a number where a number is wanted, and the reverse.

    The reader leaves 0.5 as text, and takes the digits of a password for a number; in the
    environment a password may look like anything.
    """
    where = _known(source.values, item)
    section = _at(source.values, where[:-1])
    value = section[where[-1]] if where else None
    wanted = item["type"]
    if wanted == "float_type" and isinstance(value, str) and _NUMBER(value):
        section[where[-1]] = float(value)
    elif wanted == "string_type":
        if where in source.environment:
            section[where[-1]] = source.environment[where][1]
        elif _is_integer(value):
            section[where[-1]] = str(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _known(values: Any, item: Any) -> Loc:
    """The parts of an error's location that exist in the data: the others name unions' members."""
    where: Loc = ()
    for part in item["loc"]:
        with suppress(KeyError, IndexError, TypeError):
            values = values[part]
            where = (*where, part)
    return where


def _at(values: Any, where: Loc) -> Any:
    for part in where:
        values = values[part]
    return values
