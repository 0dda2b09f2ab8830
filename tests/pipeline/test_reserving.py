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


async def test_a_capped_step_is_skipped_when_the_cap_is_reached(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {**PUSH, "cap": HOURLY})
    events = [await anywhere.told("news", "ada") for _ in range(3)]
    counts = [await anywhere.counts(event) for event in events]
    assert [(one.sent, one.skipped) for one in counts] == [(1, 0), (1, 0), (0, 1)]
    assert await outcomes(anywhere, events[2]) == {"push": "capped"}


async def test_a_cap_may_hold_until_it_frees(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {**PUSH, "cap": {**HOURLY, "over": "hold"}})
    for _ in range(2):
        await anywhere.told("news", "ada")
    third = await anywhere.send("news", "ada")
    await anywhere.quiet()
    assert (await anywhere.counts(third)).held == 1
    await anywhere.advance(3601)
    await anywhere.settled(third)
    assert (await anywhere.counts(third)).sent == 1


async def test_a_cap_may_gather_what_is_too_much(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.workflow("news", {**PUSH, "cap": {**HOURLY, "over": "digest"}})
    for _ in range(2):
        await anywhere.told("news", "ada")
    rest = [await anywhere.send("news", "ada") for _ in range(5)]
    await anywhere.quiet()
    await anywhere.advance(3601)
    for event in rest:
        await anywhere.settled(event)
    assert anywhere.select("select count(*) from capture") == [(3,)]


async def test_a_throttle_counts_each_value_of_its_key(anywhere: Embedded) -> None:
    await ada(anywhere)
    throttle = {"limit": 1, "window": "PT1H", "key": "data.doc"}
    await anywhere.workflow("news", PUSH, MAIL, throttle=throttle)
    first = await anywhere.told("news", "ada", data={"doc": "a"})
    other = await anywhere.told("news", "ada", data={"doc": "b"})
    again = await anywhere.told("news", "ada", data={"doc": "a"})
    assert (await anywhere.counts(first)).sent == 1
    assert (await anywhere.counts(other)).sent == 1
    assert (await anywhere.counts(again)).skipped == 1


async def test_a_cap_of_the_category_counts_over_its_workflows(anywhere: Embedded) -> None:
    await ada(anywhere)
    await anywhere.category("chatty", cap=HOURLY)
    await anywhere.workflow("one", PUSH, category="chatty")
    await anywhere.workflow("two", PUSH, category="chatty")
    events = [await anywhere.told(type_, "ada") for type_ in ("one", "two", "one", "two")]
    counts = [await anywhere.counts(event) for event in events]
    assert [one.sent for one in counts] == [1, 1, 0, 0]
