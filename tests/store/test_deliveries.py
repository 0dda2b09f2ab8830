"""The queue: claimed once, finished once, and never by an old fence."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.deliveries import Claim, DecisionWrite, Finish
from clarion.store.contract.events import EventCounts
from clarion.store.contract.people import DeviceWrite
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    a_delivery,
    a_notification,
    an_event,
    an_event_id,
    some_content,
)

EVENT = an_event_id(1)
PUSH = CHANNEL_NUMBER[Channel.PUSH]
ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, code="200", provider_id="p-1")
BUSY = Outcome(kind=OutcomeClass.RETRY, code="503", detail="busy")


async def queued(
    store: SqlStore, event: bytes = EVENT, destinations: int = 3, **changes: Any
) -> int:
    """An event with one notification of as many pushes, all due; the number of a worker."""
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=destinations)],
        deliveries=[a_delivery(event, 1, n + 1, **changes) for n in range(destinations)],
    )
    await store.events.accept_many([an_event(event, page)], NOW)
    return await store.work.start_worker([0, 1, 2, 3], LEASE, NOW)


async def claimed(store: SqlStore, worker: int, limit: int = 10, now: int = NOW) -> list[Claim]:
    return await store.deliveries.claim(1, "fcm", worker, limit, now)


def ended(claim: Claim, status: DeliveryStatus = DeliveryStatus.SENT, **changes: Any) -> Finish:
    fields: dict[str, Any] = {"outcome": ACCEPTED, "started_at": NOW, "ms": 7}
    return Finish(claim=claim, status=status, **(fields | changes))


def busy(claim: Claim, due: int) -> Finish:
    return ended(claim, DeliveryStatus.READY, outcome=BUSY, due=due)


async def counts(store: SqlStore, kind: int = 0, event: bytes = EVENT) -> EventCounts:
    return (await store.events.counts(ENV, event)).get(kind, EventCounts())


async def test_a_delivery_is_claimed_once(store: SqlStore) -> None:
    first = await queued(store)
    second = await store.work.start_worker([1], LEASE, NOW)
    mine = await claimed(store, first, 2)
    theirs = await claimed(store, second)
    assert [claim.key.destination for claim in mine] == [1, 2]
    assert [claim.key.destination for claim in theirs] == [3]
    assert await claimed(store, first) == []
    assert {(claim.fence, claim.crashes, claim.attempts) for claim in mine} == {(1, 1, 0)}


@pytest.mark.parametrize(
    "changes", [{"lane": 0}, {"account": "other"}, {"due": NOW + 1}], ids=lambda c: next(iter(c))
)
async def test_a_claim_names_lane_account_and_time(
    store: SqlStore, changes: dict[str, Any]
) -> None:
    worker = await queued(store, **changes)
    assert await claimed(store, worker) == []


async def test_the_earliest_due_come_first(store: SqlStore) -> None:
    worker = await queued(store, destinations=1, due=NOW - 1)
    await queued(store, an_event_id(2), 1, due=NOW - 3)
    await queued(store, an_event_id(3), 1, due=NOW - 2)
    assert await store.deliveries.next_due(1, "fcm") == NOW - 3
    (claim,) = await claimed(store, worker, 1)
    assert claim.key.event == an_event_id(2)
    assert await store.deliveries.next_due(1, "fcm") == NOW - 2
    assert await store.deliveries.next_due(2, "fcm") is None


async def test_a_batch_of_ends_moves_bucket_and_counts(store: SqlStore) -> None:
    worker = await queued(store)
    one, two, three = await claimed(store, worker)
    assert await counts(store, PUSH) == EventCounts(open=3)
    finishes = [
        ended(one, DeliveryStatus.DEAD, outcome=BUSY, cause="retry:503"),
        ended(two, DeliveryStatus.EXPIRED, outcome=None, attempted=False),
    ]
    assert await store.deliveries.finish(finishes, worker, NOW) == 2
    assert await counts(store) == EventCounts(open=1)
    assert await counts(store, PUSH) == EventCounts(open=1, dead=1, skipped=1)
    assert await store.deliveries.finish([ended(three)], worker, NOW) == 1
    assert await counts(store) == EventCounts(sent=1)
    assert await counts(store, PUSH) == EventCounts(sent=1, dead=1, skipped=1)
    assert await store.deliveries.next_due(1, "fcm") is None


@pytest.mark.parametrize(
    ("statuses", "bucket"),
    [
        ([DeliveryStatus.SENT, DeliveryStatus.DEAD], "sent"),
        ([DeliveryStatus.CANCELED, DeliveryStatus.UNKNOWN], "dead"),
        ([DeliveryStatus.EXPIRED, DeliveryStatus.CANCELED], "skipped"),
        ([DeliveryStatus.READY, DeliveryStatus.SENT], "open"),
    ],
)
async def test_a_notification_goes_where_its_parts_say(
    store: SqlStore, statuses: list[DeliveryStatus], bucket: str
) -> None:
    worker = await queued(store, destinations=2)
    claims = await claimed(store, worker)
    finishes = [
        busy(claim, NOW + 1) if status is DeliveryStatus.READY else ended(claim, status)
        for claim, status in zip(claims, statuses, strict=True)
    ]
    await store.deliveries.finish(finishes, worker, NOW)
    assert await counts(store) == EventCounts(**{bucket: 1})


async def test_an_old_fence_writes_nothing(store: SqlStore) -> None:
    old = await queued(store, destinations=1)
    (stale,) = await claimed(store, old)
    new = await store.work.start_worker([1], LEASE, NOW)
    (fresh,) = await store.deliveries.stranded([old], 10)
    assert fresh.fence == stale.fence + 1
    assert await store.deliveries.finish([ended(stale)], old, NOW) == 0
    assert await counts(store) == EventCounts(open=1)
    dead = ended(fresh, DeliveryStatus.UNKNOWN, cause="ambiguous:worker_died")
    assert await store.deliveries.finish([ended(stale), dead], new, NOW) == 1
    assert await counts(store) == EventCounts(dead=1)
    assert await store.deliveries.finish([ended(fresh)], new, NOW) == 0
    page = await store.dead_letters.search(ENV, DeadLetterFilter(), None, 10)
    assert [letter.cause for letter in page.rows] == ["ambiguous:worker_died"]


async def test_an_outcome_that_comes_twice_counts_once(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    (claim,) = await claimed(store, worker)
    assert await store.deliveries.finish([ended(claim), ended(claim)], worker, NOW) == 1
    assert await store.deliveries.finish([ended(claim)], worker, NOW) == 0
    assert await counts(store) == EventCounts(sent=1)
    assert await counts(store, PUSH) == EventCounts(sent=1)


async def test_only_what_the_dead_were_sending_is_stranded(store: SqlStore) -> None:
    worker = await queued(store)
    await claimed(store, worker, 2)
    other = await store.work.start_worker([1], LEASE, NOW)
    assert await store.deliveries.stranded([other], 10) == []
    assert len(await store.deliveries.stranded([worker], 1)) == 1
    assert len(await store.deliveries.stranded([worker], 10)) == 2


async def test_what_is_stranded_stays_so_until_it_is_finished(store: SqlStore) -> None:
    """Who took it over may die as well, or not hear the answer."""
    worker = await queued(store, destinations=1)
    await claimed(store, worker)
    other = await store.work.start_worker([1], LEASE, NOW)
    (first,) = await store.deliveries.stranded([worker], 10)
    (second,) = await store.deliveries.stranded([worker], 10)
    assert await store.deliveries.finish([ended(first)], other, NOW) == 0
    assert await store.deliveries.finish([ended(second)], other, NOW) == 1
    assert await store.deliveries.stranded([worker], 10) == []


async def test_work_that_a_dead_worker_got_hold_of_too_late_is_found(store: SqlStore) -> None:
    worker = await queued(store)
    other = await store.work.start_worker([1], LEASE, NOW)
    await claimed(store, other, 1)
    assert await store.work.left_behind() == 0
    await claimed(store, worker, 1)
    await store.work.stop_worker(worker, NOW)
    assert await store.work.bury(0, NOW) == [worker]
    await store.work.rescued([worker], NOW)  # as if the claim was committed only now
    assert await store.work.bury(0, NOW) == []
    assert await store.work.left_behind() == 1
    assert await store.work.bury(0, NOW) == [worker]


async def test_a_claim_whose_answer_was_lost_is_found_again(store: SqlStore) -> None:
    worker = await queued(store)
    known, lost = await claimed(store, worker, 2)
    account = known.account
    (found,) = await store.deliveries.reclaim(1, account, worker, [known.seq], 10)
    assert (found.key, found.crashes) == (lost.key, lost.crashes)
    assert await store.deliveries.finish([ended(lost)], worker, NOW) == 0
    assert await store.deliveries.finish([ended(known), ended(found)], worker, NOW) == 2
    assert await store.deliveries.reclaim(1, account, worker, [], 10) == []


async def test_who_was_buried_claims_nothing(store: SqlStore) -> None:
    worker = await queued(store)
    await store.work.stop_worker(worker, NOW)
    assert await claimed(store, worker) == []


async def test_a_number_of_the_queue_is_never_given_twice(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    (first,) = await claimed(store, worker)
    await store.deliveries.finish([ended(first)], worker, NOW)
    worker = await queued(store, destinations=1, event=an_event_id(2))
    (second,) = await claimed(store, worker)
    assert second.seq != first.seq


async def test_a_retry_keeps_what_was_tried(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    due = NOW + 5 * SECOND
    (claim,) = await claimed(store, worker)
    await store.deliveries.finish([busy(claim, due)], worker, NOW)
    assert await claimed(store, worker, now=due - 1) == []
    (again,) = await claimed(store, worker, now=due)
    assert (again.attempts, again.crashes, again.fence) == (1, 1, 2)
    await store.deliveries.finish([ended(again)], worker, due)
    (row,), attempts = await store.ledger.deliveries(ENV, EVENT, 1, 1)
    assert (row.status, row.attempts, row.outcome, row.provider_id) == (
        DeliveryStatus.SENT,
        2,
        "accepted",
        "p-1",
    )
    assert [(a.n, a.outcome, a.code, a.detail, a.ms) for a in attempts] == [
        (1, "retry", "503", "busy", 7)
    ]


async def test_a_try_that_does_not_count_leaves_the_count_alone(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    (claim,) = await claimed(store, worker)
    await store.deliveries.finish(
        [ended(claim, DeliveryStatus.READY, outcome=BUSY, due=NOW, attempted=False, crashes=1)],
        worker,
        NOW,
    )
    (again,) = await claimed(store, worker)
    assert (again.attempts, again.crashes) == (0, 2)
    _, attempts = await store.ledger.deliveries(ENV, EVENT, 1, 1)
    assert attempts == []


async def test_an_end_without_a_try_keeps_the_words_of_the_last_try(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    (claim,) = await claimed(store, worker)
    await store.deliveries.finish([busy(claim, NOW)], worker, NOW)
    (again,) = await claimed(store, worker)
    expired = ended(again, DeliveryStatus.EXPIRED, outcome=None, attempted=False)
    await store.deliveries.finish([expired], worker, NOW + 1)
    (row,), _ = await store.ledger.deliveries(ENV, EVENT, 1, 1)
    assert (row.status, row.outcome, row.code, row.attempts) == (
        DeliveryStatus.EXPIRED,
        "retry",
        "503",
        1,
    )


@pytest.mark.parametrize(("confirmed", "off"), [(-1, True), (0, True), (1, False)])
async def test_a_destination_is_switched_off_unless_it_was_confirmed_since(
    store: SqlStore, confirmed: int, off: bool
) -> None:
    device = DeviceWrite(user="u1", token="t", platform="fcm")
    (number,) = await store.people.write_devices(ENV, [device], NOW + confirmed)
    event = an_event_id(2)
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=1)],
        deliveries=[a_delivery(event, 1, number)],
    )
    await store.events.accept_many([an_event(event, page)], NOW)
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await claimed(store, worker)
    gone = Outcome(kind=OutcomeClass.DESTINATION_INVALID, code="UNREGISTERED")
    failed = ended(claim, DeliveryStatus.FAILED, outcome=gone, disable=True)
    await store.deliveries.finish([failed], worker, NOW + 5)
    (row,) = (await store.people.destinations_by_number(ENV, [number])).values()
    assert row.disabled_at == (NOW + 5 if off else None)
    assert row.disabled_reason == ("UNREGISTERED" if off else None)


async def test_content_and_captures_are_kept_with_the_outcome(store: SqlStore) -> None:
    worker = await queued(store, destinations=2)
    one, two = await claimed(store, worker)
    captured = Outcome(kind=OutcomeClass.ACCEPTED, captured={"content": {"title": "Hi"}})
    words = some_content(EVENT, "Hi", step=1, user=1)
    await store.deliveries.finish(
        [ended(one, outcome=captured, content=words), ended(two, content=words)], worker, NOW
    )
    kept = await store.deliveries.contents([one.key, two.key])
    assert kept == {(EVENT, 1, 1, "en", 1): '{"title":"Hi"}'}
    (capture,) = await store.ledger.captures(ENV, user=None, before=None, limit=10)
    assert capture.body == {"content": {"title": "Hi"}}
    assert capture.key == one.key


async def test_lanes_say_how_much_waits_and_since_when(store: SqlStore) -> None:
    worker = await queued(store, destinations=3, due=NOW - 7)
    await queued(store, an_event_id(2), 1, lane=3)
    await claimed(store, worker, 1)
    lanes = {row.lane: row for row in await store.deliveries.lanes(NOW)}
    assert (lanes[1].ready, lanes[1].sending, lanes[1].oldest_due) == (2, 1, NOW - 7)
    assert (lanes[3].ready, lanes[3].sending, lanes[3].tasks) == (1, 0, 0)
    assert (lanes[0].ready, lanes[0].oldest_due) == (0, None)


async def test_finishing_nothing_is_fine(store: SqlStore) -> None:
    assert await store.deliveries.finish([], 1, NOW) == 0


async def test_a_step_that_was_decided_again_ends_with_its_reason(store: SqlStore) -> None:
    worker = await queued(store)
    first, second, _ = await claimed(store, worker)
    again = DecisionWrite(n=1, at=NOW, decided="[]")
    kept_back = [
        Finish(claim=one, status=DeliveryStatus.CANCELED, attempted=False, decided=again)
        for one in (first, second)
    ]
    assert await store.deliveries.finish(kept_back, worker, NOW) == 2
    key = first.key
    found = await store.held.decisions(ENV, key.event, key.workflow, key.user)
    assert found == [(key.step, 1, NOW, "[]")]
    assert await store.deliveries.finish(kept_back, worker, NOW) == 0
