"""The revision that fits a station: the standard maps, what its vendor lays over them, and what its
group carries beyond the standard.

Compiled when the first such station comes, kept for the others. Spec: design/README.md 1.1, 7;
extensions.md section 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.compiler import compile_map
from gateway.core.mapping.forms import Problems
from gateway.core.mapping.layers import additions, changed, check_together, laid_over
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.overlay import (
    MISSING,
    NAMES,
    VALUES,
    Facts,
    Overlay,
    Overlays,
    facts_of,
)
from gateway.core.mapping.rows import SIDES, FieldsOf, Library
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.extended import has_measurands, opened, with_fields, with_measurands
from gateway.core.schema.own_words import Meant, OwnWords
from gateway.core.schema.readings import OWN_MEASURAND, OWN_SAMPLE
from gateway.core.schema.table import Key
from gateway.core.settings import CUSTOM_DATA, ExtensionSettings

if TYPE_CHECKING:
    from gateway.core.session.desk import Revision

EXTRA = "extra"
_VariantKey = tuple[tuple[str, ...], bool, bool]


class Variants:
    """All revisions made of one set of maps."""

    def __init__(self, library: Library, overlays: Overlays) -> None:
        self.library = library
        self.overlays = overlays
        self._made: dict[_VariantKey, Revision] = {}

    def fitting(
        self,
        base: "Revision",
        facts: Facts,
        settings: ExtensionSettings,
        named: Iterable[str] = (),
    ) -> "Revision":
        """The revision for that station; base where nothing is laid over it.

        named: overlays that its route asks for, among other names.
        """
        stack = self.overlays.chosen(facts, named)
        extra = settings.extra_fields == CUSTOM_DATA
        if not (stack or extra or settings.custom_data_transfer):
            return base
        key = (tuple(o.name for o in stack), extra, settings.custom_data_transfer)
        if key not in self._made:
            made = self._variant(base, stack, extra=extra)
            self._made[key] = replace(made, carries_custom_data=settings.custom_data_transfer)
        return self._made[key]

    def problems(self, base: "Revision", named: Iterable[str]) -> Problems:
        """What is wrong with the overlays that a route asks for, together. named: as above."""
        stack = self.overlays.chosen(facts_of("", None), named)
        fields_of = vendor_catalog(base.catalog, stack).fields
        return check_together(stack, self.library, base.maps.keys, fields_of)

    def _variant(self, base: "Revision", stack: tuple[Overlay, ...], *, extra: bool) -> "Revision":
        catalog = vendor_catalog(base.catalog, stack)
        maps = _maps(base.maps, self.library, stack, catalog.fields, extra=extra)
        return replace(
            base,
            catalog=catalog.changed(_opened) if extra else catalog,
            maps=maps,
            name="+".join((base.name, *(overlay.name for overlay in stack))),
            profiles=tuple(p for overlay in stack for p in _profiles(overlay, extra=extra)),
            openings={},
        )


def fitting(
    base: "Revision",
    station: str,
    boot: JsonObject | None,
    settings: ExtensionSettings,
    named: Iterable[str] = (),
) -> "Revision":
    """boot: the payload by which the station registered, None if it never did."""
    if base.variants is None:
        return base
    return base.variants.fitting(base, facts_of(station, boot), settings, named)


def namespace(vendor_id: str, boot: JsonObject | None, namespaces: Mapping[str, str]) -> str:
    """The vendorId of a station's own fields in customData (extensions.md section 4)."""
    vendor = facts_of("", boot).vendor or ""
    if vendor in namespaces:
        return namespaces[vendor]
    folded = {name.casefold(): space for name, space in namespaces.items()}
    return folded.get(vendor.casefold(), f"{vendor_id}.{EXTRA}")


def vendor_catalog(standard: Catalog, stack: Iterable[Overlay]) -> Catalog:
    """The messages as that vendor's stations send them."""
    layers = tuple(stack)
    own = additions(layers)
    words = OwnWords()
    for layer in layers:
        words = _own_words(layer).over(words)
    measurands = {name: meant for layer in layers for name, meant in layer.measurands.items()}
    kept = [name for name, meant in measurands.items() if not meant]
    if not layers:
        return standard

    def change(key: Key, schema: dict[str, Any]) -> dict[str, Any]:
        if key[0] is not Version.V16:
            return schema
        if key in own:
            schema = with_fields(schema, own[key])
        return with_measurands(schema, kept) if kept and has_measurands(schema) else schema

    return standard.changed(change, words)


def _profiles(overlay: Overlay, *, extra: bool) -> tuple[str, ...]:
    """The repairs that an overlay asks for; what no schema shows is looked for in every message:
    readings that it puts right, and its measurands where samples may have any."""
    unseen = [OWN_SAMPLE] if overlay.samples else []
    if extra and any(overlay.measurands.values()):
        unseen.append(OWN_MEASURAND)
    return (*overlay.profiles, *unseen)


def _own_words(overlay: Overlay) -> OwnWords:
    """What an overlay says of its vendor's words."""
    name = overlay.name
    tables: dict[str, dict[Any, dict[str, Meant]]] = {VALUES: {}, NAMES: {}, MISSING: {}}
    for word in overlay.words:
        table = tables[word.kind].setdefault(word.message if word.message[0] else word.path, {})
        table[word.said or word.path] = Meant(word.meant, name)
    return OwnWords(
        {said: Meant(meant, name) for said, meant in overlay.measurands.items() if meant},
        tables[VALUES],
        tables[NAMES],
        tables[MISSING],
        tuple((sample.seen, Meant(sample.meant, name)) for sample in overlay.samples),
        dict.fromkeys(overlay.fields, name),
        dict.fromkeys(overlay.profiles, name),
    )


def _opened(key: Key, schema: dict[str, Any]) -> dict[str, Any]:
    return opened(schema) if key[0] is Version.V16 else schema


def _maps(
    base: MapSet, library: Library, stack: tuple[Overlay, ...], fields_of: FieldsOf, *, extra: bool
) -> MapSet:
    made = laid_over(library, stack)
    names = made.maps.keys() if extra else changed(library, stack)
    fresh = {n: compile_map(made.maps[n], made, fields_of, extra=extra) for n in names}
    keys = base.keys
    for overlay in stack:
        keys = keys.layered(overlay.keys)
    return replace(
        base,
        maps={**base.maps, **fresh},
        entries={key: fresh.get(found.name, found) for key, found in base.entries.items()},
        tables={(enum.name, v): enum.to[v] for enum in made.enums.values() for v in SIDES},
        keys=keys,
    )
