"""Simulations whose change asks for something that was not asked when it was decided."""

from __future__ import annotations

from typing import Any

from clarion.store.contract.law import ConsentWrite
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.test_simulating import INBOX, MAIL, PUSH, document_of, simulated


async def some_readers(server: Embedded, category: str = "offers", **fields: Any) -> int:
    """Five who follow a document and have phones, and a workflow that tells them of it; the instant
    before anything was told."""
    await server.category(category)
    await server.workflow(
        "news", INBOX, PUSH, category=category, audience='topic("doc:1")', **fields
    )
    for n in range(5):
        await server.user(f"u{n}", email=f"u{n}@example.org")
        await server.device(f"u{n}", f"phone-{n}")
    await server.topic("doc:1", *[f"u{n}" for n in range(5)], default_level="all")
    await server.advance(60)
    since = server.clock.now()
    await server.advance(1)
    return since


async def says(server: Embedded, user: str, purpose: int, *, granted: bool) -> None:
    number = await server.number(NameKind.USER, user)
    write = ConsentWrite(purpose=purpose, channel=None, granted=granted)
    await server.server.store.law.append_consents(server.env, number, [write], server.clock.now())


async def test_how_many_followed_then_says_what_a_crowd_would_have_been(
    embedded: Embedded,
) -> None:
    since = await some_readers(embedded)
    await embedded.told("news", about="doc:1")
    await embedded.advance(60)
    topics, gone = embedded.server.store.topics, ["u0", "u1", "u2", "u3"]
    await topics.subscribe(embedded.env, "doc:1", [], gone, embedded.clock.now())
    tally = await simulated(embedded, since, categories={"offers": {"push_up_to": 2}})
    assert (tally.changed, tally.not_known, tally.by_channel["push"].lost) == (5, 0, 5)
    assert tally.by_reason == [(("push", "send", "level_all", "skip", "large_audience"), 5)]
    tally = await simulated(embedded, since, categories={"offers": {"push_up_to": 5}})
    assert (tally.changed, tally.not_known) == (0, 0)


async def test_without_a_crowd_everybody_would_have_been_pushed(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    await embedded.category("offers", push_up_to=2)
    await embedded.told("news", about="doc:1")
    tally = await simulated(embedded, since, categories={"offers": {"push_up_to": 3}})
    assert (tally.changed, tally.not_known) == (0, 0)
    tally = await simulated(embedded, since, categories={"offers": {}})
    assert (tally.changed, tally.by_channel["push"].gained) == (5, 5)


async def test_presence_that_nobody_asked_for_is_not_known(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    await embedded.prefer("u4", channels={"push": "off"})
    await embedded.told("news", about="doc:1")
    change = document_of(
        embedded, "news", INBOX, PUSH | {"presence": "PT5M"},
        category="offers", audience='topic("doc:1")',
    )  # fmt: skip
    tally = await simulated(embedded, since, **change)
    assert (tally.decisions, tally.changed, tally.not_known) == (5, 0, 4)
    push = tally.by_channel["push"]
    assert (push.sent_before, push.sent_after, push.not_known) == (4, 0, 4)
    assert tally.missing == {"presence, which nobody asked for": 4}


async def test_presence_that_was_asked_for_is_as_it_was(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    await embedded.workflow("chat", INBOX, PUSH | {"presence": "PT5M"})
    await embedded.send("chat", "u0")
    await embedded.quiet()
    change = document_of(embedded, "chat", INBOX, PUSH | {"presence": "PT10M"})
    tally = await simulated(embedded, since, **change)
    assert (tally.decisions, tally.changed, tally.not_known, tally.missing) == (1, 0, 0, {})


async def test_dedupe_keys_are_held_by_whoever_came_first(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    await embedded.workflow("post", MAIL)
    for post in ("p1", "p1", "p2"):
        await embedded.send("post", "u0", data={"post": post})
        await embedded.advance(60)
    await embedded.advance(3600)
    await embedded.send("post", "u0", data={"post": "p1"})
    await embedded.quiet()
    change = document_of(embedded, "post", MAIL, dedupe={"key": "data.post", "window": "PT1H"})
    tally = await simulated(embedded, since, **change)
    assert (tally.decisions, tally.changed, tally.not_known) == (4, 1, 0)
    assert tally.by_reason == [(("email", "send", "level_all", "skip", "duplicate"), 1)]
    assert tally.simulated == {"dedupe keys": 4}
    embedded.change("delete from event_payload")
    tally = await simulated(embedded, since, **change)
    assert (tally.changed, tally.not_known) == (0, 4)


async def test_who_is_no_more_told_leaves_the_dedupe_key_to_the_next(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    dedupe = {"key": "data.post", "window": "PT1H"}
    await embedded.workflow("post", MAIL, dedupe=dedupe)
    for loud in (False, True):
        await embedded.send("post", "u0", data={"post": "p1", "loud": loud})
        await embedded.advance(60)
    await embedded.quiet()
    change = document_of(embedded, "post", MAIL | {"when": "data.loud"}, dedupe=dedupe)
    tally = await simulated(embedded, since, **change)
    email = tally.by_channel["email"]
    assert (tally.changed, email.lost, email.gained) == (2, 1, 1)


async def test_consents_about_the_new_category_are_those_of_then(embedded: Embedded) -> None:
    since = await some_readers(embedded)
    ads = await embedded.category("ads", consent="required")
    await embedded.workflow("post", MAIL)
    await says(embedded, "u0", ads, granted=True)
    await embedded.send("post", "u0", "u1")
    await embedded.advance(60)
    await says(embedded, "u0", ads, granted=False)
    await says(embedded, "u1", ads, granted=True)
    await embedded.quiet()
    change = document_of(embedded, "post", MAIL, category="ads")
    tally = await simulated(embedded, since, **change)
    assert (tally.decisions, tally.changed, tally.not_known) == (2, 1, 0)
    assert tally.by_reason == [(("email", "send", "level_all", "skip", "no_consent"), 1)]


async def test_a_new_condition_about_somebody_who_changed_since_is_not_known(
    embedded: Embedded,
) -> None:
    since = await some_readers(embedded)
    await embedded.workflow("post", MAIL)
    for name in ("u0", "u1"):
        await embedded.user(name, email=f"{name}@example.org", data={"plan": "paid"})
    await embedded.send("post", "u0", "u1")
    await embedded.advance(60)
    await embedded.user("u1", email="u1@example.org", data={"plan": "free"})
    await embedded.quiet()
    change = document_of(embedded, "post", MAIL | {"when": 'user.data.plan == "free"'})
    tally = await simulated(embedded, since, **change)
    assert (tally.changed, tally.not_known, tally.missing) == (1, 1, {"conditions": 1})
