"""Finding a notification from what a support request quotes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, send

HALF_IDS = ("evt_", "evt_" + "0" * 31, "ntf_x", "dlv_06gvts", "ntf_" + "0" * 45)


async def found(api: httpx.AsyncClient, **params: str) -> list[str]:
    answer = await api.get("/v1/notifications", params=params)
    assert answer.status_code == 200, answer.text
    return [f"{row['user']}:{row['event_id']}" for row in answer.json()["data"]]


@pytest.fixture
async def told(api: httpx.AsyncClient) -> dict[str, Any]:
    """Two users told of one event by inbox and mail; the first notification's story."""
    mail = {"channel": "email", "template": {"subject": "Hi", "body": "..."}}
    steps = [*WELCOME["steps"], {"send": mail}]
    await api.put("/v1/workflows/welcome", json={**WELCOME, "steps": steps})
    for user in ("u1", "u2"):
        await api.put(f"/v1/users/{user}", json={"email": f"{user}@example.org"})
    event = await send(api, recipients=["u1", "u2"])
    await send(api, recipients=["u1"])
    rows = (await api.get("/v1/notifications", params={"event": event})).json()["data"]
    first = next(row for row in rows if row["user"] == "u1")
    story: dict[str, Any] = (await api.get(f"/v1/notifications/{first['id']}")).json()
    return story


async def test_any_id_of_ours_leads_to_the_notification(
    api: httpx.AsyncClient, told: dict[str, Any]
) -> None:
    event = told["event_id"]
    assert await found(api, q=event) == [f"u2:{event}", f"u1:{event}"]
    assert await found(api, q=told["id"]) == [f"u1:{event}"]
    assert await found(api, q=told["deliveries"][0]["id"]) == [f"u1:{event}"]


async def test_an_address_leads_to_what_its_user_was_told(
    api: httpx.AsyncClient, told: dict[str, Any]
) -> None:
    event = told["event_id"]
    assert await found(api, q="U2@Example.org") == [f"u2:{event}"]
    assert await found(api, q="u2@example.org", user="u1") == []
    assert await found(api, q="nobody@example.org") == []


async def test_an_id_of_ours_holds_together_with_the_other_filters(
    api: httpx.AsyncClient, told: dict[str, Any]
) -> None:
    event = told["event_id"]
    assert await found(api, q=event, user="u2") == [f"u2:{event}"]
    assert await found(api, q=told["id"], user="u2") == []


@pytest.mark.parametrize("half", HALF_IDS)
async def test_half_an_id_finds_nothing(
    api: httpx.AsyncClient, told: dict[str, Any], half: str
) -> None:
    assert told["id"]
    assert await found(api, q=half) == []
