"""Maps and schemas, read, checked and compiled together: what a session translates by."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import get_args

from gateway.config.model import Config, Profile, Resources
from gateway.config.sentences import dotted
from gateway.core.codec.brackets import CLOSE_BRACKETS
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError, Key, said_by
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.loader import load
from gateway.core.mapping.maps import Texts, read_library, read_vendors
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.overlay import Overlay, Overlays
from gateway.core.mapping.rows import FieldsOf, Library, MapProblems
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.digests import changed
from gateway.core.schema.repair import PROFILES
from gateway.core.session.desk import Revision
from gateway.core.session.procedures.vendor_data import missing_codecs
from gateway.core.session.variants import Variants, vendor_catalog
from gateway.core.settings import Translation
from gateway.resources import (
    catalogue_text,
    folder,
    mapping_files,
    overlay_text,
    schema_digests_text,
    schema_files,
    why,
)

REPAIRS = PROFILES | {CLOSE_BRACKETS}
"""What `profiles:` of an overlay may name."""
_CATALOGUE = "catalogue.yaml"
_RESOURCES = ("resources",)


def load_revision(resources: Resources) -> Revision:
    """What sessions translate by.

    Raises MapProblems (everything that is wrong with the maps) and ConfigError (a folder or file
    cannot be read): the operator's fault.
    """
    catalog = load_catalog(resources)
    texts = _texts(resources)
    library, maps = read_library(texts.shipped, catalog.fields, texts.root)
    if missing := tuple(_missing(catalog, maps, texts.root)):
        raise MapProblems(missing)

    def extends(stack: tuple[Overlay, ...]) -> FieldsOf:
        return vendor_catalog(catalog, stack).fields

    overlays = read_vendors(texts, (library, maps), catalog.fields, extends, sorted(REPAIRS))
    return Revision(catalog, maps, _name(texts), variants=Variants(library, overlays))


def _missing(catalog: Catalog, maps: MapSet, root: str) -> Iterator[ConfigError]:
    """Messages that no map says anything of, and the key table if there is none.

    An answer with an error would be all that became of them: a folder that is not whole.
    """
    cure = "copy what is missing from the folder that is installed"
    key = (*_RESOURCES, "mappings")
    for version in Version:
        names = [
            action
            for action in catalog.actions(version)
            for side in catalog.sender(version, action) or ()
            if maps.entry(version, action, side) is None
        ]
        if names:
            text = f"{root} has no map for {', '.join(dict.fromkeys(names))} of OCPP {version}"
            yield ConfigError(text, None, cure, key)
    if not maps.keys.keys:
        yield ConfigError(f"{root}configuration/ has no table of keys", None, cure, key)


def wrong_names(config: Config, revision: Revision) -> tuple[ConfigError, ...]:
    """What a configuration names that neither the maps nor the schemas have."""
    return (
        *_unknown_codecs(config, revision),
        *_wrong_profiles(config, revision),
        *_unknown_actions(config, revision),
    )


def _unknown_codecs(config: Config, revision: Revision) -> tuple[ConfigError, ...]:
    """Routes of vendor messages that ask for a codec which no overlay has."""
    known = revision.variants.overlays.codecs if revision.variants is not None else {}
    found = {}
    for number, entry in enumerate(config.effective):
        route: Key = ("routes", number) if number < len(config.routes) else ()
        routes = entry.extensions.data_transfer
        for position in missing_codecs(routes, known):
            name = routes[position].then.partition(":")[2]
            key = (*route, "extensions", "data_transfer", position, "then")
            cure = nearest(name, known) if known else "resources.overlays names overlay files"
            text = f"{dotted(key)}: there is no codec {name!r}"
            found[routes[position]] = ConfigError(text, None, cure, key)
    return tuple(found.values())


def profile_names(revision: Revision) -> frozenset[str]:
    """What `profiles` may name: repairs and overlays."""
    variants = revision.variants
    overlays = variants.overlays.by_name if variants is not None else {}
    return frozenset({*get_args(Profile), *overlays})


def _wrong_profiles(config: Config, revision: Revision) -> tuple[ConfigError, ...]:
    """Names under `profiles` that are neither a repair nor an overlay, and overlays that do not go
    together."""
    known = profile_names(revision)
    given: list[tuple[Key, tuple[str, ...]]] = [((), config.profiles)]
    given += [(("routes", n), route.profiles or ()) for n, route in enumerate(config.routes)]
    found = []
    for route, names in given:
        all_of_them = (*route, "profiles")
        for position, name in enumerate(names):
            if name not in known:
                key = (*all_of_them, position)
                text = f"{dotted(key)}: there is no repair and no overlay {name!r}"
                found.append(ConfigError(text, None, nearest(name, known), key))
        if names and revision.variants is not None:
            for problem in revision.variants.problems(revision, names):
                text = f"{dotted(all_of_them)} do not go together: {problem}"
                found.append(ConfigError(text, key=all_of_them))
    return tuple(found)


def _unknown_actions(config: Config, revision: Revision) -> Iterator[ConfigError]:
    """Names of no 2.0.1 message under `translation.tunnel.actions`."""
    known = revision.catalog.actions(Version.V201)
    given: list[tuple[Key, Translation | None]] = [((), config.translation)]
    given += [(("routes", n), route.translation) for n, route in enumerate(config.routes)]
    for route, translation in given:
        actions = "all" if translation is None else translation.tunnel.actions
        for position, name in enumerate(() if actions == "all" else actions):
            if name not in known:
                key = (*route, "translation", "tunnel", "actions", position)
                text = f"{dotted(key)}: OCPP 2.0.1 has no message {name!r}"
                yield ConfigError(text, None, nearest(name, known), key)


def load_library(resources: Resources) -> Library:
    """The maps as they are written, for explaining them. Raises MapProblems, ConfigError."""
    library, problems = load(mapping_files(_mappings(resources)), _root(resources))
    if problems:
        raise MapProblems(tuple(problems))
    return library


def load_overlays(resources: Resources) -> Overlays:
    """What vendors' files lay over the maps. Raises MapProblems, ConfigError."""
    variants = load_revision(resources).variants
    return variants.overlays if variants is not None else Overlays()


def revision_name(resources: Resources) -> str:
    """Eight hex digits that tell one content of the maps from another. Raises ConfigError."""
    return _name(_texts(resources))


def load_catalog(resources: Resources) -> Catalog:
    """The message schemas. Raises ConfigError."""
    return Catalog.load(schema_files(), _catalogue(resources))


def schema_warnings() -> tuple[str, ...]:
    """A sentence for each installed schema file that this release was not tested with."""
    return changed(schema_files(), schema_digests_text())


def _catalogue(resources: Resources) -> str:
    if resources.schemas is None:
        return catalogue_text()
    file = Path(resources.schemas) / _CATALOGUE
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        key = (*_RESOURCES, "schemas")
        raise ConfigError(f"{file} cannot be read: {why(error)}", key=key) from error


def _root(resources: Resources) -> str:
    """What stands before a map's path in messages: as a person here would write it."""
    directory = _mappings(resources) or folder("mappings")
    relative = os.path.relpath(directory)
    return f"{directory if relative.startswith('..') else relative}/"


def _mappings(resources: Resources) -> Path | None:
    return Path(resources.mappings) if resources.mappings else None


def _texts(resources: Resources) -> Texts:
    own = {}
    for number, path in enumerate(resources.overlays):
        with said_by(*_RESOURCES, "overlays", number):
            own[path] = overlay_text(Path(path))
    with said_by(*_RESOURCES, "mappings"):
        return Texts(mapping_files(_mappings(resources)), own, _root(resources))


def _name(texts: Texts) -> str:
    digest = sha256()
    for path, text in (*texts.shipped.items(), *texts.own.items()):
        digest.update(f"{path}\0{text}\0".encode())
    return digest.hexdigest()[:8]
