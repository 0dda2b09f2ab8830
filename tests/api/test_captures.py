from __future__ import annotations

import json
from typing import Any

import httpx

from clarion.core.ids import event_name
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, PUSH


async def captures(live: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    """The rows of one page."""
    answer = await live.get("/v1/captures", params=filters)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def test_a_capture_shows_the_message_as_it_would_have_left(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("mail", MAIL)
    await running.user("ana", email="ana@example.org")
    event = await running.told("mail", "ana")
    (row,) = await captures(live)
    assert (row["event_id"], row["user"], row["channel"]) == (event_name(event), "ana", "email")
    assert (row["account"], row["at"]) == ("capture", "2026-01-01T12:00:00.000000Z")
    assert row["message"]["address"] == "ana@example.org"
    assert row["message"]["content"]["subject"] == "News for you"
    story = (await live.get(f"/v1/notifications/{row['notification_id']}")).json()
    assert [delivery["id"] for delivery in story["deliveries"]] == [row["delivery_id"]]


async def test_only_an_admin_gets_links_that_act_for_the_user(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    template = {"subject": "News", "body": "Words. {{ preferences_url }} {{ unsubscribe_url }}"}
    await running.workflow("mail", {"channel": "email", "template": template})
    await running.user("ana", email="ana@example.org")
    await running.told("mail", "ana")
    key = (await live.post("/v1/keys", json={"scopes": ["read"]})).json()["key"]
    (whole,) = await captures(live)
    live.headers["Authorization"] = f"Bearer {key}"
    (masked,) = await captures(live)
    assert "/p/***" not in json.dumps(whole)
    assert "/p/***" in json.dumps(masked)
    assert "/u/***" in json.dumps(masked)


async def test_captures_of_one_user_are_listed_alone(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("mail", MAIL, PUSH)
    for name in ("ana", "ben"):
        await running.user(name, email=f"{name}@example.org")
    await running.device("ana", "token-of-ana")
    await running.told("mail", "ana", "ben")
    assert {row["channel"] for row in await captures(live, user="ana")} == {"email", "push"}
    assert [row["user"] for row in await captures(live, user="ben")] == ["ben"]
    assert await captures(live, user="nobody") == []
    assert len(await captures(live)) == 3


async def test_captures_are_read_page_by_page(running: Embedded, live: httpx.AsyncClient) -> None:
    await running.workflow("mail", MAIL)
    await running.user("ana", email="ana@example.org")
    sent = [event_name(await running.told("mail", "ana")) for _ in range(5)]
    seen: list[str] = []
    page: dict[str, Any] = {"has_next": True}
    while page["has_next"]:
        after = {"after": page["end_cursor"]} if seen else {}
        answer = (await live.get("/v1/captures", params={"limit": 2, **after})).json()
        assert 0 < len(answer["data"]) <= 2
        seen += [row["event_id"] for row in answer["data"]]
        page = answer["page_info"]
    assert seen == sent[::-1]
    other = await live.get("/v1/captures", params={"user": "ana", "after": "x" * 40})
    assert other.status_code == 400


async def test_captures_of_one_channel_are_listed_alone(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("mail", MAIL, PUSH)
    await running.user("ana", email="ana@example.org")
    await running.device("ana", "token-of-ana")
    sent = [event_name(await running.told("mail", "ana")) for _ in range(3)]
    assert [row["event_id"] for row in await captures(live, channel="push")] == sent[::-1]
    page = (await live.get("/v1/captures", params={"channel": "email", "limit": 2})).json()
    assert [row["event_id"] for row in page["data"]] == [sent[2], sent[1]]
    after = page["page_info"]["end_cursor"]
    rest = {"channel": "email", "limit": 2, "after": after}
    assert [row["event_id"] for row in await captures(live, **rest)] == [sent[0]]
    assert await captures(live, channel="sms") == []
