"""Why, in sentences, of what waited."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH
from tests.pipeline.waiting import HOUR, IN_THE_INBOX, ada, after, waiting, whats


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
        " it holds and nothing stands against it then."
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
        "ada opted out of e-mail for the category deals, so the e-mail was not sent. The category"
        " deals may only reach people who agreed to it, and ada had not agreed to get it by push,"
        " so the push was not sent.",
    )
