from __future__ import annotations

from typing import Any

import httpx
import pytest

ENTRY: dict[str, Any] = {
    "user": "u1",
    "purpose": "marketing",
    "channel": "email",
    "state": "granted",
    "source": "old newsletter",
}


@pytest.fixture(autouse=True)
async def two_users(api: httpx.AsyncClient) -> None:
    for user in ("u1", "u2"):
        await api.put(f"/v1/users/{user}", json={})


async def written(api: httpx.AsyncClient, *entries: dict[str, Any]) -> list[str]:
    answer = await api.post("/v1/consents/bulk", json={"entries": list(entries)})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(entries)))
    return [result["status"] for result in results]


async def ledger(api: httpx.AsyncClient, user: str) -> list[tuple[str, str]]:
    rows = (await api.get(f"/v1/users/{user}/consents")).json()["data"]
    return [(row["state"], row["source"]) for row in rows]


async def test_those_of_one_user_are_written_in_their_order(api: httpx.AsyncClient) -> None:
    taken_back = ENTRY | {"state": "withdrawn"}
    other = ENTRY | {"user": "u2"}
    assert await written(api, ENTRY, other, taken_back) == ["written"] * 3
    assert await ledger(api, "u1") == [
        ("withdrawn", "old newsletter"),
        ("granted", "old newsletter"),
    ]
    assert await ledger(api, "u2") == [("granted", "old newsletter")]


async def test_what_is_in_the_ledger_is_not_said_again_after_it_was_taken_back(
    api: httpx.AsyncClient,
) -> None:
    assert await written(api, ENTRY, ENTRY) == ["written", "unchanged"]
    taken_back = {**ENTRY, "state": "withdrawn", "source": "link"}
    del taken_back["user"]
    await api.post("/v1/users/u1/consents", json=taken_back)
    assert await written(api, ENTRY) == ["unchanged"]
    assert (await ledger(api, "u1"))[0] == ("withdrawn", "link")
    assert await written(api, ENTRY | {"source": "signed up again"}) == ["written"]
    assert (await ledger(api, "u1"))[0] == ("granted", "signed up again")


async def test_one_that_is_wrong_keeps_no_other_from_being_written(api: httpx.AsyncClient) -> None:
    entries = [
        ENTRY | {"user": "nobody"},
        ENTRY | {"purpose": "marketng"},
        ENTRY | {"locale": "Deutsch"},
        ENTRY,
    ]
    answer = await api.post("/v1/consents/bulk", json={"entries": entries})
    results = answer.json()["results"]
    assert [result["status"] for result in results] == ["refused"] * 3 + ["written"]
    pointers = [result["errors"][0]["pointer"] for result in results[:3]]
    assert pointers == ["/entries/0/user", "/entries/1/purpose", "/entries/2/locale"]
    assert "did you mean 'marketing'?" in results[1]["errors"][0]["detail"]


async def test_a_call_has_a_most(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/consents/bulk", json={"entries": [ENTRY] * 1001})
    assert answer.status_code == 413
