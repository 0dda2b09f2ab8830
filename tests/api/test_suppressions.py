from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import House

PATH = "/v1/suppressions"
ANA: dict[str, Any] = {"channel": "email", "address": "ana@example.org"}


async def suppressed(api: httpx.AsyncClient, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await api.post(PATH, json=[*bodies])
    assert answer.status_code == 200, answer.text
    assert "example.org" not in answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def listed(api: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_the_list_shows_everything_but_the_address(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json=ANA | {"until": "2026-02-01T00:00:00Z"})
    (row,) = answer.json()["data"]
    assert row == {
        "id": "sup_1",
        "channel": "email",
        "hash_prefix": row["hash_prefix"],
        "reason": "manual",
        "at": "2026-01-02T03:04:05.678901Z",
        "until": "2026-02-01T00:00:00.000000Z",
    }
    assert await listed(api) == [row]


async def test_one_address_can_be_asked_for(api: httpx.AsyncClient) -> None:
    (row,) = await suppressed(api, ANA)
    assert await listed(api, channel="email", address="Ana@Example.org") == [row]
    assert await listed(api, channel="email", address="bo@example.org") == []
    assert await listed(api, channel="sms", address="ana@example.org") == []
    assert await listed(api, channel="email", address="ana@example.org", reason="legal") == []
    lonely = await api.get(PATH, params={"address": "ana@example.org"})
    assert lonely.status_code == 400
    assert "channel" in lonely.json()["detail"]


async def test_the_list_is_filtered_and_goes_page_by_page(api: httpx.AsyncClient) -> None:
    await suppressed(
        api,
        ANA | {"reason": "complaint"},
        {"channel": "sms", "address": "+431", "reason": "stop"},
        {"channel": "email", "address": "bo@example.org", "reason": "bounced"},
    )
    assert [row["id"] for row in await listed(api)] == ["sup_3", "sup_2", "sup_1"]
    assert [row["id"] for row in await listed(api, channel="email")] == ["sup_3", "sup_1"]
    assert [row["id"] for row in await listed(api, reason="stop")] == ["sup_2"]
    first = (await api.get(PATH, params={"limit": 2})).json()
    cursor = first["page_info"]["end_cursor"]
    assert [row["id"] for row in await listed(api, limit=2, after=cursor)] == ["sup_1"]
    other = await api.get(PATH, params={"channel": "sms", "after": cursor})
    assert other.status_code == 400


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_suppression_is_lifted(api: httpx.AsyncClient, by_id: bool) -> None:
    (row,) = await suppressed(api, ANA)

    async def lift() -> int:
        if by_id:
            return (await api.delete(f"{PATH}/{row['id']}")).status_code
        return (await api.request("DELETE", PATH, json=ANA)).status_code

    assert [await lift(), await lift()] == [204, 404]
    assert await listed(api) == []


@pytest.mark.parametrize("name", ["sup_0", "sup_x", "7", "sup_99999999999999999999", "sup_-1"])
async def test_an_id_that_is_none_is_not_found(api: httpx.AsyncClient, name: str) -> None:
    assert (await api.delete(f"{PATH}/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (ANA | {"channel": "inbox"}, 400, "/channel"),
        (ANA | {"address": " "}, 400, "/address"),
        (ANA | {"reason": "ana@example.org"}, 422, "/reason"),
        ([ANA, ANA | {"until": "soon"}], 422, "/1/until"),
        ([ANA] * 1001, 413, None),
    ],
)
async def test_what_is_wrong_is_refused_and_nothing_is_written(
    api: httpx.AsyncClient, body: Any, status: int, pointer: str | None
) -> None:
    answer = await api.post(PATH, json=body)
    assert answer.status_code == status, answer.text
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert await listed(api) == []
    assert (await api.post(PATH, json=[])).json() == {"data": []}


async def test_reading_needs_less_than_writing(house: House) -> None:
    async with house.client(await house.key("read")) as reader:
        assert (await reader.get(PATH)).status_code == 200
        assert (await reader.post(PATH, json=ANA)).status_code == 403
        assert (await reader.request("DELETE", PATH, json=ANA)).status_code == 403
        assert (await reader.delete(f"{PATH}/sup_1")).status_code == 403


async def test_environments_know_nothing_of_each_other(
    house: House, api: httpx.AsyncClient
) -> None:
    await suppressed(api, ANA)
    key = await house.key(environment=house.environment + "-other")
    async with house.client(key) as other:
        assert await listed(other) == []
        assert (await other.delete(f"{PATH}/sup_1")).status_code == 404
