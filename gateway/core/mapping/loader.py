"""YAML text of map files to the model of `rows.py`; the language is taught in mappings/README.md.

Files are told apart by their folder: `shared/enums.yaml` holds the value tables, every other file
of `shared/` rows to be used by name; `configuration/` and `vendors/` are read elsewhere; all the
rest are maps, named as their files are.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from gateway.core.dialects import Side, Version
from gateway.core.errors import MappingError, Place
from gateway.core.mapping.forms import TOWARDS, VERSIONS, Form, Problems, nearest
from gateway.core.mapping.model import CALLERROR
from gateway.core.mapping.rows import (
    OTHER,
    REQUEST,
    RESPONSE,
    SIDES,
    Block,
    Enum,
    Extra,
    Fills,
    Library,
    MapSource,
    Path,
    Reply,
    Row,
    Rows,
    When,
    WrittenExample,
)
from gateway.core.yamltree import Items, Node, Scalar, Table, plain, read

_MAP_KEYS = (
    *("message", "from", "entry", "procedure", "spec", "retry", "absorb", "replies", "becomes"),
    *("only", REQUEST, RESPONSE, "examples"),
)
_ROW_KEYS = (
    *("v16", "v201", "via", "enum", "fill", "to_v16", "to_v201", "lose", "used", "refuse"),
    *("default", "else", "with", "only", "when", "split"),
)
_BLOCK_KEYS = ("rows", "use", "keep", "rest", "default", "only", "when")
_KINDS = ("at", "each", "one")
_SHARED = "shared/"
_ENUMS = _SHARED + "enums.yaml"
_NO_MAPS = (_SHARED, "configuration/", "vendors/")
_MAX_NESTING = 8


def load(texts: Mapping[str, str], root: str = "") -> tuple[Library, Problems]:
    """Every map and table in the files, and everything that is wrong with their form.

    texts: file text by path below the folder of maps, `ocpp16-ocpp201/Authorize.yaml`; root: what
    stands before that path in messages.
    """
    return Loader(texts, root).library()


class Loader:
    def __init__(self, texts: Mapping[str, str], root: str) -> None:
        self.problems: Problems = []
        self.root = root
        self.texts = texts
        self.trees: dict[str, Node] = {}

    def library(self) -> tuple[Library, Problems]:
        maps: dict[str, MapSource] = {}
        for path in sorted(self.texts):
            if path.startswith(_NO_MAPS):
                continue
            source = self.map(path)
            if source is not None and source.name in maps:
                first = maps[source.name].place.file
                self.wrong(source.place, f"a second map {source.name}", f"the first is {first}")
            elif source is not None:
                maps[source.name] = source
        return Library(maps, self.enums()), self.problems

    def wrong(self, place: Place, message: str, cure: str = "") -> None:
        self.problems.append(MappingError(message, place, cure))

    def tree(self, path: str) -> Node | None:
        if path not in self.trees:
            try:
                self.trees[path] = read(self.texts[path], self.root + path, MappingError)
            except MappingError as problem:
                self.problems.append(problem)
                self.trees[path] = Table({}, {}, Place(self.root + path, 1))
        return self.trees[path]

    def map(self, path: str) -> MapSource | None:
        tree = self.tree(path)
        if not isinstance(tree, Table) or not tree.nodes:
            if isinstance(tree, Table) and self.texts[path].strip():
                return None
            self.wrong(Place(self.root + path, 1), "the file holds no map")
            return None
        form = Form(tree, self.problems, _MAP_KEYS)
        actions = self._actions(form)
        if not actions:
            return None
        only = form.version("only")
        return MapSource(
            name=path.rsplit("/", 1)[-1].removesuffix(".yaml"),
            place=form.at("message"),
            places={key: form.at(key) for key in form},
            actions=actions,
            sender=self._sender(form),
            entry=self._entry(form, actions),
            procedure=self._procedures(form),
            spec=self._spec(form, actions),
            retry=_retry(form),
            absorb="absorb" in form and (form.const("absorb") is not False),
            absorbed=self._absorbed(form),
            replies=self._replies(form),
            becomes=form.texts("becomes"),
            only=only,
            rows={
                REQUEST: RowReader(self).rows(form, REQUEST, Inherited(only)),
                RESPONSE: RowReader(self).rows(form, RESPONSE, Inherited(OTHER.get(only))),
            },
            examples=self._examples(form, actions),
        )

    def _actions(self, form: Form) -> dict[Version, str]:
        if "message" not in form:
            self.wrong(form.place, "message: is missing", "message: {v16: ..., v201: ...}")
            return {}
        message = form.form("message", VERSIONS)
        return {VERSIONS[key]: name for key in message if (name := message.text(key))}

    def _sender(self, form: Form) -> Side | None:
        text = form.text("from")
        if text == "both":
            return None
        if text not in tuple(Side):
            self.wrong(form.at("from"), "from: says who sends the CALL", "station, csms or both")
            return Side.STATION
        return Side(text)

    def _entry(self, form: Form, actions: Mapping[Version, str]) -> frozenset[Version]:
        if "entry" not in form:
            return frozenset(actions)
        names = form.texts("entry")
        for name in names:
            if VERSIONS.get(name) not in actions:
                self.wrong(form.at("entry"), f"entry: {name!r} is no side of this map")
        return frozenset(VERSIONS[name] for name in names if VERSIONS.get(name) in actions)

    def _procedures(self, form: Form) -> dict[Version, tuple[str, Mapping[str, Any]]]:
        node = form.nodes.get("procedure")
        if isinstance(node, Table) and not set(node.nodes) & set(TOWARDS):
            return dict.fromkeys(SIDES, self._procedure(node))
        if isinstance(node, Table):
            ways = form.form("procedure", TOWARDS)
            found = {TOWARDS[key]: self._procedure(ways.nodes[key]) for key in ways}
            return {version: found.get(version, ("relay", {})) for version in SIDES}
        name = form.text("procedure") or "relay"
        return dict.fromkeys(SIDES, (name, {}))

    def _procedure(self, node: Node) -> tuple[str, Mapping[str, Any]]:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value, {}
        form = Form(node, self.problems)
        name = form.text("name")
        if not name:
            self.wrong(node.place, "a procedure needs its name", "{name: ..., other: parameters}")
        return name, {key: form.const(key) for key in form if key != "name"}

    def _spec(self, form: Form, actions: Mapping[Version, str]) -> dict[Version, str]:
        spec = form.form("spec", VERSIONS)
        found = {VERSIONS[key]: spec.text(key) for key in spec}
        for version in actions:
            if not found.get(version):
                self.wrong(
                    form.at("spec"),
                    f"spec: says nothing of {version.key}",
                    "the clause that defines the message, so that the pairing can be checked",
                )
        return found

    def _absorbed(self, form: Form) -> dict[str, Fills]:
        if not isinstance(form.nodes.get("absorb"), Table):
            form.flag("absorb")
            return {}
        absorb = form.form("absorb")
        return {key: absorb.fills(key) for key in absorb}

    def _replies(self, form: Form) -> dict[Version, dict[str, Reply]]:
        found: dict[Version, dict[str, Reply]] = {version: {} for version in SIDES}
        ways = form.form("replies", TOWARDS)
        for way in ways:
            table = ways.form(way)
            for name, node in table.nodes.items():
                payload = plain(node)
                if payload == CALLERROR:
                    found[TOWARDS[way]][name] = Reply(table.at(name), None)
                elif isinstance(payload, dict):
                    found[TOWARDS[way]][name] = Reply(table.at(name), payload)
                else:
                    self.wrong(node.place, f"{name}: a payload or `{CALLERROR}` is expected here")
        return found

    def _examples(
        self, form: Form, versions: Collection[Version] = SIDES
    ) -> tuple[WrittenExample, ...]:
        return tuple(self._example(node, versions) for node in form.children("examples"))

    def _example(self, node: Node, versions: Collection[Version]) -> WrittenExample:
        form = Form(node, self.problems, ("name", "only", "state", REQUEST, RESPONSE))
        if not form.text("name"):
            self.wrong(node.place, "an example needs a name")
        payloads = {}
        for part in (REQUEST, RESPONSE):
            sides = form.form(part, VERSIONS)
            for key in sides:
                payloads[part, VERSIONS[key]] = plain(sides.form(key).node)
            if part in form and {VERSIONS[key] for key in sides} != set(versions):
                cure = " and ".join(f"{version.key}:" for version in versions)
                form.wrong(form.at(part), "an example shows the versions of its map", cure)
        state = plain(form.form("state").node)
        return WrittenExample(form.text("name"), node.place, form.version("only"), state, payloads)

    def enums(self) -> dict[str, Enum]:
        if _ENUMS not in self.texts:
            return {}
        tree = self.tree(_ENUMS)
        if tree is None:
            return {}
        tables = Form(tree, self.problems)
        return {name: self._enum(tables, name) for name in tables}

    def _enum(self, tables: Form, name: str) -> Enum:
        form = tables.form(name, ("summary", "same", "pairs", "drop", *TOWARDS))
        if not form.text("summary"):
            self.wrong(tables.at(name), f"the table {name} needs a summary")
        to: dict[Version, dict[str, Any]] = {}
        for version in SIDES:
            values: dict[str, Any] = {value: value for value in form.texts("same")}
            pairs = form.form("pairs")
            for key in pairs:
                v16, v201 = key, pairs.text(key)
                values |= {v201: v16} if version is Version.V16 else {v16: v201}
            way = form.form(f"to_{version.key}")
            for key in way:
                if key in values:
                    self.wrong(way.at(key), f"{name}: {key!r} is in the table twice")
                value = way.const(key)
                values[key] = tuple(value) if isinstance(value, list) else value
            to[version] = values
        drops = form.form("drop", TOWARDS)
        return Enum(
            name,
            tables.at(name),
            form.text("summary"),
            to,
            {TOWARDS[way]: _texts(drops.form(way)) for way in drops},
        )


class Inherited(NamedTuple):
    """What rows take over from what they stand in.

    only: the version travelled to; shared: name of the shared file; depth: of shared files.
    """

    only: Version | None
    shared: str = ""
    depth: int = 0


class RowReader:
    """Rows of one map, with the shared ones put where they are used."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.problems = loader.problems

    def rows(self, form: Form, key: str, outer: Inherited) -> Rows:
        node = form.nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, Items):
            form.wrong(node.place, f"{key}: a list of rows is expected here", "begin with `- `")
            return ()
        found: list[Row | Block] = []
        for child in node.nodes:
            found += self._line(child, outer)
        return tuple(found)

    def _line(self, node: Node, outer: Inherited) -> Rows:
        kinds = [k for k in _KINDS if isinstance(node, Table) and k in node.nodes]
        if kinds:
            return self._block(node, kinds[0], outer)
        if isinstance(node, Table) and "use" in node.nodes:
            return self._used(Form(node, self.problems, ("use",)), outer)
        row = self._row(node, outer)
        return (row,) if row is not None else ()

    def _block(self, node: Node, kind: str, outer: Inherited) -> Rows:
        form = Form(node, self.problems, (kind, *_BLOCK_KEYS))
        sides = form.form(kind, VERSIONS)
        outer = outer._replace(only=self._only(form, outer))
        inside = self.rows(form, "rows", outer) + self._used(form, outer)
        paths = {VERSIONS[key]: path for key in sides if (path := sides.path(key))}
        if not inside or not paths:
            form.wrong(form.place, f"a block `{kind}` needs a side and rows", "rows: or use:")
            return ()
        keep = form.form("keep", TOWARDS)
        default = form.form("default", TOWARDS)
        block = Block(
            place=form.place,
            kind=kind,
            sides=paths,
            rows=inside,
            keep={TOWARDS[key]: keep.text(key) for key in keep},
            rest=form.path("rest"),
            default={TOWARDS[key]: default.const(key) for key in default},
            only=outer.only,
            when=_when(form),
        )
        return (block,)

    def _only(self, form: Form, outer: Inherited) -> Version | None:
        only = form.version("only")
        if only is not None and outer.only not in (None, only):
            form.wrong(form.at("only"), "the rows around it only travel the other way")
        return only or outer.only

    def _used(self, form: Form, outer: Inherited) -> Rows:
        name = form.text("use")
        if not name:
            return ()
        path = name + ".yaml"
        if path not in self.loader.texts or not name.startswith(_SHARED) or path == _ENUMS:
            known = [t.removesuffix(".yaml") for t in self.loader.texts if t.startswith(_SHARED)]
            form.wrong(form.at("use"), f"there are no shared rows {name!r}", nearest(name, known))
            return ()
        if outer.depth == _MAX_NESTING:
            form.wrong(form.at("use"), f"{name} uses itself")
            return ()
        tree = self.loader.tree(path)
        if tree is None:
            return ()
        inside = Form(tree, self.problems, ("summary", "rows"))
        return self.rows(inside, "rows", Inherited(outer.only, name, outer.depth + 1))

    def _row(self, node: Node, outer: Inherited) -> Row | None:
        form = Form(node, self.problems, _ROW_KEYS)
        sides = {v: paths for v in SIDES if (paths := form.paths(v.key))}
        if not sides:
            form.wrong(form.place, "a row names a field of v16, v201 or both", "v16: or v201:")
            return None
        row = Row(
            place=form.place,
            sides=sides,
            via=form.text("via"),
            enum=form.text("enum"),
            fill=form.fills("fill"),
            fills={TOWARDS[key]: form.fills(key) for key in TOWARDS if key in form},
            lose=form.text("lose"),
            used=form.text("used"),
            refuse=form.text("refuse"),
            default=form.fills("default"),
            fallback=_fallback(form),
            extra=tuple(_extra(form, child) for child in form.children("with")),
            only=self._only(form, outer),
            when=_when(form),
            split=form.text("split"),
            shared=outer.shared,
        )
        return row if self._sound(form, row) else None

    def _sound(self, form: Form, row: Row) -> bool:
        """Whether the words of the row go together."""
        before = len(self.problems)
        reasons = sum(map(bool, (row.lose, row.used, row.refuse)))
        if row.one_sided:
            self._one_sided(form, row, reasons)
        else:
            self._two_sided(form, row, reasons)
        for version in row.fallback:
            if version not in row.sides or row.one_sided:
                form.wrong(form.at("else"), "else: belongs to a side that the row reads")
        return len(self.problems) == before

    def _one_sided(self, form: Form, row: Row, reasons: int) -> None:
        for key in ("via", "enum", "default", "to_v16", "to_v201", "split", "with"):
            if key in form:
                form.wrong(form.at(key), f"{key}: needs a row with two sides")
        if row.fill and row.only is row.side:
            reasons += 1  # nothing travels away
        if row.fill and row.only is OTHER[row.side]:
            form.wrong(form.at("fill"), "fill: never happens, the row travels the other way only")
        if reasons != 1:
            form.wrong(
                form.place,
                "a one-sided row says once what becomes of the field",
                "lose: WHY, used: WHERE, or refuse: WHY",
            )

    def _two_sided(self, form: Form, row: Row, reasons: int) -> None:
        if reasons or row.fill:
            form.wrong(form.place, "fill, lose, used and refuse need a row with one side")
        if row.via and row.enum:
            form.wrong(form.at("enum"), "via: and enum: on one row", "one of the two")
        several = any(len(paths) > 1 for paths in row.sides.values())
        if several and not (row.via or row.enum):
            form.wrong(form.place, "several paths on a side need via: or enum:")


def _fallback(form: Form) -> dict[Version, Path]:
    fallback = form.form("else", VERSIONS)
    return {VERSIONS[key]: path for key in fallback if (path := fallback.path(key))}


def _extra(form: Form, node: Node) -> Extra:
    if isinstance(node, Table):
        inner = Form(node, form.problems, (REQUEST,))
        return Extra(dict.fromkeys(SIDES, inner.path(REQUEST)), request=True)
    return Extra(dict.fromkeys(SIDES, form.path_of(node)))


def _when(form: Form) -> When | None:
    if "when" not in form:
        return None
    when = form.form("when", (REQUEST, "check", "of"))
    request = when.form(REQUEST, VERSIONS)
    return When(
        {VERSIONS[key]: path for key in request if (path := request.path(key))},
        when.text("check"),
        dict.fromkeys(SIDES, when.path("of")),
    )


def _retry(form: Form) -> dict[Version, tuple[Path, ...]]:
    """Paths of the caller's request, by version travelled to."""
    retry = form.form("retry", VERSIONS)
    return {OTHER[VERSIONS[key]]: retry.paths(key) for key in retry}


def _texts(form: Form) -> dict[str, str]:
    return {key: form.text(key) for key in form}
