"""Caps, leads and dedupe keys are asked before a decision stands."""

from __future__ import annotations

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, PUSH

HOURLY = {"limit": 2, "window": "PT1H"}


async def ada(server: Embedded) -> None:
    await server.user("ada", email="ada@example.org")
    await server.device("ada", "phone")


async def outcomes(server: Embedded, event: bytes) -> dict[str, str]:
    return await server.reasons(event, "ada")


async def test_a_capped_step_is_skipped_when_the_cap_is_reached(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {**PUSH, "cap": HOURLY})
    events = [await embedded.told("news", "ada") for _ in range(3)]
    counts = [await embedded.counts(event) for event in events]
    assert [(one.sent, one.skipped) for one in counts] == [(1, 0), (1, 0), (0, 1)]
    assert await outcomes(embedded, events[2]) == {"push": "capped"}


async def test_a_cap_may_hold_until_it_frees(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {**PUSH, "cap": {**HOURLY, "over": "hold"}})
    for _ in range(2):
        await embedded.told("news", "ada")
    third = await embedded.send("news", "ada")
    await embedded.quiet()
    assert (await embedded.counts(third)).held == 1
    await embedded.advance(3601)
    await embedded.settled(third)
    assert (await embedded.counts(third)).sent == 1


async def test_a_cap_may_gather_what_is_too_much(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.workflow("news", {**PUSH, "cap": {**HOURLY, "over": "digest"}})
    for _ in range(2):
        await embedded.told("news", "ada")
    rest = [await embedded.send("news", "ada") for _ in range(5)]
    await embedded.quiet()
    await embedded.advance(3601)
    for event in rest:
        await embedded.settled(event)
    assert embedded.select("select count(*) from capture") == [(3,)]


async def test_a_throttle_counts_each_value_of_its_key(embedded: Embedded) -> None:
    await ada(embedded)
    throttle = {"limit": 1, "window": "PT1H", "key": "data.doc"}
    await embedded.workflow("news", PUSH, MAIL, throttle=throttle)
    first = await embedded.told("news", "ada", data={"doc": "a"})
    other = await embedded.told("news", "ada", data={"doc": "b"})
    again = await embedded.told("news", "ada", data={"doc": "a"})
    assert (await embedded.counts(first)).sent == 1
    assert (await embedded.counts(other)).sent == 1
    assert (await embedded.counts(again)).skipped == 1


async def test_a_cap_of_the_category_counts_over_its_workflows(embedded: Embedded) -> None:
    await ada(embedded)
    await embedded.category("chatty", cap=HOURLY)
    await embedded.workflow("one", PUSH, category="chatty")
    await embedded.workflow("two", PUSH, category="chatty")
    events = [await embedded.told(type_, "ada") for type_ in ("one", "two", "one", "two")]
    counts = [await embedded.counts(event) for event in events]
    assert [one.sent for one in counts] == [1, 1, 0, 0]
