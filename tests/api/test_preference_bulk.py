from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from clarion.api.preference_bulk import BULK_LIMIT
from tests.api.house import House

BULK, EXPORT = "/v1/preferences/bulk", "/v1/preferences/export"
NDJSON = {"Content-Type": "application/x-ndjson"}


def an_entry(user: str, **preferences: Any) -> dict[str, Any]:
    return {"user": user, "preferences": preferences}


async def users(api: httpx.AsyncClient, count: int) -> None:
    bodies = [{"id": f"u{n}"} for n in range(count)]
    await api.post("/v1/users/bulk", json={"users": bodies})


async def exported(api: httpx.AsyncClient, limit: int = 200) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": str(limit), **({"after": after} if after else {})}
        page = (await api.get(EXPORT, params=query)).json()
        found += page["data"]
        after = page["page_info"]["end_cursor"]
        if after is None:
            return found


async def test_each_entry_is_answered_on_its_own(api: httpx.AsyncClient) -> None:
    await users(api, 3)
    entries: list[Any] = [
        an_entry("u0", level="none", workflows={"later": {"sms": "off"}}),
        an_entry("nobody", level="none"),
        an_entry("u1", mute_until="soon"),
        {"user": "u2", "preferences": {"levle": "none"}},
        an_entry(""),
        "u2",
        an_entry("u2"),
    ]
    results = (await api.post(BULK, json={"entries": entries})).json()["results"]
    assert [result["status"] for result in results] == [
        "written", "refused", "refused", "refused", "refused", "refused", "unchanged",
    ]  # fmt: skip
    assert [result["index"] for result in results] == list(range(len(entries)))
    assert [result.get("errors", [{}])[0].get("pointer") for result in results[1:6]] == [
        "/entries/1/user",
        "/entries/2/preferences/mute_until",
        "/entries/3/preferences/levle",
        "/entries/4/user",
        "/entries/5",
    ]
    assert results[0]["warnings"][0]["pointer"] == "/entries/0/preferences/workflows/later"
    assert [row["user"] for row in await exported(api)] == ["u0"]


async def test_lines_of_json_are_taken_too(api: httpx.AsyncClient) -> None:
    await users(api, 2)
    lines = [json.dumps(an_entry(f"u{n}", cadence="daily")) for n in range(2)]
    body = "\r\n".join([*lines, "", '{"user": '])
    results = (await api.post(BULK, content=body, headers=NDJSON)).json()["results"]
    assert [result["status"] for result in results] == ["written", "written", "refused"]
    assert results[2]["errors"][0]["pointer"] == "/entries/2"


async def test_the_same_again_changes_nothing(api: httpx.AsyncClient) -> None:
    await users(api, 50)
    body = {"entries": [an_entry(f"u{n}", topics={"d": {"level": "none"}}) for n in range(50)]}
    for status in ("written", "unchanged"):
        results = (await api.post(BULK, json=body)).json()["results"]
        assert {result["status"] for result in results} == {status}
    changes = (await api.get("/v1/users/u7/preferences/history")).json()["data"]
    assert len(changes) == 1


async def test_replacing_removes_what_is_not_named(api: httpx.AsyncClient) -> None:
    await users(api, 1)
    first = an_entry("u0", level="none", topics={"d": {"level": "all"}})
    await api.post(BULK, json={"entries": [first]})
    merged = an_entry("u0", cadence="daily")
    await api.post(BULK, json={"entries": [merged]})
    whole = {**first["preferences"], "cadence": "daily"}
    assert (await api.get("/v1/users/u0/preferences")).json() == whole
    replacing = {**an_entry("u0", cadence="weekly"), "replace": True}
    await api.post(BULK, json={"entries": [replacing]})
    assert (await api.get("/v1/users/u0/preferences")).json() == {"cadence": "weekly"}


async def test_entries_of_one_user_are_applied_in_their_order(api: httpx.AsyncClient) -> None:
    await users(api, 1)
    levels = ["all", "mentions", "none"] * 40
    entries = [an_entry("u0", level=level) for level in levels]
    await api.post(BULK, json={"entries": entries})
    assert (await api.get("/v1/users/u0/preferences")).json() == {"level": "none"}
    changes = (await api.get("/v1/users/u0/preferences/history?limit=200")).json()["data"]
    assert [change["after"]["level"] for change in changes] == levels[::-1]


async def test_too_many_entries_are_refused_together(api: httpx.AsyncClient) -> None:
    entries = [an_entry("u0")] * (BULK_LIMIT + 1)
    answer = await api.post(BULK, json={"entries": entries})
    assert answer.status_code == 413
    assert "1000 entries" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "text/csv"}, 415), ({"Content-Type": "application/json"}, 400)],
)
async def test_other_bodies_are_refused(
    api: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await api.post(BULK, content="u0,none", headers=headers)
    assert answer.status_code == status
    other = await api.post("/v1/users/bulk", content="{}", headers=NDJSON)
    assert other.status_code == 415


async def test_an_export_is_an_import_elsewhere(house: House, api: httpx.AsyncClient) -> None:
    await users(api, 25)
    entries = [
        an_entry(
            f"u{n}",
            level="mentions" if n % 2 else "all",
            channels={"push": "off"},
            quiet_hours={"windows": [{"days": ["mon"], "from": "22:00", "until": "07:00"}]},
            topics={f"doc:{n % 3}": {"mute_until": "forever"}},
            actors={f"u{n + 1}": {"mute_until": "forever"}},
            categories={"social": {"email": "off"}},
            tenants={"acme": {"cadence": "daily", "pause_until": "forever"}},
        )
        for n in range(0, 25, 2)
    ]
    await api.post(BULK, json={"entries": entries})
    taken = await exported(api, limit=4)
    assert sorted(taken, key=lambda row: int(row["user"][1:])) == entries
    elsewhere = await house.moved_into()
    async with elsewhere.client(elsewhere.admin_key) as other:
        await users(other, 25)
        results = (await other.post(BULK, json={"entries": taken})).json()["results"]
        assert {result["status"] for result in results} == {"written"}
        assert await exported(other) == taken


async def test_reading_all_preferences_takes_an_admin_key(house: House) -> None:
    async with house.client(await house.key("read")) as reader:
        assert (await reader.get(EXPORT)).status_code == 403
