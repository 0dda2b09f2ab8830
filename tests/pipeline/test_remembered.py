"""Which answers are in force."""

from __future__ import annotations

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL
from tests.pipeline.waiting import HOUR, ada, after, waiting, whats


async def test_what_was_cancelled_while_it_waited_is_not_sent(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", steps=[{"send": INBOX}, {"delay": "PT1H"}, {"send": MAIL}])
    event = await waiting(wired, "news")
    await wired.advance(60)
    await wired.server.store.events.cancel(wired.env, [event], None, wired.clock.now())
    why = await after(wired, 1, event)
    assert why["verdict"] == "partly_told"
    assert why["because"].endswith("The event news was cancelled, so the e-mail was not sent.")
    assert "nothing was sent" not in why["because"]
    assert [c["result"] for c in why["channels"]] == ["send", "hold", "skip"]
    assert whats(why)[-2:] == ["cancelled", "re-decided"]


async def test_a_wait_that_is_over_is_no_answer_any_more(wired: Embedded) -> None:
    await ada(wired)
    steps = [{"delay": "PT1H"}, {"send": INBOX}, {"delay": "PT1H"}, {"send": MAIL}]
    await wired.workflow("news", steps=steps)
    event = await waiting(wired, "news")
    await wired.advance(HOUR)
    await wired.quiet()
    why = await wired.why(event, "ada")
    assert [(c["step"], c["result"], c.get("over")) for c in why["channels"]] == [
        (0, "hold", True),
        (1, "send", None),
        (2, "hold", False),
    ]
    assert [wait["channels"] for wait in why["waits"]] == [["email"]]
    assert why["verdict"] == "waiting"
    why = await after(wired, HOUR, event)
    assert (why["verdict"], [c["n"] for c in why["channels"]]) == ("told", [0, 1, 1, 2])


async def test_a_later_skip_answers_for_the_steps_that_were_left(
    wired: Embedded,
) -> None:
    await ada(wired)
    await wired.workflow("news", steps=[{"send": INBOX}, {"delay": "PT1H"}, {"send": MAIL}])
    event = await waiting(wired, "news")
    await wired.prefer("ada", mute_until="forever")
    why = await after(wired, HOUR, event)
    assert [(c["step"], c["result"], c["reason"]) for c in why["channels"]] == [
        (0, "send", "level_all"),
        (1, "hold", "delayed"),
        (2, "skip", "muted"),
    ]
    assert why["because"].endswith("ada muted all notifications, so the e-mail was not sent.")
