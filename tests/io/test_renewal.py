"""Passwords that were changed through the gateway: the table of renewal.py."""

import base64

import orjson
import pytest

from gateway.io.auth import Basic
from gateway.io.credentials import Credentials
from gateway.io.renewal import KIND, Renewals
from gateway.storage import open_store

OLD, NEW, NEWER = b"old-password-0000", b"new-password-0000", b"newer-password-00"
STATION = "CP1"
OVERLAP_S = 3600.0
CHANGED = 1000.0


class Case:
    """One station whose password was changed at CHANGED."""

    def __init__(self, credentials, renewals, store, epoch, clock):
        self.credentials = credentials
        self.renewals = renewals
        self.store = store
        self.epoch = epoch
        self.clock = clock

    async def login(self, password, user=STATION):
        basic = Basic(user.encode(), password)
        fits = user == STATION and self.credentials.verify(STATION, password)
        return await self.renewals.judged(STATION, basic, fits)

    async def bindings(self):
        return [kind for kind, _, _ in await self.store.bindings(STATION)]

    async def written(self, password, state, csms=None):
        """A CSMS has written one more password."""
        csms = password.decode() if csms is None else csms
        row = {"password": password.hex(), "state": state, "since": self.clock[0], "csms": csms}
        key = str(len(await self.bindings()))
        await self.store.put(STATION, self.epoch, KIND, key, orjson.dumps(row))

    async def admitted(self, password):
        """A whole login, as it is when the station's session opens; what the CSMS is shown."""
        assert await self.login(password)
        shown = await self.renewals.towards_csms(STATION, Basic(STATION.encode(), password))
        await self.renewals.settle(STATION, self.epoch)
        return None if shown is None else base64.b64decode(shown.removeprefix("Basic "))


@pytest.fixture
def changed(tmp_path):
    async def make(state=None):
        credentials = Credentials.load(tmp_path / "credentials", missing_ok=True)
        credentials.add(STATION, OLD)
        credentials.save()
        store = open_store("memory:")
        epoch = await store.acquire(STATION, "here")
        clock = [CHANGED]
        renewals = Renewals(store, credentials, OVERLAP_S, lambda: clock[0])
        case = Case(credentials, renewals, store, epoch, clock)
        if state is not None:
            await case.written(NEW, state)
        return case

    return make


@pytest.mark.parametrize("state", ["pending", "accepted"])
async def test_both_passwords_are_valid_for_a_while(changed, state):
    case = await changed(state)
    case.clock[0] += OVERLAP_S
    assert await case.login(OLD)
    assert await case.login(NEW)


@pytest.mark.parametrize("state", ["pending", "accepted"])
async def test_the_first_login_with_the_new_one_ends_the_old_one(changed, state):
    case = await changed(state)
    assert await case.login(NEW)
    await case.renewals.settle(STATION, case.epoch)
    assert await case.bindings() == []
    assert not await case.login(OLD)
    assert await case.login(NEW)
    stored = Credentials.load(case.credentials.path)
    assert (stored.verify(STATION, NEW), stored.verify(STATION, OLD)) == (True, False)


async def test_an_accepted_password_counts_alone_in_the_end(changed):
    case = await changed("accepted")
    case.clock[0] += OVERLAP_S + 1
    assert not await case.login(OLD)
    assert await case.login(NEW)


async def test_a_password_that_the_station_never_took_is_forgotten(changed):
    case = await changed("pending")
    case.clock[0] += OVERLAP_S + 1
    assert await case.login(OLD)
    await case.renewals.settle(STATION, case.epoch)
    assert await case.bindings() == []


async def test_the_new_password_is_nothing_under_another_name(changed):
    case = await changed("accepted")
    assert not await case.login(NEW, user="CP2")
    assert not await case.login(b"wrong")


async def test_a_csms_is_shown_the_password_as_it_wrote_it(changed):
    case = await changed()
    await case.written(NEW, "accepted", NEW.hex().upper())
    assert await case.renewals.towards_csms(STATION, Basic(b"CP1", OLD)) is None
    assert await case.renewals.towards_csms(STATION, None) is None
    for _ in range(3):
        assert await case.admitted(NEW) == b"CP1:" + NEW.hex().upper().encode()
    assert NEW.hex().encode() not in b"".join([v for *_, v in await case.store.bindings(STATION)])
    await case.written(OLD, "accepted")
    assert await case.admitted(OLD) == b"CP1:" + OLD
    assert await case.admitted(OLD) is None
    assert await case.bindings() == []


async def test_of_several_that_the_station_took_each_lets_it_in(changed):
    case = await changed("accepted")
    await case.written(NEWER, "pending")
    assert await case.login(OLD)
    assert await case.admitted(NEW) == b"CP1:" + NEW
    assert not await case.login(OLD)
    assert await case.login(NEW)
    assert await case.admitted(NEWER) == b"CP1:" + NEWER
    assert not await case.login(NEW)
    assert await case.bindings() == []


async def test_the_last_one_that_the_station_took_counts_alone_in_the_end(changed):
    case = await changed("accepted")
    await case.written(NEWER, "accepted")
    await case.written(b"never-taken-000000", "pending")
    case.clock[0] += OVERLAP_S + 1
    assert not await case.login(OLD)
    assert not await case.login(NEW)
    assert await case.admitted(NEWER) == b"CP1:" + NEWER
    assert await case.admitted(NEWER) is None
    assert await case.bindings() == []


async def test_a_file_that_cannot_be_written_locks_nobody_out(changed, caplog):
    case = await changed("accepted")
    path = case.credentials.path
    case.credentials.path = path / "below a file there is no folder"
    assert await case.login(NEW)
    assert await case.login(NEW)
    assert "the new password of CP1 cannot be stored" in caplog.text
    await case.renewals.settle(STATION, case.epoch)
    assert await case.bindings() == [KIND]
    case.credentials.path = path
    assert await case.login(NEW)
    await case.renewals.settle(STATION, case.epoch)
    assert await case.bindings() == []
    assert Credentials.load(path).verify(STATION, NEW)
