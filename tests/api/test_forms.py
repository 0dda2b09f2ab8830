"""The broadcast form as the API shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.house import House, send

ITEM = {"send": {"channel": "inbox", "template": {"title": "Part {{ data.n }}"}}}
SHOW = [{"topic": "show"}]


@pytest.fixture(autouse=True)
async def a_show(house: House, api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/part", json={"steps": [ITEM]})
    for user in ("u1", "u2"):
        await api.put(f"/v1/users/{user}", json={})
    await api.put("/v1/topics/show", json={"broadcast": "always"})
    await api.post("/v1/topics/show/subscribers", json={"add": ["u1", "u2"]})
    house.clock.advance(1)


@pytest.fixture
async def inbox(house: House, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    token = (await api.post("/v1/users/u1/token", json={})).json()["token"]
    async with house.client(token) as client:
        yield client


async def count_all(house: House) -> None:
    """As the task does that counts members."""
    store = house.store
    worker = await store.work.start_worker([1], 30_000_000, house.clock.now())
    for task in await store.work.claim_tasks([1], worker, 9, house.clock.now()):
        await store.broadcasts.count(task, 100)


async def standing(api: httpx.AsyncClient, event: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/v1/events/{event}")).json()
    return found


async def test_a_topic_says_which_form_it_wants(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/topics/show")).json()["broadcast"] == "always"
    assert (await api.put("/v1/topics/show", json={})).json()["broadcast"] == "auto"
    refused = await api.put("/v1/topics/show", json={"broadcast": "maybe"})
    assert refused.status_code in (400, 422)


async def test_the_next_look_shows_it_with_all_its_counts(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await send(api, type="part", recipients=SHOW, data={"n": 1})
    page = (await inbox.get("/v1/inbox")).json()
    assert [entry["title"] for entry in page["entries"]] == ["Part 1"]
    assert page["meta"] == {"total": 1, "unread": 1, "unseen": 1}
    item = page["entries"][0]["id"]
    await send(api, type="part", recipients=SHOW, data={"n": 2})
    marked = (await inbox.post(f"/v1/inbox/{item}/read")).json()
    assert marked["meta"] == {"total": 2, "unread": 1, "unseen": 1}
    await send(api, type="part", recipients=SHOW, data={"n": 3})
    body = {"up_to": item, "place": page["entries"][0]["place"]}
    changed = (await inbox.post("/v1/inbox/seen-all", json=body)).json()
    assert changed == {"changed": 0, "meta": {"total": 3, "unread": 2, "unseen": 2}}


async def test_an_event_shows_its_form_and_who_is_undecided(
    house: House, api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    event = await send(api, type="part", recipients=SHOW, data={"n": 1})
    assert (await standing(api, event))["status"] == "accepted"
    await inbox.get("/v1/inbox")
    await count_all(house)
    found = await standing(api, event)
    assert found["forms"] == {"part": "broadcast"}
    assert (found["status"], found["balanced"]) == ("complete", True)
    counts = found["counts"]
    assert (counts["recipients"], counts["sent"], counts["undecided"]) == (2, 1, 1)


async def test_nobody_is_undecided_once_it_is_over(
    house: House, api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    events = [
        await send(api, type="part", recipients=SHOW, data={"n": 1}, expires_in="PT1H"),
        await send(api, type="part", recipients=SHOW, data={"n": 2}),
    ]
    await inbox.get("/v1/inbox")
    await count_all(house)
    house.clock.advance(3600)
    await api.post(f"/v1/events/{events[1]}/cancel")
    for event in events:
        counts = (await standing(api, event))["counts"]
        assert (counts["sent"], counts["skipped"], counts["undecided"]) == (1, 1, 0)
        assert counts["recipients"] == 2


async def test_an_export_holds_what_was_not_looked_at(api: httpx.AsyncClient) -> None:
    await send(api, type="part", recipients=SHOW, data={"n": 1})
    exported = (await api.get("/v1/users/u2/export")).json()
    assert len(exported["inbox"]) == len(exported["notifications"]) == 1
