"""Take any row out of any map, and the checker names what is missing."""

import copy
import json

import pytest

from gateway.core.yamltree import plain, read
from tests.support.mapping import problems, texts

FILES = [
    p
    for p in texts()
    if not p.endswith("enums.yaml") and not p.startswith(("configuration/", "vendors/"))
]


def lists_of_rows(tree):
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in ("request", "response", "rows") and isinstance(value, list):
                yield value
            if key != "examples":
                yield from lists_of_rows(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from lists_of_rows(value)


def paths(row):
    """Every path that a row or the rows of a block name."""
    for key in ("v16", "v201"):
        named = row.get(key, [])
        yield from [named] if isinstance(named, str) else named
    for key in ("at", "each", "one"):
        yield from row.get(key, {}).values()
    for inner in row.get("rows", []):
        yield from paths(inner)


def without_one_row(path):
    """(row, text of the file without it), for each row of the file."""
    tree = plain(read(texts()[path], path))
    for index, rows in enumerate(lists_of_rows(tree)):
        for number, row in enumerate(rows):
            changed = copy.deepcopy(tree)
            del list(lists_of_rows(changed))[index][number]
            yield row, json.dumps(changed)


def concerned(path):
    """The files that a change of this one matters to."""
    shared = {p: t for p, t in texts().items() if p.startswith("shared/")}
    if path not in shared:
        return shared | {path: texts()[path]}
    users = {path.removesuffix(".yaml")}
    for _ in shared:
        users |= {p.removesuffix(".yaml") for p, t in shared.items() if mentions(t, users)}
    return shared | {p: t for p, t in texts().items() if mentions(t, users)}


def mentions(text, names):
    return any(f"use: {name}" in text for name in names)


@pytest.mark.parametrize("path", FILES)
def test_a_row_that_is_taken_out_is_missed(path):
    files = concerned(path)
    before = problems({}, files)
    for row, text in without_one_row(path):
        told = "\n".join(problems({path: text}, files) - before)
        named = list(paths(row))
        assert told, row
        assert not named or any(name in told for name in named), (row, told)


def test_a_value_that_is_taken_out_of_a_table_is_missed():
    tables = plain(read(texts()["shared/enums.yaml"], "enums.yaml"))
    by_procedures = {"FaultComponent", ("StopReason", "to_v16")}
    for name, table in tables.items():
        users = [path for path, text in texts().items() if f"enum: {name}" in text]
        files = {p: t for path in users for p, t in concerned(path).items()}
        for way in ("same", "to_v16", "to_v201"):
            if name in by_procedures or (name, way) in by_procedures:
                continue
            for value in list(table.get(way, ())):
                changed = copy.deepcopy(tables)
                if way == "same":
                    changed[name][way].remove(value)
                else:
                    del changed[name][way][value]
                told = problems({"shared/enums.yaml": json.dumps(changed)}, files)
                assert any(f"the value {value} has no counterpart" in text for text in told)


def test_a_shared_file_that_is_taken_away_is_missed():
    for path in texts():
        if path.startswith("shared/"):
            assert problems({path: ""}), path
