from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, House, send

ANA = {
    "email": "ana@example.org",
    "phone": "+4915112345678",
    "locale": "de-AT",
    "timezone": "Europe/Vienna",
    "name": "Ana",
    "data": {"plan": "pro", "team": {"id": 7, "lead": True}},
    "roles": ["ops"],
}


async def read(api: httpx.AsyncClient, user: str = "u1") -> dict[str, Any]:
    document: dict[str, Any] = (await api.get(f"/v1/users/{user}")).json()
    return document


async def test_a_user_is_read_as_written(api: httpx.AsyncClient) -> None:
    written = await api.put("/v1/users/u1", json=ANA)
    assert written.json() == {"id": "u1", "version": 1, "applied": True, "created": True}
    assert ANA.items() <= (await read(api)).items()


async def test_put_clears_what_is_missing_and_patch_leaves_it(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json=ANA)
    patch = {"phone": None, "data": {"team": {"lead": None}}}
    await api.patch("/v1/users/u1", json=patch)
    patched = await read(api)
    assert (patched["phone"], patched["email"]) == (None, "ana@example.org")
    assert patched["data"] == {"plan": "pro", "team": {"id": 7}}
    await api.put("/v1/users/u1", json={"name": "Ana"})
    replaced = await read(api)
    assert (replaced["name"], replaced["email"], replaced["data"]) == ("Ana", None, {})


@pytest.mark.parametrize("user", ["a/b", "a%2Fb", "Zoë 1", "+4915", "a?b#c", "..a"])
async def test_any_id_may_stand_in_an_address(api: httpx.AsyncClient, user: str) -> None:
    path = "/v1/users/" + "".join(f"%{byte:02X}" for byte in user.encode())
    await api.put(path, json={"name": "Ana"})
    assert (await api.get(path)).json()["id"] == user


@pytest.mark.parametrize(
    ("newer", "older"), [(5, 4), ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")]
)
async def test_an_older_write_changes_nothing(
    api: httpx.AsyncClient, newer: int | str, older: int | str
) -> None:
    await api.put("/v1/users/u1", json={"name": "new", "version": newer})
    late = await api.put("/v1/users/u1", json={"name": "old", "version": older})
    assert (late.status_code, late.json()["applied"]) == (200, False)
    assert (await read(api))["name"] == "new"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Europe/Wien"),
        ("locale", "deutsch!"),
        ("email", "ana"),
        ("email", "a@b.c>"),
        ("email", "a@[127.0.0.1]"),
        ("phone", "call me"),
        ("version", "yesterday"),
        ("version", -1),
    ],
)
async def test_what_cannot_be_is_refused(api: httpx.AsyncClient, field: str, value: Any) -> None:
    answer = await api.put("/v1/users/u1", json={field: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert (await api.get("/v1/users/u1")).status_code == 404


async def test_one_bad_user_does_not_refuse_the_others(api: httpx.AsyncClient) -> None:
    users = [{"id": "u1", "name": "Ana"}, {"id": "u2", "timezone": "Mars"}, {"id": ""}]
    results = (await api.post("/v1/users/bulk", json={"users": users})).json()["results"]
    assert [(r["index"], r["status"]) for r in results] == [
        (0, "written"),
        (1, "refused"),
        (2, "refused"),
    ]
    assert results[0]["applied"] is True
    assert results[1]["errors"][0]["pointer"] == "/users/1/timezone"
    assert (await read(api))["name"] == "Ana"


async def test_a_bulk_write_has_up_to_1000_users(api: httpx.AsyncClient) -> None:
    users = [{"id": f"u{number}"} for number in range(1001)]
    assert (await api.post("/v1/users/bulk", json={"users": users})).status_code == 413
    answer = await api.post("/v1/users/bulk", json={"users": users[:1000]})
    assert len(answer.json()["results"]) == 1000


async def test_an_export_holds_everything_and_an_erasure_leaves_nothing(
    api: httpx.AsyncClient,
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json=ANA)
    await api.put("/v1/tenants/acme/users/u1")
    await api.put("/v1/users/u1/devices/token-1", json={"platform": "fcm"})
    await api.patch("/v1/users/u1/preferences", json={"channels": {"sms": "off"}})
    for topic in ("doc:9", "doc:10", "doc:11"):
        await api.post(f"/v1/topics/{topic}/subscribers", json={"add": ["u1", "u2"]})
    await api.post("/v1/topics/doc:10/subscribers", json={"remove": ["u1"]})
    event = await send(api, recipients=["u1"])
    acme = await send(api, recipients=["u1"], tenant="acme")

    export = (await api.get("/v1/users/u1/export")).json()
    assert ANA.items() <= export["user"].items()
    assert export["user"]["tenants"] == ["acme"]
    assert [device["token"] for device in export["devices"]] == ["token-1"]
    assert export["preferences"] == {"channels": {"sms": "off"}}
    assert export["tenants"] == ["acme"]
    since = "2026-01-02T03:04:05.678901Z"
    assert export["subscriptions"] == [
        {"topic": "doc:9", "since": since, "until": None},
        {"topic": "doc:10", "since": since, "until": since},
        {"topic": "doc:11", "since": since, "until": None},
    ]
    assert export["memberships"] == [{"tenant": "acme", "since": since, "until": None}]
    assert [row["channel"] for row in export["destinations"]] == ["email", "sms", "push"]
    assert [row["name"] for row in export["user_history"]] == ["Ana"]
    (choice,) = export["preference_history"]
    assert (choice["scope"], choice["setting"]["channels"]) == ("user", {"sms": False})
    assert {row["event_id"] for row in export["notifications"]} == {event, acme}
    assert {row["content"]["title"] for row in export["inbox"]} == {"Hi Ana"}
    assert [row["tenant"] for row in export["inbox"]] == [None, "acme"]
    told = export["notifications"][0]
    assert (told["status"], told["steps"][0]["reason"]) == ("sent", "level_all")
    assert [content["fields"]["title"] for content in told["content"]] == ["Hi Ana"]
    assert told["data"] == {}
    assert export["complete"] is True

    receipt = (await api.delete("/v1/users/u1")).json()
    assert receipt["removed"]["items"] == receipt["removed"]["payloads"] == 2
    assert (receipt["stores"], receipt["finished_at"]) == (["database"], since)
    for path in ("", "/export", "/preferences", "/devices"):
        assert (await api.get(f"/v1/users/u1{path}")).status_code == 404
    assert (await api.delete("/v1/users/u1")).status_code == 404
    assert (await api.get(f"/v1/events/{event}")).json()["counts"]["recipients"] == 1


async def test_who_comes_back_after_an_erasure_is_told_as_somebody_new(
    api: httpx.AsyncClient,
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json=ANA)
    await send(api, recipients=["u1"])
    await api.delete("/v1/users/u1")
    await api.put("/v1/users/u1", json=ANA)
    event = await send(api, recipients=["u1"])
    assert (await api.get(f"/v1/events/{event}")).json()["counts"]["sent"] == 1
    assert (await api.get(f"/v1/events/{event}/why?user=u1")).json()["verdict"] == "told"


async def test_a_device_belongs_to_one_user(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1/devices/t%2F1", json={"platform": "fcm", "app": "picker"})
    moved = await api.put("/v1/users/u2/devices/t%2F1", json={"platform": "fcm"})
    assert moved.json()["token"] == "t/1"
    (left,) = (await api.get("/v1/users/u1/devices")).json()["data"]
    assert left["disabled_at"] is not None
    (kept,) = (await api.get("/v1/users/u2/devices")).json()["data"]
    assert kept["disabled_at"] is None
    assert (await api.delete("/v1/users/u2/devices/t%2F1")).status_code == 204
    assert (await api.get("/v1/users/u2/devices")).json() == {"data": []}
    assert (await api.delete("/v1/users/u2/devices/t%2F1")).status_code == 404
    assert (await api.delete("/v1/users/u3/devices/t%2F1")).status_code == 404


async def test_a_web_push_device_needs_its_keys(api: httpx.AsyncClient) -> None:
    path = "/v1/users/u1/devices/https%3A%2F%2Fpush.example.org%2Fabc"
    bare = await api.put(path, json={"platform": "webpush"})
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/keys")
    keys = {"p256dh": "x", "auth": "y"}
    whole = await api.put(path, json={"platform": "webpush", "keys": keys})
    assert whole.json()["token"] == "https://push.example.org/abc"


async def test_members_come_and_go(house: House, api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json={})
    assert (await api.put("/v1/tenants/acme/users/u1")).status_code == 204
    assert (await read(api))["tenants"] == ["acme"]
    assert (await api.delete("/v1/tenants/acme/users/u1")).status_code == 204
    assert (await read(api))["tenants"] == []


async def test_whoever_comes_back_with_an_erased_id_is_told_again(
    api: httpx.AsyncClient,
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json={"name": "Ana"})
    await send(api, recipients=["u1"])
    await api.delete("/v1/users/u1")
    await api.put("/v1/users/u1", json={"name": "Bea"})
    event = await send(api, recipients=["u1"])
    why = (await api.get(f"/v1/events/{event}/why", params={"user": "u1"})).json()
    assert why["verdict"] == "told"
