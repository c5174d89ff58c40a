"""A revision as stations of one vendor have it, and what its codecs ask for."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from gateway.core.dialects import Version
from gateway.core.mapping.layers import laid_over
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.overlay import Facts
from gateway.core.mapping.rows import Library
from gateway.core.schema.catalog import Catalog
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Revision
from gateway.core.session.procedures.vendor_data import Numbers
from gateway.core.settings import ExtensionSettings
from tests.support.mapping import V16, V201, context


class Vendor(NamedTuple):
    """library, maps, catalog: as they are for the vendor's stations."""

    library: Library
    maps: MapSet
    catalog: Catalog

    @property
    def numbers(self) -> Numbers:
        return Numbers(context())

    def context(self, towards: Version) -> Bindings:
        """The memory of a station whose calls travel to that version."""
        return context(version=V16 if towards is V201 else V201)


def of_vendor(
    revision: Revision,
    vendor: str | None,
    *,
    model: str | None = None,
    station: str = "CP",
    named: Iterable[str] = (),
    **extensions: Any,
) -> Vendor:
    """What a station works by that says this of itself; named: overlays that its route names;
    extensions: of its group."""
    variants = revision.variants
    assert variants is not None
    facts = Facts(station, vendor, model)
    found = variants.fitting(revision, facts, ExtensionSettings.model_validate(extensions), named)
    library = laid_over(variants.library, variants.overlays.chosen(facts, named))
    return Vendor(library, found.maps, found.catalog)
