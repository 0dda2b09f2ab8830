from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest

from clarion.api.app import create_app
from clarion.pipeline.lease import Lease
from clarion.pipeline.replicate import Replicator
from clarion.store.contract.names import NameKind
from tests.api.house import WELCOME, House


async def applied(house: House) -> None:
    """Apply all that waits."""
    lease = Lease(house.store, house.clock, (), seconds=30, heartbeat_seconds=5)
    await lease.start()
    replicator = Replicator(lease, house.store, house.clock)
    while await replicator.step(True) == 0:
        pass


async def tell(api: httpx.AsyncClient, *states: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await api.post("/v1/state", json={"states": list(states)})
    assert answer.status_code == 202, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def a_user(id_: str, version: int | str, **fields: Any) -> dict[str, Any]:
    return {"entity": "user", "id": id_, "version": version, "state": fields}


def problem_of(result: dict[str, Any]) -> tuple[int, str]:
    """Status and pointer of a refused state."""
    assert result["status"] == "problem"
    return result["problem"]["status"], result["problem"]["errors"][0]["pointer"]


async def test_a_batch_of_all_kinds_is_applied(api: httpx.AsyncClient, house: House) -> None:
    results = await tell(
        api,
        a_user("ana", 1, email="ana@example.org", roles=["ops"]),
        {"entity": "topic", "id": "doc:9", "version": 1, "state": {"parent": "folder:3"}},
        {"entity": "subscription", "id": {"topic": "doc:9", "user": "ana"}, "version": 1,
         "state": {}},
        {"entity": "tenant_member", "id": {"tenant": "acme", "user": "ana"}, "version": 1,
         "state": {}},
        {"entity": "preferences", "id": "ana", "version": 1, "at": "2026-01-02T03:04:05Z",
         "state": {"topics": {"doc:9": {"level": "mentions"}}, "channels": {"push": "off"}}},
    )  # fmt: skip
    assert [result["status"] for result in results] == ["accepted"] * 5
    await applied(house)
    user = (await api.get("/v1/users/ana")).json()
    assert (user["email"], user["roles"], user["tenants"]) == ("ana@example.org", ["ops"], ["acme"])
    topic = (await api.get("/v1/topics/doc:9")).json()
    assert (topic["parent"], topic["subscribers"]) == ("folder:3", 1)
    assert (await api.get("/v1/users/ana/preferences")).json() == {
        "channels": {"push": "off"},
        "topics": {"doc:9": {"level": "mentions"}},
    }


async def test_a_state_is_whole(api: httpx.AsyncClient, house: House) -> None:
    await tell(api, a_user("ana", 1, email="ana@example.org", name="Ana"))
    await applied(house)
    await tell(api, a_user("ana", 2, name="Anna"))
    await applied(house)
    user = (await api.get("/v1/users/ana")).json()
    assert (user["name"], user["email"]) == ("Anna", None)


async def test_what_is_not_newer_is_ignored(api: httpx.AsyncClient, house: House) -> None:
    early, late = "2026-01-02T03:04:05Z", "2026-01-02T03:04:06+01:00"
    assert (await tell(api, a_user("ana", early)))[0] == {"index": 0, "status": "accepted"}
    assert (await tell(api, a_user("ana", late)))[0] == {"index": 0, "status": "ignored"}
    await applied(house)
    results = await tell(api, a_user("ana", early), a_user("ben", 1))
    assert [result["status"] for result in results] == ["ignored", "accepted"]


async def test_null_deletes(api: httpx.AsyncClient, house: House) -> None:
    await tell(api, a_user("ana", 1, email="ana@example.org"))
    await applied(house)
    await tell(api, {"entity": "user", "id": "ana", "version": 2, "state": None})
    await applied(house)
    assert (await api.get("/v1/users/ana")).status_code == 404
    assert (await tell(api, a_user("ana", 1)))[0]["status"] == "ignored"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"entity": "shoe", "id": "x", "version": 1, "state": {}}, (400, "/states/0/entity")),
        ({"entity": "user", "id": 7, "version": 1, "state": {}}, (400, "/states/0/id")),
        ({"entity": "user", "id": "", "version": 1, "state": {}}, (400, "/states/0/id")),
        ({"entity": "user", "id": "x", "state": {}}, (400, "/states/0/version")),
        ({"entity": "user", "id": "x", "version": 1}, (400, "/states/0/state")),
        (a_user("x", "soon"), (422, "/states/0/version")),
        (a_user("x", -1), (422, "/states/0/version")),
        (a_user("x", "1969-01-01T00:00:00Z"), (422, "/states/0/version")),
        (a_user("x", 1, email="nobody"), (422, "/states/0/state/email")),
        (a_user("x", 1, shoe=42), (400, "/states/0/state/shoe")),
        ({**a_user("x", 1), "state": {"version": 1}}, (400, "/states/0/state/version")),
        (a_user("x", 1, locale="?"), (422, "/states/0/state/locale")),
        ({**a_user("x", 1), "at": "now"}, (400, "/states/0/at")),
        (
            {"entity": "topic", "id": "t", "version": 1, "state": {"parent": "t"}},
            (422, "/states/0/state/parent"),
        ),
        (
            {"entity": "subscription", "id": "t", "version": 1, "state": {}},
            (400, "/states/0/id"),
        ),
        (
            {"entity": "subscription", "id": {"topic": "t"}, "version": 1, "state": {}},
            (400, "/states/0/id/user"),
        ),
        (
            {"entity": "tenant_member", "id": {"tenant": "t", "user": "u"}, "version": 1,
             "state": {"level": "all"}},
            (400, "/states/0/state/level"),
        ),
        (
            {"entity": "preferences", "id": "u", "version": 1,
             "state": {"topics": {"t": {"mute_until": "later"}}}},
            (422, "/states/0/state/topics/t/mute_until"),
        ),
    ],
)  # fmt: skip
async def test_a_mistake_refuses_one_state_and_says_where(
    api: httpx.AsyncClient, state: dict[str, Any], told: tuple[int, str]
) -> None:
    wrong, right = await tell(api, state, a_user("right", 1))
    assert problem_of(wrong) == told
    assert right == {"index": 1, "status": "accepted"}


async def test_preferences_know_workflows_and_make_their_user(
    api: httpx.AsyncClient, house: House
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    chosen = {
        "workflows": {"welcome": {"email": "off"}},
        "actors": {"u7": {"mute_until": "forever"}},
    }
    await tell(api, {"entity": "preferences", "id": "new", "version": 1, "state": chosen})
    await applied(house)
    assert (await api.get("/v1/users/new/preferences")).json() == chosen
    numbers = await house.store.names.numbers(house.env, NameKind.USER, ["new", "u7"])
    assert set(numbers) == {"new", "u7"}
    await tell(api, {"entity": "preferences", "id": "new", "version": 2, "state": {}})
    await applied(house)
    assert (await api.get("/v1/users/new/preferences")).json() == {}


async def test_a_batch_has_a_bound(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/state", json={"states": [{}] * 1001})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
    answer = await api.post("/v1/state", json={"shoes": []})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/shoes")
    answer = await api.post("/v1/state", content=b" " * (5 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert await tell(api) == []


async def test_writing_people_needs_an_admin_key(house: House) -> None:
    async with house.client(await house.key("trigger")) as client:
        answer = await client.post("/v1/state", json={"states": []})
    assert answer.status_code == 403


async def test_too_many_waiting_states_are_refused_until_they_are_applied(house: House) -> None:
    waiting = sum(depth.depth for depth in await house.store.replica.depths())
    services = dataclasses.replace(house.services, state_backlog=waiting + 2)
    full = dataclasses.replace(house, app=create_app(services))
    async with full.client(house.admin_key) as api:
        await tell(api, a_user("ana", 1), a_user("ben", 1))
        refused = await api.post("/v1/state", json={"states": [a_user("cleo", 1)]})
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "5"
        assert refused.headers["RateLimit-Policy"] == f'"state";q={waiting + 2}'
        assert refused.json()["violated-policies"] == ["state"]
        await applied(house)
        house.clock.advance(1)
        await tell(api, a_user("cleo", 1))


async def test_what_failed_is_listed_until_a_newer_version_comes(
    api: httpx.AsyncClient, house: House
) -> None:
    for key, parent in (("a", "b"), ("b", "a")):
        await tell(
            api,
            {"entity": "topic", "id": key, "version": 1, "at": "2026-01-02T03:04:05Z",
             "state": {"parent": parent}},
        )  # fmt: skip
        await applied(house)
    (row,) = (await api.get("/v1/state/failed")).json()["data"]
    assert (row["entity"], row["id"], row["version"]) == ("topic", "b", 1)
    assert row["at"] == "2026-01-02T03:04:05.000000Z"
    assert "the topic itself or below it" in row["detail"]
    await tell(api, {"entity": "topic", "id": "b", "version": 2, "state": {}})
    await applied(house)
    assert (await api.get("/v1/state/failed")).json()["data"] == []


async def test_the_failed_come_in_pages(api: httpx.AsyncClient, house: House) -> None:
    for name in ("x", "y", "z"):
        house.clock.advance(1)
        await tell(
            api,
            {"entity": "topic", "id": name, "version": 1, "state": {"parent": f"{name}2"}},
            {"entity": "topic", "id": f"{name}2", "version": 1, "state": {"parent": name}},
        )
        await applied(house)
    page = (await api.get("/v1/state/failed?limit=2")).json()
    assert [row["id"] for row in page["data"]] == ["z2", "y2"]
    cursor = page["page_info"]["end_cursor"]
    rest = (await api.get(f"/v1/state/failed?limit=2&after={cursor}")).json()
    assert [row["id"] for row in rest["data"]] == ["x2"]
    assert rest["page_info"]["has_next"] is False


async def test_depth_and_age_are_told_by_kind(api: httpx.AsyncClient, house: House) -> None:
    await applied(house)
    await tell(api, a_user("ana", 1), a_user("ben", 1))
    house.clock.advance(3)
    rows = {row["entity"]: row for row in (await api.get("/v1/state")).json()["data"]}
    assert set(rows) == {"user", "topic", "subscription", "tenant_member", "preferences"}
    users = rows["user"]
    assert (users["depth"], users["waiting"], users["in_hand"]) == (2, 2, 0)
    assert users["oldest_age_seconds"] == 3.0
