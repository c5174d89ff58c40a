"""One timer for the pings of all links."""

import asyncio

from gateway.io.pings import PingWheel


class Target:
    """Something to ping; tells what was done to it."""

    def __init__(self) -> None:
        self.open = True
        self.done: list[str] = []
        self.changed = asyncio.Event()

    def ping(self) -> None:
        self.done.append("ping")
        self.changed.set()

    def expect_life(self) -> None:
        self.done.append("expect")
        self.changed.set()

    async def until(self, *done: str) -> None:
        async with asyncio.timeout(10):
            while self.done[: len(done)] != list(done):
                self.changed.clear()
                await self.changed.wait()


async def test_every_link_is_pinged_and_then_expected_to_live():
    now = [0.0]
    wheel = PingWheel(interval_s=0.04, timeout_s=0.02, monotonic=lambda: now[0])
    first, second = Target(), Target()
    wheel.add(first)
    now[0] = 0.02
    wheel.add(second)
    now[0] = 0.04
    await first.until("ping")
    assert second.done == []
    now[0] = 0.06
    await first.until("ping", "expect")
    await second.until("ping")
    now[0] = 0.08
    await first.until("ping", "expect", "ping")
    await second.until("ping", "expect")
    wheel.stop()


async def test_a_closed_link_is_forgotten_and_the_timer_rests():
    now = [0.0]
    wheel = PingWheel(interval_s=0.004, timeout_s=0.004, monotonic=lambda: now[0])
    target, other = Target(), Target()
    wheel.add(target)
    wheel.add(other)
    target.open = False
    now[0] = 1.0
    await other.until("ping")
    assert target.done == []
    wheel.stop()
    wheel.add(target)
    target.open = True
    now[0] = 2.0
    await target.until("ping")
    wheel.stop()
