"""Whose inbox is read first, where many have changed at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clarion.realtime.feeds import AT_ONCE, OF_A_CROWD, Feeds
from clarion.realtime.outlets import Outlet
from clarion.store.contract.people import UserWrite
from clarion.store.contract.streams import Inbox, Standing
from clarion.testing.embedded import Embedded

SIZE = 600
AN_HOUR = 3_600_000_000


@dataclass
class Crowd:
    """Connections of many users; `reads` are the inboxes that were read together."""

    feeds: Feeds
    inboxes: list[Inbox]
    reads: list[list[Inbox]] = field(default_factory=list)

    async def read(self) -> list[set[Inbox]]:
        """What was read together until nobody waits."""
        async with asyncio.timeout(20):
            while self.feeds.waiting or {*self.inboxes} - {
                one for some in self.reads for one in some
            }:
                await asyncio.sleep(0)
        return [set(some) for some in self.reads]


@pytest.fixture
async def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crowd]:
    server = Embedded(tmp_path / "clarion.db")
    await server.start()
    people, streams = server.server.store.people, server.server.store.streams
    users = [UserWrite(id=f"u{n}", changed={}) for n in range(SIZE)]
    written = await people.write_users(server.env, users, server.clock.now())
    crowd = Crowd(Feeds(server.services), [(server.env, user.number, 0) for user in written])
    honest = streams.standings

    async def standings(inboxes: list[Inbox]) -> dict[Inbox, Standing]:
        crowd.reads.append(inboxes)
        return await honest(inboxes)

    monkeypatch.setattr(streams, "standings", standings)
    outlets = [Outlet(inbox, None, server.clock.now() + AN_HOUR) for inbox in crowd.inboxes]
    crowd.feeds.start()
    for outlet in outlets:
        crowd.feeds.join(outlet)
    for outlet in outlets:
        await outlet.take()
    crowd.reads.clear()
    yield crowd
    await crowd.feeds.stop()
    await server.stop()
    server.close()


async def test_one_that_changes_does_not_wait_behind_a_crowd(crowd: Crowd) -> None:
    *many, one = crowd.inboxes
    crowd.feeds.expect(many)
    crowd.feeds.look_at(many)
    crowd.feeds.look_at([one])
    first, *later = await crowd.read()
    assert one in first
    assert len(first) == AT_ONCE
    assert set.union(first, *later) == {*crowd.inboxes}


async def test_a_crowd_is_read_however_many_others_wait(crowd: Crowd) -> None:
    some, others = crowd.inboxes[:100], crowd.inboxes[100:]
    crowd.feeds.expect(some)
    crowd.feeds.look_at(others)
    crowd.feeds.look_at(some)
    first, second, *_ = await crowd.read()
    assert len(first & {*some}) == OF_A_CROWD
    assert {*some} <= first | second


async def test_who_was_expected_once_waits_no_longer_than_others(crowd: Crowd) -> None:
    one, *many = crowd.inboxes
    crowd.feeds.expect([one])
    crowd.feeds.look_at([one])
    await asyncio.sleep(0)
    while crowd.feeds.waiting:
        await asyncio.sleep(0)
    crowd.feeds.expect(many)
    crowd.feeds.look_at(many)
    crowd.feeds.look_at([one])
    assert one in (await crowd.read())[1]
