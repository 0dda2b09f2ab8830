"""Deliver: tried, tried again, given up; sent once where that can be had."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import MAIL, PUSH, a_hook, delivery, one_mailbox, one_phone


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
    for n in range(6):
        await wired.quiet()
        assert len(fcm.requests) == n + 1
        assert 24 <= due_in(wired) <= 36
        await wired.advance(1.2 * min(30 * 2**n, 300))
    await wired.quiet()
    assert delivery(wired, event)["last_outcome"] == "credential"
    assert "attempts" not in delivery(wired, event)
    fcm.react("phone", None)
    await wired.advance(360)
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


async def test_no_more_is_under_way_than_an_account_allows(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wired.workflow("news", MAIL)
    names = [f"u{n}" for n in range(30)]
    for name in names:
        await wired.user(name, email=f"{name}@example.org")
    under_way, most = 0, 0
    full = asyncio.Event()
    conduct = "clarion.channels.conduct.Conductor.conduct"

    async def counted(self: Any, message: Message, last_look: Any = None) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 8:
            full.set()
        await full.wait()  # nobody is done before as many as may are under way
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
