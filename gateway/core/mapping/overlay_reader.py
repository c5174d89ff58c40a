"""mappings/vendors/*.yaml, and operators' own overlay files, to overlays.

The words are taught in mappings/README.md, "Vendor overlays". Every mistake becomes a problem with
its file, line and column.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from gateway.core.errors import MappingError
from gateway.core.frames import JsonObject
from gateway.core.mapping.codecs import INTEGER, JSON, LIST, MORE, NUMBER, TEXT, TYPES, Codec, Item
from gateway.core.mapping.forms import Form, Problems, nearest
from gateway.core.mapping.key_loader import read_rows
from gateway.core.mapping.keys import Key
from gateway.core.mapping.loader import Inherited, Loader, RowReader
from gateway.core.mapping.overlay import (
    FACTS,
    MISSING,
    NAMED,
    NAMES,
    VALUES,
    Overlay,
    OwnField,
    OwnRows,
    OwnSample,
    OwnWord,
    ambiguities,
)
from gateway.core.mapping.patterns import Pattern
from gateway.core.mapping.rows import OTHER, REQUEST, RESPONSE, Enum, MapSource, Rows
from gateway.core.yamltree import Node, Scalar, Table, plain, read

FOLDER = "vendors/"
PARTS = (REQUEST, RESPONSE)
JSON_TYPES = ("any", "string", "integer", "number", "boolean", "object", "array")
_KEYS = (
    *("overlay", "evidence", "match", "over", "profiles", VALUES, NAMES, MISSING, "samples"),
    *("fields", "measurands", "maps", "enums", "codecs", "keys"),
)
_FIELD_KEYS = ("name", "type", "max_length", "values")
_CODEC_KEYS = ("summary", LIST, JSON, "separator", "examples")
_ITEM_KEYS = ("name", "as", "type", "scale", "group")
_SAMPLE_KEYS = ("seen", "meant")
_SAMPLE_MEMBERS = ("measurand", "location", "unit", "phase", "context")
_KEEP = "keep"
_NO_MESSAGE = ("", "")


class Known(NamedTuple):
    """What overlays may refer to.

    composites: of the key table; repairs: names of `profiles:`; maps: those that can be laid over.
    """

    composites: Iterable[str]
    repairs: Iterable[str]
    maps: Mapping[str, MapSource]


def read_overlays(
    texts: Mapping[str, str], own: Mapping[str, str], known: Known, root: str = ""
) -> tuple[dict[str, Overlay], Problems]:
    """Every overlay by name, and everything that is wrong with their form.

    texts: file text by path below the folder of maps; own: the operator's files by the path that
    messages show; root: what stands before a path of texts in messages.
    """
    reader = _Reader(texts, own, known, root)
    found: dict[str, Overlay] = {}
    for path in (*(p for p in sorted(texts) if p.startswith(FOLDER)), *sorted(own)):
        overlay = reader.overlay(path)
        if overlay is None:
            continue
        if overlay.name in found:
            first = found[overlay.name].place.file
            cure = f"the first is {first}; files are told apart by their names"
            reader.wrong(overlay.place, f"a second overlay {overlay.name}", cure)
        found[overlay.name] = overlay
    if not reader.problems:
        reader.problems += ambiguities(found.values())
    return found, reader.problems


class _Reader(Loader):
    """Reads overlay files with the words of map files."""

    def __init__(
        self, texts: Mapping[str, str], own: Mapping[str, str], known: Known, root: str
    ) -> None:
        super().__init__(texts, root)
        self._own = own
        self._known = known

    def overlay(self, path: str) -> Overlay | None:
        before = len(self.problems)
        tree = self._owned(path) if path in self._own else self.tree(path)
        if not isinstance(tree, Table) or not tree.nodes:
            if tree is not None and len(self.problems) == before:
                self.wrong(tree.place, "the file holds no overlay", "overlay: and match:")
            return None
        form = Form(tree, self.problems, _KEYS)
        if not form.text("overlay"):
            self.wrong(form.at("overlay"), "an overlay says in a sentence what it is for")
        return Overlay(
            name=path.rsplit("/", 1)[-1].removesuffix(".yaml"),
            place=form.at("overlay"),
            summary=form.text("overlay"),
            match=self._match(form),
            over=form.text("over"),
            evidence=form.text("evidence"),
            profiles=self._profiles(form),
            words=(*self._values(form), *self._renamed(form), *self._missing(form)),
            samples=tuple(
                self._sample(Form(node, self.problems, _SAMPLE_KEYS))
                for node in form.children("samples")
            ),
            fields=self._fields(form),
            measurands=self._measurands(form),
            measurand_places=form.form("measurands").places,
            maps=self._own_rows(form),
            enums=self._own_enums(form),
            codecs=self._codecs(form),
            keys=self._own_keys(form),
        )

    def _owned(self, path: str) -> Node | None:
        try:
            return read(self._own[path], path, MappingError)
        except MappingError as problem:
            self.problems.append(problem)
            return None

    # -- whom it is for -----------------------------------------------------------------------

    def _match(self, form: Form) -> dict[str, tuple[Pattern, ...]]:
        node = form.nodes.get("match")
        if isinstance(node, Scalar) and node.value == NAMED:
            return {}
        match = form.form("match", FACTS)
        if not all(match.children(fact) for fact in match) or not match.nodes:
            cure = f"{', '.join(FACTS)}; or `{NAMED}`: those whose route names it"
            self.wrong(form.at("match"), "match: whose stations are meant?", cure)
        return {fact: self._patterns(match, fact) for fact in match}

    def _patterns(self, match: Form, fact: str) -> tuple[Pattern, ...]:
        found = []
        for node in match.children(fact):
            told = isinstance(node, Scalar) and node.value is not None
            text = str(plain(node)) if told else ""
            try:
                found.append(Pattern(text))
            except ValueError as error:
                self.wrong(node.place, f"{fact}: {error}", "* is any text, ? one character")
        return tuple(found)

    def _profiles(self, form: Form) -> tuple[str, ...]:
        names = form.texts("profiles")
        for name in names:
            if name not in self._known.repairs:
                cure = nearest(name, self._known.repairs)
                self.wrong(form.at("profiles"), f"unknown repair {name!r}", cure)
        return names

    # -- what it says otherwise ---------------------------------------------------------------

    def _values(self, form: Form) -> Iterator[OwnWord]:
        members = form.form(VALUES)
        for name in members:
            table = members.form(name)
            for said in table:
                yield OwnWord(VALUES, table.at(said), _NO_MESSAGE, name, said, table.text(said))

    def _renamed(self, form: Form) -> Iterator[OwnWord]:
        for message, table in self._messages(form, NAMES):
            for path in table:
                yield OwnWord(NAMES, table.at(path), message, "", path, table.text(path))

    def _missing(self, form: Form) -> Iterator[OwnWord]:
        for message, table in self._messages(form, MISSING):
            for path in table:
                yield OwnWord(MISSING, table.at(path), message, path, "", plain(table.nodes[path]))

    def _sample(self, form: Form) -> OwnSample:
        seen, meant = (form.form(key, _SAMPLE_MEMBERS) for key in _SAMPLE_KEYS)
        if not seen.nodes or not meant.nodes:
            cure = "seen: members by which it is known, meant: members that it should have"
            self.wrong(form.place, "which samples, and what are they?", cure)
        return OwnSample(form.place, _members(seen), _members(meant))

    def _messages(self, form: Form, word: str) -> Iterator[tuple[tuple[str, str], Form]]:
        """The mapping of each message under a word."""
        messages = form.form(word)
        for name in messages:
            action, _, part = name.partition(".")
            if part in PARTS:
                yield (action, part), messages.form(name)
            else:
                cure = f"{action}.request or {action}.response"
                self.wrong(messages.at(name), f"{word}: {name!r} is no part of a message", cure)

    # -- what it adds -------------------------------------------------------------------------

    def _fields(self, form: Form) -> dict[tuple[str, str], tuple[OwnField, ...]]:
        messages = form.form("fields")
        found = {}
        for name in messages:
            action, _, part = name.partition(".")
            if part not in PARTS:
                cure = f"{action}.request or {action}.response"
                self.wrong(messages.at(name), f"fields: {name!r} is no part of a message", cure)
                continue
            nodes = messages.children(name)
            found[action, part] = tuple(
                self._field(Form(node, self.problems, _FIELD_KEYS)) for node in nodes
            )
        return found

    def _field(self, form: Form) -> OwnField:
        kind = form.text("type") or "any"
        if kind not in JSON_TYPES:
            self.wrong(form.at("type"), f"type: {kind!r} is none", nearest(kind, JSON_TYPES))
        if not form.text("name"):
            self.wrong(form.place, "a field needs its name", "name: member, or list[].member")
        longest = form.const("max_length") if "max_length" in form else None
        if longest is not None and not isinstance(longest, int):
            self.wrong(form.at("max_length"), "max_length: a whole number is expected here")
            longest = None
        return OwnField(form.text("name"), form.place, kind, longest, form.texts("values"))

    def _measurands(self, form: Form) -> dict[str, JsonObject]:
        table = form.form("measurands")
        found: dict[str, JsonObject] = {}
        for name, node in table.nodes.items():
            if plain(node) == _KEEP:
                found[name] = {}
                continue
            members = table.form(name, _SAMPLE_MEMBERS)
            found[name] = {member: members.text(member) for member in members}
            if "measurand" not in members:
                cure = f"{{measurand: ...}} in the standard's words, or `{_KEEP}`"
                self.wrong(table.at(name), f"{name}: what does it stand for?", cure)
        return found

    def _own_rows(self, form: Form) -> dict[str, OwnRows]:
        maps = form.form("maps")
        found = {}
        for name in maps:
            base = self._known.maps.get(name)
            if base is None:
                cure = nearest(name, self._known.maps)
                self.wrong(maps.at(name), f"there is no map {name}", cure)
                continue
            inner = maps.form(name, (*PARTS, "examples"))
            found[name] = OwnRows(
                maps.at(name),
                {part: self._part(inner, part, base) for part in PARTS if part in inner},
                {part: inner.at(part) for part in PARTS},
                self._examples(inner),
            )
        return found

    def _part(self, form: Form, part: str, base: MapSource) -> Rows:
        only = base.only if part == REQUEST else OTHER.get(base.only)
        return RowReader(self).rows(form, part, Inherited(only))

    def _own_enums(self, form: Form) -> dict[str, Enum]:
        tables = form.form("enums")
        return {name: self._enum(tables, name) for name in tables}

    def _own_keys(self, form: Form) -> tuple[Key, ...]:
        return read_rows(form.form("keys"), self._known.composites)

    # -- codecs -------------------------------------------------------------------------------

    def _codecs(self, form: Form) -> dict[str, Codec]:
        codecs = form.form("codecs")
        return {name: self._codec(codecs, name) for name in codecs}

    def _codec(self, codecs: Form, name: str) -> Codec:
        form = codecs.form(name, _CODEC_KEYS)
        kinds = [kind for kind in (LIST, JSON) if kind in form]
        if len(kinds) != 1:
            self.wrong(codecs.at(name), f"{name} is of one kind", f"{LIST}: or {JSON}:")
        kind = kinds[0] if kinds else JSON
        separator = form.text("separator") or ","
        if len(separator) != 1 or separator in "{}":
            self.wrong(form.at("separator"), "separator: one character that is no brace")
        items = self._items(form, kind, kind)
        return Codec(
            name,
            codecs.at(name),
            form.text("summary") or self._nameless(codecs, name),
            kind,
            items,
            separator[0],
            tuple(self._codec_example(Form(n, self.problems)) for n in form.children("examples")),
        )

    def _nameless(self, codecs: Form, name: str) -> str:
        self.wrong(codecs.at(name), f"the codec {name} needs a summary")
        return ""

    def _items(self, form: Form, key: str, kind: str) -> tuple[Item, ...]:
        items = tuple(
            self._item(Form(n, self.problems, _ITEM_KEYS), kind) for n in form.children(key)
        )
        for column in ([item.name for item in items], [item.source for item in items]):
            twice = {name for name in column if column.count(name) > 1}
            if twice:
                what = ", ".join(sorted(twice))
                self.wrong(form.at(key), f"{key}: {what} stands twice", "one item for each")
        return items

    def _item(self, form: Form, kind: str) -> Item:
        name = form.text("name")
        inside = form.text("as") or name
        if not name or inside == MORE:
            self.wrong(form.place, "an item needs a name", f"any text but {MORE!r}")
        if "group" in form and kind == JSON:
            self.wrong(form.at("group"), "group: belongs to a list")
        type_ = form.text("type") or TEXT
        if type_ not in TYPES:
            self.wrong(form.at("type"), f"type: {type_!r} is none", nearest(type_, TYPES))
        if "scale" in form and type_ not in (NUMBER, INTEGER):
            self.wrong(form.at("scale"), "scale: belongs to a number", f"type: {NUMBER}")
        items = self._items(form, "group", LIST) if "group" in form else ()
        return Item(name, inside, type_, self._scale(form), items)

    def _scale(self, form: Form) -> Decimal | None:
        """A power of ten, so that the way back is exact."""
        if "scale" not in form:
            return None
        try:
            scale = Decimal(str(form.const("scale")))
            if scale.normalize().as_tuple().digits == (1,) and scale > 0:
                return scale
        except InvalidOperation:
            pass
        self.wrong(form.at("scale"), "scale: a power of ten is expected here", "0.1, 0.001, 10")
        return None

    def _codec_example(self, form: Form) -> tuple[str, Any]:
        try:
            return form.text("v16"), orjson.loads(form.text("v201"))
        except orjson.JSONDecodeError:
            self.wrong(form.place, "an example shows both versions", "v16: text, v201: JSON text")
            return "", None


def _members(form: Form) -> dict[str, str | None]:
    """Texts by name; null for a member that is not there."""
    return {n: None if plain(form.nodes[n]) is None else form.text(n) for n in form}
