"""A fan-out does not outgrow a slow account."""

from __future__ import annotations

import pytest

from clarion.core.workflow import Lane
from clarion.pipeline import rooms
from clarion.pipeline.rates import Rates
from clarion.pipeline.rooms import Rooms
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL

LANE = int(Lane.BULK)


async def mailed(server: Embedded, count: int) -> None:
    await server.category("bulletin", lane="bulk")
    await server.workflow("blast", MAIL, category="bulletin")
    for n in range(count):
        await server.user(f"u{n}", email=f"u{n}@example.org")


async def test_a_fan_out_waits_until_its_account_has_room(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mailed(embedded, 8)
    loops = [loop for loop in embedded.server.loops if loop.name.startswith(f"fanout:{LANE}")]
    await embedded.hold("ready")
    first = await embedded.send("blast", {"all": True})
    await embedded.quiet()
    store, clock = embedded.server.store, embedded.clock
    for loop in loops:
        stage = getattr(loop._step, "__self__")  # noqa: B009 - the stage behind the loop
        stage._rooms = Rooms(store, clock, Rates(), limit=8)
    second = await embedded.send("blast", {"all": True})
    await embedded.quiet()
    assert embedded.select("select count(*) from ready") == [(8,)]
    assert (await embedded.counts(second)).open == 0
    for _ in range(5):
        await embedded.advance(1.5)
        await embedded.quiet()
    assert (await embedded.event(second)).expanding == 1
    embedded.release("ready")
    await embedded.settled(first)
    await embedded.advance(1.5)
    await embedded.settled(second)


async def test_an_account_with_room_is_not_waited_for(embedded: Embedded) -> None:
    found = Rooms(embedded.server.store, embedded.clock, Rates(), limit=8)
    assert await found.wait_seconds(LANE, {"capture"}) == 0
    found.add(LANE, "capture", 8)
    assert await found.wait_seconds(LANE, {"capture"}) == rooms.USUAL_WAIT_SECONDS
    embedded.clock.advance(1)
    assert await found.wait_seconds(LANE, {"capture"}) == 0


async def test_the_wait_goes_by_how_fast_the_account_is(embedded: Embedded) -> None:
    rates = Rates()
    found = Rooms(embedded.server.store, embedded.clock, rates, limit=1000)
    await found.wait_seconds(LANE, {"capture"})
    found.add(LANE, "capture", 1000)
    rates.count_account(LANE, "capture", 1000, embedded.clock.now())
    per_second = rates.accounts(embedded.clock.now())[LANE, "capture"]
    assert await found.wait_seconds(LANE, {"capture"}) == pytest.approx(250 / per_second)


async def test_the_inbox_is_no_account(embedded: Embedded) -> None:
    await embedded.workflow("note", INBOX, category="marketing")
    await embedded.users("ana")
    await embedded.told("note", {"all": True})
