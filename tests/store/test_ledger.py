from __future__ import annotations

from clarion.core.delivery import DeliveryKey, Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import Channel
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    WORKFLOW,
    a_delivery,
    a_notification,
    a_push_page,
    an_event,
    an_event_id,
    an_item_page,
    some_content,
)

USER = 7
DEVICE = 3


async def accept_push(store: SqlStore) -> bytes:
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, a_push_page(event, USER, DEVICE))], NOW)
    return event


async def claim(store: SqlStore, now: int = NOW) -> tuple[int, Claim]:
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claimed,) = await store.deliveries.claim(1, "fcm", worker, 10, now)
    return worker, claimed


async def test_a_notification_is_read_with_its_decision(store: SqlStore) -> None:
    event = await accept_push(store)
    found = await store.ledger.notification(ENV, event, WORKFLOW, USER)
    assert found is not None
    assert (found.bucket, found.event, found.user) == (Bucket.OPEN, event, USER)
    assert found.decided.steps[0].reason == "default"
    assert await store.ledger.of_event(ENV, event, USER) == [found]
    assert await store.ledger.of_event(ENV, event, 99) == []
    assert await store.ledger.notification(ENV, event, WORKFLOW, 99) is None


async def test_a_delivery_tells_its_story(store: SqlStore) -> None:
    event = await accept_push(store)
    key = DeliveryKey(ENV, event, WORKFLOW, USER, 1, Channel.PUSH, DEVICE)
    (ready,), attempts = await store.ledger.deliveries(ENV, event, WORKFLOW, USER)
    assert (ready.key, ready.status, ready.next_due) == (key, DeliveryStatus.READY, NOW)
    assert attempts == []
    worker, claimed = await claim(store)
    (sending,), _ = await store.ledger.deliveries(ENV, event, WORKFLOW, USER)
    assert (sending.status, sending.next_due) == (DeliveryStatus.SENDING, None)
    retry = Finish(
        claim=claimed,
        status=DeliveryStatus.READY,
        outcome=Outcome(kind=OutcomeClass.RETRY, code="503", detail="busy"),
        started_at=NOW,
        ms=12,
        due=NOW + SECOND,
    )
    await store.deliveries.finish([retry], worker, NOW + 1)
    (waiting,), (attempt,) = await store.ledger.deliveries(ENV, event, WORKFLOW, USER)
    assert (waiting.status, waiting.next_due) == (DeliveryStatus.READY, NOW + SECOND)
    assert (waiting.attempts, waiting.outcome, waiting.code) == (1, "retry", "503")
    assert (attempt.key, attempt.n, attempt.outcome, attempt.ms) == (key, 1, "retry", 12)


async def test_contents_are_those_of_the_users_own_messages(store: SqlStore) -> None:
    event = an_event_id(1)
    page = PageWrite(
        notifications=[a_notification(event, USER, bucket=Bucket.OPEN, open=1, sent=1)],
        items=a_push_page(event, USER, DEVICE).items,
        deliveries=[a_delivery(event, USER, DEVICE)],
        contents=[
            some_content(event, "hello"),
            some_content(event, "hallo", locale="de"),
            some_content(event, "mine", step=1, user=USER),
            some_content(event, "theirs", step=1, user=99),
            some_content(event, "not had", step=2),
        ],
    )
    await store.events.accept_many([an_event(event, page)], NOW)
    assert await store.ledger.contents(ENV, event, WORKFLOW, USER) == {
        (0, "en"): {"title": "hello"},
        (1, "en"): {"title": "mine"},
    }


async def test_captures_come_newest_first(store: SqlStore) -> None:
    event = await accept_push(store)
    worker, claimed = await claim(store)
    outcome = Outcome(kind=OutcomeClass.ACCEPTED, captured={"title": "hi"})
    done = Finish(claim=claimed, status=DeliveryStatus.SENT, outcome=outcome, started_at=NOW)
    await store.deliveries.finish([done], worker, NOW + 1)
    (row,) = await store.ledger.captures(ENV, user=None, before=None, limit=10)
    assert (row.key.event, row.account, row.at, row.body) == (
        event,
        "fcm",
        NOW + 1,
        {"title": "hi"},
    )
    assert await store.ledger.captures(ENV, user=USER, before=None, limit=10) == [row]
    assert await store.ledger.captures(ENV, user=99, before=None, limit=10) == []
    assert await store.ledger.captures(ENV, user=None, before=row.id, limit=10) == []


async def test_an_item_is_its_own_delivery(store: SqlStore) -> None:
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, an_item_page(event, USER))], NOW)
    assert await store.ledger.deliveries(ENV, event, WORKFLOW, USER) == ([], [])
