"""Sending a notification again, over a server whose channels are captured."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.clock import SECOND, from_rfc3339
from clarion.store.contract.retention import Walk
from tests.api.house import WELCOME, House, send

TOLD: dict[str, Any] = {
    "data": {"n": 1},
    "tags": {"order": "7"},
    "actor": "u9",
    "tenant": "acme",
    "about": "doc:9",
    "mentions": ["u1", "u2", {"role": "ops"}, {"reply": "u1"}, "everyone"],
    "correlation_id": "c-1",
    "expires_in": "PT1H",
}


async def the_story(api: httpx.AsyncClient, event: str, user: str = "u1") -> str:
    rows = (await api.get("/v1/notifications", params={"event": event, "user": user})).json()
    found: str = rows["data"][0]["id"]
    return found


@pytest.fixture
async def told(api: httpx.AsyncClient) -> str:
    """The id of a notification of u1, of an event that u2 heard of, too."""
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/workflows/other", json={**WELCOME})
    for user in ("u1", "u2"):
        await api.put(f"/v1/users/{user}", json={"name": user})
    event = await send(api, recipients=["u1", "u2"], workflow="welcome", **TOLD)
    return await the_story(api, event)


async def again(api: httpx.AsyncClient, notification: str, **headers: str) -> httpx.Response:
    return await api.post(f"/v1/notifications/{notification}/send-again", headers=headers)


async def test_the_same_event_is_sent_to_this_user_only(api: httpx.AsyncClient, told: str) -> None:
    answer = await again(api, told)
    assert answer.status_code == 202, answer.text
    new = answer.json()
    story = (await api.get(f"/v1/notifications/{new['notification_id']}")).json()
    assert (story["user"], story["workflow"], story["status"]) == ("u1", "welcome", "sent")
    event = (await api.get(f"/v1/events/{new['event_id']}")).json()
    for name in ("data", "actor", "tenant", "about", "correlation_id"):
        assert event[name] == TOLD[name], name
    assert event["counts"]["recipients"] == 1
    assert answer.headers["location"] == f"/v1/notifications/{new['notification_id']}"


async def test_it_holds_as_long_as_the_first_one_did(
    house: House, api: httpx.AsyncClient, told: str
) -> None:
    house.clock.advance(7200)
    event = (await again(api, told)).json()["event_id"]
    expires_at = (await api.get(f"/v1/events/{event}")).json()["expires_at"]
    assert from_rfc3339(expires_at) == house.clock.now() + 3600 * SECOND


async def test_it_says_what_it_repeats(api: httpx.AsyncClient, told: str) -> None:
    new = (await again(api, told)).json()
    event = (await api.get(f"/v1/events/{new['event_id']}")).json()
    assert event["tags"] == {"order": "7", "again_of": told}
    found = (await api.get("/v1/events", params={"tag": f"again_of:{told}"})).json()
    assert [row["id"] for row in found["data"]] == [new["event_id"]]


async def test_what_was_sent_again_is_sent_again_with_its_own_link(
    api: httpx.AsyncClient, told: str
) -> None:
    second = (await again(api, told)).json()["notification_id"]
    third = (await again(api, second)).json()
    event = (await api.get(f"/v1/events/{third['event_id']}")).json()
    assert event["tags"]["again_of"] == second


async def test_a_retry_with_the_same_key_sends_once(api: httpx.AsyncClient, told: str) -> None:
    first = await again(api, told, **{"Idempotency-Key": "click-1"})
    second = await again(api, told, **{"Idempotency-Key": '"click-1"'})
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = await again(api, first.json()["notification_id"], **{"Idempotency-Key": "click-1"})
    assert other.status_code == 422


async def test_what_the_user_chose_since_holds(api: httpx.AsyncClient, told: str) -> None:
    await api.patch("/v1/users/u1/preferences", json={"channels": {"inbox": "off"}})
    new = (await again(api, told)).json()
    story = (await api.get(f"/v1/notifications/{new['notification_id']}")).json()
    assert story["status"] == "skipped"


async def test_a_reading_key_may_not_send(house: House, told: str) -> None:
    async with house.client(await house.key("read")) as reader:
        assert (await again(reader, told)).status_code == 403
    async with house.client(await house.key("trigger")) as sender:
        assert (await again(sender, told)).status_code == 202


async def test_a_canceled_event_is_not_sent_again(api: httpx.AsyncClient, told: str) -> None:
    event = (await api.get(f"/v1/notifications/{told}")).json()["event_id"]
    await api.post(f"/v1/events/{event}/cancel")
    answer = await again(api, told)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_an_erased_user_is_not_told_again(api: httpx.AsyncClient, told: str) -> None:
    await api.delete("/v1/users/u1")
    assert (await again(api, told)).status_code == 404


async def test_a_workflow_that_is_gone_is_said(api: httpx.AsyncClient, told: str) -> None:
    await api.delete("/v1/workflows/welcome")
    answer = await again(api, told)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/workflow")


@pytest.mark.parametrize("name", ["ntf_x", "evt_" + "0" * 32, "ntf_" + "0" * 45])
async def test_a_name_without_a_notification_is_not_found(
    api: httpx.AsyncClient, name: str
) -> None:
    assert (await again(api, name)).status_code == 404


async def test_data_that_is_kept_no_longer_is_not_made_up(
    house: House, api: httpx.AsyncClient, told: str
) -> None:
    event = (await api.get(f"/v1/notifications/{told}")).json()["event_id"]
    assert (await api.get(f"/v1/events/{event}")).json()["data"] == TOLD["data"]
    while await house.store.retention.forget(house.env, Walk.PAYLOADS, b"\xff" * 16, 100, 1000):
        pass
    assert (await api.get(f"/v1/events/{event}")).json()["data"] is None
    answer = await again(api, told)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
