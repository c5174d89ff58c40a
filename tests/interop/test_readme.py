"""The README lists what runs with whom."""

import re
from pathlib import Path

from tests.interop.soap_session import exchanges
from tests.interop.test_sessions import EXCHANGES
from tests.interop.test_sessions import PACKAGES as JSON
from tests.interop.test_soap import PACKAGES as SOAP

HERE = Path(__file__).parent
TEXT = (HERE / "README.md").read_text("utf-8")


def names(packages: tuple[object, ...]) -> list[str]:
    return [str(vars(package)["NAME"]) for package in packages]


def test_every_package_has_a_row() -> None:
    table = TEXT[TEXT.index("| peer |") :].split("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.M) == [*names(JSON), *names(SOAP)]


def test_every_exchange_is_listed_with_its_peers() -> None:
    listed = re.findall(r"^\| (\w) \| `(\w+)` \| (.*?) \| (.*?) \|", TEXT, re.M)
    over_soap = ", ".join(names(SOAP))
    assert listed == [
        (
            direction,
            exchange.__name__,
            ", ".join(names(JSON)),
            over_soap if exchange in exchanges(direction) else "-",
        )
        for direction, day in EXCHANGES.items()
        for exchange in day
    ]


def test_every_other_test_is_listed() -> None:
    days = {"test_sessions.py", "test_soap.py", "test_readme.py"}
    listed = set(re.findall(r"`(test_\w+\.py)` \|$", TEXT, re.M))
    assert listed == {path.name for path in HERE.glob("test_*.py")} - days
