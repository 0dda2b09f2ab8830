"""Several processes on one database: each store here has connections of its own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import PageWrite
from clarion.store.postgres.store import PostgresStore, open_postgres
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    WORKFLOW,
    a_delivery,
    a_notification,
    an_event,
    an_event_id,
    an_item,
    some_content,
)

LANE, ACCOUNT = 1, "fcm"
WORKERS = 6
"""Numbered from 1."""
SENT = Outcome(kind=OutcomeClass.ACCEPTED, provider_id="p")


@pytest.fixture
async def stores(dsn: str) -> AsyncIterator[list[PostgresStore]]:
    opened = [await open_postgres(dsn, NOW) for _ in range(3)]
    for _ in range(WORKERS):
        await opened[0].work.start_worker([LANE], LEASE, NOW)
    yield opened
    for store in opened:
        await store.close()


def a_page(event: bytes, users: int, destinations: int) -> PageWrite:
    """Each user has a notification with some deliveries."""
    return PageWrite(
        notifications=[
            a_notification(event, user, bucket=Bucket.OPEN, open=destinations)
            for user in range(1, users + 1)
        ],
        deliveries=[
            a_delivery(event, user, user * 10 + n)
            for user in range(1, users + 1)
            for n in range(destinations)
        ],
    )


def sent(claim: Claim) -> Finish:
    return Finish(claim=claim, status=DeliveryStatus.SENT, outcome=SENT)


async def claim_all(store: PostgresStore, worker: int, limit: int) -> list[Claim]:
    claims: list[Claim] = []
    while found := await store.deliveries.claim(LANE, ACCOUNT, worker, limit, NOW):
        claims += found
    return claims


async def imbalances(store: PostgresStore) -> list[str]:
    page = await store.ledger.audit(ENV, (0, b""), 100)
    return [found.what for found in page.found]


async def test_no_row_is_claimed_by_two(stores: list[PostgresStore]) -> None:
    event = an_event_id(1)
    await stores[0].events.accept_many([an_event(event, a_page(event, 120, 2))], NOW)
    claimed = await asyncio.gather(
        *(claim_all(store, worker, 17) for worker, store in enumerate(stores * 2, 1))
    )
    seqs = [claim.seq for claims in claimed for claim in claims]
    assert len(seqs) == len(set(seqs)) == 240


async def test_an_outcome_told_by_several_at_once_counts_once(
    stores: list[PostgresStore],
) -> None:
    event = an_event_id(1)
    await stores[0].events.accept_many([an_event(event, a_page(event, 30, 2))], NOW)
    claims = await stores[0].deliveries.claim(LANE, ACCOUNT, 1, 100, NOW)
    counts = await asyncio.gather(
        *(
            store.deliveries.finish(random.sample([*map(sent, claims)], len(claims)), 1, NOW)
            for store in stores * 2
        )
    )
    assert sum(counts) == 60
    assert await imbalances(stores[0]) == []


async def test_who_was_rescued_loses_against_the_rescuer(stores: list[PostgresStore]) -> None:
    event = an_event_id(1)
    await stores[0].events.accept_many([an_event(event, a_page(event, 20, 1))], NOW)
    old = await stores[0].deliveries.claim(LANE, ACCOUNT, 1, 100, NOW)
    new = await stores[1].deliveries.stranded([1], 100)
    assert sorted(claim.seq for claim in new) == sorted(claim.seq for claim in old)
    lost, won = await asyncio.gather(
        stores[0].deliveries.finish([*map(sent, old)], 1, NOW),
        stores[1].deliveries.finish([*map(sent, new)], 2, NOW),
    )
    assert (lost, won) == (0, 20)


async def test_one_key_accepted_by_many_at_once_is_one_event(
    stores: list[PostgresStore],
) -> None:
    events = [an_event(an_event_id(n), keys=[("k", b"f" * 32)]) for n in range(1, 13)]
    answers = await asyncio.gather(
        *(stores[n % 3].events.accept_many([event], NOW) for n, event in enumerate(events))
    )
    first = [answer for (answer,) in answers if not answer.replayed]
    assert len(first) == 1
    assert {answer.event for (answer,) in answers} == {first[0].event}
    rows = await stores[0].events.rows(ENV, [event.id for event in events])
    assert set(rows) == {first[0].event}


async def test_counts_are_right_when_all_finish_and_fold_at_once(
    stores: list[PostgresStore],
) -> None:
    events = [an_event_id(n) for n in (1, 2)]
    for event in events:
        await stores[0].events.accept_many([an_event(event, a_page(event, 40, 3))], NOW)
    claims = await stores[0].deliveries.claim(LANE, ACCOUNT, 1, 1000, NOW)
    random.Random(7).shuffle(claims)
    slices = [claims[n::12] for n in range(12)]
    await asyncio.gather(
        *(
            stores[n % 3].deliveries.finish([*map(sent, part)], 1, NOW)
            for n, part in enumerate(slices)
        ),
        *(store.events.fold_counts(5) for store in stores * 3),
    )
    for event in events:
        counts = (await stores[0].events.counts(ENV, event))[0]
        assert (counts.open, counts.sent) == (0, 40)
    assert await imbalances(stores[0]) == []


async def test_names_minted_by_several_have_one_number_each(
    stores: list[PostgresStore],
) -> None:
    names = [f"user-{n}" for n in range(60)]
    orders = [random.Random(n).sample(names, len(names)) for n in range(9)]
    answers = await asyncio.gather(
        *(stores[n % 3].names.mint(ENV, NameKind.USER, order) for n, order in enumerate(orders))
    )
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == 60


async def test_users_written_by_several_lose_no_version(stores: list[PostgresStore]) -> None:
    await asyncio.gather(
        *(
            stores[n % 3].people.write_users(
                ENV, [UserWrite(id="ann", changed={"data": {f"k{n}": n}})], NOW
            )
            for n in range(9)
        )
    )
    ann = (await stores[0].people.users(ENV, ["ann"]))["ann"]
    assert ann.data == {f"k{n}": n for n in range(9)}
    assert ann.version == 9


async def test_items_of_one_inbox_are_numbered_and_counted_once(
    stores: list[PostgresStore],
) -> None:
    """Marks take numbers of the same line, so items have gaps between theirs."""
    users = range(1, 9)

    async def accept(n: int) -> None:
        event = an_event_id(n)
        order = random.Random(n).sample(users, len(users))
        page = PageWrite(
            notifications=[a_notification(event, u, bucket=Bucket.SENT, sent=1) for u in order],
            items=[an_item(event, user) for user in order],
            contents=[some_content(event, "hello")],
        )
        await stores[n % 3].events.accept_many([an_event(event, page)], NOW)

    async def mark(n: int) -> None:
        await stores[n % 3].inbox.mark_all(ENV, n % 8 + 1, 0, "seen", 2**40, NOW)

    await asyncio.gather(*(accept(n) for n in range(1, 13)), *(mark(n) for n in range(8)))
    for user in users:
        counts = await stores[0].inbox.counts(ENV, user, 0)
        assert counts.total == 12
        assert 12 <= counts.seq <= 24, "an item each, and at most one mark of each"
    assert await imbalances(stores[0]) == []


async def test_a_dedupe_key_that_several_ask_for_has_one_holder(
    stores: list[PostgresStore],
) -> None:
    asked = [
        [(ENV, an_event_id(n).hex(), WORKFLOW, user, "k", NOW + 1) for user in range(1, 20)]
        for n in range(1, 7)
    ]
    met = await asyncio.gather(
        *(stores[n % 3].work.reserve(rows, NOW) for n, rows in enumerate(asked))
    )
    winners = [19 - len(taken) for taken in met]
    assert sum(winners) == 19


async def test_a_day_of_cancels_and_finishes_at_once_balances(
    stores: list[PostgresStore],
) -> None:
    event = an_event_id(1)
    await stores[0].events.accept_many([an_event(event, a_page(event, 50, 2))], NOW)
    claims = await stores[0].deliveries.claim(LANE, ACCOUNT, 1, 50, NOW)
    await asyncio.gather(
        stores[0].deliveries.finish([*map(sent, claims)], 1, NOW),
        stores[1].events.cancel(ENV, [event], None, NOW),
        stores[2].deliveries.claim(LANE, ACCOUNT, 2, 20, NOW),
    )
    assert await imbalances(stores[0]) == []
