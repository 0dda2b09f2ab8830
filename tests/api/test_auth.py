from __future__ import annotations

import pytest

from clarion.api.auth import (
    REMEMBERED_SECONDS,
    TOKEN_SECONDS,
    key_hash,
    key_hint,
    new_api_key,
)
from tests.api.house import House, send


def test_a_key_names_its_environment_and_is_43_characters_long() -> None:
    key = new_api_key("prod", b"\x01" * 32)
    prefix, environment, chance = key.split("_", 2)
    assert (prefix, environment, len(chance)) == ("clk", "prod", 43)


def test_a_hint_does_not_give_the_key_away() -> None:
    key = new_api_key("prod", b"\x01" * 32)
    assert key_hint(key).startswith("clk_prod_")
    assert len(key_hint(key)) <= len("clk_prod_") + 12
    assert len(key_hint("short")) <= 1


@pytest.mark.parametrize(
    "authorization", [None, "", "Basic dTpw", "Bearer", "Bearer ", "Bearer nobody", "Bearer \xff"]
)
async def test_without_a_valid_key_nothing_is_told(house: House, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    async with house.client() as client:
        for path in ("/v1/events", "/v1/workflows", "/v1/inbox"):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        answer = await client.post("/v1/events", content=b"{}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("trigger", {"POST /v1/events"}),
        ("read", {"GET /v1/workflows"}),
        ("trigger,read", {"POST /v1/events", "GET /v1/workflows"}),
        ("admin", {"POST /v1/events", "GET /v1/workflows", "PUT /v1/users/u1"}),
    ],
)
async def test_a_scope_allows_its_own_and_nothing_else(
    house: House, scope: str, allowed: set[str]
) -> None:
    calls = {
        "POST /v1/events": {"type": "user.joined"},
        "GET /v1/workflows": None,
        "PUT /v1/users/u1": {"name": "Ana"},
    }
    async with house.client(await house.key(scope)) as client:
        for call, body in calls.items():
            method, path = call.split()
            answer = await client.request(method, path, json=body)
            assert (answer.status_code == 403) == (call not in allowed), call


async def test_a_revoked_key_is_refused_within_seconds(house: House) -> None:
    key = await house.key("read")
    async with house.client(key) as client:
        assert (await client.get("/v1/workflows")).status_code == 200
        await house.store.keys.revoke(key_hint(key), house.clock.now())
        house.clock.advance(REMEMBERED_SECONDS)
        answer = await client.get("/v1/workflows")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]


async def test_an_expired_key_is_refused_at_once(house: House) -> None:
    ends = house.clock.now() + 1_000_000
    await house.store.keys.create(
        house.environment, key_hash("my-own-key"), "my", "read", house.clock.now(), ends
    )
    async with house.client("my-own-key") as client:
        assert (await client.get("/v1/workflows")).status_code == 200
        house.clock.advance(1)
        assert (await client.get("/v1/workflows")).status_code == 401


async def test_environments_do_not_see_each_other(house: House) -> None:
    async with house.client(house.admin_key) as client:
        await client.put("/v1/users/u1", json={"name": "Ana"})
        event = await send(client)
    async with house.client(await house.key("admin", "elsewhere")) as client:
        assert (await client.get("/v1/users/u1")).status_code == 404
        assert (await client.get(f"/v1/events/{event}")).status_code == 404


async def test_a_user_token_opens_the_inbox_and_nothing_else(house: House) -> None:
    async with house.client(house.admin_key) as client:
        await client.put("/v1/users/u1", json={})
        made = (await client.post("/v1/users/u1/token")).json()
    assert made["expires_at"] == "2026-01-02T04:04:05.000000Z"
    async with house.client(made["token"]) as client:
        assert (await client.get("/v1/inbox")).status_code == 200
        assert (await client.get("/v1/workflows")).status_code == 401
        house.clock.advance(TOKEN_SECONDS)
        answer = await client.get("/v1/inbox")
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


async def test_an_api_key_does_not_open_an_inbox(house: House) -> None:
    async with house.client(house.admin_key) as client:
        assert (await client.get("/v1/inbox")).status_code == 401


async def test_a_token_signed_by_somebody_else_is_refused(house: House) -> None:
    forged = (
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0."
        "eyJzdWIiOiJ1MSIsImVudiI6MSwibnVtYmVyIjoxLCJ0ZW5hbnQiOjAsImV4cCI6OTk5OTk5OTk5OX0."
    )
    async with house.client(forged) as client:
        assert (await client.get("/v1/inbox")).status_code == 401


async def test_a_token_is_only_made_for_a_user_who_exists(house: House) -> None:
    async with house.client(house.admin_key) as client:
        assert (await client.post("/v1/users/nobody/token", json={})).status_code == 404
