"""From recipients to rows: who is told, in which words, and why not."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import INBOX, MAIL, PUSH, a_note

THREE = (INBOX, PUSH, MAIL)


async def reachable(server: Embedded, *ids: str) -> None:
    """Users with a phone and a mailbox."""
    for id_ in ids:
        await server.user(id_, email=f"{id_}@example.org")
        await server.device(id_, f"phone-of-{id_}")


async def news(server: Embedded, **fields: Any) -> dict[str, str]:
    """What became of an event for Ada: reason by channel."""
    return await server.reasons(await server.told("news", "ada", **fields), "ada")


ALL_SENT = {"inbox": "level_all", "push": "level_all", "email": "level_all"}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, ALL_SENT),
        ({"level": "none"}, dict.fromkeys(ALL_SENT, "level_none")),
        ({"mute_until": "forever"}, dict.fromkeys(ALL_SENT, "muted")),
        ({"mute_until": "2026-01-01T11:59:59Z"}, ALL_SENT),
        ({"channels": {"push": "off"}}, ALL_SENT | {"push": "channel_off"}),
        ({"categories": {"social": {"push": "off"}}}, ALL_SENT | {"push": "channel_off"}),
        ({"categories": {"marketing": {"push": "off"}}}, ALL_SENT),
        ({"workflows": {"news": {"email": "off"}}}, ALL_SENT | {"email": "channel_off"}),
        (
            {"channels": {"push": "off"}, "workflows": {"news": {"push": "on"}}},
            ALL_SENT,
        ),
        ({"tenants": {"acme": {"level": "none"}}}, dict.fromkeys(ALL_SENT, "level_none")),
        ({"tenants": {"other": {"level": "none"}}}, ALL_SENT),
        ({"topics": {"doc:9": {"level": "mentions"}}}, dict.fromkeys(ALL_SENT, "no_mention")),
        ({"topics": {"folder:1": {"level": "none"}}}, dict.fromkeys(ALL_SENT, "level_none")),
        (
            {"topics": {"folder:1": {"level": "none"}, "doc:9": {"level": "all"}}},
            ALL_SENT,
        ),
        ({"actors": {"bo": {"mute_until": "forever"}}}, dict.fromkeys(ALL_SENT, "actor_muted")),
        ({"actors": {"cy": {"mute_until": "forever"}}}, ALL_SENT),
    ],
    ids=lambda value: None if value and "inbox" in value else str(value)[:60],
)
async def test_a_setting_holds_at_its_scope(
    embedded: Embedded, choices: dict[str, Any], expected: dict[str, str]
) -> None:
    await embedded.workflow("news", *THREE, category="social")
    await embedded.topic("folder:1")
    await embedded.topic("doc:9", parent="folder:1")
    await reachable(embedded, "ada", "bo")
    await embedded.prefer("ada", **choices)
    assert await news(embedded, tenant="acme", about="doc:9", actor="bo") == expected


async def test_a_tenants_default_holds_for_its_events_until_somebody_chooses(
    embedded: Embedded,
) -> None:
    await embedded.workflow("news", *THREE)
    await reachable(embedded, "ada")
    await embedded.default(tenant="acme", channels={"push": "off"})
    off = ALL_SENT | {"push": "channel_off"}
    assert await news(embedded, tenant="acme") == off
    assert await news(embedded, tenant="other") == ALL_SENT
    assert await news(embedded) == ALL_SENT
    await embedded.prefer("ada", channels={"push": "on"})
    assert await news(embedded, tenant="acme") == ALL_SENT


async def test_the_environments_default_holds_everywhere(embedded: Embedded) -> None:
    await embedded.workflow("news", *THREE, category="social")
    await reachable(embedded, "ada")
    await embedded.default(channels={"email": "off"})
    assert await news(embedded) == ALL_SENT | {"email": "channel_off"}
    await embedded.default(channels={"email": "on"})
    assert await news(embedded) == ALL_SENT


async def test_a_mandatory_category_heeds_no_choice(embedded: Embedded) -> None:
    await embedded.workflow("news", *THREE, category="security")
    await reachable(embedded, "ada")
    await embedded.prefer("ada", level="none", mute_until="forever", channels={"email": "off"})
    assert await news(embedded, actor="ada") == dict.fromkeys(ALL_SENT, "mandatory")


async def test_the_owner_of_a_topic_gives_its_level(embedded: Embedded) -> None:
    await embedded.workflow("news", *THREE)
    await embedded.topic("doc:9", "ada", default_level="mentions")
    await reachable(embedded, "ada")
    assert await news(embedded, about="doc:9") == dict.fromkeys(ALL_SENT, "no_mention")
    mentioned = await news(embedded, about="doc:9", mentions=["ada"])
    assert mentioned == dict.fromkeys(ALL_SENT, "mention")


async def test_a_topic_is_its_own_scope_for_those_it_reached(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("ada")
    await embedded.topic("doc:9", "ada")
    await embedded.prefer("ada", topics={"doc:9": {"level": "none"}})
    by_topic = await embedded.told("news", {"topic": "doc:9"})
    by_name = await embedded.told("news", "ada")
    assert await embedded.reasons(by_topic, "ada") == {"inbox": "level_none"}
    assert await embedded.reasons(by_name, "ada") == {"inbox": "level_all"}


@pytest.mark.parametrize(
    ("mentions", "reason"),
    [
        ([], "no_mention"),
        (["bo"], "no_mention"),
        (["ada"], "mention"),
        ([{"reply": "ada"}], "mention"),
        ([{"role": "ops"}], "mention"),
        ([{"role": "dev"}], "no_mention"),
        (["everyone"], "mention"),
    ],
)
async def test_who_wants_mentions_hears_of_mentions(
    embedded: Embedded, mentions: list[Any], reason: str
) -> None:
    await a_note(embedded, "news")
    await embedded.user("ada", roles=["ops"])
    await embedded.prefer("ada", level="mentions")
    assert await news(embedded, mentions=mentions) == {"inbox": reason}


async def test_a_direct_mention_goes_before_one_of_everyone(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("ada", "bo")
    for user in ("ada", "bo"):
        await embedded.prefer(user, level="mentions", suppress=["everyone"])
    event = await embedded.told("news", "ada", "bo", mentions=["everyone", "ada"])
    assert await embedded.reasons(event, "ada") == {"inbox": "mention"}
    assert await embedded.reasons(event, "bo") == {"inbox": "mention_suppressed"}


async def test_who_is_not_in_the_thread_is_not_told_of_it(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("ada", "bo")
    await embedded.topic("thread:1", "ada", kind="thread")
    event = await embedded.told("news", "ada", "bo", about="thread:1")
    assert await embedded.reasons(event, "ada") == {"inbox": "level_all"}
    assert await embedded.reasons(event, "bo") == {"inbox": "not_in_thread"}


async def test_a_muted_mention_is_counted_without_an_alert(
    wired: Embedded, fcm: FakeFcm, mail_server: FakeSmtp
) -> None:
    await wired.workflow("news", *THREE)
    await reachable(wired, "ada")
    await wired.prefer("ada", mute_until="forever")
    event = await wired.told("news", "ada", mentions=["ada"])
    (item,) = wired.rows(event)["item"]
    assert item["alert"] is False
    assert (fcm.requests, mail_server.mails) == ([], [])


async def test_a_silent_event_alerts_nobody(embedded: Embedded) -> None:
    await embedded.workflow("news", *THREE)
    await reachable(embedded, "ada")
    assert await news(embedded, silent=True) == dict.fromkeys(ALL_SENT, "silent")


@pytest.mark.parametrize(
    ("rollout", "reason"), [("off", "rollout_off"), ("shadow", "rollout_shadow")]
)
async def test_a_workflow_that_is_not_rolled_out_sends_nothing(
    wired: Embedded, fcm: FakeFcm, mail_server: FakeSmtp, rollout: str, reason: str
) -> None:
    await wired.workflow("news", *THREE, rollout=rollout)
    await reachable(wired, "ada")
    event = await wired.told("news", "ada")
    assert await wired.reasons(event, "ada") == dict.fromkeys(ALL_SENT, reason)
    assert (fcm.requests, mail_server.mails) == ([], [])
    assert (await wired.counts(event)).skipped == 1


async def test_a_shadowed_workflow_still_says_who_would_not_have_been_told(
    embedded: Embedded,
) -> None:
    await embedded.workflow("news", *THREE, rollout="shadow")
    await embedded.user("ada", email="ada@example.org")
    await embedded.prefer("ada", channels={"email": "off"})
    assert await news(embedded) == {
        "inbox": "rollout_shadow",
        "push": "no_destination",
        "email": "channel_off",
    }


async def test_an_event_that_expired_before_it_came_tells_nobody(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("ada")
    await embedded.topic("doc:9", "ada")
    past = "2026-01-01T12:00:00Z"
    for recipient in ("ada", {"topic": "doc:9"}):
        event = await embedded.told("news", recipient, expires_at=past)
        assert await embedded.reasons(event, "ada") == {"inbox": "expired"}


async def test_an_event_that_expires_before_its_page_is_decided_tells_nobody(
    embedded: Embedded,
) -> None:
    await a_note(embedded, "news", expires_in="PT24H")
    await embedded.users("ada")
    await embedded.topic("doc:9", "ada")
    await embedded.hold("fanout")
    event = await embedded.send("news", {"topic": "doc:9"}, expires_in="PT5M")
    await embedded.advance(300)
    embedded.release("fanout")
    await embedded.settled(event)
    assert await embedded.reasons(event, "ada") == {"inbox": "expired"}


@pytest.mark.parametrize(("own", "minutes"), [("PT5M", 5), ("PT2H", 60)])
async def test_the_earlier_expiry_holds(embedded: Embedded, own: str, minutes: int) -> None:
    await a_note(embedded, "news", expires_in="PT1H")
    await embedded.users("ada")
    event = await embedded.told("news", "ada", expires_in=own)
    (item,) = embedded.rows(event)["item"]
    assert item["expires_at"] == f"2026-01-01T1{2 + minutes // 60}:{minutes % 60:02}:00Z"


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("data.amount > 100", "level_all"),
        ("data.amount > 200", "when_false"),
        ("data.missing > 1", "when_false"),
        ("user.data.plan == 'gold'", "level_all"),
        ("user.locale == 'de'", "when_false"),
        ("'ops' in user.roles && data.amount > 100", "level_all"),
        ("!inbox.seen", "level_all"),
        ("actor.name == 'Bo'", "level_all"),
        ("tenant.id == 'acme'", "level_all"),
    ],
)
async def test_a_condition_decides_over_its_step(
    embedded: Embedded, when: str, reason: str
) -> None:
    await embedded.workflow("news", {**INBOX, "when": when}, MAIL)
    await embedded.user(
        "ada", email="ada@example.org", locale="en", roles=["ops"], data={"plan": "gold"}
    )
    await embedded.user("bo", name="Bo")
    event = await embedded.told("news", "ada", data={"amount": 150}, actor="bo", tenant="acme")
    assert await embedded.reasons(event, "ada") == {"inbox": reason, "email": "level_all"}
    why = await embedded.why(event, "ada")
    assert why["facts"]["conditions"] == {"0": reason == "level_all"}


async def test_everybody_is_told_in_their_own_language(wired: Embedded, fcm: FakeFcm) -> None:
    words = {"en": {"title": "Hello"}, "de": {"title": "Hallo"}, "pt-BR": {"title": "Oi"}}
    steps = [{"channel": channel, "template": words} for channel in ("inbox", "push")]
    await wired.workflow("news", *steps, locale="en")
    for id_, locale in (("ada", "de-AT"), ("bo", "fr"), ("cy", None), ("di", "pt-BR")):
        await wired.user(id_, locale=locale)
        await wired.device(id_, f"phone-of-{id_}")
    event = await wired.told("news", "ada", "bo", "cy", "di")
    said = {r.target: r.message["notification"]["title"] for r in fcm.requests}
    assert said == {
        "phone-of-ada": "Hallo",
        "phone-of-bo": "Hello",
        "phone-of-cy": "Hello",
        "phone-of-di": "Oi",
    }
    items = {row["user"]: row["locale"] for row in wired.rows(event)["item"]}
    assert items == {"ada": "de", "bo": "en", "cy": "en", "di": "pt-BR"}


async def test_what_is_the_same_for_all_is_kept_once(embedded: Embedded) -> None:
    personal = {"channel": "inbox", "template": {"title": "Hi {{ user.name }}"}}
    await embedded.workflow("news", INBOX, personal)
    for id_ in ("ada", "bo"):
        await embedded.user(id_, name=id_.title())
    event = await embedded.told("news", "ada", "bo")
    kept = [(row["step"], row.get("user")) for row in embedded.rows(event)["content"]]
    assert sorted(kept, key=str) == [(0, None), (1, "ada"), (1, "bo")]


async def test_words_that_fail_skip_their_inbox_step_and_no_other(
    embedded: Embedded,
) -> None:
    failing = {"channel": "inbox", "template": {"title": "{{ data.n / data.zero }}"}}
    await embedded.workflow("news", failing, INBOX, MAIL)
    await embedded.user("ada", email="ada@example.org")
    await embedded.users("bo")
    event = await embedded.told("news", "ada", "bo", data={"n": 1, "zero": 0})
    rows = {row["user"]: row for row in embedded.rows(event)["notification"]}
    for user in ("ada", "bo"):
        first, second = rows[user]["decided"]["steps"][:2]
        assert (first["result"], first["gate"], first["reason"]) == (
            "skip",
            "content",
            "render_failed",
        )
        assert second["result"] == "send"
    assert (await embedded.counts(event)).sent == 2
    why = await embedded.why(event, "ada")
    assert why["verdict"] == "partly_told"
    assert "template did not work with the data" in why["because"]
    assert why["versions"]["same_answer_today"]


async def test_words_that_fail_for_one_person_are_theirs_alone(embedded: Embedded) -> None:
    failing = {"channel": "inbox", "template": {"title": "{{ 1 / user.data.zero }}"}}
    await embedded.workflow("news", failing)
    await embedded.user("ada", data={"zero": 0})
    await embedded.user("bo", data={"zero": 1})
    event = await embedded.told("news", "ada", "bo")
    assert await embedded.reasons(event, "ada") == {"inbox": "render_failed"}
    assert await embedded.reasons(event, "bo") == {"inbox": "level_all"}


async def test_each_device_of_a_person_gets_a_delivery(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.workflow("news", PUSH)
    for token in ("phone", "tablet", "watch"):
        await wired.device("ada", token)
    event = await wired.told("news", "ada")
    assert sorted(request.target for request in fcm.requests) == ["phone", "tablet", "watch"]
    (row,) = wired.rows(event)["notification"]
    assert (row["bucket"], row["sent"]) == ("sent", 3)


async def test_people_who_are_alike_get_the_same_and_others_their_own(
    embedded: Embedded,
) -> None:
    names = [f"u{n:03}" for n in range(60)]
    await embedded.workflow("news", INBOX, MAIL, category="social")
    for place, name in enumerate(names):
        fields = {"email": f"{name}@example.org"} if place % 2 else {}
        await embedded.user(name, **fields)
    await embedded.prefer("u007", categories={"social": {"email": "off"}})
    event = await embedded.told("news", *names, actor="u009")
    rows = {row["user"]: row for row in embedded.rows(event)["notification"]}
    for place, name in enumerate(names):
        steps = [step["reason"] for step in rows[name]["decided"]["steps"]]
        mail = "level_all" if place % 2 else "no_destination"
        expected = {"u007": ["level_all", "channel_off"], "u009": ["own_event"]}
        assert steps == expected.get(name, ["level_all", mail])
