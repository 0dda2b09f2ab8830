"""Events: taken once, counted by deltas, taken back."""

from __future__ import annotations

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.events import Acceptance, EventCounts, EventQuery
from clarion.store.contract.work import PageWrite, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    a_delivery,
    a_notification,
    a_push_page,
    an_event,
    an_event_id,
    an_item_page,
)

ONE, TWO, THREE = (an_event_id(n) for n in (1, 2, 3))
PUSH = CHANNEL_NUMBER[Channel.PUSH]
BODY, OTHER_BODY = b"b" * 32, b"o" * 32


async def test_an_event_is_read_back_as_it_was_written(store: SqlStore) -> None:
    written = an_event(
        ONE,
        tenant=4,
        actor=5,
        about=6,
        silent=True,
        expires_at=NOW + 9,
        correlation="c-1",
        cancellation="k-1",
        ordering_key="o-1",
        mentions='[["user",5]]',
        audience='[{"workflow":1}]',
        data='{"n":1}',
        tags={"order": "7", "shop": "x"},
        workflows=((2, 1, 3, 1, 0), (4, 2, 3, 1, 1)),
        tasks=(TaskWrite(workflow=2, lane=0, tenant=4, source="topic", scope=6),),
    )
    await store.events.accept_many([written], NOW)
    row = (await store.events.rows(ENV, [ONE, TWO]))[ONE]
    assert (row.tenant, row.actor, row.about, row.silent) == (4, 5, 6, True)
    assert (row.expires_at, row.correlation, row.cancellation) == (NOW + 9, "c-1", "k-1")
    assert (row.ordering_key, row.mentions, row.audience) == (
        "o-1",
        [["user", 5]],
        [{"workflow": 1}],
    )
    assert (row.data, row.tags) == ({"n": 1}, {"order": "7", "shop": "x"})
    assert row.workflows == written.workflows
    assert row.expanding == 1
    assert row.cancelled_at is None


async def test_an_event_of_another_environment_is_not_there(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE)], NOW)
    assert await store.events.rows(ENV + 1, [ONE]) == {}


async def test_the_first_holder_of_a_key_answers_for_it(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE, keys=(("id:a", BODY),))], NOW)
    answers = await store.events.accept_many(
        [
            an_event(TWO, an_item_page(TWO, 1), keys=(("id:a", BODY),)),
            an_event(THREE, an_item_page(THREE, 1), keys=(("id:a", OTHER_BODY),)),
        ],
        NOW,
    )
    assert answers == [Acceptance(ONE, replayed=True), Acceptance(ONE, mismatch=True)]
    assert await store.events.rows(ENV, [TWO, THREE]) == {}
    assert (
        await store.inbox.page(
            ENV, 1, 0, status="all", archived="include", before=None, limit=9, now=NOW
        )
        == []
    )


async def test_within_one_group_the_first_event_holds_the_key(store: SqlStore) -> None:
    answers = await store.events.accept_many(
        [an_event(event, keys=(("id:a", BODY),)) for event in (ONE, TWO)]
        + [an_event(THREE, keys=(("id:b", BODY),))],
        NOW,
    )
    assert answers == [Acceptance(ONE), Acceptance(ONE, replayed=True), Acceptance(THREE)]
    assert set(await store.events.rows(ENV, [ONE, TWO, THREE])) == {ONE, THREE}


async def test_a_refused_event_leaves_its_other_keys_free(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE, keys=(("req:r", BODY),))], NOW)
    both = (("id:a", BODY), ("req:r", OTHER_BODY))
    refused = await store.events.accept_many([an_event(TWO, keys=both)], NOW)
    assert refused == [Acceptance(ONE, mismatch=True)]
    assert set(await store.events.by_keys(ENV, ["id:a", "req:r"])) == {"req:r"}
    assert await store.events.accept_many([an_event(THREE, keys=(("id:a", BODY),))], NOW) == [
        Acceptance(THREE)
    ]


async def test_a_twin_of_a_refused_event_is_refused_in_the_same_group(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE, keys=(("req:r", BODY),))], NOW)
    both = (("id:a", BODY), ("req:r", OTHER_BODY))
    twins = [an_event(an_event_id(n), keys=both) for n in range(10, 60)]
    own = an_event(TWO, keys=(("id:a", BODY),))
    answers = await store.events.accept_many([*twins, own], NOW)
    assert answers == [Acceptance(ONE, mismatch=True)] * 50 + [Acceptance(TWO)]
    assert (await store.events.by_keys(ENV, ["id:a"]))["id:a"][0] == TWO


async def test_keys_of_two_environments_do_not_meet(store: SqlStore) -> None:
    answers = await store.events.accept_many(
        [
            an_event(ONE, keys=(("id:a", BODY),)),
            an_event(TWO, env=ENV + 1, keys=(("id:a", BODY),)),
        ],
        NOW,
    )
    assert answers == [Acceptance(ONE), Acceptance(TWO)]
    assert await store.events.by_keys(ENV + 1, ["id:a"]) == {"id:a": (TWO, BODY)}


async def test_folding_deltas_changes_no_count(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE, a_push_page(ONE, 1, 3))], NOW)
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    accepted = Outcome(kind=OutcomeClass.ACCEPTED)
    finish = Finish(claim=claim, status=DeliveryStatus.SENT, outcome=accepted)
    await store.deliveries.finish([finish], worker, NOW)
    before = await store.events.counts(ENV, ONE)
    assert before[0] == EventCounts(sent=1)
    assert before[PUSH] == EventCounts(sent=1)
    assert await store.events.fold_counts(1) == 1
    assert await store.events.counts(ENV, ONE) == before
    while await store.events.fold_counts(100):
        pass
    assert await store.events.counts(ENV, ONE) == before
    assert await store.events.fold_counts(100) == 0


async def test_an_unknown_event_has_no_counts(store: SqlStore) -> None:
    assert await store.events.counts(ENV, ONE) == {}


async def test_a_cancellation_ends_what_is_ready_and_leaves_what_is_sent(
    store: SqlStore,
) -> None:
    page = PageWrite(
        notifications=[a_notification(ONE, 1, bucket=Bucket.OPEN, open=2)],
        deliveries=[a_delivery(ONE, 1, 3), a_delivery(ONE, 1, 4)],
    )
    await store.events.accept_many(
        [an_event(ONE, page), an_event(TWO, a_push_page(TWO, 1, 3))], NOW
    )
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 1, NOW)
    assert await store.events.cancel(ENV, [ONE, THREE], None, NOW + 1) == [ONE]
    assert (await store.events.counts(ENV, ONE))[PUSH] == EventCounts(open=1, skipped=1)
    assert (await store.events.counts(ENV, TWO))[PUSH] == EventCounts(open=1)
    accepted = Outcome(kind=OutcomeClass.ACCEPTED)
    finish = Finish(claim=claim, status=DeliveryStatus.SENT, outcome=accepted)
    assert await store.deliveries.finish([finish], worker, NOW) == 1
    assert (await store.events.counts(ENV, ONE))[0] == EventCounts(sent=1)
    rows = await store.events.rows(ENV, [ONE, TWO])
    assert (rows[ONE].cancelled_at, rows[TWO].cancelled_at) == (NOW + 1, None)


async def test_cancelling_again_changes_nothing(store: SqlStore) -> None:
    await store.events.accept_many([an_event(ONE, a_push_page(ONE, 1, 3))], NOW)
    await store.events.cancel(ENV, [ONE], None, NOW)
    before = await store.events.counts(ENV, ONE)
    assert await store.events.cancel(ENV, [ONE], None, NOW + 5) == [ONE]
    assert await store.events.counts(ENV, ONE) == before
    assert (await store.events.rows(ENV, [ONE]))[ONE].cancelled_at == NOW


async def test_a_cancellation_key_holds_in_its_environment(store: SqlStore) -> None:
    await store.events.accept_many(
        [
            an_event(ONE, cancellation="k"),
            an_event(TWO, cancellation="k"),
            an_event(THREE, env=ENV + 1, cancellation="k"),
        ],
        NOW,
    )
    assert sorted(await store.events.cancel(ENV, [], "k", NOW)) == [ONE, TWO]
    assert await store.events.cancel(ENV, [], "unknown", NOW) == []
    assert (await store.events.rows(ENV + 1, [THREE]))[THREE].cancelled_at is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (EventQuery(), [THREE, TWO, ONE]),
        (EventQuery(type="order.paid"), [TWO]),
        (EventQuery(tag=("shop", "x")), [THREE, ONE]),
        (EventQuery(tag=("shop", "x"), type="order.paid"), []),
        (EventQuery(correlation="c"), [TWO, ONE]),
        (EventQuery(since=NOW + 2 * SECOND), [THREE, TWO]),
        (EventQuery(before=THREE), [TWO, ONE]),
        (EventQuery(limit=1), [THREE, TWO]),
    ],
    ids=str,
)
async def test_events_are_found_newest_first(
    store: SqlStore, query: EventQuery, found: list[bytes]
) -> None:
    await store.events.accept_many(
        [
            an_event(ONE, correlation="c", tags={"shop": "x"}),
            an_event(TWO, correlation="c", type="order.paid"),
            an_event(THREE, tags={"shop": "x", "kind": "y"}),
            an_event(an_event_id(4), env=ENV + 1, tags={"shop": "x"}),
        ],
        NOW,
    )
    assert [row.id for row in await store.events.search(ENV, query)] == found
