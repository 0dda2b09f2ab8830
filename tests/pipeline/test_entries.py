"""The steps as the API shows them."""

from __future__ import annotations

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import PUSH
from tests.pipeline.waiting import HOUR, ada, after, waiting


async def test_a_limit_is_told_with_its_numbers(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", {**PUSH, "cap": {"limit": 1, "window": "PT24H"}})
    await wired.told("news", "ada")
    why = await wired.why(await wired.told("news", "ada"), "ada")
    assert (why["verdict"], why["because"]) == (
        "not_told",
        "This step of the workflow news sends at most 1 message to ada within 24 hours, 1 had been"
        " sent, and there is room again from 13:00 on 2 January (Europe/Berlin), so the push was"
        " not sent.",
    )
    assert why["channels"][0]["cap"] == {
        "scope": "step",
        "per": "user",
        "by_channel": False,
        "used": 1,
        "limit": 1,
        "window_seconds": 86_400,
        "frees_at": "2026-01-02T12:00:00.000000Z",
    }


async def test_a_limit_may_hold_until_there_is_room_again(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", PUSH, throttle={"limit": 1, "window": "PT2H", "over": "hold"})
    await wired.told("news", "ada")
    event = await waiting(wired, "news")
    why = await wired.why(event, "ada")
    assert (why["verdict"], why["because"]) == (
        "waiting",
        "The workflow news sends at most 1 message to ada within 2 hours, and 1 had been sent, so"
        " the push was held until 15:00 on 1 January (Europe/Berlin).",
    )
    why = await after(wired, 2 * HOUR, event)
    assert (why["verdict"], why["channels"][0]["reason"]) == ("told", "level_all")
    assert why["channels"][0]["history"][0]["cap"]["used"] == 1


async def test_a_message_says_which_address_it_went_to_without_giving_it_away(
    wired: Embedded,
) -> None:
    await ada(wired)
    await wired.device("ada", "second-device:APA91b-x7FqPz", "apns")
    await wired.workflow("news", PUSH)
    why = await wired.why(await wired.told("news", "ada"), "ada")
    shown = [one["destination"] for one in why["deliveries"]]
    assert shown[-1] == {
        "platform": "apns",
        "app": None,
        "address": "…x7FqPz",
        "disabled_at": None,
    }
    assert "second-device" not in str(why)


async def test_it_is_said_by_whose_clock_it_was_decided(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", PUSH)
    why = await wired.why(await wired.told("news", "ada"), "ada")
    assert why["zone"] == {"name": "Europe/Berlin", "from": "user"}
    await wired.user("bo")
    why = await wired.why(await wired.told("news", "bo"), "bo")
    assert why["zone"] == {"name": "UTC", "from": "none"}
