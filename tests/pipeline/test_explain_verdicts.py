"""Why somebody was told, or not: the decision made again from what was kept."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.errors import NotFoundError
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import INBOX, MAIL, PUSH, a_note, one_phone


async def everything(server: Embedded) -> None:
    """A workflow of three channels for Ada, who has a phone and a mailbox."""
    await server.workflow("news", INBOX, PUSH, MAIL, category="social")
    await server.user("ada", email="ada@example.org")
    await server.device("ada", "phone")


def gates(channel: dict[str, Any]) -> dict[str, str]:
    return {line["gate"]: line["verdict"] for line in channel["trace"]}


async def test_who_was_reached_on_all_channels_was_told(wired: Embedded) -> None:
    await everything(wired)
    event = await wired.told("news", "ada")
    why = await wired.why(event, "ada")
    assert why["verdict"] == "told"
    assert [c["result"] for c in why["channels"]] == ["send", "send", "send"]
    assert gates(why["channels"][1])["end"] == "pass"
    assert len(why["deliveries"]) == 2
    assert why["decided_at"] == "2026-01-01T12:00:00.000000Z"


async def test_who_was_reached_on_some_channels_was_partly_told(wired: Embedded) -> None:
    await everything(wired)
    await wired.prefer("ada", channels={"email": "off"})
    event = await wired.told("news", "ada")
    why = await wired.why(event, "ada")
    assert why["verdict"] == "partly_told"
    mail = why["channels"][2]
    assert (mail["reason"], mail["scope"]) == ("channel_off", "user")
    assert gates(mail)["channel"] == "skip"
    assert "destination" not in gates(mail)


async def test_who_is_waited_for_is_waiting(wired: Embedded) -> None:
    await everything(wired)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    assert (await wired.why(event, "ada"))["verdict"] == "waiting"
    wired.release("ready")
    await wired.settled(event)


async def test_a_message_that_never_arrived_told_nobody(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    fcm.fail("phone", 404, "UNREGISTERED")
    event = await wired.told("news", "ada")
    why = await wired.why(event, "ada")
    assert why["verdict"] == "not_told"
    assert "The push could not be delivered" in why["because"]
    assert "no longer valid (UNREGISTERED)" in why["because"]


async def test_the_answer_stands_on_the_settings_as_they_were(embedded: Embedded) -> None:
    await a_note(embedded, "news", category="social")
    await embedded.users("ada")
    await embedded.prefer("ada", categories={"social": {"level": "none"}})
    event = await embedded.told("news", "ada", tenant="acme")
    before = await embedded.why(event, "ada")
    await embedded.advance(60)
    await embedded.prefer("ada", categories={"social": {"level": "all"}}, mute_until="forever")
    await embedded.default(tenant="acme", mute_until="forever")
    await embedded.default(channels={"inbox": "off"})
    await a_note(embedded, "news", category="social", rollout="off")
    await embedded.category("social", mandatory=True)
    await embedded.server.catalogs.pause(embedded.env, "news", True)
    await embedded.server.store.events.cancel(embedded.env, [event], None, embedded.clock.now())
    after = await embedded.why(event, "ada")
    *lines, cancelled = after.pop("timeline")
    assert (lines, cancelled["what"]) == (before.pop("timeline"), "cancelled")
    assert after == before
    assert after["channels"][0]["scope"] == "the category social"
    assert after["versions"]["same_answer_today"]


@pytest.mark.parametrize(
    ("recipients", "fields"),
    [
        (["ada"], {}),
        (["ada"], {"about": "doc:9"}),
        (["ada"], {"mentions": ["everyone"]}),
        (["ada"], {"actor": "ada"}),
        (["ada"], {"tenant": "acme", "silent": True}),
        (["ada"], {"expires_at": "2026-01-01T12:00:00Z"}),
        ([{"topic": "doc:9"}], {}),
        ([{"topic": "doc:9"}], {"about": "folder:1"}),
        ([{"all": True}], {"about": "thread:1"}),
        (["ghost"], {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("level", ["all", "mentions"])
async def test_deciding_again_gives_what_was_recorded(
    wired: Embedded, recipients: list[Any], fields: dict[str, Any], level: str
) -> None:
    await everything(wired)
    await wired.topic("folder:1")
    await wired.topic("doc:9", "ada", parent="folder:1", default_level="mentions")
    await wired.topic("thread:1", kind="thread")
    await wired.prefer("ada", level=level, topics={"folder:1": {"suppress": ["everyone"]}})
    event = await wired.told("news", *recipients, **fields)
    user = "ghost" if recipients == ["ghost"] else "ada"
    why = await wired.why(event, user)
    assert why["versions"]["same_answer_today"]
    last = [channel["trace"][-1]["verdict"] for channel in why["channels"]]
    expected = {"send": ("pass", "badge"), "skip": ("skip", "badge")}
    for channel, verdict in zip(why["channels"], last, strict=True):
        assert verdict in expected[channel["result"]]


async def test_each_workflow_that_listened_has_its_say(embedded: Embedded) -> None:
    await a_note(embedded, "one", on="news")
    await a_note(embedded, "two", on="news", category="social")
    await embedded.users("ada")
    await embedded.prefer("ada", categories={"social": {"inbox": "off"}})
    event = await embedded.told("news", "ada")
    why = await embedded.why(event, "ada")
    assert [(c["workflow"], c["reason"]) for c in why["channels"]] == [
        ("one", "level_all"),
        ("two", "channel_off"),
    ]
    assert why["verdict"] == "partly_told"
    assert "[one]" in why["because"]
    assert "[two]" in why["because"]


async def test_an_unknown_event_or_notification_is_not_found(embedded: Embedded) -> None:
    with pytest.raises(NotFoundError, match="no event"):
        await embedded.why(bytes(16), "ada")
    with pytest.raises(NotFoundError, match="ntf_"):
        await embedded.server.explainer.notification(embedded.env, bytes(16), 1, 1)


async def test_a_notification_is_told_with_its_words_and_its_timeline(
    wired: Embedded, fcm: FakeFcm
) -> None:
    number = await wired.workflow("news", INBOX, PUSH)
    ada = await wired.user("ada")
    await wired.device("ada", "phone")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada", correlation_id="c-1", tags={"order": "7"})
    await wired.quiet()
    fcm.react("phone", None)
    await wired.advance(6)
    await wired.settled(event)
    told = await wired.server.explainer.notification(wired.env, event, number, ada)
    assert (told["user"], told["workflow"], told["status"]) == ("ada", "news", "sent")
    assert (told["correlation_id"], told["tags"]) == ("c-1", {"order": "7"})
    assert [entry["what"] for entry in told["timeline"]] == [
        "accepted",
        "decided",
        "in the inbox",
        "queued",
        "attempt",
        "sent",
    ]
    assert [(c["step"], c["fields"]["title"]) for c in told["content"]] == [
        (0, "News for you"),
        (1, "News for you"),
    ]


async def test_no_answer_holds_an_address(wired: Embedded, fcm: FakeFcm) -> None:
    await everything(wired)
    fcm.fail("phone", 400, "INVALID_ARGUMENT", "The token phone is odd")
    event = await wired.told("news", "ada")
    text = str(await wired.why(event, "ada"))
    assert "ada@example.org" not in text
    assert "The token phone" not in text
