"""Why, about broadcasts: for who has looked, has not, joined later, or left before."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import PUSH

ITEM: dict[str, Any] = {"channel": "inbox", "template": {"title": "Part {{ data.n }}"}}


@pytest.fixture
async def show(embedded: Embedded) -> Embedded:
    await embedded.workflow("part", ITEM)
    await embedded.users("ana", "bo", "cy", "dee")
    await embedded.topic("show", "ana", "bo", "cy", broadcast="always")
    await embedded.advance(1)
    return embedded


async def publish(server: Embedded, **fields: Any) -> bytes:
    server.clock.advance(1)
    return await server.send("part", {"topic": "show"}, data={"n": 1}, **fields)


async def subscribe(server: Embedded, add: list[str], remove: list[str]) -> None:
    server.clock.advance(1)
    topics, now = server.server.store.topics, server.clock.now()
    await topics.subscribe(server.env, "show", add, remove, now)


async def test_who_has_not_looked_is_told_what_a_look_would_bring(show: Embedded) -> None:
    await show.prefer("bo", channels={"inbox": "off"})
    event = await publish(show)
    ana, bo = await show.why(event, "ana"), await show.why(event, "bo")
    assert ana["verdict"] == bo["verdict"] == "waiting"
    assert "ana has not looked at the inbox since the event part was published" in ana["because"]
    assert ana["channels"][0]["result"] == "send"
    assert ana["channels"][0]["undecided"]
    assert bo["channels"][0]["reason"] == "channel_off"
    assert ana["decided_at"] is None
    assert ana["forms"] == {"part": "broadcast"}
    assert [line["what"] for line in ana["timeline"]] == ["accepted"]
    assert show.rows(event).get("notification", []) == []


async def test_who_has_looked_is_told_like_everybody_else(show: Embedded) -> None:
    event = await publish(show)
    await show.look("ana")
    answer = await show.why(event, "ana")
    assert (answer["verdict"], answer["forms"]) == ("told", {"part": "broadcast"})
    assert "undecided" not in answer["channels"][0]
    assert answer["versions"]["same_answer_today"]


async def test_who_joined_later_or_left_before_was_not_in_the_audience(show: Embedded) -> None:
    await subscribe(show, [], ["bo", "cy"])
    event = await publish(show)
    await subscribe(show, ["dee", "cy"], ["ana"])
    told = {user: await show.why(event, user) for user in ("ana", "bo", "cy", "dee")}
    assert told["ana"]["verdict"] == "waiting"
    assert {told[user]["verdict"] for user in ("bo", "cy", "dee")} == {"not_in_audience"}
    assert "which bo had left before" in told["bo"]["because"]
    assert "which cy had left and joined again only afterwards" in told["cy"]["because"]
    assert "which dee joined only afterwards" in told["dee"]["because"]


async def test_the_excepted_are_told_so(show: Embedded) -> None:
    event = await show.send("part", {"topic": "show", "except": ["bo"]}, data={"n": 1})
    answer = await show.why(event, "bo")
    assert answer["verdict"] == "not_in_audience"
    assert "the event excepted bo from the topic show" in answer["because"]


@pytest.mark.parametrize("end", ["cancelled", "expired"])
async def test_who_did_not_look_in_time_is_not_told(show: Embedded, end: str) -> None:
    event = await publish(show, expires_in="PT1H")
    if end == "cancelled":
        await show.server.store.events.cancel(show.env, [event], None, show.clock.now())
    else:
        await show.advance(3600)
    answer = await show.why(event, "ana")
    assert answer["verdict"] == "not_told"
    assert answer["because"].startswith("ana had not looked at the inbox when it was over.")
    assert answer["channels"][0]["reason"] == end


async def test_what_is_written_and_what_is_not_decided_are_told_together(show: Embedded) -> None:
    await show.workflow("ring", PUSH, on="part")
    event = await publish(show)
    await show.quiet()
    answer = await show.why(event, "ana")
    assert answer["forms"] == {"part": "broadcast", "ring": "written"}
    assert answer["verdict"] == "waiting"
    assert [c.get("undecided", False) for c in answer["channels"]] == [False, True]


async def test_words_that_are_forgotten_are_not_told_any_more(show: Embedded) -> None:
    event = await publish(show)
    show.change("delete from event_payload")
    answer = await show.why(event, "ana")
    assert answer["verdict"] == "not_told"
    assert "while the data of the event part was kept" in answer["because"]
    assert await show.look("ana") == []
