"""From map texts to a MapSet in one call: load, check, compile."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from gateway.core.errors import Place
from gateway.core.mapping.checker import check
from gateway.core.mapping.compiler import build
from gateway.core.mapping.forms import Problems
from gateway.core.mapping.key_loader import load_keys
from gateway.core.mapping.layers import Extends, check_overlays
from gateway.core.mapping.loader import load
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.overlay import Overlays
from gateway.core.mapping.overlay_reader import Known, read_overlays
from gateway.core.mapping.rows import FieldsOf, Library, MapProblems

ROOT = "mappings/"


class Texts(NamedTuple):
    """Where maps come from.

    shipped: file text by path below the folder of maps; own: the operator's overlay files, by the
    path that messages show; root: what stands before a path of shipped in messages.
    """

    shipped: Mapping[str, str]
    own: Mapping[str, str]
    root: str = ROOT


def read_library(
    texts: Mapping[str, str], fields_of: FieldsOf, root: str = ROOT
) -> tuple[Library, MapSet]:
    """The maps of these files as written and ready to use.

    texts: file text by path below the folder of maps; fields_of: `Catalog.fields`; root: what
    stands before the path in messages. Raises MapProblems with everything that is wrong.
    """
    library, problems = load(texts, root)
    problems += check(library, fields_of)
    keys, of_keys = load_keys(texts, root)
    _raise(problems + of_keys, root)
    return library, replace(build(library, fields_of), keys=keys)


def read_vendors(
    texts: Texts,
    read: tuple[Library, MapSet],
    fields_of: FieldsOf,
    extends: Extends,
    repairs: Iterable[str],
) -> Overlays:
    """The overlays of these files, each checked as it lies over the maps.

    read: of `read_library`; extends: field tables with an overlay's fields; repairs: names that
    `profiles:` may have. Raises MapProblems with everything that is wrong.
    """
    library, maps = read
    known = Known(maps.keys.composites, repairs, library.maps)
    found, problems = read_overlays(texts.shipped, texts.own, known, texts.root)
    overlays = Overlays(found)
    if not problems:
        problems = check_overlays(overlays, library, maps.keys, fields_of, extends)
    _raise(problems, texts.root)
    return overlays


def _raise(problems: Problems, root: str) -> None:
    if problems:
        raise MapProblems(tuple(sorted(problems, key=lambda p: p.place or Place(root, 0))))
