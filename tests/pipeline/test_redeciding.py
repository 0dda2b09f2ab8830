"""What a user chose since a message was decided is heeded before it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import INBOX, PUSH, delivery, one_phone
from tests.pipeline.test_resume import NIGHT, at

FOREVER = "forever"


async def refused_once(server: Embedded, fcm: FakeFcm, **fields: Any) -> bytes:
    """An event whose push waits for its second try."""
    await one_phone(server, **fields)
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await server.send("news", "ada")
    await server.quiet()
    assert len(fcm.requests) == 1
    fcm.react("phone", None)
    return event


async def tried_again(server: Embedded, event: bytes) -> str:
    """The delivery's status after the next try."""
    await server.advance(6)
    await server.settled(event)
    return str(delivery(server, event)["status"])


async def test_a_mute_stops_the_next_try_and_the_answer_to_why_says_so(
    wired: Embedded, fcm: FakeFcm
) -> None:
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", mute_until=FOREVER)
    assert await tried_again(wired, event) == "canceled"
    assert len(fcm.requests) == 1
    assert (await wired.counts(event)).skipped == 1
    why = await wired.why(event, "ada")
    assert why["verdict"] == "not_told"
    (entry,) = why["channels"]
    assert (entry["result"], entry["reason"]) == ("skip", "muted")
    assert "muted" in why["because"]


@pytest.mark.parametrize(
    "choices",
    [
        {"channels": {"push": "off"}},
        {"level": "none"},
        {"workflows": {"news": {"push": "off"}}},
    ],
    ids=str,
)
async def test_so_does_any_choice_that_would_have_stopped_it(
    wired: Embedded, fcm: FakeFcm, choices: dict[str, Any]
) -> None:
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", **choices)
    assert await tried_again(wired, event) == "canceled"


async def test_a_choice_about_something_else_does_not(wired: Embedded, fcm: FakeFcm) -> None:
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", channels={"email": "off"})
    assert await tried_again(wired, event) == "sent"
    assert len(fcm.requests) == 2
    assert (await wired.why(event, "ada"))["verdict"] == "told"


async def test_what_was_ready_when_the_mute_came_is_not_sent(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.quiet()
    await wired.prefer("ada", mute_until=FOREVER)
    wired.release("ready")
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "canceled"
    assert fcm.requests == []


async def test_each_device_is_told_the_same(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    await wired.device("ada", "tablet")
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.quiet()
    await wired.prefer("ada", mute_until=FOREVER)
    wired.release("ready")
    await wired.settled(event)
    assert {row["status"] for row in wired.rows(event)["delivery"]} == {"canceled"}
    assert wired.select("select step, n from decision") == [(0, 1)]


async def test_what_was_stopped_does_not_come_back(wired: Embedded, fcm: FakeFcm) -> None:
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", mute_until=FOREVER)
    assert await tried_again(wired, event) == "canceled"
    await wired.prefer("ada", mute_until=None)
    await wired.advance(3600)
    await wired.quiet()
    assert delivery(wired, event)["status"] == "canceled"
    assert len(fcm.requests) == 1


async def test_a_mute_that_was_taken_back_in_time_stops_nothing(
    wired: Embedded, fcm: FakeFcm
) -> None:
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", mute_until=FOREVER)
    await wired.prefer("ada", mute_until=None)
    assert await tried_again(wired, event) == "sent"


async def test_the_inbox_keeps_what_it_has(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.workflow("news", INBOX, PUSH)
    await wired.user("ada")
    await wired.device("ada", "phone")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada")
    await wired.quiet()
    await wired.prefer("ada", mute_until=FOREVER)
    assert await tried_again(wired, event) == "canceled"
    assert (await wired.counts(event)).sent == 1
    assert (await wired.why(event, "ada"))["verdict"] == "partly_told"


async def consented(server: Embedded, granted: bool) -> None:
    """Ada says whether the category `offers` may push."""
    category = (await server.server.catalogs.compiled(server.env)).by_key["news"].category.number
    user = await server.user("ada")
    write = ConsentWrite(purpose=category, channel=Channel.PUSH, granted=granted)
    law = server.server.store.law
    await law.append_consents(server.env, user, [write], server.clock.now())


async def test_a_consent_that_is_taken_back_stops_the_next_try(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.category("offers", consent="required")
    await one_phone(wired, category="offers")
    await consented(wired, True)
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada")
    await wired.quiet()
    assert len(fcm.requests) == 1
    fcm.react("phone", None)
    await consented(wired, False)
    assert await tried_again(wired, event) == "canceled"
    assert await wired.reasons(event, "ada") == {"push": "opted_out"}


async def test_a_code_is_sent_whatever_was_chosen(wired: Embedded, fcm: FakeFcm) -> None:
    event = await refused_once(wired, fcm, category="security")
    await wired.prefer("ada", mute_until=FOREVER)
    assert await tried_again(wired, event) == "sent"
    assert wired.select("select count(*) from decision") == [(0,)]


async def test_quiet_hours_that_were_chosen_since_put_the_next_try_off(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.advance(at(wired, "2026-03-02T23:00:00Z"))
    event = await refused_once(wired, fcm)
    await wired.prefer("ada", quiet_hours=NIGHT)
    await wired.advance(6)
    await wired.quiet()
    assert (await wired.counts(event)).open == 1
    await wired.advance(at(wired, "2026-03-03T06:59:00Z"))
    await wired.quiet()
    assert len(fcm.requests) == 1
    await wired.advance(61)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"


async def test_who_never_chose_anything_is_not_asked_about(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        wired.server.store.people, "changed_since", lambda *some: asked.append(some)
    )
    await one_phone(wired)
    await wired.told("news", "ada")
    assert asked == []


async def test_what_was_chosen_before_is_looked_at_once_and_decided_once(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_phone(wired)
    await wired.prefer("ada", channels={"email": "off"})
    await wired.advance(3600)
    read: list[Any] = []
    monkeypatch.setattr(wired.server.store.held, "decisions", lambda *some: read.append(some))
    await wired.told("news", "ada")
    assert read == []
