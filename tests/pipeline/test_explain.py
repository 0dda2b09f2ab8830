"""Why somebody was told or not, asked of a whole server."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded

MAIL = {"channel": "email", "template": {"subject": "{{ data.title }}", "body": "..."}}
ITEM = {"channel": "inbox", "template": {"title": "{{ data.title }}"}}


async def a_comment(server: Embedded, *steps: dict[str, Any], **fields: Any) -> None:
    """The workflow `comment` of the category `social`, and ana, who has an address."""
    await server.workflow("comment", *(steps or (ITEM, MAIL)), category="social", **fields)
    await server.user("ana", email="ana@example.org")


async def the_because(server: Embedded, event: bytes, user: str = "ana") -> str:
    return str((await server.why(event, user))["because"])


@pytest.mark.parametrize(
    "change",
    [{"parent": None}, {"parent": "folder:3", "default_level": "all"}, None],
    ids=["moved", "changed", "deleted"],
)
async def test_topics_are_explained_as_they_were(
    embedded: Embedded, change: dict[str, Any] | None
) -> None:
    await a_comment(embedded)
    await embedded.topic("doc:9", parent="folder:3", default_level="none")
    await embedded.prefer("ana", topics={"folder:3": {"mute_until": "forever"}})
    muted = await embedded.told("comment", "ana", about="doc:9")
    await embedded.prefer("ana", topics=None)
    off = await embedded.told("comment", "ana", about="doc:9")
    await embedded.advance(1)
    if change is None:
        await embedded.server.store.topics.delete(embedded.env, "doc:9", embedded.clock.now())
    else:
        await embedded.topic("doc:9", **change)
    for event, gate, because in (
        (muted, "mute", "ana muted the topic folder:3, so nothing was sent."),
        (off, "level", "The topic doc:9 is off unless somebody asks for it, so nothing was sent."),
    ):
        answer = await embedded.why(event, "ana")
        assert answer["because"] == because
        assert answer["versions"]["same_answer_today"]
        assert answer["channels"][0]["trace"][-1]["gate"] == gate


@pytest.mark.parametrize(
    ("choices", "because"),
    [
        (
            {"categories": {"social": {"level": "none"}}},
            "The category social is off unless somebody asks for it, so nothing was sent.",
        ),
        (
            {"workflows": {"comment": {"level": "none"}}},
            "The workflow comment is off unless somebody asks for it, so nothing was sent.",
        ),
        (
            {"topics": {"folder:3": {"mute_until": "forever"}}},
            "The topic folder:3 is muted for everybody, so nothing was sent.",
        ),
    ],
)
async def test_defaults_of_the_environment_hold_at_every_scope(
    embedded: Embedded, choices: dict[str, Any], because: str
) -> None:
    await a_comment(embedded)
    await embedded.topic("doc:9", "ana", parent="folder:3")
    await embedded.default(**choices)
    named = await embedded.told("comment", "ana", about="doc:9")
    walked = await embedded.told("comment", {"topic": "doc:9"})
    await embedded.default(**dict.fromkeys(choices))
    assert await the_because(embedded, named) == because
    assert await the_because(embedded, walked) == because
    later = await embedded.told("comment", "ana", about="doc:9")
    assert (await embedded.why(later, "ana"))["verdict"] == "told"


async def test_the_thread_and_the_person_that_decided_are_named(embedded: Embedded) -> None:
    await a_comment(embedded)
    await embedded.topic("doc:9", kind="thread")
    outside = await embedded.told("comment", "ana", about="doc:9")
    await embedded.prefer("ana", actors={"ben": {"mute_until": "forever"}})
    by_ben = await embedded.told("comment", "ana", actor="ben")
    answer = await embedded.why(outside, "ana")
    assert answer["because"] == "ana had not joined the thread doc:9, so nothing was sent."
    assert answer["channels"][0]["scope"] == "the thread doc:9"
    assert await the_because(embedded, by_ben) == "ana muted the user ben, so nothing was sent."
