"""Deliver: tried, tried again, given up; sent once where that can be had."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.errors import UnavailableError
from clarion.store.contract.deliveries import Claim
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import INBOX, MAIL, PUSH, a_hook


async def one_phone(server: Embedded, **fields: Any) -> None:
    """A workflow `news` that pushes, and Ada with a phone."""
    await server.workflow("news", PUSH, **fields)
    await server.user("ada")
    await server.device("ada", "phone")


async def one_mailbox(server: Embedded, **fields: Any) -> None:
    """A workflow `news` that mails, and Ada with a mailbox."""
    await server.workflow("news", MAIL, **fields)
    await server.user("ada", email="ada@example.org")


def delivery(server: Embedded, event: bytes) -> dict[str, Any]:
    (row,) = server.rows(event)["delivery"]
    found: dict[str, Any] = row
    return found


def due_in(server: Embedded) -> float:
    """Seconds until the only ready row is due."""
    ((due,),) = server.select("select due from ready")
    return float(due - server.clock.now()) / 1e6


async def test_a_busy_provider_is_tried_again_after_5_10_and_20_seconds(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada")
    for wait in (5, 10, 20):
        await wired.quiet()
        assert 0.8 * wait <= due_in(wired) <= 1.2 * wait
        await wired.advance(1.2 * wait)
    await wired.settled(event)
    assert len(fcm.requests) == 4
    assert delivery(wired, event)["status"] == "dead"
    assert [row["n"] for row in wired.rows(event)["attempt"]] == [1, 2, 3, 4]
    (letter,) = wired.rows(event)["dead_letter"]
    assert letter["cause"] == "retry:UNAVAILABLE"
    assert (await wired.counts(event)).dead == 1
    why = await wired.why(event, "ada")
    assert why["verdict"] == "not_told"
    assert "given up after the last try" in why["because"]


async def test_a_category_may_allow_more_tries_and_bound_their_time(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.category("patient", attempts=2)
    await wired.category("hasty", attempts=9, deadline="PT8S")
    fcm.fail("phone", 503, "UNAVAILABLE")
    await one_phone(wired, category="patient")
    patient = await wired.send("news", "ada")
    await wired.quiet()
    await wired.advance(6)
    await wired.settled(patient)
    await wired.workflow("news", PUSH, category="hasty")
    hasty = await wired.send("news", "ada")
    await wired.quiet()
    await wired.advance(6)
    await wired.settled(hasty)
    assert delivery(wired, patient)["attempts"] == 2
    assert delivery(wired, hasty)["attempts"] == 2
    assert delivery(wired, hasty)["status"] == "dead"


async def test_a_provider_that_names_a_time_is_not_asked_before(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.react("phone", Reaction(status=429, code="QUOTA_EXCEEDED", headers={"retry-after": "90"}))
    event = await wired.send("news", "ada")
    await wired.quiet()
    fcm.react("phone", None)
    assert due_in(wired) == 90
    await wired.advance(89)
    await wired.quiet()
    assert len(fcm.requests) == 1
    await wired.advance(1)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"


async def test_a_dead_token_switches_its_device_off(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.device("ada", "tablet")
    fcm.fail("phone", 404, "UNREGISTERED")
    event = await wired.told("news", "ada")
    assert [row["status"] for row in wired.rows(event)["delivery"]] == ["failed", "sent"]
    assert wired.rows(event)["dead_letter"][0]["cause"] == "destination_invalid:UNREGISTERED"
    assert (await wired.counts(event)).sent == 1
    await wired.told("news", "ada")
    assert [request.target for request in fcm.requests].count("phone") == 1


async def test_a_token_registered_again_during_the_send_stays_on(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.react("phone", Reaction(status=404, code="UNREGISTERED", hang=True))
    event = await wired.send("news", "ada")
    await asyncio.wait_for(fcm.waiting.wait(), 5)
    wired.clock.advance(1)
    await wired.device("ada", "phone")
    fcm.release()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "failed"
    assert wired.select("select disabled_at from destination") == [(None,)]


async def test_a_refused_message_fails_at_once_and_leaves_a_dead_letter(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.fail("phone", 400, "INVALID_ARGUMENT", "Invalid value at 'message.data'")
    event = await wired.told("news", "ada")
    assert delivery(wired, event)["status"] == "failed"
    assert wired.rows(event)["dead_letter"][0]["cause"] == "permanent:INVALID_ARGUMENT"
    assert len(fcm.requests) == 1


async def test_refused_credentials_use_up_no_attempts(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    fcm.fail("phone", 403, "PERMISSION_DENIED")
    event = await wired.send("news", "ada")
    for _ in range(6):
        await wired.quiet()
        assert 24 <= due_in(wired) <= 36
        await wired.advance(36)
    await wired.quiet()
    assert delivery(wired, event)["last_outcome"] == "credential"
    assert "attempts" not in delivery(wired, event)
    fcm.react("phone", None)
    await wired.advance(36)
    await wired.settled(event)
    assert delivery(wired, event)["attempts"] == 1


@pytest.mark.parametrize(
    ("policy", "mails", "status"),
    [
        ("at_least_once", 2, "sent"),
        ("at_most_once", 1, "unknown"),
        ({"email": "at_most_once"}, 1, "unknown"),
        ({"push": "at_most_once"}, 2, "sent"),
        ({"*": "at_most_once", "email": "at_least_once"}, 2, "sent"),
    ],
)
async def test_a_mail_without_an_answer_goes_by_the_policy_of_its_category(
    wired: Embedded, mail_server: FakeSmtp, policy: Any, mails: int, status: str
) -> None:
    await wired.category("letters", on_unknown=policy)
    await one_mailbox(wired, category="letters")
    mail_server.hang_up.add("ada@example.org")
    event = await wired.send("news", "ada")
    await wired.quiet()
    mail_server.hang_up.clear()
    await wired.advance(6)
    await wired.settled(event)
    assert len(mail_server.mails) == mails
    assert delivery(wired, event)["status"] == status
    letters = [row["cause"].split(":")[0] for row in wired.rows(event).get("dead_letter", [])]
    assert letters == (["ambiguous"] if status == "unknown" else [])


async def test_a_push_without_an_answer_is_sent_again_as_it_replaces_itself(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.category("once", on_unknown="at_most_once")
    await one_phone(wired, category="once")
    fcm.react("phone", Reaction(cut=True))
    event = await wired.send("news", "ada")
    await wired.quiet()
    fcm.react("phone", None)
    await wired.advance(6)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"
    tags = [request.message["android"]["notification"]["tag"] for request in fcm.requests]
    assert len(tags) == 2
    assert tags[0] == tags[1]


async def test_an_event_that_expired_on_the_queue_is_not_sent(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired, expires_in="PT5M")
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.advance(300)
    wired.release("ready")
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "expired"
    assert fcm.requests == []
    assert (await wired.counts(event)).skipped == 1
    why = await wired.why(event, "ada")
    assert why["verdict"] == "not_told"
    assert "The push expired before it could be sent" in why["because"]


async def test_a_retry_after_the_expiry_is_not_waited_for(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired, expires_in="PT3S")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.told("news", "ada")
    assert delivery(wired, event)["status"] == "expired"
    assert delivery(wired, event)["last_code"] == "UNAVAILABLE"


async def test_what_a_failed_try_said_is_kept_when_the_delivery_expires_later(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired, expires_in="PT10S")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada")
    await wired.quiet()
    await wired.advance(10)
    await wired.settled(event)
    row = delivery(wired, event)
    assert (row["status"], row["last_code"], row["attempts"]) == ("expired", "UNAVAILABLE", 1)


async def test_the_message_says_how_long_it_still_holds(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired, expires_in="PT5M")
    await wired.hold("ready")
    await wired.send("news", "ada")
    await wired.advance(60)
    wired.release("ready")
    await wired.quiet()
    assert fcm.requests[0].message["android"]["ttl"] == "240s"


async def test_a_cancelled_event_ends_what_is_ready_and_keeps_the_inbox(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.workflow("news", INBOX, PUSH)
    await wired.device("ada", "phone")
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    store, now = wired.server.store.events, wired.clock.now()
    assert await store.cancel(wired.env, [event], None, now) == [event]
    assert await store.cancel(wired.env, [event], None, now + 1) == [event]
    wired.release("ready")
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "canceled"
    assert len(wired.rows(event)["item"]) == 1
    assert fcm.requests == []
    assert (await wired.event(event)).cancelled_at == now


async def test_a_cancellation_key_takes_back_all_its_events(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    key = "order-7"
    events = [await wired.send("news", "ada", cancellation_key=key) for _ in range(2)]
    other = await wired.send("news", "ada", cancellation_key="order-8")
    now = wired.clock.now()
    cancelled = await wired.server.store.events.cancel(wired.env, [], key, now)
    assert sorted(cancelled) == sorted(events)
    wired.release("ready")
    await wired.settled(other)
    assert len(fcm.requests) == 1
    for event in events:
        assert delivery(wired, event)["status"] == "canceled"


async def test_a_cancellation_during_the_wait_for_a_retry_ends_it(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada")
    await wired.quiet()
    await wired.server.store.events.cancel(wired.env, [event], None, wired.clock.now())
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "canceled"
    assert delivery(wired, event)["last_code"] == "UNAVAILABLE"


async def test_what_is_being_sent_when_it_is_cancelled_goes_on(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    fcm.react("phone", Reaction(hang=True))
    event = await wired.send("news", "ada")
    await asyncio.wait_for(fcm.waiting.wait(), 5)
    await wired.server.store.events.cancel(wired.env, [event], None, wired.clock.now())
    fcm.release()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"


async def test_nothing_more_is_sent_to_who_was_erased(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.server.store.people.erase(wired.env, "ada", wired.clock.now())
    wired.release("ready")
    await wired.settled(event)
    assert fcm.requests == []
    assert delivery(wired, event)["status"] == "canceled"


async def test_a_device_removed_meanwhile_gets_nothing(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    people, now = wired.server.store.people, wired.clock.now()
    assert await people.remove_device(wired.env, "ada", "phone", now)
    wired.release("ready")
    await wired.settled(event)
    assert fcm.requests == []
    assert delivery(wired, event)["status"] == "canceled"


async def test_words_that_fail_fail_their_delivery_and_no_other(
    wired: Embedded, fcm: FakeFcm, mail_server: FakeSmtp
) -> None:
    push = {"channel": "push", "template": {"title": "{{ data.n / data.count }}"}}
    await wired.workflow("news", push, MAIL)
    await wired.user("ada", email="ada@example.org")
    await wired.device("ada", "phone")
    event = await wired.told("news", "ada", data={"n": 1, "count": 0})
    found = {row["channel"]: row for row in wired.rows(event)["delivery"]}
    assert found["push"]["status"] == "failed"
    assert found["push"]["last_code"] == "render_failed"
    assert found["email"]["status"] == "sent"
    assert len(mail_server.mails) == 1


async def test_a_mistake_of_ours_is_tried_again_like_a_busy_provider(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_phone(wired)

    def broken(*_: object) -> Message:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as breaking:
        breaking.setattr("clarion.pipeline.deliver._message", broken)
        event = await wired.send("news", "ada")
        await wired.quiet()
    row = delivery(wired, event)
    assert (row["status"], row["last_code"], row["attempts"]) == ("ready", "internal", 1)
    await wired.advance(6)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"


async def test_a_claim_that_cannot_be_gathered_does_not_harm_the_others(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    bad = await wired.send("news", "ada")
    good = await wired.send("news", "ada")
    materials = wired.server.materials
    gather = materials.gather

    async def poisoned(claims: list[Claim]) -> Any:
        if any(claim.key.event == bad for claim in claims):
            raise RuntimeError("this one cannot be read")
        return await gather(claims)

    monkeypatch.setattr(materials, "gather", poisoned)
    wired.release("ready")
    await wired.settled(good)
    await wired.settled(bad)
    assert delivery(wired, good)["status"] == "sent"
    assert delivery(wired, bad)["status"] == "dead"
    assert wired.rows(bad)["dead_letter"][0]["cause"] == "unreadable"


async def test_claims_stay_in_hand_while_the_store_cannot_be_read(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_phone(wired)
    materials = wired.server.materials
    gather, failures = materials.gather, list[int]()

    async def unreadable(claims: list[Claim]) -> Any:
        if len(failures) < 5:
            failures.append(len(claims))
            raise UnavailableError("the disk is full; free space, then repeat")
        return await gather(claims)

    monkeypatch.setattr(materials, "gather", unreadable)
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    event = await wired.told("news", "ada")
    assert delivery(wired, event)["status"] == "sent"
    assert delivery(wired, event)["attempts"] == 1


async def test_a_stop_in_the_middle_of_a_claim_finishes_what_was_claimed(
    wired: Embedded, mail_server: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wired.category("once", on_unknown="at_most_once")
    await one_mailbox(wired, category="once")
    claimed, go_on = asyncio.Event(), asyncio.Event()
    deliveries = wired.server.store.deliveries
    claim = deliveries.claim

    async def slow(lane: int, account: str, worker: int, limit: int, now: int) -> list[Claim]:
        found = await claim(lane, account, worker, limit, now)
        claimed.set()
        await go_on.wait()
        return found

    with monkeypatch.context() as slowed:
        slowed.setattr(deliveries, "claim", slow)
        event = await wired.send("news", "ada")
        await asyncio.wait_for(claimed.wait(), 5)
        stopping = asyncio.create_task(wired.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
    await wired.restart()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"
    assert len(mail_server.mails) == 1


async def test_no_more_is_under_way_than_an_account_allows(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wired.workflow("news", MAIL)
    names = [f"u{n}" for n in range(30)]
    for name in names:
        await wired.user(name, email=f"{name}@example.org")
    under_way, most = 0, 0
    conduct = "clarion.channels.conduct.Conductor.conduct"

    async def counted(self: Any, message: Message) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.002)
        under_way -= 1
        return Outcome(kind=OutcomeClass.ACCEPTED)

    monkeypatch.setattr(conduct, counted)
    event = await wired.told("news", *names)
    assert (await wired.counts(event)).sent == 30
    assert most == 8


async def test_a_channel_without_an_account_is_captured(embedded: Embedded) -> None:
    await one_mailbox(embedded)
    event = await embedded.told("news", "ada")
    (capture,) = await embedded.server.store.ledger.captures(
        embedded.env, user=None, before=None, limit=10
    )
    assert capture.key.event == event
    assert capture.body["content"]["subject"] == "News for you"
    assert delivery(embedded, event)["account"] == "capture"


async def test_a_webhook_is_tried_again_and_keeps_its_id(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.workflow("news", a_hook(f"{receiver.base_url}/hook"))
    receiver.react("/hook", Reaction(status=500))
    event = await wired.send("news")
    await wired.quiet()
    receiver.react("/hook", None)
    await wired.advance(6)
    await wired.settled(event)
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(ids) == 2
    assert ids[0] == ids[1]
