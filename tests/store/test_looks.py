"""The transaction of a look: rows of what was decided, each item where its instant belongs."""

from __future__ import annotations

import asyncio

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from clarion.store.contract.broadcasts import LookWrite
from clarion.store.contract.events import EventCounts
from clarion.store.contract.inbox import Counts
from clarion.store.contract.work import AlikeWrite, PageWrite
from clarion.store.sql.looks import Newer, placed
from clarion.store.sql.store import SqlStore
from tests.store.broadcasting import a_look, published, told
from tests.store.builders import ENV, NOW, SECOND, an_event, an_event_id, an_item

ANA, BO = 1, 2


async def listed(store: SqlStore) -> list[int]:
    """Seconds after NOW of ana's items, newest first."""
    rows = await store.inbox.page(
        ENV, ANA, 0, status="all", archived="include", before=None, limit=100, now=NOW
    )
    assert len({row.place for row in rows}) == len(rows)
    return [(row.created_at - NOW) // SECOND for row in rows]


async def written(store: SqlStore, *seconds: int) -> None:
    """Ordinary items of ana, so many seconds after NOW."""
    for n in seconds:
        at = NOW + n * SECOND
        event = an_event_id(1000 + n)
        page = PageWrite(
            notifications=told(event, ANA).notifications,
            items=[an_item(event, ANA, created_at=at)],
        )
        await store.events.accept_many([an_event(event, page, accepted_at=at)], at)


async def looked(store: SqlStore, *seconds: int, marker: int = 1, before: int = 0) -> bool:
    """Ana looks, and broadcasts of so many seconds after NOW are decided."""
    pages = []
    for n in seconds:
        at = NOW + n * SECOND
        pages.append(told(await published(store, at=at, n=n), ANA, at))
    return not await store.broadcasts.write(a_look(ANA, *pages, marker=marker, before=before))


async def test_items_come_to_stand_among_those_that_are_there(store: SqlStore) -> None:
    await written(store, 1, 4, 8)
    assert await looked(store, 2, 3, 6, 9)
    assert await listed(store) == [9, 8, 6, 4, 3, 2, 1]
    await written(store, 10)
    assert await looked(store, 5, 7, marker=2, before=1)
    assert await listed(store) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert await store.inbox.counts(ENV, ANA, 0) == Counts(seq=16, total=10, unread=10, unseen=10)


async def test_the_first_items_of_an_inbox_need_no_place(store: SqlStore) -> None:
    assert await looked(store, 2, 5)
    assert await listed(store) == [5, 2]
    assert await store.broadcasts.behind(ENV, [ANA], 0) == (2, {ANA: 1})


async def test_marks_up_to_a_late_item_leave_what_is_newer(store: SqlStore) -> None:
    await written(store, 1, 4)
    await looked(store, 2)
    rows = await store.inbox.page(
        ENV, ANA, 0, status="all", archived="include", before=None, limit=100, now=NOW
    )
    changed = await store.inbox.mark_all(ENV, ANA, 0, "read", rows[1].place, NOW)
    assert changed == 2
    assert (await store.inbox.counts(ENV, ANA, 0)).unread == 1


async def test_what_was_decided_meanwhile_is_not_written_again(store: SqlStore) -> None:
    event = await published(store)
    look = a_look(ANA, told(event, ANA))
    moved = await asyncio.gather(*(store.broadcasts.write(look) for _ in range(5)))
    assert sorted(map(len, moved)) == [0, 1, 1, 1, 1]
    assert await store.broadcasts.write(a_look(ANA, told(event, ANA), before=1)) == set()
    assert await listed(store) == [0]
    assert (await store.events.counts(ENV, event))[0] == EventCounts(sent=1)


async def test_who_looked_meanwhile_is_left_out_and_the_others_are_not(store: SqlStore) -> None:
    event = await published(store)
    assert await looked(store, 1, marker=2)
    both = a_look(ANA, told(event, ANA), told(event, BO), marker=1)
    look = msgspec.structs.replace(both, markers={ANA: (0, 1), BO: (0, 1)})
    assert await store.broadcasts.write(look) == {ANA}
    assert await store.broadcasts.behind(ENV, [ANA, BO], 0) == (2, {BO: 1})
    assert await listed(store) == [1]
    assert (await store.inbox.counts(ENV, BO, 0)).total == 1
    assert (await store.events.counts(ENV, event))[0] == EventCounts(sent=1)


async def test_who_is_alike_and_has_newer_items_gets_rows_of_their_own(store: SqlStore) -> None:
    event = await published(store, at=NOW + 2 * SECOND)
    await written(store, 1, 4)
    page = told(event, 0, NOW + 2 * SECOND)
    group = AlikeWrite(users=[ANA, BO], notification=page.notifications[0], item=page.items[0])
    look = LookWrite(
        env=ENV, tenant=0, markers={ANA: (0, 1), BO: (0, 1)},
        page=PageWrite(alike=[group], contents=page.contents),
    )  # fmt: skip
    assert await store.broadcasts.write(look) == set()
    assert await listed(store) == [4, 2, 1]
    assert (await store.inbox.counts(ENV, BO, 0)).total == 1
    assert (await store.events.counts(ENV, event))[0] == EventCounts(sent=2)


async def test_who_was_forgotten_meanwhile_gets_nothing(store: SqlStore) -> None:
    event = await published(store)
    look = a_look(ANA, told(event, ANA), before=1, marker=2)
    assert await store.broadcasts.write(look) == {ANA}
    assert await listed(store) == []


@given(
    gaps=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=8),
    lates=st.lists(st.integers(0, 40), min_size=1, max_size=8),
)
def test_places_keep_the_order_of_time_and_never_fall(
    gaps: list[tuple[int, int]], lates: list[int]
) -> None:
    newer, place, at = [], 10, 0
    for seq, (step, later) in enumerate(gaps, 1):
        place, at = place + step, at + later
        newer.append(Newer(seq, place, at))
    items = [an_item(b"e", ANA, created_at=instant) for instant in sorted(lates)]
    last = newer[-1].place
    given_places = dict(placed(newer, items, last))
    orders = [
        *((given_places.get(one.seq, one.place), one.at, 1) for one in newer),
        *(
            (given_places.get(last + n, last + n), item.created_at, 0)
            for n, item in enumerate(items, 1)
        ),
    ]
    assert len({order for order, _, _ in orders}) == len(orders)
    assert max(order for order, _, _ in orders) <= last + len(items)
    assert all(given_places.get(one.seq, one.place) >= one.place for one in newer)
    instants = [at for _, at, _ in sorted(orders)]
    assert instants == sorted(instants)
