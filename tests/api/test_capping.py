"""Caps of a tenant and of the environment as documents."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.core.caps import CapDefaults, CapRule
from clarion.store.contract.names import NameKind
from tests.api.house import House

PUSH = {"limit": 3, "window": "PT1H", "over": "hold"}
TOTAL = {"limit": 500, "window": "P1D", "over": "skip", "channels": ["sms"]}


async def caps_of(api: httpx.AsyncClient, path: str = "/v1/environment") -> tuple[Any, Any]:
    answer = (await api.get(path)).json()
    return answer["caps"], answer["cap_total"]


async def test_caps_come_back_as_written(house: House, api: httpx.AsyncClient) -> None:
    assert await caps_of(api) == ({}, None)
    body = {"caps": {"push": PUSH, "*": {"limit": 9, "window": "PT24H"}}, "cap_total": TOTAL}
    answer = await api.put("/v1/tenants/acme", json=body)
    assert answer.status_code == 200
    every = {"limit": 9, "window": "P1D", "over": "skip"}
    assert answer.json()["caps"] == {"push": PUSH, "*": every}
    assert await caps_of(api, "/v1/tenants/acme") == ({"push": PUSH, "*": every}, TOTAL)
    assert await caps_of(api) == ({}, None)
    number = (await house.store.names.numbers(house.env, NameKind.TENANT, ["acme"]))["acme"]
    version, held = (await house.store.caps.defaults(house.env, [number]))[number]
    assert version == 1
    assert held.channels["push"] == CapRule(limit=3, window_seconds=3600, over="hold")


async def test_a_patch_changes_what_it_names(api: httpx.AsyncClient) -> None:
    await api.patch("/v1/environment", json={"caps": {"push": PUSH, "sms": PUSH}})
    await api.patch("/v1/environment", json={"cap_total": TOTAL, "locale": "de"})
    await api.patch("/v1/environment", json={"caps": {"push": {"limit": 5}, "sms": None}})
    assert await caps_of(api) == ({"push": {**PUSH, "limit": 5}}, TOTAL)
    await api.patch("/v1/environment", json={"cap_total": None})
    assert await caps_of(api) == ({"push": {**PUSH, "limit": 5}}, None)
    await api.put("/v1/environment", json={"locale": "de"})
    assert await caps_of(api) == ({}, None)


async def test_the_same_again_is_no_new_version(house: House, api: httpx.AsyncClient) -> None:
    for _ in range(2):
        await api.patch("/v1/environment", json={"caps": {"push": PUSH}})
    version, held = (await house.store.caps.defaults(house.env, [0]))[0]
    assert (version, held) == (
        1,
        CapDefaults(channels={"push": CapRule(limit=3, window_seconds=3600, over="hold")}),
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"caps": {"push": {"limit": 0, "window": "PT1H"}}}, "/caps/push/limit"),
        ({"caps": {"pusch": PUSH}}, "/caps/pusch"),
        ({"caps": {"push": {"limit": 3}}}, "/caps/push"),
        ({"cap_total": {"limit": 3, "window": "P32D"}}, "/cap_total/window"),
        ({"cap_total": {**TOTAL, "key": "data.x"}}, "/cap_total/key"),
    ],
)
async def test_a_mistake_has_its_place_and_nothing_is_written(
    api: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    whole = {**body, "locale": "de", "preferences": {"channels": {"sms": "off"}}}
    answer = await api.patch("/v1/environment", json=whole)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    after = (await api.get("/v1/environment")).json()
    assert (after["locale"], after["preferences"], after["caps"]) == (None, {}, {})
