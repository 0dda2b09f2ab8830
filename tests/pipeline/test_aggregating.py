"""Inbox items that tell several events, on a whole server."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.ids import item_name
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.errors import InvalidError
from clarion.pipeline.aggregating import MEMBERS_SHOWN
from clarion.pipeline.contract import Told
from clarion.store.contract.events import EventCounts
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded

INBOX = CHANNEL_NUMBER[Channel.INBOX]
TELL = (
    "{{ digest | tell(one='{names} liked it', other='{names} liked it', "
    "others_one='{names} and {others} other liked it', "
    "others_other='{names} and {others} others liked it') }}"
)
ITEM: dict[str, Any] = {
    "channel": "inbox",
    "aggregate": {"key": "data.post"},
    "template": {
        "title": TELL,
        "body": "{{ digest.count }}: {% for one in digest.items %}{{ one.data.n }} {% endfor %}",
        "url": "/posts/{{ digest.key }}",
    },
}


@pytest.fixture(autouse=True)
async def somebody_to_tell(embedded: Embedded) -> None:
    await embedded.user("ana")
    for name in ("Bo", "Cy", "Di", "Ed"):
        await embedded.user(name.lower(), name=name)


async def like(server: Embedded, n: int, actor: str | None = None, **fields: Any) -> bytes:
    """Like number `n` of post 7, told to ana. Each comes a bit later than the one before."""
    server.clock.advance(0.01)
    data = {"post": "7", "n": n}
    return await server.told("like", "ana", actor=actor, data=data, **fields)


async def told(server: Embedded) -> list[Told]:
    """What ana reads, newest first."""
    ana, store = await server.number(NameKind.USER, "ana"), server.server.store
    rows = await store.inbox.page(
        server.env, ana, 0, status="all", archived="exclude", before=None, limit=50,
        now=server.clock.now(),
    )  # fmt: skip
    return await server.services.telling.tell(server.env, ana, rows)


async def the_words(server: Embedded) -> dict[str, Any]:
    (one,) = await told(server)
    return one.row.fields


async def test_an_item_grows_with_what_it_tells(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    titles = []
    for n, actor in enumerate(("bo", "cy", "bo", "di", "ed")):
        await like(embedded, n, actor)
        titles.append((await the_words(embedded))["title"])
    assert titles == [
        "Bo liked it",
        "Cy and Bo liked it",
        "Bo and Cy liked it",
        "Di, Bo, and Cy liked it",
        "Ed, Di and 2 others liked it",
    ]
    words = await the_words(embedded)
    assert (words["body"], words["url"]) == ("5: 0 1 2 3 4 ", "/posts/7")
    (one,) = await told(embedded)
    assert one.actors == ("Ed", "Di", "Bo", "Cy")


async def test_counts_are_exact_beyond_what_is_listed(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    for n in range(MEMBERS_SHOWN + 3):
        await like(embedded, n, f"a{n}")
    words = await the_words(embedded)
    assert words["title"].endswith(f" and {MEMBERS_SHOWN + 1} others liked it")
    assert words["body"].startswith(f"{MEMBERS_SHOWN + 3}: 3 4 ")
    (one,) = await told(embedded)
    assert (len(one.actors), len(one.activities)) == (10, 10)


async def test_words_are_in_the_language_the_reader_has_now(embedded: Embedded) -> None:
    template = {"en": {"title": "{{ digest.count }} likes"}, "de": {"title": "Mal {{ data.n }}"}}
    await embedded.workflow("like", {**ITEM, "template": template}, locale="en")
    await like(embedded, 1)
    assert await the_words(embedded) == {"title": "1 likes"}
    await embedded.user("ana", locale="de-AT")
    assert await the_words(embedded) == {"title": "Mal 1"}


async def test_a_former_member_is_not_named(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    await like(embedded, 1, "bo")
    await like(embedded, 2, "cy")
    await embedded.server.store.people.erase(embedded.env, "cy", embedded.clock.now())
    assert (await the_words(embedded))["title"] == "A former member and Bo liked it"
    (one,) = await told(embedded)
    assert one.actors == ("A former member", "Bo")


async def test_somebody_who_was_only_named_is_no_former_member(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    await like(embedded, 1, "nobody-wrote-me")
    assert (await the_words(embedded))["title"] == "Someone liked it"


async def test_the_newest_version_of_the_workflow_has_the_words(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    await like(embedded, 1)
    await embedded.workflow("like", {**ITEM, "template": {"title": "new {{ digest.count }}"}})
    assert (await the_words(embedded))["url"] == "/posts/7"
    await like(embedded, 2)
    assert await the_words(embedded) == {"title": "new 2"}


async def test_every_event_is_told_by_the_item(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    workflow = await embedded.number(NameKind.WORKFLOW, "like")
    ana = await embedded.number(NameKind.USER, "ana")
    events = [await like(embedded, n, "bo") for n in range(2)]
    for event in events:
        assert await embedded.counts(event) == EventCounts(sent=1)
        assert await embedded.counts(event, INBOX) == EventCounts(sent=1)
        assert (await embedded.why(event, "ana"))["verdict"] == "told"
        answer = await embedded.server.explainer.notification(embedded.env, event, workflow, ana)
        (entry,) = [one for one in answer["timeline"] if one["what"] == "in the inbox"]
        assert (entry["item"], entry["together_with"]) == (item_name(0, 1), 1)
        (content,) = answer["content"]
        assert content["fields"]["title"] == "Bo liked it"


async def test_what_is_taken_back_is_not_told(embedded: Embedded) -> None:
    await embedded.workflow("like", ITEM)
    events = [await like(embedded, n, actor) for n, actor in enumerate(("bo", "cy"))]
    store, now = embedded.server.store, embedded.clock.now()
    await store.events.cancel(embedded.env, events[1:], None, now)
    assert (await the_words(embedded))["title"] == "Bo liked it"
    await store.events.cancel(embedded.env, events, None, now)
    assert await told(embedded) == []
    workflow = await embedded.number(NameKind.WORKFLOW, "like")
    ana = await embedded.number(NameKind.USER, "ana")
    answer = await embedded.server.explainer.notification(embedded.env, events[1], workflow, ana)
    assert answer["status"] == "sent"
    assert [one["what"] for one in answer["timeline"]][-1] == "taken back"


async def test_one_whose_template_fails_is_skipped(embedded: Embedded) -> None:
    template = {"title": "{{ 1 / (data.n - 1) }}"}
    await embedded.workflow("like", {**ITEM, "template": template})
    event = await like(embedded, 1)
    assert await embedded.reasons(event, "ana") == {"inbox": "render_failed"}
    assert await told(embedded) == []


async def test_later_steps_know_whether_the_item_was_seen(embedded: Embedded) -> None:
    """What was seen before new activity came stays seen; the new activity is not."""
    mail = {"channel": "push", "when": "!inbox.read", "template": {"title": "Liked"}}
    await embedded.workflow("like", ITEM, {"delay": "PT1H"}, mail)
    await embedded.device("ana", "T")
    data = {"post": "7", "n": 1}
    read = await embedded.send("like", "ana", data=data)
    await embedded.advance(60)
    await embedded.read("ana")
    await embedded.advance(60)
    unread = await embedded.send("like", "ana", data=data)
    await embedded.advance(3600)
    for event in (read, unread):
        await embedded.settled(event)
    push = CHANNEL_NUMBER[Channel.PUSH]
    assert await embedded.counts(read, push) == EventCounts()
    assert await embedded.counts(unread, push) == EventCounts(sent=1)


async def test_a_topic_is_told_in_pages(embedded: Embedded) -> None:
    await embedded.topic("posts", "ana", "bo", "cy")
    await embedded.workflow("like", {**ITEM, "aggregate": {"key": "data.post + user.id"}})
    for n in range(2):
        recipient = {"topic": "posts"}
        await embedded.told("like", recipient, actor="di", data={"post": "7", "n": n})
    (one,) = await told(embedded)
    assert (one.row.aggregation_key, one.row.activities, one.row.actors) == ("7ana", 2, 1)
    assert embedded.select("select count(*), sum(activities) from item") == [(3, 6)]


async def test_what_a_digest_gave_is_not_gathered_again(embedded: Embedded) -> None:
    with pytest.raises(InvalidError, match="before the digest"):
        await embedded.workflow("like", {"digest": {"window": "PT1H"}}, ITEM)
