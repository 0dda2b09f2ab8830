"""Each decision made again, from what the ledger kept of it."""

from __future__ import annotations

from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH
from tests.pipeline.waiting import (
    HOUR,
    IN_THE_INBOX,
    NIGHTS,
    NOTHING_AGAINST,
    QUIET,
    ada,
    after,
    waiting,
    whats,
)


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


async def test_a_user_without_a_zone_is_told_in_that_of_the_organisation(wired: Embedded) -> None:
    await wired.users("bob")
    await wired.device("bob", "phone-b")
    tenant = await wired.number(NameKind.TENANT, "acme")
    profile: dict[str, str | None] = {"timezone": "Asia/Tokyo"}
    await wired.server.store.settings.write_profile(wired.env, tenant, profile)
    await wired.workflow("news", steps=[{"delay": "PT1H"}, {"send": PUSH}])
    event = await wired.send("news", "bob", tenant="acme")
    await wired.quiet()
    why = await wired.why(event, "bob")
    assert why["channels"][0]["until_local"] == "22:00 on 1 January (Asia/Tokyo)"
    await wired.advance(HOUR)
    await wired.settled(event)
