"""Presence, told by a server or by the user's own client."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from clarion.api.presence import Presences
from clarion.errors import UnavailableError
from tests.api.house import START, House

MINUTE = 60_000_000
AT_ONE = "2026-01-02T03:05:05.678901Z"


async def a_reader(house: House, api: httpx.AsyncClient, user: str) -> httpx.AsyncClient:
    """A client with the token of a user."""
    await api.put(f"/v1/users/{user}", json={})
    token: str = (await api.post(f"/v1/users/{user}/token", json={})).json()["token"]
    return house.client(token)


async def active(house: House, user: str) -> int | None:
    rows = await house.store.people.users(house.env, [user])
    number = rows[user].number
    found = await house.store.presence.active(house.env, [number], house.clock.now())
    return found.get(number)


async def test_a_server_says_who_is_active_and_who_is_away(
    house: House, api: httpx.AsyncClient
) -> None:
    await api.put("/v1/users/u1", json={})
    answer = await api.put("/v1/users/u1/presence", json={"active_for": "PT1M"})
    assert (answer.status_code, answer.json()) == (200, {"active_until": AT_ONE})
    assert await active(house, "u1") == START + MINUTE
    assert (await api.delete("/v1/users/u1/presence")).status_code == 204
    assert await active(house, "u1") is None


async def test_a_user_says_so_for_nobody_else(house: House, api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u2", json={})
    async with await a_reader(house, api, "u1") as mine:
        answer = await mine.put("/v1/inbox/presence", json={"active_for": "PT15M"})
        assert answer.status_code == 200
        assert await active(house, "u1") == START + 15 * MINUTE
        refused = await mine.put("/v1/users/u2/presence", json={"active_for": "PT1M"})
        assert refused.status_code == 401
        assert await active(house, "u2") is None
        assert (await mine.delete("/v1/inbox/presence")).status_code == 204
    assert await active(house, "u1") is None


async def test_nothing_waits_for_who_is_active_elsewhere(
    house: House, api: httpx.AsyncClient
) -> None:
    await api.put("/v1/users/u1", json={})
    phone = {"active_for": "PT5M", "desktop": False}
    assert (await api.put("/v1/users/u1/presence", json=phone)).json() == {"active_until": None}
    await api.put("/v1/users/u1/presence", json={"active_for": "PT1M"})
    assert (await api.put("/v1/users/u1/presence", json=phone)).json() == {"active_until": AT_ONE}


@pytest.mark.parametrize("text", ["PT16M", "P1D", "PT0S", "1m", ""])
async def test_a_presence_is_short(api: httpx.AsyncClient, text: str) -> None:
    await api.put("/v1/users/u1", json={})
    answer = await api.put("/v1/users/u1/presence", json={"active_for": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/active_for"


async def test_who_is_not_there_cannot_be_active(house: House, api: httpx.AsyncClient) -> None:
    body = {"active_for": "PT1M"}
    assert (await api.put("/v1/users/nobody/presence", json=body)).status_code == 404
    assert (await api.delete("/v1/users/nobody/presence")).status_code == 404
    async with await a_reader(house, api, "u1") as mine:
        await api.delete("/v1/users/u1")
        assert (await mine.put("/v1/inbox/presence", json=body)).status_code == 404


def of_store(presence: SlowPresence) -> Any:
    """A store of which nothing else is asked."""
    return SimpleNamespace(presence=presence)


class SlowPresence:
    """A store that writes when it is let, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[int, int, int]]] = []
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.broken = False

    async def write(self, rows: list[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
        self.batches.append(rows)
        self.begun.set()
        await self.let.wait()
        if self.broken:
            self.broken = False
            raise UnavailableError("locked")
        return {(env, user): until for env, user, until in rows if user != 9}


async def test_those_who_come_while_one_is_written_are_written_together() -> None:
    store = SlowPresence()
    presences = Presences(of_store(store))
    users = [1, 2, 3, 3, 9]
    told = [asyncio.create_task(presences.write(1, n, 50 + k)) for k, n in enumerate(users)]
    await store.begun.wait()
    store.let.set()
    assert await asyncio.gather(*told) == [50, 51, 53, 53, None]
    assert store.batches == [[(1, 1, 50)], [(1, 2, 51), (1, 3, 53), (1, 9, 54)]]


async def test_what_could_not_be_written_is_tried_again_by_who_waits() -> None:
    store = SlowPresence()
    store.broken = True
    presences = Presences(of_store(store))
    told = [asyncio.create_task(presences.write(1, n, 50)) for n in (1, 2, 3)]
    await store.begun.wait()
    store.let.set()
    answers = await asyncio.gather(*told, return_exceptions=True)
    assert sum(isinstance(answer, UnavailableError) for answer in answers) == 1
    assert answers.count(50) == 2
