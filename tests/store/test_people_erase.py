from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.caps import CapAsk, CapScope
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.errors import UnavailableError
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.events import EventCounts
from clarion.store.contract.inbox import Counts
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DeviceWrite
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    WORKFLOW,
    a_member_page,
    a_notification,
    a_push_page,
    a_user,
    an_event,
    an_event_id,
    an_item_page,
    some_content,
)

PUSH = CHANNEL_NUMBER[Channel.PUSH]


async def a_full_user(store: SqlStore) -> tuple[int, bytes]:
    """A user who has a bit of everything, and the event of a push that waits."""
    user = await a_user(store, "u1", email="a@example.org", name="A", data={"a": 1})
    (device,) = await store.people.write_devices(
        ENV, [DeviceWrite(user="u1", token="T", platform="fcm")], NOW
    )
    await store.settings.write(ENV, user, [Setting(user, ScopeKind.USER, 0)], [], NOW)
    await store.topics.subscribe(ENV, "doc:1", ["u1", "u2"], [], NOW)
    await store.people.join(ENV, "acme", "u1", True, NOW)
    event = an_event_id(1)
    await store.work.reserve([(ENV, event.hex(), WORKFLOW, user, "a@example.org", NOW + 9)], NOW)
    await store.events.accept_many([an_event(event, a_push_page(event, user, device))], NOW)
    await store.caps.reserve(ENV, [[CapAsk(CapScope.CATEGORY, 1, user, 0, "", 3, 9, 1)]], NOW)
    await store.presence.write([(ENV, user, NOW + 9)])
    return user, event


async def test_nothing_that_says_who_it_was_is_left(store: SqlStore) -> None:
    user, event = await a_full_user(store)
    like = an_event_id(2)
    await store.events.accept_many([an_event(like, a_member_page(like, user))], NOW)
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.at == NOW + 1
    assert receipt.removed == {
        "deliveries": 1,
        "states": 0,
        "history": 1,
        "destinations": 2,
        "settings": 1,
        "setting_history": 1,
        "subscriptions": 1,
        "memberships": 1,
        "item_keys": 1,
        "item_members": 1,
        "items": 2,
        "inboxes": 1,
        "captures": 0,
        "consents": 0,
        "consent_states": 0,
        "dedupe_keys": 1,
        "contents": 1,
        "details": 0,
        "digests": 0,
        "payloads": 0,
        "caps": 1,
        "presence": 1,
    }
    assert await store.people.users(ENV, ["u1"]) == {}
    assert await store.people.users_by_number(ENV, [user]) == {}
    assert await store.people.destinations(ENV, user) == []
    assert await store.settings.rows(ENV, user, 1) == (1, [])
    assert await store.inbox.counts(ENV, user, 0) == Counts()
    assert await store.inbox.notification_marks(ENV, event, WORKFLOW, user) == []
    assert await store.presence.active(ENV, [user], NOW) == {}
    assert await store.names.numbers(ENV, NameKind.USER, ["u1"]) == {}
    assert await store.people.erase(ENV, "u1", NOW + 2) is None


async def test_what_waits_to_be_sent_is_canceled_and_the_counts_stay_true(
    store: SqlStore,
) -> None:
    user, event = await a_full_user(store)
    await store.people.erase(ENV, "u1", NOW + 1)
    (delivery,), _ = await store.ledger.deliveries(ENV, event, WORKFLOW, user)
    assert (delivery.status, delivery.next_due) == (DeliveryStatus.CANCELED, None)
    found = await store.ledger.notification(ENV, event, WORKFLOW, user)
    assert found is not None
    assert found.bucket == Bucket.SENT
    counts = await store.events.counts(ENV, event)
    assert counts == {0: EventCounts(sent=1), 1: EventCounts(sent=1), PUSH: EventCounts(skipped=1)}
    assert await store.deliveries.claim(1, "fcm", 1, 10, NOW + 2) == []
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []


async def test_what_is_being_sent_is_settled_as_usual(store: SqlStore) -> None:
    user, event = await a_full_user(store)
    worker = await store.work.start_worker([1], LEASE, NOW)
    assert len(await store.deliveries.claim(1, "fcm", worker, 10, NOW)) == 1
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.removed["deliveries"] == 0
    (delivery,), _ = await store.ledger.deliveries(ENV, event, WORKFLOW, user)
    assert delivery.status == DeliveryStatus.SENDING


async def test_who_comes_back_is_somebody_new(store: SqlStore) -> None:
    user, _ = await a_full_user(store)
    await store.people.erase(ENV, "u1", NOW + 1)
    again = await a_user(store, "u1", email="a@example.org")
    assert again > user
    assert len(await store.people.destinations(ENV, again)) == 1


async def test_somebody_known_by_name_only_can_be_erased(store: SqlStore) -> None:
    await store.topics.subscribe(ENV, "doc:1", ["u1"], [], NOW)
    receipt = await store.people.erase(ENV, "u1", NOW)
    assert receipt is not None
    assert receipt.removed["subscriptions"] == 1
    assert await store.people.erase(ENV, "nobody", NOW) is None


async def test_what_was_on_its_way_leaves_no_words_behind(store: SqlStore) -> None:
    user, event = await a_full_user(store)
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    await store.people.erase(ENV, "u1", NOW + 1)
    outcome = Outcome(kind=OutcomeClass.ACCEPTED, captured={"address": "a@example.org"})
    content = some_content(event, "mine", step=1, user=user)
    sent = Finish(claim=claim, status=DeliveryStatus.SENT, outcome=outcome, content=content)
    assert await store.deliveries.finish([sent], worker, NOW + 2) == 1
    assert await store.ledger.captures(ENV, user=user, before=None, limit=9) == []
    assert await store.deliveries.contents([claim.key]) == {}
    (delivery,), _ = await store.ledger.deliveries(ENV, event, WORKFLOW, user)
    assert delivery.status == DeliveryStatus.SENT


async def test_the_data_of_what_was_told_to_the_user_alone_goes(store: SqlStore) -> None:
    user, other = await a_user(store, "u1"), await a_user(store, "u2")
    events = [an_event_id(n) for n in range(3)]
    sole = {"users": [user], "named": 1, "topics": [], "everyone": False, "fcm_topics": []}
    both = {**sole, "users": [user, other], "named": 2}
    audiences = ([sole], [both], [{**sole, "topics": [[1, []]]}])
    await store.events.accept_many(
        [
            an_event(
                event,
                PageWrite(notifications=[a_notification(event, user)]),
                audience=msgspec.json.encode(audience).decode(),
                data='{"code": "1234"}',
            )
            for event, audience in zip(events, audiences, strict=True)
        ],
        NOW,
    )
    assert await store.export.own_events(ENV, user, events) == {events[0]}
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.removed["payloads"] == 1
    rows = await store.events.rows(ENV, events)
    assert [rows[event].data_kept for event in events] == [False, True, True]


async def test_details_of_providers_go(store: SqlStore) -> None:
    user, event = await a_full_user(store)
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    outcome = Outcome(kind=OutcomeClass.PERMANENT, code="x", detail="no such person as Ana")
    dead = Finish(claim=claim, status=DeliveryStatus.DEAD, outcome=outcome, cause="permanent:x")
    assert await store.deliveries.finish([dead], worker, NOW) == 1
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.removed["details"] >= 1
    (delivery,), attempts = await store.ledger.deliveries(ENV, event, WORKFLOW, user)
    assert (delivery.code, delivery.detail) == ("x", None)
    assert {attempt.detail for attempt in attempts} <= {""}
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []


async def test_a_user_with_many_rows_goes_in_pieces(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.store.sql.people_erase.PIECE", 3)
    user = await a_user(store, "u1")
    events = [an_event_id(n) for n in range(10)]
    for event in events:
        page = an_item_page(event, user, personal=1)
        page.contents.append(some_content(event, "own", user=user))
        await store.events.accept_many([an_event(event, page)], NOW)
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert (receipt.removed["items"], receipt.removed["contents"]) == (10, 10)
    assert await store.inbox.counts(ENV, user, 0) == Counts()
    assert (await store.ledger.audit(ENV, (0, b""), 20)).found == []


async def test_an_erasure_that_broke_off_is_finished_later(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, event = await a_full_user(store)

    async def broken(*_: Any, **__: Any) -> None:
        raise UnavailableError("the store is gone")

    with monkeypatch.context() as patch:
        patch.setattr("clarion.store.sql.people_erase._ledger", broken)
        with pytest.raises(UnavailableError):
            await store.people.erase(ENV, "u1", NOW + 1)
    assert await store.names.numbers(ENV, NameKind.USER, ["u1"]) == {}
    assert await store.people.destinations(ENV, user) == []
    again = await a_user(store, "u1", email="a@example.org")
    assert (await store.export.stories(ENV, user, [(event, WORKFLOW)]))[event, WORKFLOW].contents
    assert await store.people.finish_erasures(NOW + 1, 9) == 0
    assert await store.people.finish_erasures(NOW + 2, 9) == 1
    assert await store.people.finish_erasures(NOW + 2, 9) == 0
    assert (await store.export.stories(ENV, user, [(event, WORKFLOW)]))[
        event, WORKFLOW
    ].contents == []
    assert len(await store.people.destinations(ENV, again)) == 1
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []
