from __future__ import annotations

from typing import Any

import httpx
import pytest


async def found(api: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    answer = await api.get("/v1/users", params=params)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def ids(api: httpx.AsyncClient, **params: str) -> list[str]:
    return [row["id"] for row in (await found(api, **params))["data"]]


@pytest.fixture
async def people(api: httpx.AsyncClient) -> httpx.AsyncClient:
    for user in ("ana", "anton", "Ana", "ben", "anä"):
        await api.put(f"/v1/users/{user}", json={"name": user.upper()})
    return api


async def test_users_are_listed_in_the_order_of_their_ids(people: httpx.AsyncClient) -> None:
    assert await ids(people) == ["Ana", "ana", "anton", "anä", "ben"]


async def test_the_beginning_of_an_id_finds_users_page_by_page(people: httpx.AsyncClient) -> None:
    first = await found(people, q="an", limit="2")
    rest = await found(people, q="an", limit="2", after=first["page_info"]["end_cursor"])
    assert [row["id"] for row in first["data"] + rest["data"]] == ["ana", "anton", "anä"]
    assert rest["page_info"] == {"has_next": False, "end_cursor": None}


async def test_a_cursor_of_another_search_is_refused(people: httpx.AsyncClient) -> None:
    first = await found(people, q="an", limit="1")
    params = {"q": "b", "after": first["page_info"]["end_cursor"]}
    assert (await people.get("/v1/users", params=params)).status_code == 400


@pytest.mark.parametrize(
    "address", ["Ben@Example.org", "ben@example.org", "+49 151 1234", "0049 151 1234", "fGx1:AP"]
)
async def test_an_address_finds_who_has_it(people: httpx.AsyncClient, address: str) -> None:
    await people.put("/v1/users/ben", json={"email": "ben@example.org", "phone": "+491511234"})
    await people.put("/v1/users/ben/devices/fGx1:AP", json={"platform": "apns"})
    assert await ids(people, q=address) == ["ben"]


async def test_an_address_that_was_given_up_finds_nobody(people: httpx.AsyncClient) -> None:
    await people.put("/v1/users/ben", json={"email": "ben@example.org"})
    await people.put("/v1/users/ben", json={"email": "new@example.org"})
    await people.put("/v1/users/ben/devices/t0", json={"platform": "fcm"})
    await people.put("/v1/users/ana/devices/t0", json={"platform": "fcm"})
    assert await ids(people, q="ben@example.org") == []
    assert await ids(people, q="t0") == ["ana"]


async def test_an_id_that_is_an_address_is_found_once(people: httpx.AsyncClient) -> None:
    await people.put("/v1/users/c@example.org", json={"email": "c@example.org"})
    assert await ids(people, q="c@example.org") == ["c@example.org"]


async def test_who_was_erased_or_is_only_named_is_not_found(people: httpx.AsyncClient) -> None:
    await people.delete("/v1/users/ben")
    await people.post("/v1/topics/t/subscribers", json={"add": ["benno"]})
    assert await ids(people, q="ben") == []


async def test_the_subscriptions_of_a_user_are_listed(people: httpx.AsyncClient) -> None:
    for topic in ("doc:9", "doc:10", "doc:11"):
        await people.post(f"/v1/topics/{topic}/subscribers", json={"add": ["ana"]})
    await people.post("/v1/topics/doc:10/subscribers", json={"remove": ["ana"]})
    page = (await people.get("/v1/users/ana/subscriptions")).json()
    assert [row["topic"] for row in page["data"]] == ["doc:9", "doc:11"]
    assert (await people.get("/v1/users/nobody/subscriptions")).status_code == 404
