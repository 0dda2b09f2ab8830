from __future__ import annotations

from random import Random
from typing import Any

import httpx
import pytest

from clarion.clock import to_rfc3339
from tests.api.house import START, House

PATH = "/v1/users/u1/preferences"
CHOICES: list[dict[str, Any]] = [
    {"level": "mentions"},
    {"level": None, "cadence": "daily"},
    {"topics": {"doc:9": {"level": "none"}}},
    {"topics": {"doc:9": None}},
    {"topics": {"doc:9": {"channels": {"push": "off"}}, "doc:8": {"mute_until": "forever"}}},
    {"quiet_hours": {"windows": [{"from": "22:00", "until": "07:00"}]}},
    {"quiet_hours": None, "tenants": {"acme": {"pause_until": "forever"}}},
    {"categories": {"social": {"email": "off"}}, "actors": {"u7": {"mute_until": "forever"}}},
    {"categories": None, "actors": {"u7": None}},
]
DEFAULTS: list[dict[str, Any]] = [
    {"level": "mentions"},
    {"level": None, "cadence": "daily"},
    {"quiet_hours": {"windows": []}},
]


@pytest.fixture(autouse=True)
async def a_user(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json={"name": "Ana"})


async def test_the_document_at_any_moment_is_what_was_written_then(
    house: House, api: httpx.AsyncClient
) -> None:
    chance = Random(5)
    held: dict[int, Any] = {START - 1: {}}
    for _ in range(25):
        house.clock.advance(chance.choice([0, 0.000001, 60]))
        await api.patch(PATH, json=chance.choice(CHOICES))
        held[house.clock.instant] = (await api.get(PATH)).json()
    instants = sorted(held)
    for before, after in zip(instants, [*instants[1:], house.clock.instant + 1], strict=True):
        for instant in {before, after - 1}:
            then = await api.get(PATH, params={"at": to_rfc3339(instant)})
            assert then.json() == held[before], then.text


@pytest.mark.parametrize("owner", ["/v1/tenants/acme", "/v1/environment"])
async def test_defaults_are_read_as_of_a_moment(
    house: House, api: httpx.AsyncClient, owner: str
) -> None:
    held: list[tuple[int, Any]] = []
    for patch in DEFAULTS:
        house.clock.advance(1)
        answer = await api.patch(owner, json={"preferences": patch})
        await api.patch("/v1/tenants/other", json={"preferences": {"level": "none"}})
        held.append((house.clock.instant, answer.json()["preferences"]))
    for instant, document in held:
        then = await api.get(f"{owner}/preferences", params={"at": to_rfc3339(instant)})
        assert then.json() == document
    assert (await api.get(f"{owner}/preferences")).json() == held[-1][1]
    changes = (await api.get(f"{owner}/preferences/history")).json()["data"]
    assert [change["after"] for change in changes] == [document for _, document in held[::-1]]
    assert [change["before"] for change in changes[:-1]] == [row["after"] for row in changes[1:]]


async def test_each_change_is_told_with_its_scope_newest_first(
    house: House, api: httpx.AsyncClient
) -> None:
    await api.patch(PATH, json={"level": "all", "topics": {"doc:9": {"level": "none"}}})
    house.clock.advance(1)
    await api.patch(PATH, json={"topics": {"doc:9": None}})
    await api.patch(PATH, json={"topics": {"doc:9": None}})
    first, second = "2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:06.678901Z"
    topic, top = {"kind": "topic", "id": "doc:9"}, {"kind": "user", "id": None}
    key = next(row for row in await house.store.keys.list() if row.env == house.env)
    source = f"key {key.hint}..."
    assert (await api.get(f"{PATH}/history")).json() == {
        "data": [
            {
                "version": 2,
                "at": second,
                "scope": topic,
                "before": {"level": "none"},
                "after": None,
                "source": source,
            },
            {
                "version": 1,
                "at": first,
                "scope": top,
                "before": None,
                "after": {"level": "all"},
                "source": source,
            },
            {
                "version": 1,
                "at": first,
                "scope": topic,
                "before": None,
                "after": {"level": "none"},
                "source": source,
            },
        ],
        "page_info": {"has_next": False, "end_cursor": None},
    }


async def test_pages_of_changes_leave_none_out(api: httpx.AsyncClient) -> None:
    for patch in CHOICES:
        await api.patch(PATH, json=patch)
    whole = (await api.get(f"{PATH}/history")).json()["data"]
    paged: list[Any] = []
    after = None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        page = (await api.get(f"{PATH}/history", params=query)).json()
        paged += page["data"]
        after = page["page_info"]["end_cursor"]
        if not page["page_info"]["has_next"]:
            break
    assert paged == whole
    assert len(whole) > len(CHOICES)


@pytest.mark.parametrize("at", ["yesterday", "2026-01-02T03:04:05", "2030-01-01T00:00:00Z"])
async def test_a_moment_that_is_none_or_still_to_come_is_refused(
    api: httpx.AsyncClient, at: str
) -> None:
    for path in (PATH, "/v1/environment/preferences"):
        answer = await api.get(path, params={"at": at})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "at")


async def test_who_does_not_exist_has_no_history(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/users/nobody/preferences/history")).status_code == 404
    assert (await api.get("/v1/tenants/nobody/preferences")).status_code == 404
    assert (await api.get("/v1/tenants/nobody/preferences/history")).status_code == 404


async def test_an_erased_user_leaves_no_history(api: httpx.AsyncClient) -> None:
    await api.patch(PATH, json={"level": "none"})
    await api.delete("/v1/users/u1")
    await api.put("/v1/users/u1", json={})
    assert (await api.get(f"{PATH}/history")).json()["data"] == []
