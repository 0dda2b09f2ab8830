"""What comes next for somebody who waits."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH
from tests.pipeline.waiting import HOUR, IN_THE_INBOX, NIGHTS, QUIET, ada, after, waiting


async def test_a_push_in_quiet_hours_waits_until_the_morning(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", INBOX, PUSH)
    await wired.prefer("ada", quiet_hours=NIGHTS)
    await wired.advance(10 * HOUR)
    why = await wired.why(await waiting(wired, "news"), "ada")
    assert (why["verdict"], why["because"]) == ("waiting", f"{IN_THE_INBOX} {QUIET}")
    push = why["channels"][1]
    assert (push["result"], push["reason"], push["gate"]) == ("hold", "quiet_hours", "quiet")
    assert push["until"] == "2026-01-02T06:00:00.000000Z"
    assert push["until_local"] == "07:00 on 2 January (Europe/Berlin)"
    (wait,) = why["waits"]
    assert wait["next"] == "ada will be told by push after 07:00 on Friday (Europe/Berlin)."
    assert "2026-01-02T06:00:00Z" <= wait["due"] < "2026-01-02T06:05:00Z"
    last = why["timeline"][-1]
    assert (last["at"], last["text"], last["future"]) == (wait["due"], wait["next"], True)


async def test_a_paused_workflow_is_told_as_what_stands_in_the_way(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", steps=[{"delay": "PT1H"}, {"send": PUSH}])
    event = await waiting(wired, "news")
    await wired.server.catalogs.pause(wired.env, "news", True)
    why = await wired.why(event, "ada")
    assert why["waits"][0]["next"] == (
        "ada will be told by push once the workflow news is no longer paused, if nothing stands"
        " against it then."
    )
    await wired.server.catalogs.pause(wired.env, "news", False)
    assert (await after(wired, HOUR, event))["verdict"] == "told"


async def test_a_reminder_waits_until_two_hours_before(wired: Embedded) -> None:
    await ada(wired)
    until = "timestamp(data.starts_at) - duration('2h')"
    await wired.workflow("booked", steps=[{"until": until}, {"send": PUSH}])
    event = await wired.send("booked", "ada", data={"starts_at": "2026-01-01T19:00:00+01:00"})
    await wired.quiet()
    why = await wired.why(event, "ada")
    assert (why["verdict"], why["waits"][0]["next"]) == (
        "waiting",
        "ada will be told by push after 17:00 on Thursday (Europe/Berlin), if nothing stands"
        " against it then.",
    )
    assert (await after(wired, 4 * HOUR, event))["verdict"] == "told"


async def test_a_reminder_without_a_readable_time_says_why_it_did_not_wait(
    wired: Embedded,
) -> None:
    await ada(wired)
    await wired.workflow("booked", steps=[{"until": "data.starts_at"}, {"send": PUSH}])
    event = await wired.send("booked", "ada", data={"starts_at": "tomorrow at nine"})
    await wired.settled(event)
    why = await wired.why(event, "ada")
    assert why["verdict"] == "told"
    (push,) = why["channels"]
    assert "what the step waits for is no instant, so nothing is waited for" in [
        line["detail"] for line in push["trace"]
    ]


@pytest.mark.parametrize("first", [{"delay": "PT1H"}, {"send": PUSH}], ids=["delay", "night"])
async def test_what_was_taken_back_is_not_promised(wired: Embedded, first: dict[str, Any]) -> None:
    await ada(wired)
    await wired.workflow("news", steps=[first, {"send": PUSH}])
    await wired.prefer("ada", quiet_hours=NIGHTS)
    await wired.advance(10 * HOUR)
    event = await waiting(wired, "news")
    await wired.server.store.events.cancel(wired.env, [event], None, wired.clock.now())
    why = await wired.why(event, "ada")
    assert {wait["next"] for wait in why["waits"]} == {
        "The event news was cancelled, so ada will not be told by push any more."
    }


async def test_the_story_of_a_held_notification_says_the_same(wired: Embedded) -> None:
    number = await ada(wired)
    workflow = await wired.workflow("news", steps=[{"delay": "PT1H"}, {"send": PUSH}])
    event = await waiting(wired, "news")
    why = await wired.why(event, "ada")
    told = await wired.server.explainer.notification(wired.env, event, workflow, number)
    assert (told["user"], told["status"]) == ("ada", "held")
    for name in ("verdict", "because", "channels", "waits", "timeline"):
        assert told[name] == why[name]
    await after(wired, HOUR, event)
