"""What happened, in the order of time."""

from __future__ import annotations

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH
from tests.pipeline.waiting import HOUR, ada, after, whats


async def test_what_would_expire_while_it_is_held_is_told_so(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", PUSH, expires_in="PT1H")
    await wired.prefer("ada", pause_until="2026-01-02T12:00:00Z")
    event = await wired.told("news", "ada")
    why = await after(wired, 2 * HOUR, event)
    assert (why["verdict"], why["because"]) == (
        "not_told",
        "It had to wait until 13:00 on 2 January (Europe/Berlin) because notifications were"
        " paused, and would have expired by then, so the push was not sent.",
    )
    assert whats(why)[-1] == "expired"


async def test_forgotten_decisions_are_told_as_such(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", INBOX)
    event = await wired.told("news", "ada")
    wired.change(
        "update notification set decided = '[0,' || (decided ->> 1)"
        " || ',0,0,0,1,0,\"\",false,true,false,false,{},{},[]]'"
    )
    why = await wired.why(event, "ada")
    assert (why["verdict"], why["channels"], why["facts"]) == ("told", [], {})
    assert why["because"] == (
        "Why this was decided for ada is kept no longer (retention of decisions); of the"
        " notification it is known that it was sent."
    )
    assert not why["decision_kept"]
    assert whats(why) == ["accepted", "in the inbox"]
