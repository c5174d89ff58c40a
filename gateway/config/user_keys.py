"""Operators' own 1.6 keys against the key table that they will lie on."""

from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import ConfigError
from gateway.core.mapping.key_loader import load_keys
from gateway.core.mapping.user_keys import UserKeyProblem, problems_of
from gateway.core.settings import Translation
from gateway.resources import mapping_files


def user_key_problems(settings: Translation, mappings: str | None) -> Iterator[UserKeyProblem]:
    """Every mistake in `config.user_keys`.

    mappings: the operator's folder of maps, None for the installed one; what is wrong with the
    table itself is told where maps are read.
    """
    user_keys = settings.config.user_keys
    if not user_keys:
        return
    try:
        table, problems = load_keys(mapping_files(Path(mappings) if mappings else None))
    except ConfigError:
        return
    if not problems:
        yield from problems_of(table, user_keys)
