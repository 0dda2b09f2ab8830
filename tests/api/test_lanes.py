from __future__ import annotations

from typing import Any

import httpx

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, a_note


async def lanes(live: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """What waits, by lane."""
    rows = (await live.get("/v1/lanes")).json()["data"]
    return {row.pop("lane"): row for row in rows}


async def test_a_lane_tells_depth_age_and_rate(running: Embedded, live: httpx.AsyncClient) -> None:
    await running.workflow("note", INBOX, MAIL, category="social")
    for name in ("ana", "ben"):
        await running.user(name, email=f"{name}@example.org")
    await running.hold("ready")
    event = await running.send("note", "ana", "ben")
    running.clock.advance(3)
    assert (await lanes(live))["social"] == {
        "depth": 2,
        "ready": 2,
        "sending": 0,
        "tasks": 0,
        "held": 0,
        "held_overdue_seconds": 0.0,
        "oldest_age_seconds": 3.0,
        "rate_per_second": round(2 / 9, 3),
        "waited_half_seconds": None,
        "waited_most_seconds": None,
        "yielding": False,
        "headway": 1.0,
    }
    running.release("ready")
    await running.settled(event)
    after = (await lanes(live))["social"]
    assert (after["depth"], after["oldest_age_seconds"]) == (0, 0.0)
    assert after["rate_per_second"] == round(4 / 9, 3)
    assert 3 <= after["waited_half_seconds"] <= after["waited_most_seconds"] <= 4.1
    running.clock.advance(10)
    assert (await lanes(live))["social"]["rate_per_second"] == 0.0


async def test_items_of_a_fan_out_and_of_a_request_count_in_their_own_lanes(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await a_note(running, "urgent", category="security", on="both")
    await a_note(running, "slow", category="marketing", on="both")
    await running.users("ana", "ben", "cleo")
    await running.told("both", "ana")
    await running.told("both", {"all": True}, workflow="slow")
    rates = {lane: row["rate_per_second"] for lane, row in (await lanes(live)).items()}
    assert rates == {
        "critical": round(1 / 9, 3),
        "transactional": 0.0,
        "social": 0.0,
        "bulk": round(4 / 9, 3),
    }


async def test_a_repeated_event_counts_once(running: Embedded, live: httpx.AsyncClient) -> None:
    await a_note(running, category="social")
    await running.users("ana")
    for _ in range(3):
        await running.told("note", "ana", id="once")
    assert (await lanes(live))["social"]["rate_per_second"] == round(1 / 9, 3)


async def test_the_metrics_tell_what_waits(running: Embedded, live: httpx.AsyncClient) -> None:
    await running.workflow("mail", MAIL, category="social")
    await running.user("ana", email="ana@example.org")
    await running.hold("ready")
    event = await running.send("mail", "ana")
    text = (await live.get("/metrics")).text
    assert 'clarion_queue_depth{lane="social",queue="ready"} 1.0' in text
    running.release("ready")
    await running.settled(event)
    text = (await live.get("/metrics")).text
    assert 'clarion_queue_depth{lane="social",queue="ready"} 0.0' in text


async def test_a_lane_tells_what_it_holds_apart_from_its_depth(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("note", {"delay": "PT1H"}, MAIL, category="social")
    await running.user("ana", email="ana@example.org")
    await running.send("note", "ana")
    await running.quiet()
    await running.hold("held")
    await running.advance(3605)
    found = (await lanes(live))["social"]
    assert (found["depth"], found["held"], found["held_overdue_seconds"]) == (0, 1, 5.0)
    running.release("held")
