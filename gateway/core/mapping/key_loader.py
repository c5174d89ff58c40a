"""mappings/configuration/*.yaml to a KeyTable, and operators' keys on top of it.

The words are taught in mappings/README.md, "Configuration keys". Every mistake becomes a problem
with its file and line; a name or place that could mean two keys is one.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from gateway.core.errors import MappingError, Place
from gateway.core.mapping.forms import Form, Problems, nearest
from gateway.core.mapping.key_values import CONVERTERS, Profile, Values
from gateway.core.mapping.keys import (
    LEGACY_COMPONENT,
    PHASE_ROTATION,
    READ_ONLY,
    READ_WRITE,
    WRITE_ONLY,
    Absent,
    Also,
    Composite,
    Data,
    Key,
    KeyTable,
    Kind,
    Member,
    Rotation,
    Shown,
    Wanted,
    ambiguities,
)
from gateway.core.mapping.variables import LONGEST_KEY, Attribute, Variable, parse_key
from gateway.core.settings import Translation
from gateway.core.yamltree import Table, read

FOLDER = "configuration/"
_KEYS, _MODEL, _VALUES = (
    FOLDER + name for name in ("keys.yaml", "device-model.yaml", "values.yaml")
)

_SECTIONS = {
    _KEYS: ("keys", "composites", "protected"),
    _MODEL: ("shown", "availability", "provision"),
    _VALUES: ("measurands", "rate_units", "phase_rotations", "feature_profiles"),
}

TYPES16 = ("boolean", "integer", "string", "dateTime", "csl", "json")
TYPES201 = (
    *("string", "decimal", "integer", "dateTime", "boolean"),
    *("OptionList", "SequenceList", "MemberList"),
)
ACCESS = (READ_ONLY, READ_WRITE, WRITE_ONLY)
SOURCES = (
    *("const", "key", "has_key", "profile", "boot", "option", "state", "meter", "topology"),
    "rule",
)
RULES = (
    *("status", "status_is_faulted", "tx_stop_point", "cost_mode_is_costmsg"),
    *("pnc_mode_is_tunnel", "clock", "station_id"),
)
GATEWAY_VALUES = (
    *("connectors", "max_keys", "feature_profiles", "feature_profile_count"),
    "phase_rotations",
)
TOLD = ("heartbeat_interval",)
_SCOPES = ("station", "evse", "connector")
_TESTS = ("equal", "same_set", "contains")
_KINDS = tuple(kind.value for kind in Kind)
_ROW = (
    *("profile", "origin", "required", "v16", "v201", *_KINDS, "via", "or", "also", "write"),
    *("absent", "tells"),
)
_DATA = ("type", "access", "unit", "min", "max", "values")


def is_configuration(path: str) -> bool:
    """Whether a file below mappings/ belongs to the key table and is no message map."""
    return path.startswith(FOLDER)


def load_keys(texts: Mapping[str, str], root: str = "") -> tuple[KeyTable, Problems]:
    """The key table, and everything that is wrong with it.

    texts: file text by path below the folder of maps; root: what stands before it in messages. No
    file of FOLDER: an empty table.
    """
    problems: Problems = []
    forms = {path: _form(texts, path, root, problems) for path in _SECTIONS}
    for path in texts:
        if is_configuration(path) and path not in forms:
            cure = ", ".join(forms)
            problems.append(MappingError("no file of the key table", Place(root + path, 1), cure))
    keys, model = forms[_KEYS], forms[_MODEL]
    composites, rotation = _composites(keys.form("composites"))
    protected = keys.form("protected", ("v16", "v201"))
    table = KeyTable(
        keys=read_rows(keys.form("keys"), composites.keys() | {PHASE_ROTATION}),
        composites=composites,
        rotation=rotation,
        values=_values(forms[_VALUES]),
        protected16=frozenset(name.casefold() for name in protected.texts("v16")),
        protected201=frozenset(v.folded for v in _variables(protected, "v201")),
        shown=tuple(_shown(Form(node, problems)) for node in model.children("shown")),
        availability={k: model.form("availability").text(k) for k in model.form("availability")},
        provision=tuple(_wanted(Form(node, problems)) for node in model.children("provision")),
    )
    if not problems:
        problems += ambiguities(table)
        problems += _dangling(table)
    return table, problems


def _form(texts: Mapping[str, str], path: str, root: str, problems: Problems) -> Form:
    try:
        tree = read(texts.get(path, ""), root + path, MappingError)
        return Form(tree, problems, _SECTIONS[path])
    except MappingError as problem:
        problems.append(problem)
        return Form(Table({}, {}, Place(root + path, 1)), problems)


def _dangling(table: KeyTable) -> Iterable[MappingError]:
    """Names of keys that are in no row."""
    for shown in table.shown:
        for name in shown.keys:
            if table.find(name) is None:
                cure = nearest(name, [key.name for key in table.keys])
                yield MappingError(f"there is no key {name}", shown.place, cure)


# -- keys -------------------------------------------------------------------------------------


def read_rows(form: Form, composites: Iterable[str]) -> tuple[Key, ...]:
    """The rows of `keys:`; an overlay's have the same form."""
    return tuple(_key(form, name, composites) for name in form)


def _key(rows: Form, name: str, composites: Iterable[str]) -> Key:
    form = rows.form(name, _ROW)
    form.place = rows.at(name)
    if not name or len(name) > LONGEST_KEY:
        form.wrong(form.place, f"{name!r} is no key", f"1 to {LONGEST_KEY} characters")
    kinds = [kind for kind in Kind if kind.value in form]
    if len(kinds) != 1:
        form.wrong(form.place, f"{name} needs one place", ", ".join(f"{k}:" for k in _KINDS))
    kind = kinds[0] if kinds else Kind.LEGACY
    if "tells" in form and form.text("via") != "integer":
        form.wrong(form.at("tells"), "tells: needs a number", "via: integer")
    data16 = _data(form.form("v16", _DATA), TYPES16) if "v16" in form else Data()
    return Key(
        name=name,
        kind=kind,
        place=form.place,
        attribute=_attribute(form, kind),
        named=_named(form, kind, composites),
        via=_via(form, kind),
        data16=data16,
        data201=_data(form.form("v201", _DATA), TYPES201) if "v201" in form else None,
        profile=form.text("profile"),
        origin=form.text("origin"),
        required=form.flag("required"),
        others=tuple(_variables(form, "or")),
        also=tuple(
            _also(Form(n, form.problems, ("variable", "when"))) for n in form.children("also")
        ),
        never_written=_word(form, "write", ("refuse",)) == "refuse",
        absent=_absent(form),
        tells=_word(form, "tells", TOLD),
    )


def _attribute(form: Form, kind: Kind) -> Attribute | None:
    if kind in (Kind.GATEWAY, Kind.COMPOSITE):
        return None
    if kind is Kind.LEGACY:
        name = form.text(kind)
        return Attribute(Variable(LEGACY_COMPONENT, name)) if name else None
    found = parse_key(form.text(kind))
    if found is None:
        form.wrong(form.at(kind), f"{kind}: no variable", "Component[instance].Variable[instance]")
    return found


def _named(form: Form, kind: Kind, composites: Iterable[str]) -> str:
    if kind is Kind.GATEWAY:
        return _word(form, kind, GATEWAY_VALUES)
    return _word(form, kind, composites) if kind is Kind.COMPOSITE else ""


def _via(form: Form, kind: Kind) -> str:
    if kind is Kind.COMPOSITE:
        if "via" in form:
            form.wrong(form.at("via"), "via: a composite has its own conversion", "remove it")
        return "string"
    return _word(form, "via", CONVERTERS) or "string"


def _data(form: Form, types: tuple[str, ...]) -> Data:
    limits = {}
    for key in ("min", "max"):
        value = form.const(key) if key in form else None
        if value is not None and not isinstance(value, int):
            form.wrong(form.at(key), f"{key}: a whole number is expected here")
        elif value is not None:
            limits[key] = value
    return Data(
        _word(form, "type", types) or "string",
        _word(form, "access", ACCESS) or READ_WRITE,
        form.text("unit"),
        limits.get("min"),
        limits.get("max"),
        form.text("values"),
    )


def _also(form: Form) -> Also:
    return Also(_variable(form, "variable"), _option(form, "when"))


def _absent(form: Form) -> Absent | None:
    if "absent" not in form:
        return None
    absent = form.form("absent", ("when", "value"))
    return Absent(_option(absent, "when"), absent.text("value"))


# -- composites, values -----------------------------------------------------------------------


def _composites(form: Form) -> tuple[dict[str, Composite], Rotation | None]:
    rotation = None
    if PHASE_ROTATION in form:
        places = form.form(PHASE_ROTATION, _SCOPES)
        rotation = Rotation(*(_variable(places, scope) for scope in _SCOPES))
    names = [name for name in form if name != PHASE_ROTATION]
    return {name: _composite(form, name) for name in names}, rotation


def _composite(composites: Form, name: str) -> Composite:
    form = composites.form(name, ("members", "per_language", "lose"))
    members = [_member(Form(n, form.problems)) for n in form.children("members")]
    if not members:
        form.wrong(composites.at(name), f"{name} has no members", "members: [{member, variable}]")
    lose = form.form("lose")
    return Composite(
        name,
        tuple(members),
        form.flag("per_language"),
        {tuple(path.split(".")): lose.text(path) for path in lose},
    )


def _member(form: Form) -> Member:
    is_number = _word(form, "type", TYPES201) == "decimal"
    return Member(form.path("member"), _variable(form, "variable"), is_number)


def _values(form: Form) -> Values:
    measurands = form.form("measurands", ("common", "only_v16", "only_v201", "phases", "floor"))
    units, rotations = form.form("rate_units"), form.form("phase_rotations", ("same", "none"))
    profiles = []
    for node in form.children("feature_profiles"):
        profile = Form(node, form.problems, ("profile", "component"))
        profiles.append(Profile(profile.text("profile"), profile.text("component")))
    return Values(
        common=measurands.texts("common"),
        only_v16=measurands.texts("only_v16"),
        only_v201=measurands.texts("only_v201"),
        phases=measurands.texts("phases"),
        floor=measurands.text("floor"),
        rate_units={name: units.text(name) for name in units},
        rotations=rotations.texts("same"),
        no_rotation=rotations.texts("none"),
        profiles=tuple(profiles),
    )


# -- the device model -------------------------------------------------------------------------


def _shown(form: Form) -> Shown:
    sources = [source for source in SOURCES if source in form]
    if len(sources) != 1:
        form.wrong(form.place, "a shown variable needs one source", ", ".join(SOURCES))
    source = sources[0] if sources else "const"
    of = form.texts(source) if sources else ()
    if source == "rule" and of and of[0] not in RULES:
        form.wrong(form.at(source), f"rule: unknown word {of[0]!r}", nearest(of[0], RULES))
    if source == "option" and of:
        _known_option(form, source, of[0])
    data = Data(
        _word(form, "type", TYPES201) or "string",
        READ_ONLY,
        form.text("unit"),
        values=form.text("values"),
    )
    return Shown(
        _variable(form, "variable"),
        data,
        source,
        of,
        form.place,
        _word(form, "per", _SCOPES) or "station",
        form.text("default") if "default" in form else None,
        _option(form, "max"),
    )


def _wanted(form: Form) -> Wanted:
    tests = [test for test in _TESTS if test in form]
    if len(tests) != 1:
        form.wrong(form.place, "what the variable shall be is said once", ", ".join(_TESTS))
    how = tests[0] if tests else "equal"
    return Wanted(_variable(form, "variable"), how, form.text(how), _option(form, "unless"))


# -- words ------------------------------------------------------------------------------------


def _word(form: Form, key: str, known: Iterable[str]) -> str:
    text = form.text(key)
    if text and text not in known:
        form.wrong(form.at(key), f"{key}: unknown word {text!r}", nearest(text, known))
        return ""
    return text


def _variable(form: Form, key: str) -> Variable:
    if key not in form:
        form.wrong(form.place, f"{key}: is missing", "Component[instance].Variable[instance]")
    return next(iter(_variables(form, key)), Variable("", ""))


def _variables(form: Form, key: str) -> Iterable[Variable]:
    found = []
    for text in form.texts(key):
        attribute = parse_key(text)
        if attribute is None:
            form.wrong(form.at(key), f"{text!r} is no variable", "Component[instance].Variable")
        else:
            found.append(attribute.variable)
    return found


def _option(form: Form, key: str) -> str:
    text = form.text(key)
    if text:
        _known_option(form, key, text)
    return text


def _known_option(form: Form, key: str, text: str) -> None:
    model: Any = Translation
    for name in text.split("."):
        fields = getattr(model, "model_fields", {})
        if name not in fields:
            form.wrong(form.at(key), f"there is no option {text!r}", nearest(name, fields))
            return
        model = fields[name].annotation


def option_of(settings: Translation, path: str) -> Any:
    """The value of an option by its path below `translation`."""
    step: Callable[[Any, str], Any] = getattr
    return reduce(step, path.split("."), settings)
