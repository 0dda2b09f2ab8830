from __future__ import annotations

import asyncio
from typing import Any

import httpx

from clarion.api.auth import KEY_BYTES
from clarion.api.sign_in import CODE_MINUTES, KEY_HOURS, TRIES, new_code
from tests.api.house import House


async def code_of(house: House, scope: str = "admin") -> str:
    """A code as the server's operator would make it."""
    chance = house.chance(KEY_BYTES)
    return await new_code(house.store.keys, house.environment, scope, house.clock.now(), chance)


async def exchanged(house: House, code: str) -> httpx.Response:
    """What somebody without any key is answered, from an address of this test's own."""
    transport = httpx.ASGITransport(house.app, client=(house.environment, 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://clarion.test") as client:
        return await client.post("/v1/keys/exchange", json={"code": code})


async def test_a_code_gives_a_key_of_its_environment_and_scope(house: House) -> None:
    answer = await exchanged(house, await code_of(house, "read"))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert (told["environment"], told["scopes"]) == (house.environment, ["read"])
    assert told["sign_in"]
    assert answer.headers["cache-control"] == "no-store"
    async with house.client(told["key"]) as client:
        assert (await client.get("/v1/lanes")).status_code == 200
        assert (await client.get("/v1/keys")).status_code == 403
        assert (await client.get("/v1/keys/self")).json()["prefix"] == told["prefix"]


async def test_a_code_works_once(house: House) -> None:
    code = await code_of(house)
    answers = await asyncio.gather(*(exchanged(house, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
    refused = next(answer for answer in answers if answer.status_code == 404)
    assert "clarion keys sign-in" in refused.json()["detail"]
    assert code not in refused.text


async def test_a_code_works_for_minutes_only(house: House) -> None:
    early, late = await code_of(house), await code_of(house)
    house.clock.advance(CODE_MINUTES * 60 - 1)
    assert (await exchanged(house, early)).status_code == 201
    house.clock.advance(1)
    assert (await exchanged(house, late)).status_code == 404


async def test_the_key_ends_by_itself_and_may_be_revoked_before(
    house: House, api: httpx.AsyncClient
) -> None:
    keys = [(await exchanged(house, await code_of(house))).json() for _ in range(2)]
    listed = {row["prefix"]: row for row in (await api.get("/v1/keys")).json()["data"]}
    assert [listed[key["prefix"]]["sign_in"] for key in keys] == [True, True]
    assert (await api.delete(f"/v1/keys/{keys[0]['prefix']}")).status_code == 204
    async with house.client(keys[0]["key"]) as client:
        assert (await client.get("/v1/lanes")).status_code == 401
    async with house.client(keys[1]["key"]) as client:
        house.clock.advance(KEY_HOURS * 3600 - 1)
        assert (await client.get("/v1/lanes")).status_code == 200
        house.clock.advance(1)
        assert (await client.get("/v1/lanes")).status_code == 401


async def test_a_code_is_no_key(house: House) -> None:
    code = await code_of(house)
    async with house.client(code) as client:
        assert (await client.get("/v1/keys/self")).status_code == 401
    assert (await exchanged(house, code)).status_code == 201


async def test_a_key_is_no_code(house: House) -> None:
    assert (await exchanged(house, house.admin_key)).status_code == 404


async def test_an_address_that_tries_codes_has_to_wait(house: House) -> None:
    code = await code_of(house)
    for number in range(TRIES.burst):
        assert (await exchanged(house, f"guess-{number}")).status_code == 404
    refused = await exchanged(house, code)
    assert refused.status_code == 429
    house.clock.advance(int(refused.headers["retry-after"]))
    assert (await exchanged(house, code)).status_code == 201


async def test_what_is_no_code_is_refused(house: House) -> None:
    async with house.client() as client:
        for body in ({}, {"code": ""}, {"code": "a" * 129}, {"code": 1}, {"code": "a", "b": 1}):
            answer = await client.post("/v1/keys/exchange", json=body)
            assert answer.status_code in (400, 422), body
