"""From map texts to a MapSet in one call: load, check, compile."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.core.errors import Place
from gateway.core.mapping.checker import check
from gateway.core.mapping.compiler import build
from gateway.core.mapping.key_loader import load_keys
from gateway.core.mapping.loader import load
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.rows import FieldsOf, MapProblems


def read_maps(texts: Mapping[str, str], fields_of: FieldsOf, root: str = "mappings/") -> MapSet:
    """The maps of these files, ready to use.

    texts: file text by path below the folder of maps; fields_of: `Catalog.fields`; root: what
    stands before the path in messages. Raises MapProblems with everything that is wrong.
    """
    library, problems = load(texts, root)
    problems += check(library, fields_of)
    keys, of_keys = load_keys(texts, root)
    problems += of_keys
    if problems:
        raise MapProblems(tuple(sorted(problems, key=lambda p: p.place or Place(root, 0))))
    return replace(build(library, fields_of), keys=keys)
