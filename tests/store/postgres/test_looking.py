"""Looks beside each other and beside other writes of an inbox, on connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from clarion.store.contract.broadcasts import LookWrite
from clarion.store.contract.events import EventCounts
from clarion.store.contract.work import AlikeWrite, PageWrite
from clarion.store.postgres.store import PostgresStore, open_postgres
from tests.store.broadcasting import (
    a_look,
    audited,
    count_all,
    marker_of,
    published,
    told,
    undecided,
)
from tests.store.builders import ENV, NOW, SECOND, an_event, an_event_id, an_item

ANA = 1
STORES = 4


@pytest.fixture
async def stores(dsn: str) -> AsyncIterator[list[PostgresStore]]:
    opened = [await open_postgres(dsn, NOW, clock_offset=None) for _ in range(STORES)]
    await opened[0].topics.subscribe(ENV, "show", [f"u{n}" for n in range(20)], [], NOW - 1)
    yield opened
    for store in opened:
        await store.close()


async def test_many_looks_of_one_user_write_one_item_each(stores: list[PostgresStore]) -> None:
    events = [await published(stores[0], at=NOW + n * SECOND, n=n) for n in range(6)]
    pages = [told(event, ANA, NOW + n * SECOND) for n, event in enumerate(events)]

    async def look(n: int) -> None:
        store, marker = stores[n % STORES], 1 + n % 6
        while (before := await marker_of(store, ANA)) < marker:
            await store.broadcasts.write(a_look(ANA, *pages[:marker], marker=marker, before=before))

    await asyncio.gather(*(look(n) for n in range(24)))
    assert await marker_of(stores[1], ANA) == 6
    assert (await stores[1].inbox.counts(ENV, ANA, 0)).total == 6
    await count_all(stores[2])
    assert [await undecided(stores[3], event) for event in events] == [19] * 6
    assert await audited(stores[0]) == []


async def test_looks_and_new_items_of_an_inbox_keep_its_order(stores: list[PostgresStore]) -> None:
    async def write(n: int) -> None:
        at = NOW + n * SECOND
        event = an_event_id(1000 + n)
        notifications = told(event, ANA).notifications
        page = PageWrite(notifications=notifications, items=[an_item(event, ANA, created_at=at)])
        await stores[n % STORES].events.accept_many([an_event(event, page, accepted_at=at)], at)

    async def look(n: int, event: bytes) -> None:
        page, store = told(event, ANA, NOW + n * SECOND), stores[n % STORES]
        while await store.broadcasts.write(a_look(ANA, page, before=0, marker=0)):
            pass

    await write(0)
    events = {n: await published(stores[0], at=NOW + n * SECOND, n=n) for n in range(1, 20, 2)}
    looks = [look(n, event) for n, event in events.items()]
    await asyncio.gather(*(write(n) for n in range(2, 20, 2)), *looks)
    rows = await stores[0].inbox.page(
        ENV, ANA, 0, status="all", archived="include", before=None, limit=100, now=NOW
    )
    assert len({row.place for row in rows}) == len(rows) == 20
    counts = await stores[0].inbox.counts(ENV, ANA, 0)
    assert counts.total == 20
    assert max(row.place for row in rows) <= counts.seq


async def test_numbers_become_visible_in_their_order(stores: list[PostgresStore]) -> None:
    """Whoever sees a broadcast sees all that have a lower number, so a marker passes none by."""
    seen: list[list[int]] = []
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            found = await stores[3].broadcasts.after(ENV, 0, {ANA: 0}, 10_000, 10_000)
            seen.append(found.members.get(ANA, []))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(published(stores[n % 3], at=NOW + n, n=n) for n in range(60)))
    done.set()
    await watching
    assert seen[-1]
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in seen)


async def test_counting_and_erasing_beside_each_other_lose_nobody(
    stores: list[PostgresStore],
) -> None:
    event = await published(stores[0])
    erased = [stores[n % STORES].people.erase(ENV, f"u{n}", NOW + 1) for n in range(8)]
    await asyncio.gather(count_all(stores[3], limit=1), *erased)
    assert (await stores[0].events.counts(ENV, event))[0] == EventCounts(undecided=20)
    assert await audited(stores[0]) == []


async def test_crowds_that_are_decided_twice_get_one_item_each(stores: list[PostgresStore]) -> None:
    """Two gateways with the same users, and a reader of one of them beside each."""
    users = [*range(1, 121)]
    events = [await published(stores[0], at=NOW + n * SECOND, n=n) for n in range(3)]
    pages = [told(event, 0, NOW + n * SECOND) for n, event in enumerate(events)]

    def a_crowd(marker: int, some: list[int]) -> LookWrite:
        page = pages[marker - 1]
        group = AlikeWrite(users=some, notification=page.notifications[0], item=page.items[0])
        return LookWrite(
            env=ENV, tenant=0, markers=dict.fromkeys(some, (marker - 1, marker)),
            page=PageWrite(alike=[group], contents=page.contents),
        )  # fmt: skip

    for marker in (1, 2, 3):
        looks = [a_crowd(marker, users), a_crowd(marker, users[::2]), a_crowd(marker, users[60:])]
        looks += [a_crowd(marker, [user]) for user in (5, 77, 120)]
        moved = await asyncio.gather(
            *(stores[n % STORES].broadcasts.write(look) for n, look in enumerate(looks))
        )
        done = [
            user
            for look, late in zip(looks, moved, strict=True)
            for user in look.markers.keys() - late
        ]
        assert sorted(done) == users
    counts = [await stores[0].inbox.counts(ENV, user, 0) for user in users]
    assert {(count.seq, count.total) for count in counts} == {(3, 3)}
    assert [(await stores[0].events.counts(ENV, event))[0].sent for event in events] == [120] * 3
