from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.api.auth import key_hint
from clarion.clock import SECOND
from tests.api.house import House


async def made(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """A new key as it was answered."""
    answer = await api.post("/v1/keys", json={"scopes": ["read"], **body})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_new_key_opens_its_environment_and_is_told_once(
    house: House, api: httpx.AsyncClient
) -> None:
    new = await made(api, scopes=["read", "trigger"], rate_per_second=5, burst=9)
    async with house.client(new["key"]) as client:
        assert (await client.get("/v1/lanes")).status_code == 200
        assert (await client.get("/v1/keys")).status_code == 403
    listed = (await api.get("/v1/keys")).json()["data"]
    row = next(row for row in listed if row["prefix"] == new["prefix"])
    assert (row["scopes"], row["state"], row["own"]) == (["trigger", "read"], "valid", False)
    assert (row["rate_per_second"], row["burst"]) == (5, 9)
    assert all(new["key"] not in str(row) and "key" not in row for row in listed)


async def test_only_keys_of_the_own_environment_are_listed_and_the_own_one_is_marked(
    house: House, api: httpx.AsyncClient
) -> None:
    await house.store.keys.create("elsewhere", b"another", "clk_elsewhere_ab", "admin", 1, None)
    rows = (await api.get("/v1/keys")).json()["data"]
    assert {row["environment"] for row in rows} == {house.environment}
    assert [row["prefix"] for row in rows if row["own"]] == [key_hint(house.admin_key)]


@pytest.mark.parametrize("scope", ["trigger", "read", "admin"])
async def test_any_key_may_ask_what_it_may_do(house: House, scope: str) -> None:
    async with house.client(await house.key(scope)) as client:
        told = (await client.get("/v1/keys/self")).json()
    assert (told["scopes"], told["environment"], told["own"]) == ([scope], house.environment, True)


async def test_what_a_key_may_do_is_told_to_valid_keys_only(house: House) -> None:
    async with house.client("clk_default_nobody") as client:
        assert (await client.get("/v1/keys/self")).status_code == 401


async def test_a_key_may_be_made_for_a_time(house: House, api: httpx.AsyncClient) -> None:
    new = await made(api, expires_in="PT1H")
    async with house.client(new["key"]) as client:
        assert (await client.get("/v1/lanes")).status_code == 200
        house.clock.advance(3600)
        assert (await client.get("/v1/lanes")).status_code == 401
    rows = (await api.get("/v1/keys")).json()["data"]
    assert [row["state"] for row in rows if row["prefix"] == new["prefix"]] == ["expired"]


async def test_a_revoked_key_is_refused_at_once_by_this_process(
    house: House, api: httpx.AsyncClient
) -> None:
    new = await made(api)
    async with house.client(new["key"]) as client:
        assert (await client.get("/v1/lanes")).status_code == 200
        assert (await api.delete(f"/v1/keys/{new['prefix']}")).status_code == 204
        assert (await client.get("/v1/lanes")).status_code == 401
    assert (await api.delete(f"/v1/keys/{new['prefix']}")).status_code == 404


async def test_a_key_ends_itself_only_when_that_is_said(house: House) -> None:
    key = await house.key("admin")
    async with house.client(key) as client:
        refused = await client.delete(f"/v1/keys/{key_hint(key)}")
        assert (refused.status_code, "own=true" in refused.json()["detail"]) == (409, True)
        assert (await client.get("/v1/keys/self")).status_code == 200
        assert (await client.delete(f"/v1/keys/{key_hint(key)}?own=true")).status_code == 204
        assert (await client.get("/v1/keys/self")).status_code == 401


async def test_a_key_of_another_environment_cannot_be_revoked(
    house: House, api: httpx.AsyncClient
) -> None:
    now = house.clock.now()
    other = await house.store.keys.create("elsewhere", b"their", "same", "admin", now, None)
    await house.store.keys.create(house.environment, b"ours", "same", "read", now, now + SECOND)
    assert (await api.delete("/v1/keys/same")).status_code == 204
    assert await house.store.keys.find(b"their") == other


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({}, "/scopes"),
        ({"scopes": ["read"], "expires_in": "P1M"}, "/expires_in"),
        ({"scopes": ["read"], "burst": 5}, "/burst"),
        ({"scopes": ["read"], "rate_per_second": 0}, "/rate_per_second"),
        ({"scopes": ["read"], "key": "mine"}, "/key"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await api.post("/v1/keys", json=body)
    assert answer.status_code in (400, 422)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
