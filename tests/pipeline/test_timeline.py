"""What happened, in the order of time."""

from __future__ import annotations

from clarion.core.ids import item_name
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


async def test_an_event_among_others_names_the_item_that_tells_it(embedded: Embedded) -> None:
    step = {"channel": "inbox", "aggregate": {"key": "data.post"}, "template": {"title": "Liked"}}
    workflow = await embedded.workflow("like", step)
    ana = await embedded.user("ana")
    first = await embedded.told("like", "ana", data={"post": "7"})
    await embedded.told("like", "ana", data={"post": "7"})
    await embedded.advance(60)
    await embedded.read("ana")
    await embedded.advance(60)
    store, now = embedded.server.store, embedded.clock.now()
    await store.events.cancel(embedded.env, [first], None, now)
    answer = await embedded.server.explainer.notification(embedded.env, first, workflow, ana)
    told = {line["what"]: line["text"] for line in answer["timeline"]}
    name = item_name(0, 1)
    assert told["in the inbox"] == f"It is told in the inbox by {name}, together with 1 other."
    assert told["read"] == "It was read in the inbox."
    assert told["taken back"] == "It was taken back, so the inbox tells nothing of it any more."
