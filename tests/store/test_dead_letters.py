"""Dead letters: found by filter, redriven once, and closed by what comes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.dead_letters import (
    DeadLetterFilter,
    DeadLetterRow,
    Position,
    Redriven,
    RedriveRow,
    Rerouting,
)
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.events import EventCounts
from clarion.store.contract.law import SuppressionWrite
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
)

PUSH = CHANNEL_NUMBER[Channel.PUSH]
BUSY = Outcome(kind=OutcomeClass.RETRY, code="503", detail="busy")
ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, code="200", provider_id="p-1")
GONE = "destination_invalid:404"
EVERYTHING = DeadLetterFilter()
SAME = Rerouting(accounts=frozenset({"fcm"}), routes={})


async def phones(store: SqlStore, count: int) -> list[int]:
    """Destinations of as many users with a phone each, numbered from 1."""
    writes = [DeviceWrite(user=f"u{n}", token=f"t{n}", platform="fcm") for n in range(count)]
    return await store.people.write_devices(ENV, writes, NOW)


async def given_up(
    store: SqlStore, n: int, *causes: str, status: DeliveryStatus = DeliveryStatus.DEAD, **more: Any
) -> list[Claim]:
    """An event whose pushes, a user each, have died of these causes in the second `n`."""
    event, at = an_event_id(n), NOW + n * SECOND
    destinations = await phones(store, len(causes))
    page = PageWrite(
        notifications=[
            a_notification(event, user + 1, bucket=Bucket.OPEN, open=1)
            for user in range(len(causes))
        ],
        deliveries=[
            a_delivery(event, user + 1, destination, due=at, created_at=at, **more)
            for user, destination in enumerate(destinations)
        ],
    )
    await store.events.accept_many([an_event(event, page)], at)
    worker = await store.work.start_worker([1], LEASE, at)
    claims = await store.deliveries.claim(1, "fcm", worker, 100, at)
    finishes = [died(claim, cause, status) for claim, cause in zip(claims, causes, strict=True)]
    assert await store.deliveries.finish(finishes, worker, at) == len(causes)
    return claims


def died(claim: Claim, cause: str, status: DeliveryStatus = DeliveryStatus.DEAD) -> Finish:
    return Finish(
        claim=claim, status=status, outcome=BUSY, started_at=NOW, cause=cause,
        disable=cause == GONE,
    )  # fmt: skip


async def found(store: SqlStore, limit: int = 10, **wanted: Any) -> list[DeadLetterRow]:
    page = await store.dead_letters.search(ENV, DeadLetterFilter(**wanted), None, limit)
    return page.rows


async def redriven(store: SqlStore, at: int, rate: int = 1000, **wanted: Any) -> RedriveRow:
    row = await store.dead_letters.begin_redrive(ENV, DeadLetterFilter(**wanted), rate, at)
    while row.finished_at is None:
        row = (await store.dead_letters.redrive(row.redrive, SAME, at)).row
    return row


async def total(store: SqlStore, n: int, kind: int = 0) -> EventCounts:
    return (await store.events.counts(ENV, an_event_id(n))).get(kind, EventCounts())


def users(rows: Sequence[DeadLetterRow]) -> list[int]:
    return [row.key.user for row in rows]


async def test_the_newest_come_first_and_every_filter_holds(store: SqlStore) -> None:
    await given_up(store, 1, "retry:503", "ambiguous:timeout", "ambiguous:worker_died")
    await given_up(store, 2, "retry:503")
    one, two = an_event_id(1), an_event_id(2)
    assert [row.key.event for row in await found(store)] == [two, one, one, one]
    assert users(await found(store, cause="retry:503")) == [1, 1]
    assert users(await found(store, cause="ambiguous:*")) == [3, 2]
    assert users(await found(store, cause="ambiguous")) == []
    assert users(await found(store, event=one, user=2)) == [2]
    assert users(await found(store, since=NOW + 2 * SECOND)) == [1]
    assert users(await found(store, until=NOW + 2 * SECOND, account="fcm")) == [3, 2, 1]
    for nothing in ({"account": "x"}, {"channel": PUSH + 1}, {"workflow": 9}, {"tenant": 7}):
        assert await found(store, **nothing) == []
    assert users(await found(store, channel=PUSH, workflow=1, tenant=0)) == [1, 3, 2, 1]
    (row, *_) = await found(store)
    assert (row.attempts, row.outcome, row.code, row.account) == (1, "retry", "503", "fcm")
    assert (row.status, row.redriven_at, row.closed_at) == (DeliveryStatus.DEAD, None, None)


async def test_causes_are_counted_among_the_newest(store: SqlStore) -> None:
    await given_up(store, 1, "retry:503", "retry:503", "retry:503")
    await given_up(store, 2, "ambiguous:timeout", "retry:503")
    await redriven(store, NOW + 3 * SECOND, cause="ambiguous:timeout")
    counts, complete = await store.dead_letters.causes(ENV, EVERYTHING, 6)
    assert complete
    assert [(row.cause, row.count, row.redriven) for row in counts] == [
        ("retry:503", 4, 0),
        ("ambiguous:timeout", 1, 1),
    ]
    assert (counts[0].channel, counts[0].account) == (PUSH, "fcm")
    assert (counts[0].first_at, counts[0].last_at) == (NOW + SECOND, NOW + 2 * SECOND)
    newest, complete = await store.dead_letters.causes(ENV, EVERYTHING, 2)
    assert not complete
    assert [(row.cause, row.count) for row in newest] == [
        ("ambiguous:timeout", 1),
        ("retry:503", 1),
    ]


async def test_a_list_goes_on_at_a_row_also_within_an_instant(store: SqlStore) -> None:
    await given_up(store, 1, *["a"] * 5)
    after: Position | None = None
    seen: list[list[int]] = []
    while True:
        page = await store.dead_letters.search(ENV, EVERYTHING, after, 2)
        seen.append(users(page.rows))
        after = page.cursor
        if after is None:
            break
    assert seen == [[5, 4], [3, 2], [1]]


async def test_a_page_looks_at_a_bounded_number_of_rows(store: SqlStore, monkeypatch: Any) -> None:
    monkeypatch.setattr("clarion.store.sql.dead_letter_window.SCANNED", 2)
    await given_up(store, 1, "a", "b", "b", "b")
    page = await store.dead_letters.search(ENV, DeadLetterFilter(cause="a*"), None, 10)
    assert page.rows == []
    assert page.cursor is not None
    page = await store.dead_letters.search(ENV, DeadLetterFilter(cause="a*"), page.cursor, 10)
    assert users(page.rows) == [1]


async def test_a_redriven_delivery_is_ready_with_fresh_attempts(store: SqlStore) -> None:
    await given_up(store, 1, "retry:503")
    later = NOW + 90 * SECOND
    row = await redriven(store, later)
    assert (row.done, row.finished_at) == (Redriven(ready=1), later)
    assert await total(store, 1) == await total(store, 1, PUSH) == EventCounts(open=1)
    worker = await store.work.start_worker([1], LEASE, later)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, later)
    assert (claim.attempts, claim.before, claim.created_at) == (0, 1, later)
    again = Finish(claim=claim, status=DeliveryStatus.READY, outcome=BUSY, due=later)
    await store.deliveries.finish([again], worker, later)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, later)
    assert (claim.attempts, claim.before, claim.made) == (1, 1, 2)
    _, attempts = await store.ledger.deliveries(ENV, claim.key.event, 1, 1)
    assert [attempt.n for attempt in attempts] == [1, 2]


async def test_a_dead_letter_goes_on_its_way_once(store: SqlStore) -> None:
    await given_up(store, 1, "a", "a")
    assert (await redriven(store, NOW + 9 * SECOND)).done == Redriven(ready=2)
    assert (await redriven(store, NOW + 9 * SECOND)).done == Redriven()
    assert users(await found(store, redriven=True)) == [2, 1]
    assert await found(store, redriven=False) == []
    assert len(await found(store)) == 2


async def test_the_second_success_closes_it_and_the_second_death_opens_it(
    store: SqlStore,
) -> None:
    await given_up(store, 1, "a", "a")
    at = NOW + 9 * SECOND
    await redriven(store, at)
    worker = await store.work.start_worker([1], LEASE, at)
    good, bad = await store.deliveries.claim(1, "fcm", worker, 10, at + SECOND)
    sent = Finish(claim=good, status=DeliveryStatus.SENT, outcome=ACCEPTED, started_at=at)
    await store.deliveries.finish([sent, died(bad, "b")], worker, at + SECOND)
    (left,) = await found(store)
    assert (left.cause, left.redriven_at, left.attempts) == ("b", None, 2)
    (closed,) = await found(store, redriven=True)
    assert (closed.status, closed.closed_at) == (DeliveryStatus.SENT, at + SECOND)
    assert await total(store, 1) == EventCounts(sent=1, dead=1)
    assert (await redriven(store, at + 2 * SECOND)).done == Redriven(ready=1)
    assert await total(store, 1, PUSH) == EventCounts(sent=1, open=1)


async def test_rows_become_due_one_after_the_other(store: SqlStore) -> None:
    await given_up(store, 1, "a", "a", "a")
    at = NOW + 9 * SECOND
    row = await redriven(store, at, rate=2)
    assert row.next_due == at + 3 * SECOND // 2
    worker = await store.work.start_worker([1], LEASE, at)
    claims = [
        len(await store.deliveries.claim(1, "fcm", worker, 10, at + half * SECOND // 2))
        for half in range(3)
    ]
    assert claims == [1, 1, 1]


async def test_batches_go_on_where_the_last_one_ended(store: SqlStore, monkeypatch: Any) -> None:
    monkeypatch.setattr("clarion.store.sql.redriving.BATCH", 2)
    await given_up(store, 1, *["a"] * 5)
    at = NOW + 9 * SECOND
    row = await store.dead_letters.begin_redrive(ENV, EVERYTHING, 10, at)
    steps = []
    while row.finished_at is None:
        batch = await store.dead_letters.redrive(row.redrive, SAME, at)
        row = batch.row
        steps.append(row.done.ready)
        (kept,) = await store.dead_letters.redrives(ENV, None, 200)
        assert kept == row
    assert steps == [2, 4, 5]
    assert await store.dead_letters.open_redrives(200) == []
    assert (await store.dead_letters.redrive(row.redrive, SAME, at)).row == row
    assert row.next_due == at + 5 * SECOND // 10


async def test_what_died_since_is_left_to_the_next_redrive(store: SqlStore) -> None:
    await given_up(store, 1, "a")
    row = await store.dead_letters.begin_redrive(ENV, EVERYTHING, 10, NOW + SECOND)
    await given_up(store, 5, "a")
    done = (await store.dead_letters.redrive(row.redrive, SAME, NOW + 9 * SECOND)).row.done
    assert done == Redriven(ready=1)


async def test_an_account_that_is_no_more_gives_way_to_the_route(store: SqlStore) -> None:
    await given_up(store, 1, "a")
    row = await store.dead_letters.begin_redrive(ENV, EVERYTHING, 10, NOW + SECOND)
    other = Rerouting(accounts=frozenset({"new"}), routes={(PUSH, "fcm"): "new"})
    batch = await store.dead_letters.redrive(row.redrive, other, NOW + SECOND)
    assert batch.rings == {"ready:new:1"}
    worker = await store.work.start_worker([1], LEASE, NOW + SECOND)
    (claim,) = await store.deliveries.claim(1, "new", worker, 10, NOW + SECOND)
    assert claim.account == "new"


async def test_what_must_not_go_on_stays_and_is_counted(store: SqlStore) -> None:
    await given_up(store, 1, "a", "opted_out:STOP", GONE)
    await given_up(store, 2, "a")
    await given_up(store, 3, "a", expires_at=NOW + 20 * SECOND)
    await store.events.cancel(ENV, [an_event_id(2)], None, NOW)
    at = NOW + 30 * SECOND
    survey, cursor = await store.dead_letters.survey(ENV, EVERYTHING, None, at)
    row = await redriven(store, at)
    expected = Redriven(ready=1, opted_out=1, disabled=1, canceled=1, expired=1)
    assert (survey, cursor, row.done) == (expected, None, expected)
    assert await total(store, 3) == await total(store, 3, PUSH) == EventCounts(skipped=1)
    assert await total(store, 1) == EventCounts(open=1, dead=2)
    assert [row.key.event for row in await found(store, redriven=False)] == [
        an_event_id(2), an_event_id(1), an_event_id(1),
    ]  # fmt: skip


async def test_nothing_is_sent_again_to_an_address_suppressed_since(store: SqlStore) -> None:
    await given_up(store, 1, "a", "a")
    write = SuppressionWrite(channel=Channel.PUSH, address="t1", reason="legal")
    await store.law.suppress(ENV, [write], NOW, b"f" * 32)
    assert (await redriven(store, NOW + 9 * SECOND)).done == Redriven(ready=1, disabled=1)


async def test_a_late_success_closes_what_was_unknown(store: SqlStore) -> None:
    unknown, dead = DeliveryStatus.UNKNOWN, DeliveryStatus.DEAD
    (late,) = await given_up(store, 1, "ambiguous:worker_died", status=unknown)
    (other,) = await given_up(store, 2, "quarantined", status=dead)
    finishes = [
        Finish(claim=claim, status=DeliveryStatus.SENT, outcome=ACCEPTED, started_at=NOW)
        for claim in (late, other)
    ]
    refused = msgspec.structs.replace(finishes[0], outcome=BUSY)
    letters = store.dead_letters
    assert await letters.settle_late([refused], NOW + SECOND) == 0
    assert await letters.settle_late(finishes, NOW + SECOND) == 1
    assert await letters.settle_late(finishes, NOW + SECOND) == 0
    assert await total(store, 1) == await total(store, 1, PUSH) == EventCounts(sent=1)
    assert await total(store, 2) == EventCounts(dead=1)
    assert [row.key.event for row in await found(store)] == [an_event_id(2)]
    (row,), _ = await store.ledger.deliveries(ENV, late.key.event, 1, 1)
    assert (row.status, row.provider_id, row.attempts) == (DeliveryStatus.SENT, "p-1", 1)


async def test_of_what_was_in_flight_at_a_death_a_worker_holds_one_at_a_time(
    store: SqlStore,
) -> None:
    event = an_event_id(1)
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=4)],
        deliveries=[a_delivery(event, 1, n + 1) for n in range(4)],
    )
    await store.events.accept_many([an_event(event, page)], NOW)
    dead = await store.work.start_worker([1], LEASE, NOW)
    assert len(await store.deliveries.claim(1, "fcm", dead, 3, NOW)) == 3
    worker = await store.work.start_worker([1], LEASE, NOW)
    rescued = await store.deliveries.stranded([dead], 10)
    await store.deliveries.finish(
        [
            Finish(claim=claim, status=DeliveryStatus.READY, attempted=False, due=NOW, crashes=1)
            for claim in rescued
        ],
        worker,
        NOW,
    )
    first = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    assert sorted(claim.crashes for claim in first) == [1, 2]
    assert await store.deliveries.claim(1, "fcm", worker, 10, NOW) == []
    soon = await store.deliveries.next_due(1, "fcm")
    assert soon is not None
    assert NOW < soon < NOW + SECOND
    later = NOW + SECOND
    assert await store.deliveries.claim(1, "fcm", worker, 10, later) == []
    other = await store.work.start_worker([1], LEASE, NOW)
    (theirs,) = await store.deliveries.claim(1, "fcm", other, 10, later + SECOND)
    assert theirs.crashes == 2
    suspect = next(claim for claim in first if claim.crashes == 2)
    sent = Finish(claim=suspect, status=DeliveryStatus.SENT, outcome=ACCEPTED, started_at=NOW)
    await store.deliveries.finish([sent], worker, NOW)
    assert len(await store.deliveries.claim(1, "fcm", worker, 10, later + 2 * SECOND)) == 1


async def test_a_filter_that_cannot_be_searched_by_leaves_no_redrive(
    store: SqlStore, monkeypatch: Any
) -> None:
    monkeypatch.setattr("clarion.store.sql.redriving.ORDER", "no_such_column {1}")
    with contextlib.suppress(Exception):
        await store.dead_letters.begin_redrive(ENV, EVERYTHING, 10, NOW)
    assert await store.dead_letters.open_redrives(10) == []


async def test_a_redrive_that_failed_is_over_and_says_why(store: SqlStore) -> None:
    await given_up(store, 1, "a")
    letters = store.dead_letters
    row = await letters.begin_redrive(ENV, EVERYTHING, 10, NOW + SECOND)
    failed = await letters.fail_redrive(row.redrive, "no luck", NOW + 2 * SECOND)
    assert failed == await letters.redrive_of(ENV, row.redrive)
    assert failed is not None
    assert (failed.error, failed.finished_at, failed.done) == (
        "no luck", NOW + 2 * SECOND, Redriven(),
    )  # fmt: skip
    assert await letters.fail_redrive(row.redrive, "again", NOW + 3 * SECOND) is None
    assert (await letters.redrive(row.redrive, SAME, NOW + 3 * SECOND)).row == failed
    assert await letters.open_redrives(10) == []


async def test_redrives_come_in_pages_and_one_by_one(store: SqlStore) -> None:
    letters = store.dead_letters
    made = [await letters.begin_redrive(ENV, EVERYTHING, 10, NOW - n * SECOND) for n in range(3)]
    one, two, three = (row.redrive for row in made)
    assert [row.redrive for row in await letters.redrives(ENV, None, 2)] == [three, two]
    assert [row.redrive for row in await letters.redrives(ENV, two, 2)] == [one]
    assert await letters.redrives(ENV + 1, None, 2) == []
    assert await letters.redrive_of(ENV + 1, one) is None
    assert [row.redrive for row in await letters.open_redrives(2)] == [three, two]


async def test_redrives_that_ended_long_ago_are_forgotten(store: SqlStore) -> None:
    letters = store.dead_letters
    old = await redriven(store, NOW)
    open_one = await letters.begin_redrive(ENV, EVERYTHING, 10, NOW)
    new = await redriven(store, NOW + 9 * SECOND)
    assert await letters.prune_redrives(NOW + SECOND, 10) == 1
    left = [row.redrive for row in await letters.redrives(ENV, None, 10)]
    assert left == [new.redrive, open_one.redrive]
    assert old.redrive not in left
