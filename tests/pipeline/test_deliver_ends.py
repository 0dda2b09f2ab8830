"""Deliver: what is not sent any more, what fails in our own house, and what a stop leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.delivery import Message
from clarion.core.workflow import Channel
from clarion.errors import UnavailableError
from clarion.store.contract.deliveries import Claim
from clarion.store.contract.law import SuppressionWrite
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import INBOX, MAIL, PUSH, delivery, one_mailbox, one_phone


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


async def test_what_waits_for_an_address_that_is_suppressed_is_not_sent(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.quiet()
    write = SuppressionWrite(channel=Channel.PUSH, address="phone", reason="legal")
    await wired.server.store.law.suppress(wired.env, [write], wired.clock.now(), b"f" * 32)
    wired.release("ready")
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "canceled"
    assert fcm.requests == []


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
    materials = wired.server.core.materials
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
    materials = wired.server.core.materials
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


async def test_a_claim_whose_answer_never_came_is_sent_all_the_same(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_phone(wired)
    deliveries = wired.server.store.deliveries
    claim, silent = deliveries.claim, list[int]()

    async def unheard(lane: int, account: str, worker: int, limit: int, now: int) -> list[Claim]:
        found = await claim(lane, account, worker, limit, now)
        if found and len(silent) < 2:
            silent.append(len(found))
            raise UnavailableError("the store went away after the commit")
        return found

    monkeypatch.setattr(deliveries, "claim", unheard)
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    event = await wired.told("news", "ada")
    assert silent == [1]
    assert (delivery(wired, event)["status"], delivery(wired, event)["attempts"]) == ("sent", 1)
    assert len(fcm.requests) == 1
