"""Which form an event goes in."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH

TOPIC = {"topic": "show"}

SINGLE: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "a push": ([PUSH], {}),
    "two steps": ([INBOX, PUSH], {}),
    "a delay": ([{"delay": "PT1M"}, INBOX], {}),
    "a digest": ([{"digest": {"window": "PT1M"}}, INBOX], {}),
    "a condition": ([{**INBOX, "when": "data.n > 0"}], {}),
    "a key": ([{**INBOX, "aggregate": {"key": "data.n"}}], {}),
    "a throttle": ([INBOX], {"throttle": {"limit": 1, "window": "PT1H"}}),
    "a dedupe key": ([INBOX], {"dedupe": {"key": "data.n", "window": "PT1H"}}),
}


async def form(server: Embedded, *recipients: Any, **fields: Any) -> str:
    event = await server.send("part", *(recipients or (TOPIC,)), data={"n": 1}, **fields)
    return "broadcast" if await server.server.store.broadcasts.of_event(server.env, event) else ""


@pytest.fixture
async def show(embedded: Embedded) -> Embedded:
    await embedded.users("ana", "bo")
    await embedded.topic("show", "ana", "bo", broadcast="always")
    return embedded


async def test_a_topic_may_say_always_or_never(show: Embedded) -> None:
    await show.workflow("part", INBOX)
    assert await form(show) == "broadcast"
    await show.topic("show", broadcast="never")
    assert await form(show) == ""


async def test_a_topic_that_leaves_it_open_is_asked_for_its_size(show: Embedded) -> None:
    await show.topic("show", broadcast="auto")
    await show.workflow("part", INBOX)
    assert await form(show) == ""
    show.server.acceptor._composer._forms._above = 1
    assert await form(show) == "broadcast"
    show.server.acceptor._composer._forms._above = 2
    assert await form(show) == ""


@pytest.mark.parametrize("why", SINGLE)
async def test_more_than_one_item_at_once_is_written(show: Embedded, why: str) -> None:
    steps, fields = SINGLE[why]
    await show.workflow("part", *steps, **fields)
    assert await form(show) == ""


async def test_an_audience_that_is_more_than_a_topic_is_written(show: Embedded) -> None:
    await show.workflow("part", INBOX)
    await show.topic("other", "ana", broadcast="always")
    assert await form(show, TOPIC, "ana") == ""
    assert await form(show, TOPIC, {"topic": "other"}) == ""
    assert await form(show, {"all": True}) == ""


async def test_an_event_that_keeps_an_order_is_written(show: Embedded) -> None:
    await show.workflow("part", INBOX)
    assert await form(show, ordering_key="k") == ""


async def test_a_category_with_a_cap_is_written(show: Embedded) -> None:
    await show.category("loud", cap={"limit": 1, "window": "PT1H"})
    await show.workflow("part", INBOX, category="loud")
    assert await form(show) == ""


async def test_the_audience_of_a_workflow_may_be_a_topic(show: Embedded) -> None:
    await show.workflow("part", INBOX, audience='topic("show")')
    event = await show.send("part")
    assert await show.server.store.broadcasts.of_event(show.env, event)


async def test_a_repeat_is_no_second_broadcast(show: Embedded) -> None:
    await show.workflow("part", INBOX)
    document = {"type": "part", "id": "once", "recipients": [TOPIC]}
    first, second = [await show.accept(document) for _ in range(2)]
    assert first.event == second.event
    assert len(show.select("select seq from broadcast")) == 1
