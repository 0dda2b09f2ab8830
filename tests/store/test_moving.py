"""What a digest's notification counts for, its entries count for too."""

from __future__ import annotations

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.store.contract.dead_letters import DeadLetterFilter, Rerouting
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.held import Held, Resumed
from clarion.store.contract.people import DeviceWrite
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    NOW,
    WORKFLOW,
    a_delivery,
    a_notification,
    a_record,
    an_event_id,
)
from tests.store.holding import (
    DUE,
    LANE,
    a_digest_id,
    a_held_notification,
    a_join,
    a_wait,
    a_worker,
    accepted,
    bucket,
    claimed,
    imbalances,
    joined,
    rows,
    told,
)

EVENTS = [an_event_id(n) for n in (1, 2, 3)]
SENT = Outcome(kind=OutcomeClass.ACCEPTED)
LOST = Outcome(kind=OutcomeClass.PERMANENT, code="400")


async def under_way(store: SqlStore) -> tuple[int, Claim]:
    """A worker that sends the digest of three events to the phone of its user."""
    await store.people.write_devices(ENV, [DeviceWrite(user="u1", token="t1", platform="fcm")], NOW)
    for n in (1, 2, 3):
        await joined(store, n)
    worker = await a_worker(store)
    (held,) = await claimed(store, worker)
    await told(store, held)
    (claim,) = await store.deliveries.claim(LANE, "fcm", worker, 10, DUE)
    return worker, claim


async def finish(store: SqlStore, worker: int, claim: Claim, status: DeliveryStatus) -> None:
    sent = status is DeliveryStatus.SENT
    done = Finish(
        claim=claim, status=status, outcome=SENT if sent else LOST, cause=None if sent else "400"
    )
    assert await store.deliveries.finish([done], worker, DUE) == 1


async def stand(store: SqlStore) -> set[Bucket]:
    """The bucket of all entries, which their events count too."""
    found = {await bucket(store, event) for event in EVENTS}
    for event in EVENTS:
        own, counts = await bucket(store, event), (await store.events.counts(ENV, event))[0]
        counted = (counts.open, counts.held, counts.sent, counts.dead, counts.skipped)
        assert counted == tuple(int(own is one) for one in Bucket)
    assert await imbalances(store) == []
    return found


async def test_entries_are_open_as_long_as_their_digest_is_sent(store: SqlStore) -> None:
    await under_way(store)
    assert await stand(store) == {Bucket.OPEN}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (DeliveryStatus.SENT, Bucket.SENT),
        (DeliveryStatus.DEAD, Bucket.DEAD),
        (DeliveryStatus.EXPIRED, Bucket.SKIPPED),
    ],
)
async def test_entries_end_as_their_digest_does(
    store: SqlStore, status: DeliveryStatus, expected: Bucket
) -> None:
    worker, claim = await under_way(store)
    await finish(store, worker, claim, status)
    assert await stand(store) == {expected}


async def test_entries_follow_a_digest_that_is_redriven(store: SqlStore) -> None:
    worker, claim = await under_way(store)
    await finish(store, worker, claim, DeliveryStatus.DEAD)
    assert await stand(store) == {Bucket.DEAD}
    redrive = await store.dead_letters.begin_redrive(ENV, DeadLetterFilter(), 1000, DUE)
    rerouting = Rerouting(accounts=frozenset({"fcm"}), routes={})
    assert (await store.dead_letters.redrive(redrive.redrive, rerouting, DUE)).row.done.ready == 1
    assert await stand(store) == {Bucket.OPEN}
    (again,) = await store.deliveries.claim(LANE, "fcm", worker, 10, DUE)
    await finish(store, worker, again, DeliveryStatus.SENT)
    assert await stand(store) == {Bucket.SENT}


async def resumed(store: SqlStore, held: Held, page: PageWrite) -> None:
    digests = await store.held.close([(ENV, held.event)], DUE)
    one = Resumed(held=held, decided=a_record(), at=DUE)
    assert await store.held.resume([one], page, [*digests.values()], DUE) == 1


async def the_window(store: SqlStore) -> Held:
    for n in (1, 2, 3):
        await joined(store, n)
    (held,) = await claimed(store, await a_worker(store))
    return held


async def test_entries_of_a_digest_that_tells_nothing_are_skipped(store: SqlStore) -> None:
    held = await the_window(store)
    await resumed(store, held, PageWrite(notifications=[a_notification(held.event, 1)]))
    assert await stand(store) == {Bucket.SKIPPED}


async def test_entries_are_held_as_long_as_their_digest_is(store: SqlStore) -> None:
    held = await the_window(store)
    page = PageWrite(
        notifications=[a_held_notification(held.event, 1)],
        waits=[a_wait(held.event, 1, due=DUE + 9)],
    )
    await resumed(store, held, page)
    assert await stand(store) == {Bucket.HELD}
    worker = await a_worker(store)
    (again,) = await claimed(store, worker, now=DUE + 9)
    one = Resumed(held=again, decided=a_record(), at=DUE, open=1)
    page = PageWrite(deliveries=[a_delivery(again.event, 1, 5)])
    assert await store.held.resume([one], page, [], DUE) == 1
    assert await stand(store) == {Bucket.OPEN}
    await store.events.cancel(ENV, [again.event], None, DUE)
    assert await stand(store) == {Bucket.SKIPPED}


async def test_a_digest_that_joins_another_takes_its_entries_along(store: SqlStore) -> None:
    """As a push of a digest may be gathered with others, when its user sleeps."""
    held = await the_window(store)
    outer = a_digest_id(900)
    page = PageWrite(
        notifications=[a_held_notification(held.event, 1)],
        joins=[a_join(held.event, 1, outer, step=2)],
    )
    await resumed(store, held, page)
    assert await stand(store) == {Bucket.HELD}
    worker = await a_worker(store)
    (second,) = await claimed(store, worker)
    await told(store, second)
    assert await stand(store) == {Bucket.OPEN}
    (claim,) = await store.deliveries.claim(LANE, "fcm", worker, 10, DUE)
    await finish(store, worker, claim, DeliveryStatus.SENT)
    assert await stand(store) == {Bucket.SENT}
    assert await bucket(store, held.event) is Bucket.SENT


async def test_an_entry_with_a_part_of_its_own_counts_both(store: SqlStore) -> None:
    event = EVENTS[0]
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=1, waiting=1)],
        deliveries=[a_delivery(event, 1, 9, step=7, account="other")],
        joins=[a_join(event, 1, a_digest_id(1))],
    )
    await accepted(store, event, page)
    worker = await a_worker(store)
    (own,) = await store.deliveries.claim(LANE, "other", worker, 10, DUE)
    await finish(store, worker, own, DeliveryStatus.SENT)
    assert await bucket(store, event) is Bucket.HELD
    (held,) = await claimed(store, worker)
    await told(store, held)
    assert await bucket(store, event) is Bucket.OPEN
    (claim,) = await store.deliveries.claim(LANE, "fcm", worker, 10, DUE)
    await finish(store, worker, claim, DeliveryStatus.DEAD)
    assert await bucket(store, event) is Bucket.SENT
    assert await imbalances(store) == []


async def test_a_digest_and_its_entry_may_end_in_one_transaction(store: SqlStore) -> None:
    event = EVENTS[0]
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=1, waiting=1)],
        deliveries=[a_delivery(event, 1, 9, step=7)],
        joins=[a_join(event, 1, a_digest_id(1))],
    )
    await accepted(store, event, page)
    worker = await a_worker(store)
    (held,) = await claimed(store, worker)
    await told(store, held)
    claims = await store.deliveries.claim(LANE, "fcm", worker, 10, DUE)
    done = [Finish(claim=claim, status=DeliveryStatus.SENT, outcome=SENT) for claim in claims]
    assert await store.deliveries.finish(done, worker, DUE) == 2
    assert await bucket(store, event) is Bucket.SENT
    assert await imbalances(store) == []


@pytest.mark.parametrize("sql", ["update digest set part = 4", "update digest set part = 0"])
async def test_the_audit_finds_a_digest_that_counts_for_a_wrong_bucket(
    store: SqlStore, sql: str
) -> None:
    worker, claim = await under_way(store)
    await finish(store, worker, claim, DeliveryStatus.SENT)
    assert await imbalances(store) == []
    await rows(store, sql)
    found = {what.rpartition(": ")[2] for what, *_ in await imbalances(store)}
    assert "sent" in found
    assert found & {"dead", "waiting"}


async def test_the_audit_finds_an_entry_that_is_missing(store: SqlStore) -> None:
    await joined(store, 1)
    await rows(store, "delete from digest_entry")
    ((user,),) = await rows(store, 'select "user" from notification')
    expected = f"notification of workflow {WORKFLOW}, user {user}: waiting"
    assert (expected, 1, 0) in await imbalances(store)
