"""What lists say of notifications is what their stories say."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.store.contract.ledger import NotificationQuery
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import INBOX, MAIL, PUSH, one_mailbox

DEAD = "dead-end@example.org"
DIGEST: dict[str, Any] = {"digest": {"window": "PT10M"}}


async def stood(server: Embedded, event: bytes, user: str = "ana") -> tuple[str, dict[str, str]]:
    """The verdict, which is that of the story, and what became of each channel."""
    query = NotificationQuery(event=event)
    page = await server.server.store.ledger.search(server.env, query)
    events = await server.server.store.events.rows(server.env, [event])
    (found,) = await server.server.explainer.standings(server.env, page.rows, events)
    assert found.verdict == (await server.why(event, user))["verdict"]
    return found.verdict, {one.channel: one.became for one in found.channels}


@pytest.fixture
async def note(embedded: Embedded) -> Embedded:
    """A server whose workflow writes to the inbox and by mail."""
    await embedded.workflow("note", INBOX, MAIL)
    await embedded.user("ana", email="ana@example.org")
    return embedded


async def test_what_went_everywhere_is_sent(note: Embedded) -> None:
    event = await note.told("note", "ana")
    assert await stood(note, event) == ("told", {"inbox": "sent", "email": "sent"})


async def test_a_mail_that_died_is_given_up_beside_the_inbox(note: Embedded) -> None:
    await note.user("ana", email=DEAD)
    event = await note.told("note", "ana")
    assert await stood(note, event) == ("partly_told", {"inbox": "sent", "email": "given_up"})


async def test_an_item_that_does_not_ring_is_silent(note: Embedded) -> None:
    await note.prefer("ana", level="none")
    event = await note.told("note", "ana", mentions=["ana"], silent=True)
    assert await stood(note, event) == ("silent", {"inbox": "silent", "email": "not_sent"})


async def test_one_dead_phone_of_two_is_partly_sent(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.workflow("news", PUSH)
    await wired.device("ana", "phone")
    await wired.device("ana", "old phone")
    fcm.fail("old phone", 404, "UNREGISTERED")
    event = await wired.told("news", "ana")
    assert await stood(wired, event) == ("told", {"push": "partly_sent"})
    for given_up, found in ((True, 1), (False, 1)):
        query = NotificationQuery(event=event, given_up=given_up)
        page = await wired.server.store.ledger.search(wired.env, query)
        assert len(page.rows) == found


async def test_what_is_held_waits_and_what_was_cancelled_meanwhile_does_not(
    note: Embedded,
) -> None:
    await note.prefer("ana", pause_until="2026-01-02T00:00:00Z")
    event = await note.send("note", "ana")
    await note.quiet()
    verdict, channels = await stood(note, event)
    assert (verdict, channels["email"]) == ("waiting", "waiting")
    now = note.clock.now()
    await note.server.store.events.cancel(note.env, [event], None, now)
    await note.quiet()
    _, channels = await stood(note, event)
    assert channels["email"] == "not_sent"


async def test_what_is_gathered_is_told_as_its_digest_was(embedded: Embedded) -> None:
    await embedded.workflow("note", DIGEST, MAIL)
    await embedded.user("ana", email="ana@example.org")
    event = await embedded.send("note", "ana")
    await embedded.quiet()
    assert (await stood(embedded, event))[0] == "waiting"
    await embedded.advance(601)
    await embedded.settled(event)
    assert (await stood(embedded, event))[0] == "told"


async def test_what_may_have_arrived_is_not_known(wired: Embedded, mail_server: FakeSmtp) -> None:
    await wired.category("letters", on_unknown="at_most_once")
    await one_mailbox(wired, category="letters")
    mail_server.hang_up.add("ada@example.org")
    event = await wired.told("news", "ada")
    assert await stood(wired, event, "ada") == ("not_known", {"email": "not_known"})
