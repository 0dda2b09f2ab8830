"""Why somebody still waits, what comes next, and what was decided when the wait was over."""

from __future__ import annotations

from typing import Any

from clarion.clock import SECOND
from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH

HOUR = 3600
NIGHTS = {"windows": [{"days": ["wed", "thu", "fri"], "from": "22:00", "until": "07:00"}]}
NOTHING_AGAINST = "ada has nothing set against it, so"
IN_THE_INBOX = f"{NOTHING_AGAINST} the inbox item was sent."
QUIET = (
    "It was within the quiet hours that ada set, so the push was held until 07:00 on 2 January"
    " (Europe/Berlin)."
)


async def ada(server: Embedded) -> int:
    """Ada in Berlin, with a phone and a mailbox."""
    number = await server.user("ada", email="ada@example.org", timezone="Europe/Berlin")
    await server.device("ada", "phone")
    return number


async def waiting(server: Embedded, type_: str) -> bytes:
    """Id of an event that was worked through, as far as it does not wait."""
    event = await server.send(type_, "ada")
    await server.quiet()
    return event


async def after(server: Embedded, seconds: float, event: bytes) -> dict[str, Any]:
    """The answer once the wait is over."""
    await server.advance(seconds)
    await server.settled(event)
    return await server.why(event, "ada")


def whats(why: dict[str, Any], *, future: bool = False) -> list[str]:
    return [line["what"] for line in why["timeline"] if line.get("future", False) is future]


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


async def test_what_was_held_is_told_with_both_decisions(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", INBOX, PUSH)
    await wired.prefer("ada", quiet_hours=NIGHTS)
    await wired.advance(10 * HOUR)
    event = await waiting(wired, "news")
    why = await after(wired, 8 * HOUR + 360, event)
    assert why["verdict"] == "told"
    assert why["because"] == (
        f"{IN_THE_INBOX} {QUIET} It was decided again at 07:06 on 2 January (Europe/Berlin):"
        f" {NOTHING_AGAINST} the push was sent."
    )
    push = why["channels"][1]
    assert (push["result"], push["n"]) == ("send", 1)
    (held,) = push["history"]
    assert (held["result"], held["text"], held["n"]) == ("hold", QUIET, 0)
    assert held["trace"][-1] == {
        "gate": "quiet",
        "verdict": "hold",
        "detail": "the user's quiet hours",
        "scope": "user",
        "until": "2026-01-02T06:00:00.000000Z",
    }
    assert why["waits"] == []
    assert whats(why) == [
        *("accepted", "decided", "held", "in the inbox"),
        *("re-decided", "queued", "sent"),
    ]
    assert whats(why, future=True) == []
    assert why["versions"]["same_answer_today"]


async def test_quiet_hours_that_change_later_do_not_change_the_answer(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", PUSH)
    await wired.prefer("ada", quiet_hours=NIGHTS)
    await wired.advance(10 * HOUR)
    event = await waiting(wired, "news")
    before = (await after(wired, 8 * HOUR + 360, event))["channels"]
    await wired.prefer("ada", quiet_hours=None, pause_until="forever")
    await wired.user("ada", timezone="Asia/Tokyo")
    why = await wired.why(event, "ada")
    assert why["channels"] == before
    assert why["versions"]["same_answer_today"]


async def test_a_mail_is_left_out_when_its_item_was_read_meanwhile(wired: Embedded) -> None:
    number = await ada(wired)
    steps = [
        {"send": INBOX},
        {"delay": "PT1H"},
        {"send": {**MAIL, "when": "!inbox.read"}},
    ]
    await wired.workflow("news", steps=steps)
    event = await waiting(wired, "news")
    why = await wired.why(event, "ada")
    held = (
        "The workflow news waits at this point before it goes on, so the e-mail was held until"
        " 14:00 on 1 January (Europe/Berlin)."
    )
    assert (why["verdict"], why["because"]) == ("waiting", f"{IN_THE_INBOX} {held}")
    delay = why["channels"][1]
    assert (delay["channel"], delay["wait"], delay["over"]) == (None, "delay", False)
    assert why["waits"][0]["next"] == (
        "ada will be told by e-mail after 14:00 on Thursday (Europe/Berlin), if the condition for"
        " it holds then."
    )
    await wired.advance(600)
    inbox = wired.server.store.inbox
    await inbox.mark(wired.env, number, 0, [1], "read", wired.clock.now())
    why = await after(wired, HOUR, event)
    assert why["verdict"] == "partly_told"
    assert why["because"].endswith(
        "The condition for it was not met, as it had been read in the inbox by then, so the e-mail"
        " was not sent."
    )
    assert why["channels"][1]["over"]
    assert (why["channels"][2]["reason"], why["channels"][2]["n"]) == ("when_false", 1)
    assert whats(why)[-3:] == ["seen", "read", "re-decided"]


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


async def test_whoever_saw_it_at_the_desktop_gets_no_push(wired: Embedded) -> None:
    number = await ada(wired)
    await wired.workflow("news", INBOX, {**PUSH, "presence": "PT5M"})
    until = wired.clock.now() + 60 * SECOND
    await wired.server.store.presence.write([(wired.env, number, until)])
    event = await waiting(wired, "news")
    why = await wired.why(event, "ada")
    assert why["because"].endswith(
        "ada was active at a desktop and could see it there, so the push was held until 13:05 on"
        " 1 January (Europe/Berlin)."
    )
    assert why["waits"][0]["next"].endswith(", unless it is seen in the inbox before.")
    inbox = wired.server.store.inbox
    await inbox.mark(wired.env, number, 0, [1], "seen", wired.clock.now())
    why = await after(wired, 300, event)
    assert why["verdict"] == "partly_told"
    assert why["because"].endswith(
        "ada had seen it in the inbox meanwhile, so the push was not sent."
    )


async def test_whoever_opted_out_is_told_from_what(wired: Embedded) -> None:
    number = await ada(wired)
    category = await wired.category("deals", consent="required")
    await wired.workflow("deal", MAIL, PUSH, category="deals")
    out = ConsentWrite(purpose=category, channel=Channel.EMAIL, granted=False)
    await wired.server.store.law.append_consents(wired.env, number, [out], wired.clock.now())
    why = await wired.why(await wired.told("deal", "ada"), "ada")
    assert (why["verdict"], why["because"]) == (
        "not_told",
        "ada opted out of the category deals, so the e-mail was not sent. The category deals may"
        " only reach people who agreed to it, and ada had not agreed to get it by push, so the"
        " push was not sent.",
    )


async def test_a_paused_workflow_is_told_as_what_stands_in_the_way(wired: Embedded) -> None:
    await ada(wired)
    await wired.workflow("news", steps=[{"delay": "PT1H"}, {"send": PUSH}])
    event = await waiting(wired, "news")
    await wired.server.catalogs.pause(wired.env, "news", True)
    why = await wired.why(event, "ada")
    assert why["waits"][0]["next"] == (
        "ada will be told by push once the workflow news is no longer paused."
    )
    await wired.server.catalogs.pause(wired.env, "news", False)
    assert (await after(wired, HOUR, event))["verdict"] == "told"


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


async def test_a_user_without_a_zone_is_told_in_that_of_the_organisation(wired: Embedded) -> None:
    await wired.users("bob")
    await wired.device("bob", "phone-b")
    tenant = await wired.number(NameKind.TENANT, "acme")
    profile = {"timezone": "Asia/Tokyo"}
    await wired.server.store.settings.write_profile(wired.env, tenant, profile)
    await wired.workflow("news", steps=[{"delay": "PT1H"}, {"send": PUSH}])
    event = await wired.send("news", "bob", tenant="acme")
    await wired.quiet()
    why = await wired.why(event, "bob")
    assert why["channels"][0]["until_local"] == "22:00 on 1 January (Asia/Tokyo)"
    await wired.advance(HOUR)
    await wired.settled(event)
