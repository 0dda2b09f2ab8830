"""Resume: what waited is decided again when its time has come."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.clock import SECOND, from_rfc3339
from clarion.core.workflow import Lane
from clarion.errors import InvalidError
from clarion.store.contract.dead_letters import DeadLetterFilter
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


async def test_what_follows_a_delay_is_decided_when_it_is_over(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", INBOX, {"delay": "PT1H"}, MAIL | {"when": "!inbox.read"})
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    assert "delivery" not in anywhere.rows(event)
    await anywhere.advance(3599)
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    await anywhere.advance(2)
    await anywhere.settled(event)
    (delivery,) = anywhere.rows(event)["delivery"]
    assert delivery["channel"] == "email"
    assert (await anywhere.counts(event)).sent == 1


async def test_a_mail_is_left_out_when_the_inbox_item_was_read_meanwhile(
    anywhere: Embedded,
) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", INBOX, {"delay": "PT1H"}, MAIL | {"when": "!inbox.read"})
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    await anywhere.read("ada")
    await anywhere.advance(3601)
    await anywhere.settled(event)
    assert "delivery" not in anywhere.rows(event)
    assert (await anywhere.counts(event)).sent == 1


async def test_a_cancelled_event_is_not_waited_for(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    await anywhere.server.store.events.cancel(anywhere.env, [event], None, anywhere.clock.now())
    await anywhere.advance(1)
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).skipped == 1


async def test_an_erased_user_is_not_waited_for(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    await anywhere.server.store.people.erase(anywhere.env, "ada", anywhere.clock.now())
    await anywhere.advance(1)
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).skipped == 1


async def test_events_within_a_window_are_told_as_one(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.users("bob", "cyd")
    await anywhere.workflow("liked", {"digest": {"key": "data.post", "window": "PT10M"}}, LIKED)
    events = [
        await anywhere.send("liked", "ada", actor=actor, data={"post": "p1"})
        for actor in ("bob", "cyd", "bob")
    ]
    other = await anywhere.send("liked", "ada", actor="bob", data={"post": "p2"})
    await anywhere.quiet()
    for event in (*events, other):
        assert (await anywhere.counts(event)).held == 1
    await anywhere.advance(601)
    for event in (*events, other):
        await anywhere.settled(event)
        assert (await anywhere.counts(event)).sent == 1
        assert "delivery" not in anywhere.rows(event)
    bodies = anywhere.select("select body from capture order by body")
    assert len(bodies) == 2
    assert "1 by 1" in bodies[0][0]
    assert "3 by 2" in bodies[1][0]


async def test_what_was_taken_back_is_not_told(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("liked", {"digest": {"window": "PT10M"}}, LIKED)
    first = await anywhere.send("liked", "ada", cancellation_key="like-1")
    second = await anywhere.send("liked", "ada", cancellation_key="like-2")
    await anywhere.quiet()
    store, now = anywhere.server.store, anywhere.clock.now()
    await store.events.cancel(anywhere.env, [], "like-1", now)
    assert (await anywhere.counts(first)).skipped == 1
    await store.events.cancel(anywhere.env, [], "like-2", now)
    await anywhere.advance(601)
    await anywhere.quiet()
    assert (await anywhere.counts(second)).skipped == 1
    assert anywhere.select("select count(*) from capture") == [(0,)]


async def test_the_first_leads_and_those_after_it_are_gathered(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("liked", {"digest": {"window": "PT10M", "lead": True}}, LIKED)
    lead = await anywhere.told("liked", "ada")
    assert (await anywhere.counts(lead)).sent == 1
    later = [await anywhere.send("liked", "ada") for _ in range(3)]
    await anywhere.quiet()
    assert [(await anywhere.counts(event)).held for event in later] == [1, 1, 1]
    await anywhere.advance(601)
    for event in later:
        await anywhere.settled(event)
    assert anywhere.select("select count(*) from capture") == [(2,)]


async def test_a_dead_message_of_a_digest_makes_its_events_dead(anywhere: Embedded) -> None:
    await anywhere.user("ada", email="dead-letter@example.org")
    await anywhere.workflow("liked", {"digest": {"window": "PT10M"}}, MAIL)
    events = [await anywhere.send("liked", "ada") for _ in range(2)]
    await anywhere.quiet()
    await anywhere.advance(601)
    for event in events:
        await anywhere.settled(event)
    counts = [await anywhere.counts(event) for event in events]
    assert [(one.sent, one.dead) for one in counts] in ([(0, 1)] * 2, [(1, 0)] * 2)


async def test_a_paused_workflow_keeps_what_it_holds(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    await anywhere.server.catalogs.pause(anywhere.env, "news", True)
    await anywhere.advance(3601)
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    await anywhere.server.catalogs.pause(anywhere.env, "news", False)
    await anywhere.advance(31)
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 1


async def test_a_restart_goes_on_with_what_waits(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    await anywhere.crash()
    anywhere.clock.advance(3601)
    await anywhere.restart()
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 1


async def at_night(server: Embedded) -> None:
    """Advance to 23:00 in Berlin, of a user with quiet hours from 22:00 to 07:00."""
    await ada(server, timezone="Europe/Berlin")
    await server.prefer("ada", quiet_hours=NIGHT)
    await server.advance(at(server, "2026-03-02T22:00:00Z"))


async def test_a_push_waits_for_the_morning_in_the_users_own_zone(anywhere: Embedded) -> None:
    await at_night(anywhere)
    await anywhere.workflow("news", INBOX, PUSH)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    await anywhere.advance(at(anywhere, "2026-03-03T05:59:59Z"))
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    await anywhere.advance(302)
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 1
    assert len(anywhere.rows(event)["delivery"]) == 1


async def test_a_push_may_come_without_a_sound_in_the_night(anywhere: Embedded) -> None:
    await at_night(anywhere)
    await anywhere.workflow("news", {**PUSH, "quiet": "silent"})
    await anywhere.hold("ready")
    await anywhere.send("news", "ada")
    await anywhere.quiet()
    assert anywhere.select("select silent from ready") == [(1,)]
    anywhere.release("ready")


async def test_what_came_in_the_night_may_be_told_as_one_in_the_morning(
    anywhere: Embedded,
) -> None:
    await at_night(anywhere)
    await anywhere.workflow("liked", {**LIKED, "quiet": "digest"})
    events = [await anywhere.send("liked", "ada") for _ in range(3)]
    await anywhere.quiet()
    await anywhere.advance(at(anywhere, "2026-03-03T06:00:01Z"))
    for event in events:
        await anywhere.settled(event)
    ((body,),) = anywhere.select("select body from capture")
    assert "3 by 1" in body


async def test_a_code_does_not_wait_for_the_morning(anywhere: Embedded) -> None:
    await at_night(anywhere)
    await anywhere.workflow("code", PUSH, category="security")
    event = await anywhere.told("code", "ada")
    assert (await anywhere.counts(event)).sent == 1


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


async def test_a_redrive_takes_up_what_was_put_aside(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {"delay": "PT1H"}, MAIL)
    event = await anywhere.send("news", "ada")
    await anywhere.quiet()
    core = anywhere.server.core
    later = anywhere.clock.now() + 3601 * SECOND
    held = await core.store.held.claim(int(Lane.TRANSACTIONAL), core.lease.worker, 1, later)
    await core.store.held.put_aside(held, later)
    await anywhere.advance(3700)
    await anywhere.quiet()
    assert (await anywhere.counts(event)).held == 1
    _, freed = await core.redriver.survey(anywhere.env, DeadLetterFilter(event=event))
    row, taken_up = await core.redriver.begin(anywhere.env, DeadLetterFilter(event=event), 10)
    assert (freed, taken_up, row.done.met) == (1, 1, 0)
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 1
