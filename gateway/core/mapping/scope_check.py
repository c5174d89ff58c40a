"""The rows of one scope in one direction: do paths, values and conditions hold, is all named."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from gateway.core.dialects import Version
from gateway.core.errors import Place
from gateway.core.mapping import conflicts
from gateway.core.mapping.conflicts import Wrong
from gateway.core.mapping.coverage import Fieldset
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.metering import CHECKS, KEEPS, SPLITS
from gateway.core.mapping.rows import (
    CUSTOM_DATA,
    REQUEST,
    RESPONSE,
    V201,
    Block,
    Field,
    Fields,
    Fill,
    Fills,
    Library,
    MapSource,
    Path,
    Row,
    Rows,
    When,
    dotted,
    flattened,
)
from gateway.core.mapping.waycode import CONVERSIONS, step_of


class Owner(Protocol):
    """What a scope asks of the check of its map."""

    source: MapSource
    library: Library
    fields: Mapping[tuple[Version, str], Fields]

    def wrong(self, place: Place, message: str, cure: str = "") -> None:
        """Note a problem."""

    def payload(self, payload: object, fields: Fields, place: Place, prefix: str = "") -> None:
        """Check a fixed payload."""

    def fills(self, fills: Fills, target: Field | None, what: str, place: Place) -> None:
        """Check what fills a target."""


class ScopeCheck:
    """The rows of one scope, in one direction."""

    def __init__(self, owner: Owner, part: str, source: Fieldset, target: Fieldset) -> None:
        self.owner = owner
        self.part = part
        self.source = source
        self.target = target

    def wrong(self, row: Row | Block, message: str, cure: str = "") -> None:
        self.owner.wrong(row.place, message, cure)

    def rows(self, rows: Rows) -> None:
        for row in flattened(rows):
            if row.only not in (None, self.target.version):
                self._exists(row)
                continue
            if not self._exists(row):
                self._tolerate(row)
                continue
            if row.when is not None:
                self._when(row, row.when)
            if isinstance(row, Block):
                self._block(row)
            elif row.one_sided:
                self._one_sided(row)
            else:
                self._two_sided(row)

    def close(self, *sides: Fieldset) -> None:
        """Report what the rows leave out of the sides that this scope opened."""
        for side in sides:
            for path in side.left_out():
                self.owner.wrong(
                    side.place,
                    f"{side.title}: no row names {side.full(path)}",
                    "a row for it, with the reason if it has no counterpart",
                )
        if self.target in sides:
            for path in self.target.lacking():
                self.owner.wrong(
                    self.target.place,
                    f"{self.target.title}: {self.target.full(path)} is required and nothing "
                    "fills it",
                    "a row with both sides, or fill:",
                )

    # -- paths --------------------------------------------------------------------------------

    def _exists(self, row: Row | Block) -> bool:
        sides = {self.source.version: self.source, self.target.version: self.target}
        found = True
        for version, side in sides.items():
            for path in _paths(row, version):
                problem = side.problem(path)
                if problem is not None:
                    self.wrong(row, *problem)
                    found = False
        return found

    def _tolerate(self, row: Row | Block) -> None:
        """What is right about a wrong row counts, so that one mistake is one problem."""
        for side in (self.source, self.target):
            for path in _paths(row, side.version):
                if side.problem(path) is None:
                    side.named.setdefault(path, row.place)
                    side.written.setdefault(path, row.place)

    def _name(self, row: Row | Block, path: Path, *, reading: bool) -> None:
        """Note that the row reads a source field, or says what becomes of it."""
        before = self.source.named.get(path)
        if before is not None and not reading and before != row.place:
            message = f"{self.source.full(path)} is named in line {before.line} already"
            self.wrong(row, message, "one row says what becomes of a field")
        self.source.named.setdefault(path, row.place)

    def _write(self, row: Row | Block, path: Path, *, filled: bool = True) -> None:
        taken = [w for w in self.target.written if w[: len(path)] == path or path[: len(w)] == w]
        before = self.target.named.get(path)
        if (filled and taken) or (before is not None and before != row.place):
            line = self.target.written[taken[0]].line if taken else before.line if before else 0
            message = f"{self.target.full(path)} has its row in line {line} already"
            self.wrong(row, message, "one of the two")
        if CUSTOM_DATA in path[:-1]:
            return
        self.target.named[path] = row.place
        if filled:
            self.target.written[path] = row.place

    # -- rows ---------------------------------------------------------------------------------

    def _one_sided(self, row: Row) -> None:
        for path in row.sides[row.side]:
            if row.side is self.source.version:
                self._name(row, path, reading=False)
                continue
            self._write(row, path, filled=bool(row.fill))
            self.owner.fills(row.fill, self.target.get(path), self.target.full(path), row.place)

    def _split(self, row: Row) -> None:
        """An object that becomes a list item of its own: its members are named, customData not."""
        if row.split not in SPLITS:
            self.wrong(row, f"unknown split {row.split!r}", nearest(row.split, SPLITS))
        for side in (self.source, self.target):
            path = row.sides[side.version][0]
            for member in [p for p in side.members(path) if CUSTOM_DATA not in p] or [path]:
                if side is self.source:
                    self._name(row, member, reading=True)
                else:
                    self._write(row, member)

    def _two_sided(self, row: Row) -> None:
        if row.split:
            self._split(row)
            return
        for path in row.sides[self.source.version]:
            if CUSTOM_DATA not in path[:-1]:
                self._name(row, path, reading=True)
        targets = row.sides[self.target.version]
        fills = row.fills.get(self.target.version)
        if fills is not None:
            # What one fill cannot fill, the other targets of the row, stays out.
            self._write(row, targets[0])
            for path in targets[1:]:
                self._write(row, path, filled=False)
            target = self.target.get(targets[0])
            self.owner.fills(fills, target, self.target.full(targets[0]), row.place)
            return
        for path in targets:
            self._write(row, path)
        for wrong in self._conflicts(row):
            what = f"{self._named(row)}: {wrong.message}"
            self.wrong(row, what, wrong.cure)
        self._presence(row)

    def _named(self, row: Row) -> str:
        source = ", ".join(self.source.full(p) for p in row.sides[self.source.version])
        target = ", ".join(self.target.full(p) for p in row.sides[self.target.version])
        return f"{source} to {target} of OCPP {self.target.version}"

    def _conflicts(self, row: Row) -> Iterable[Wrong]:
        sources = [self.source.get(p) for p in row.sides[self.source.version]]
        targets = [self.target.get(p) for p in row.sides[self.target.version]]
        source = sources[0]
        if source is None:  # what the gateway kept in customData is checked when it is restored
            return
        if row.enum:
            yield from self._tabled(row, source, targets, len(sources))
            return
        if row.via and row.via not in CONVERSIONS:
            yield Wrong(f"unknown conversion {row.via!r}", nearest(row.via, CONVERSIONS))
            return
        if row.via and self.target.version not in CONVERSIONS[row.via].to:
            way = f"only: to_{self.source.version.key}"
            yield Wrong(f"the conversion {row.via} does not lead to {self.target.version.key}", way)
            return
        step = step_of(row, self.target.version, source, targets[0])
        if step is not None:
            inputs = [s for s in sources if s is not None] + self._extras(row)
            for wrong in conflicts.converted(step, inputs, targets):
                yield Wrong(f"{row.via or 'timestamp'} {wrong.message}", wrong.cure)
        elif targets[0] is not None:
            yield from conflicts.copied(source, targets[0])

    def _tabled(
        self, row: Row, source: Field, targets: list[Field | None], sources: int
    ) -> Iterable[Wrong]:
        table = self.owner.library.enums.get(row.enum)
        if table is None:
            yield Wrong(f"unknown table {row.enum!r}", nearest(row.enum, self.owner.library.enums))
        elif sources > 1:
            yield Wrong("a table reads one field", "only: for the other direction")
        else:
            yield from conflicts.tabled(table, self.target.version, source, targets)

    def _extras(self, row: Row) -> list[Field]:
        fields = []
        for extra in row.extra:
            if extra.request:
                asked = self.owner.fields[self.target.version, REQUEST]
                known = asked.get(dotted(extra.paths[self.target.version]))
            else:
                known = self.source.get(extra.paths[self.source.version])
            if known is None:
                what = dotted(extra.paths[self.source.version])
                self.wrong(row, f"with: {self.source.title} has no field {what}")
            else:
                fields.append(known)
        return fields

    def _presence(self, row: Row) -> None:
        """Required targets of optional sources, and stand-ins that can never come about."""
        sure = self.source.always(row.sides[self.source.version][0])
        if sure and not row.shared:
            self._stand_ins(row)
        target = row.sides[self.target.version][0]
        if self.target.always(target):
            if not sure and not row.default:
                message = f"{self._named(row)}: required, and its source may be absent"
                self.wrong(row, message, "default:")
            if row.when is not None:
                self.wrong(row, f"{self._named(row)}: required, and the row has a condition")
        self._default(row)

    def _stand_ins(self, row: Row) -> None:
        """else: and default: of a row whose source is always there."""
        back = self.target
        travels_back = row.only is None and self.source.version not in row.fills
        may_fire = travels_back and not back.always(row.sides[back.version][0])
        unused = ["else:"] if self.source.version in row.fallback else []
        unused += ["default:"] if row.default and not may_fire else []
        for word in unused:
            self.wrong(row, f"{word} never happens, {self._named(row)} is always there")

    def _default(self, row: Row) -> None:
        targets = row.sides[self.target.version]
        fills = row.default
        if len(targets) > 1 and fills and isinstance(fills[0].value, list):
            if len(fills[0].value) != len(targets):
                self.wrong(row, f"default: has one value for each of {len(targets)} targets")
                return
            for path, value in zip(targets, fills[0].value, strict=True):
                one = (Fill("const", value),)
                self.owner.fills(one, self.target.get(path), self.target.full(path), row.place)
        elif fills:
            target = self.target.get(targets[0])
            self.owner.fills(fills, target, self.target.full(targets[0]), row.place)

    # -- conditions ---------------------------------------------------------------------------

    def _when(self, row: Row | Block, when: When) -> None:
        for version, path in when.request.items():
            asked = self.owner.fields.get((version, REQUEST), {})
            if self.part != RESPONSE or dotted(path) not in asked:
                self.wrong(row, f"when: no request of {version.key} has a field {dotted(path)}")
        if when.check and when.check not in CHECKS:
            self.wrong(row, f"unknown check {when.check!r}", nearest(when.check, CHECKS))
        elif when.check and self.source.get(when.of[self.source.version]) is None:
            what = dotted(when.of[self.source.version])
            self.wrong(row, f"when: {self.source.title} has no field {what}")

    # -- blocks -------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        inner: dict[bool, Fieldset] = {}
        for side in (self.source, self.target):
            path = block.sides.get(side.version)
            if path is None:
                continue
            known = side.get(path)
            is_list = known is not None and known.type == "array"
            if block.kind == "each" and not is_list:
                self.wrong(block, f"{side.full(path)} is no list", "at: for an object")
                return
            if side is self.source:
                self._name(block, path, reading=True)
            elif not self._appends(block, path):
                self._write(block, path)
            prefix = side.full(path) + ("[]." if is_list else ".")
            inner[side is self.target] = Fieldset(
                side.version, side.fields, prefix, block.place, side.title
            )
        if block.kind != "one" and len(inner) != len((self.source, self.target)):
            self.wrong(block, f"a block `{block.kind}` like this needs both sides")
            return
        self._words(block)
        self._block_presence(block)
        scope = ScopeCheck(
            self.owner, self.part, inner.get(False, self.source), inner.get(True, self.target)
        )
        scope.rows(block.rows)
        scope.close(*inner.values())

    def _appends(self, block: Block, path: Path) -> bool:
        """Whether the block adds to a list that another block makes."""
        return block.kind == "one" and path in self.target.written

    def _words(self, block: Block) -> None:
        for name in block.keep.values():
            if name not in KEEPS:
                self.wrong(block, f"unknown filter {name!r}", nearest(name, KEEPS))
        if block.rest:
            side = self.source if self.source.version is V201 else self.target
            if CUSTOM_DATA not in block.rest or side.problem(block.rest) is not None:
                self.wrong(block, "rest: is a member of a 2.0.1 customData", "customData.NAME")
        for version, payload in block.default.items():
            if version is self.target.version and block.kind == "at":
                prefix = self.target.full(block.sides[version]) + "."
                self.owner.payload(payload, self.target.fields, block.place, prefix)

    def _block_presence(self, block: Block) -> None:
        source, target = (block.sides.get(s.version) for s in (self.source, self.target))
        if block.kind == "one" or source is None or target is None:
            return
        always = self.source.always(source)
        default = block.default.get(self.target.version)
        if always and default is not None:
            self.wrong(block, f"default: never happens, {self.source.full(source)} is always there")
        if not self.target.always(target):
            return
        what = self.target.full(target)
        if block.kind == "each":
            replies = self.owner.source.replies.get(self.target.version, {})
            opens = self.source.version in self.owner.source.entry and self.part == REQUEST
            if opens and not self.target.prefix and "empty" not in replies:
                self.wrong(block, f"{what}: may come out empty", "replies: with an answer `empty`")
        elif not always and default is None:
            self.wrong(block, f"{what}: required, and its source may be absent", "default:")


def _paths(row: Row | Block, version: Version) -> Iterable[Path]:
    if isinstance(row, Block):
        return (row.sides[version],) if version in row.sides else ()
    fallback = row.fallback.get(version)
    return (*row.sides.get(version, ()), *([fallback] if fallback else []))
