"""Addresses that people have typed."""

import pytest

from gateway.core.addresses import escaped


@pytest.mark.parametrize(
    ("typed", "uri"),
    [
        ("ftp://h/a%20b?c#d", "ftp://h/a%20b?c#d"),
        ("ftp://h/a b\t", "ftp://h/a%20b%09"),
        ("ftp://h/100%", "ftp://h/100%25"),
        ("ftp://h/%zz%2", "ftp://h/%25zz%252"),
    ],
)
def test_what_no_uri_may_hold_is_escaped(typed, uri):
    assert escaped(typed) == uri
    assert escaped(uri) == uri
