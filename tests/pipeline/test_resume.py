"""Resume: what waited is decided again when its time has come."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.clock import from_rfc3339
from clarion.errors import InvalidError
from clarion.testing.embedded import Embedded

INBOX = {"channel": "inbox", "template": {"title": "News"}}
MAIL = {"channel": "email", "template": {"subject": "News", "body": "There is news."}}
PUSH = {"channel": "push", "template": {"title": "News", "body": "There is news."}}
NIGHT = {"windows": [{"from": "22:00", "until": "07:00"}]}
LIKED = {
    "channel": "push",
    "template": {"title": "Likes", "body": "{{ digest.count }} by {{ digest.actor_count }}"},
}


async def ada(server: Embedded, **fields: Any) -> None:
    """Somebody with a mailbox and a phone."""
    await server.user("ada", email="ada@example.org", **fields)
    await server.device("ada", "phone")


def at(server: Embedded, instant: str) -> float:
    """Seconds until an instant."""
    return (from_rfc3339(instant) - server.clock.now()) / 1e6


async def test_what_follows_a_delay_is_decided_when_it_is_over(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", INBOX, {"delay": "PT1H"}, MAIL | {"when": "!inbox.read"})
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    assert (await embedded.counts(event)).held == 1
    assert "delivery" not in embedded.rows(event)
    await embedded.advance(3599)
    await embedded.quiet()
    assert (await embedded.counts(event)).held == 1
    await embedded.advance(2)
    await embedded.settled(event)
    (delivery,) = embedded.rows(event)["delivery"]
    assert delivery["channel"] == "email"
    assert (await embedded.counts(event)).sent == 1


async def test_a_mail_is_left_out_when_the_inbox_item_was_read_meanwhile(
    embedded: Embedded,
) -> None:
    await ada(embedded)
    await embedded.workflow("news", INBOX, {"delay": "PT1H"}, MAIL | {"when": "!inbox.read"})
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    await embedded.read("ada")
    await embedded.advance(3601)
    await embedded.settled(event)
    assert "delivery" not in embedded.rows(event)
    assert (await embedded.counts(event)).sent == 1


async def test_a_cancelled_event_is_not_waited_for(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    await embedded.server.store.events.cancel(embedded.env, [event], None, embedded.clock.now())
    await embedded.advance(1)
    await embedded.settled(event)
    assert (await embedded.counts(event)).skipped == 1


async def test_an_erased_user_is_not_waited_for(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    await embedded.server.store.people.erase(embedded.env, "ada", embedded.clock.now())
    await embedded.advance(1)
    await embedded.settled(event)
    assert (await embedded.counts(event)).skipped == 1


async def test_events_within_a_window_are_told_as_one(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.users("bob", "cyd")
    await embedded.workflow("liked", {"digest": {"key": "data.post", "window": "PT10M"}}, LIKED)
    events = [
        await embedded.send("liked", "ada", actor=actor, data={"post": "p1"})
        for actor in ("bob", "cyd", "bob")
    ]
    other = await embedded.send("liked", "ada", actor="bob", data={"post": "p2"})
    await embedded.quiet()
    for event in (*events, other):
        assert (await embedded.counts(event)).held == 1
    await embedded.advance(601)
    for event in (*events, other):
        await embedded.settled(event)
        assert (await embedded.counts(event)).sent == 1
        assert "delivery" not in embedded.rows(event)
    bodies = embedded.select("select body from capture order by body")
    assert len(bodies) == 2
    assert "1 by 1" in bodies[0][0]
    assert "3 by 2" in bodies[1][0]


async def test_what_was_taken_back_is_not_told(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("liked", {"digest": {"window": "PT10M"}}, LIKED)
    first = await embedded.send("liked", "ada", cancellation_key="like-1")
    second = await embedded.send("liked", "ada", cancellation_key="like-2")
    await embedded.quiet()
    store, now = embedded.server.store, embedded.clock.now()
    await store.events.cancel(embedded.env, [], "like-1", now)
    assert (await embedded.counts(first)).skipped == 1
    await store.events.cancel(embedded.env, [], "like-2", now)
    await embedded.advance(601)
    await embedded.quiet()
    assert (await embedded.counts(second)).skipped == 1
    assert embedded.select("select count(*) from capture") == [(0,)]


async def test_the_first_leads_and_those_after_it_are_gathered(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("liked", {"digest": {"window": "PT10M", "lead": True}}, LIKED)
    lead = await embedded.told("liked", "ada")
    assert (await embedded.counts(lead)).sent == 1
    later = [await embedded.send("liked", "ada") for _ in range(3)]
    await embedded.quiet()
    assert [(await embedded.counts(event)).held for event in later] == [1, 1, 1]
    await embedded.advance(601)
    for event in later:
        await embedded.settled(event)
    assert embedded.select("select count(*) from capture") == [(2,)]


async def test_a_dead_message_of_a_digest_makes_its_events_dead(embedded: Embedded) -> None:
    await embedded.user("ada", email="dead-letter@example.org")
    await embedded.workflow("liked", {"digest": {"window": "PT10M"}}, MAIL)
    events = [await embedded.send("liked", "ada") for _ in range(2)]
    await embedded.quiet()
    await embedded.advance(601)
    for event in events:
        await embedded.settled(event)
    counts = [await embedded.counts(event) for event in events]
    assert [(one.sent, one.dead) for one in counts] in ([(0, 1)] * 2, [(1, 0)] * 2)


async def test_a_paused_workflow_keeps_what_it_holds(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    await embedded.server.catalogs.pause(embedded.env, "news", True)
    await embedded.advance(3601)
    await embedded.quiet()
    assert (await embedded.counts(event)).held == 1
    await embedded.server.catalogs.pause(embedded.env, "news", False)
    await embedded.advance(31)
    await embedded.settled(event)
    assert (await embedded.counts(event)).sent == 1


async def test_a_restart_goes_on_with_what_waits(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    await embedded.crash()
    embedded.clock.advance(3601)
    await embedded.restart()
    await embedded.settled(event)
    assert (await embedded.counts(event)).sent == 1


async def at_night(server: Embedded) -> None:
    """Advance to 23:00 in Berlin, of a user with quiet hours from 22:00 to 07:00."""
    await ada(server, timezone="Europe/Berlin")
    await server.prefer("ada", quiet_hours=NIGHT)
    await server.advance(at(server, "2026-03-02T22:00:00Z"))


async def test_a_push_waits_for_the_morning_in_the_users_own_zone(embedded: Embedded) -> None:
    await at_night(embedded)
    await embedded.workflow("news", INBOX, PUSH)
    event = await embedded.send("news", "ada")
    await embedded.quiet()
    assert (await embedded.counts(event)).held == 1
    await embedded.advance(at(embedded, "2026-03-03T05:59:59Z"))
    await embedded.quiet()
    assert (await embedded.counts(event)).held == 1
    await embedded.advance(302)
    await embedded.settled(event)
    assert (await embedded.counts(event)).sent == 1
    assert len(embedded.rows(event)["delivery"]) == 1


async def test_a_push_may_come_without_a_sound_in_the_night(embedded: Embedded) -> None:
    await at_night(embedded)
    await embedded.workflow("news", {**PUSH, "quiet": "silent"})
    await embedded.hold("ready")
    await embedded.send("news", "ada")
    await embedded.quiet()
    assert embedded.select("select silent from ready") == [(1,)]
    embedded.release("ready")


async def test_what_came_in_the_night_may_be_told_as_one_in_the_morning(
    embedded: Embedded,
) -> None:
    await at_night(embedded)
    await embedded.workflow("liked", {**LIKED, "quiet": "digest"})
    events = [await embedded.send("liked", "ada") for _ in range(3)]
    await embedded.quiet()
    await embedded.advance(at(embedded, "2026-03-03T06:00:01Z"))
    for event in events:
        await embedded.settled(event)
    ((body,),) = embedded.select("select body from capture")
    assert "3 by 1" in body


async def test_a_code_does_not_wait_for_the_morning(embedded: Embedded) -> None:
    await at_night(embedded)
    await embedded.workflow("code", PUSH, category="security")
    event = await embedded.told("code", "ada")
    assert (await embedded.counts(event)).sent == 1


@pytest.mark.parametrize("poisoned", [("u1",), ("u1", "u2"), ("u0", "u1", "u2", "u3")])
async def test_rows_that_the_store_refuses_do_not_stop_the_lane(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch, poisoned: tuple[str, ...]
) -> None:
    people = [f"u{n}" for n in range(4)]
    users = {await embedded.user(name) for name in poisoned}
    await embedded.users(*people)
    await embedded.workflow("news", {"delay": "PT1H"}, INBOX)
    event = await embedded.send("news", *people)
    await embedded.quiet()
    store = embedded.server.store.held
    resume = store.resume

    async def refusing(resumed: Any, *more: Any) -> int:
        if any(one.held.event == event and one.held.user in users for one in resumed):
            raise InvalidError("a text holds a character that this store does not keep")
        return await resume(resumed, *more)

    monkeypatch.setattr(store, "resume", refusing)
    await embedded.advance(3600)
    for _ in range(20):  # each is tried a few times, by itself
        await embedded.quiet()
        await embedded.advance(6)
    counts = await embedded.counts(event)
    assert (counts.sent, counts.held) == (4 - len(users), len(users))
    aside = embedded.select("select count(*) from waiting where state = 3")
    assert aside == [(len(users),)]
    later = await embedded.send("news", "u0")
    await embedded.quiet()
    await embedded.advance(3600)
    await embedded.settled(later)
    assert not await embedded.imbalances()
