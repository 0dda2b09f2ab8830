from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, send

PATH = "/v1/users/u1/preferences"
DOCUMENT: dict[str, Any] = {
    **WELCOME,
    "steps": [
        {"send": {"channel": channel, "template": template}}
        for channel, template in [
            ("inbox", {"title": "Hi", "body": "..."}),
            ("email", {"subject": "Hi", "body": "..."}),
            ("sms", {"body": "Hi"}),
        ]
    ],
}


@pytest.fixture(autouse=True)
async def a_user(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json={"email": "a@example.org", "phone": "+4915112345678"})
    await api.put("/v1/workflows/welcome", json=DOCUMENT)


async def asked(api: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await api.get(f"{PATH}/resolved", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_who_chose_nothing_gets_everything_there_is_a_place_for(
    api: httpx.AsyncClient,
) -> None:
    answer = await asked(api)
    states = {name: channel["state"] for name, channel in answer["channels"].items()}
    assert states == {
        "inbox": "on", "push": "off", "email": "on", "sms": "on", "chat": "off", "webhook": "on",
    }  # fmt: skip
    assert answer["channels"]["push"]["reason"] == "no_destination"
    assert (answer["unknown"], answer["cadence"], answer["asked"]) == ([], None, {})


@pytest.mark.parametrize(
    ("preferences", "query", "kind", "name"),
    [
        ({"channels": {"email": "off"}}, {}, "user", None),
        ({"tenants": {"acme": {"channels": {"email": "off"}}}}, {}, "user_in_tenant", "acme"),
        ({"categories": {"social": {"email": "off"}}}, {}, "category", "social"),
        ({"workflows": {"welcome": {"email": "off"}}}, {}, "workflow", "welcome"),
        ({"topics": {"doc:9": {"channels": {"email": "off"}}}}, {}, "topic", "doc:9"),
        ({"topics": {"dir:1": {"channels": {"email": "off"}}}}, {}, "topic", "dir:1"),
        ({"actors": {"u7": {"mute_until": "forever"}}}, {}, "actor", "u7"),
    ],
)
async def test_the_scope_that_decides_is_named(
    api: httpx.AsyncClient,
    preferences: dict[str, Any],
    query: dict[str, str],
    kind: str,
    name: str | None,
) -> None:
    await api.put("/v1/topics/doc:9", json={"parent": "dir:1"})
    await api.patch(PATH, json=preferences)
    for known in ("acme", "other"):
        await api.put(f"/v1/tenants/{known}", json={})
    query = {"workflow": "welcome", "topic": "doc:9", "tenant": "acme", "actor": "u7"} | query
    answer = await asked(api, **query)
    email = answer["channels"]["email"]
    assert (email["state"], email["scope"].get("id")) == ("off", name)
    assert email["scope"]["kind"] == kind
    assert answer["asked"] == {**query, "category": "social"}


async def test_it_says_what_a_real_event_then_does(api: httpx.AsyncClient) -> None:
    await api.put("/v1/tenants/acme", json={"preferences": {"channels": {"sms": "off"}}})
    await api.patch(PATH, json={"level": "mentions", "channels": {"email": "off"}})
    answer = await asked(api, workflow="welcome", tenant="acme")
    for found, mentions in (("channels", []), ("mentioned", ["u1"])):
        event = await send(api, recipients=["u1"], tenant="acme", mentions=mentions)
        why = (await api.get(f"/v1/events/{event}/why", params={"user": "u1"})).json()
        for step in why["channels"]:
            told = answer[found][step["channel"]]
            assert told["reason"] == step["reason"]
            assert (told["state"] == "on") is (step["result"] == "send")
    assert answer["mentioned"]["sms"]["scope"] == {"kind": "tenant", "id": "acme"}


async def test_level_mentions_silences_all_but_mentions(api: httpx.AsyncClient) -> None:
    await api.patch(PATH, json={"topics": {"doc:9": {"level": "mentions"}}})
    answer = await asked(api, topic="doc:9")
    assert answer["channels"]["email"] == {
        "state": "off",
        "reason": "no_mention",
        "scope": {"kind": "topic", "id": "doc:9"},
    }
    assert answer["mentioned"]["email"]["state"] == "on"


async def test_a_muted_mention_still_fills_the_inbox_silently(api: httpx.AsyncClient) -> None:
    await api.patch(PATH, json={"mute_for": "PT1H"})
    answer = await asked(api)
    assert answer["channels"]["inbox"]["state"] == "off"
    assert answer["mentioned"]["inbox"] == {
        "state": "on", "reason": "muted", "scope": {"kind": "user", "id": None}, "alert": False,
    }  # fmt: skip


async def test_the_default_level_of_a_topic_is_told_as_its_owners(api: httpx.AsyncClient) -> None:
    await api.put("/v1/topics/doc:9", json={"default_level": "none"})
    answer = await asked(api, topic="doc:9")
    assert answer["channels"]["sms"]["scope"] == {"kind": "topic_default", "id": "doc:9"}


async def test_who_is_not_subscribed_is_not_in_the_thread(api: httpx.AsyncClient) -> None:
    await api.put("/v1/topics/t1", json={"kind": "thread"})
    assert (await asked(api, topic="t1"))["channels"]["sms"]["reason"] == "not_in_thread"
    await api.post("/v1/topics/t1/subscribers", json={"add": ["u1"]})
    assert (await asked(api, topic="t1"))["channels"]["sms"]["state"] == "on"


async def test_the_cadence_of_digests_is_told(api: httpx.AsyncClient) -> None:
    await api.put("/v1/environment", json={"preferences": {"cadence": "daily"}})
    assert (await asked(api))["cadence"] == {
        "value": "daily",
        "scope": {"kind": "environment", "id": None},
    }
    await api.patch(PATH, json={"workflows": {"welcome": {"cadence": "weekly"}}})
    assert (await asked(api, workflow="welcome"))["cadence"]["value"] == "weekly"


async def test_quiet_hours_and_pauses_hold_until_they_end(api: httpx.AsyncClient) -> None:
    night = {"windows": [{"days": ["fri"], "from": "03:00", "until": "06:00"}]}
    await api.patch(PATH, json={"quiet_hours": night})
    held = (await asked(api))["channels"]
    assert held["inbox"]["state"] == "on"
    assert held["email"] == {
        "state": "held",
        "reason": "quiet_hours",
        "scope": {"kind": "user", "id": None},
        "until": "2026-01-02T06:00:00.000000Z",
    }
    await api.patch("/v1/environment", json={"timezone": "Europe/Vienna"})
    assert (await asked(api))["channels"]["email"]["until"] == "2026-01-02T05:00:00.000000Z"
    await api.put("/v1/tenants/acme", json={"timezone": "Asia/Tokyo"})
    assert (await asked(api, tenant="acme"))["channels"]["email"]["state"] == "on"
    await api.patch(PATH, json={"quiet_hours": {"windows": []}, "pause_for": "PT2H"})
    paused = (await asked(api, tenant="acme"))["channels"]["sms"]
    assert (paused["reason"], paused["until"]) == ("paused", "2026-01-02T05:04:05.678901Z")


async def test_a_mandatory_category_heeds_nothing(api: httpx.AsyncClient) -> None:
    await api.patch(PATH, json={"mute_until": "forever"})
    answer = await asked(api, category="security")
    assert answer["channels"]["sms"]["state"] == "on"


async def test_what_nobody_has_heard_of_is_named(api: httpx.AsyncClient) -> None:
    names = {"workflow": "w", "category": "c", "topic": "t", "tenant": "n", "actor": "a"}
    assert set((await asked(api, **names))["unknown"]) == set(names)
    await api.patch(PATH, json={"workflows": {"w": {"sms": "off"}}})
    answer = await asked(api, workflow="w")
    assert answer["unknown"] == ["workflow"]
    assert answer["channels"]["sms"]["state"] == "off"


async def test_nobody_gets_nothing(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/users/nobody/preferences/resolved")).status_code == 404
