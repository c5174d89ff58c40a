"""What is remembered of commands that are reported on later."""

from gateway.core.session.procedures.job import CURRENT, REMEMBERED, STATUS, remember
from gateway.core.session.table import Table


def test_the_newest_request_counts_until_it_is_refused():
    table = Table()
    remember(table, "log", 1, "GetLog")
    take_back = remember(table, "log", 2, "GetDiagnostics")
    assert table.get(CURRENT, "log") == 2
    take_back()
    assert table.get(CURRENT, "log") == 1
    assert table.kind("log_request") == {"1": "GetLog"}


def test_a_first_request_that_is_refused_leaves_nothing():
    table = Table()
    remember(table, "firmware", 1, "UpdateFirmware")()
    assert (table.get(CURRENT, "firmware"), table.kind("firmware_request")) == (None, {})


def test_kinds_do_not_mix():
    table = Table()
    remember(table, "log", 1, "GetLog")
    remember(table, "firmware", 1, "UpdateFirmware")
    assert table.get("log_request", "1") == "GetLog"
    assert table.get("firmware_request", "1") == "UpdateFirmware"


def test_a_new_request_makes_the_last_status_news_again():
    table = Table()
    table.put(STATUS, "firmware", "DownloadFailed")
    remember(table, "firmware", 1, "UpdateFirmware")
    assert table.get(STATUS, "firmware") is None


def test_a_request_taken_back_leaves_the_last_status_as_it_was():
    table = Table()
    table.put(STATUS, "firmware", "Installing")
    remember(table, "firmware", 1, "UpdateFirmware")()
    assert table.get(STATUS, "firmware") == "Installing"


def test_a_request_taken_back_late_leaves_a_newer_one_as_it_is():
    table = Table()
    take_back = remember(table, "log", 1, "GetLog")
    remember(table, "log", 2, "GetLog")
    take_back()
    assert table.get(CURRENT, "log") == 2
    assert table.kind("log_request") == {"2": "GetLog"}


def test_old_requests_are_forgotten():
    table = Table()
    for number in range(REMEMBERED + 3):
        remember(table, "log", number, "GetLog")
    kept = list(table.kind("log_request"))
    assert (kept[0], len(kept)) == ("3", REMEMBERED)
