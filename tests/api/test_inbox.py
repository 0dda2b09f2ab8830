from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, House, send

LIKES: dict[str, Any] = {
    "on": "post.liked",
    "category": "social",
    "steps": [
        {
            "send": {
                "channel": "inbox",
                "aggregate": {"key": "data.post"},
                "template": {
                    "title": "{{ digest | tell(one='{names} liked it', other='{names} liked it', "
                    "others_other='{names} and {others} others liked it', someone='Somebody') }}"
                },
            }
        }
    ],
}


@pytest.fixture(autouse=True)
async def a_workflow(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json={"name": "Ana"})


@pytest.fixture
async def inbox(house: House, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    token = (await api.post("/v1/users/u1/token", json={})).json()["token"]
    async with house.client(token) as client:
        yield client


async def entries(inbox: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await inbox.get("/v1/inbox", params=params)).json()["entries"]
    return found


async def test_what_was_sent_is_in_the_inbox(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    event = await send(api, recipients=["u1"])
    answer = await inbox.get("/v1/inbox")
    (entry,) = answer.json()["entries"]
    assert (entry["title"], entry["body"], entry["event_id"]) == ("Hi Ana", "...", event)
    assert (entry["seen_at"], entry["read_at"], entry["alert"]) == (None, None, True)
    assert answer.json()["meta"] == {"total": 1, "unread": 1, "unseen": 1}
    assert answer.headers["cache-control"] == "no-store"


async def test_marks_are_set_and_undone(api: httpx.AsyncClient, inbox: httpx.AsyncClient) -> None:
    await send(api, recipients=["u1"])
    (entry,) = await entries(inbox)
    path = f"/v1/inbox/{entry['id']}"
    read = (await inbox.post(f"{path}/read")).json()
    assert read["entry"]["read_at"] is not None
    assert read["entry"]["read_at"] == read["entry"]["seen_at"]
    assert read["meta"] == {"total": 1, "unread": 0, "unseen": 0}
    unread = (await inbox.post(f"{path}/unread")).json()
    assert (unread["entry"]["read_at"], unread["meta"]["unread"]) == (None, 1)
    assert unread["entry"]["seen_at"] is not None
    await inbox.post(f"{path}/archive")
    assert await entries(inbox) == []
    assert len(await entries(inbox, archived="only")) == 1
    await inbox.post(f"{path}/unarchive")
    assert len(await entries(inbox)) == 1


async def test_a_mark_is_told_to_those_who_watch(
    house: House, api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await send(api, recipients=["u1"])
    (entry,) = await entries(inbox)
    number = (await house.store.people.users(house.env, ["u1"]))["u1"].number
    ear = house.services.bus.ear(f"inbox:{house.env}", {number})
    await inbox.post(f"/v1/inbox/{entry['id']}/seen")
    assert (await ear.take()).numbers == {number}


async def test_marking_all_leaves_what_came_later(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await send(api, recipients=["u1"])
    newest, middle, _ = await entries(inbox)
    answer = (await inbox.post("/v1/inbox/read-all", json={"up_to": middle["id"]})).json()
    assert (answer["changed"], answer["meta"]["unread"]) == (2, 1)
    assert [entry["id"] for entry in await entries(inbox, status="unread")] == [newest["id"]]
    await inbox.post("/v1/inbox/seen-all", json={"up_to": newest["id"]})
    assert await entries(inbox, status="unseen") == []
    await inbox.post("/v1/inbox/archive-all", json={"up_to": newest["id"]})
    assert await entries(inbox) == []
    assert (await inbox.post("/v1/inbox/read-all", json={})).status_code == 400


async def test_the_inbox_is_read_page_by_page(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    sent = [await send(api, recipients=["u1"]) for _ in range(3)]
    first = (await inbox.get("/v1/inbox", params={"limit": 2})).json()
    after = first["page_info"]["end_cursor"]
    second = (await inbox.get("/v1/inbox", params={"limit": 2, "after": after})).json()
    listed = [entry["event_id"] for entry in first["entries"] + second["entries"]]
    assert listed == sent[::-1]
    assert second["page_info"] == {"has_next": False, "end_cursor": None}
    other = await inbox.get("/v1/inbox", params={"status": "unread", "after": after})
    assert other.status_code == 400


async def test_tenants_have_inboxes_of_their_own(
    house: House, api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    event = await send(api, recipients=["u1"], tenant="acme")
    token = (await api.post("/v1/users/u1/token", json={"tenant": "acme"})).json()["token"]
    async with house.client(token) as acme:
        (entry,) = await entries(acme)
    assert entry["event_id"] == event
    assert await entries(inbox) == []
    assert (await inbox.post(f"/v1/inbox/{entry['id']}/read")).status_code == 404
    up_to = {"up_to": entry["id"]}
    assert (await inbox.post("/v1/inbox/read-all", json=up_to)).status_code == 404


async def test_an_item_that_tells_several_events_names_them(
    house: House, api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await api.put("/v1/workflows/likes", json=LIKES)
    await api.put("/v1/users/bo", json={"name": "Bo"})
    first = await send(api, type="post.liked", recipients=["u1"], actor="bo", data={"post": "7"})
    plain = await send(api, recipients=["u1"])
    old = [entry["place"] for entry in await entries(inbox)]
    house.clock.advance(1)
    last = await send(api, type="post.liked", recipients=["u1"], actor="cy", data={"post": "7"})
    (entry, other) = await entries(inbox)
    assert (entry["event_id"], other["event_id"], old) == (first, plain, [2, 1])
    assert (entry["title"], entry["place"]) == ("Somebody and Bo liked it", 3)
    assert (entry["aggregation_key"], entry["version"]) == ("7", 2)
    assert (entry["total_activities"], entry["total_actors"]) == (2, 2)
    assert entry["actors"] == ["Someone", "Bo"]
    assert [one["event_id"] for one in entry["activities"]] == [last, first]
    assert (other["aggregation_key"], other["total_actors"], other["actors"]) == (None, None, [])
    marked = (await inbox.post(f"/v1/inbox/{entry['id']}/read")).json()["entry"]
    assert (marked["title"], marked["version"]) == (entry["title"], 3)
    exported = (await api.get("/v1/users/u1/export")).json()["inbox"]
    assert exported[0]["content"]["title"] == entry["title"]


async def test_what_moved_up_since_it_was_shown_is_not_marked_with_the_others(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await api.put("/v1/workflows/likes", json=LIKES)
    like = {"type": "post.liked", "recipients": ["u1"], "data": {"post": "7"}}
    await send(api, recipients=["u1"])
    await send(api, **like)
    (shown, _) = await entries(inbox)
    await send(api, recipients=["u1"])
    await send(api, **like)
    up_to = {"up_to": shown["id"], "place": shown["place"]}
    answer = (await inbox.post("/v1/inbox/read-all", json=up_to)).json()
    assert (answer["changed"], answer["meta"]["unread"]) == (1, 2)
    answer = (await inbox.post("/v1/inbox/read-all", json={"up_to": shown["id"]})).json()
    assert (answer["changed"], answer["meta"]["unread"]) == (2, 0)


@pytest.mark.parametrize("path", ["itm_x/read", "itm_0000000000000000000g/read"])
async def test_an_item_that_is_not_there_cannot_be_marked(
    inbox: httpx.AsyncClient, path: str
) -> None:
    assert (await inbox.post(f"/v1/inbox/{path}")).status_code == 404


async def test_an_unknown_mark_is_refused(inbox: httpx.AsyncClient) -> None:
    answer = await inbox.post("/v1/inbox/itm_0000000000000000000g/eaten")
    assert answer.json()["errors"][0]["parameter"] == "mark"


async def test_a_snoozed_item_is_gone_until_it_is_unsnoozed(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await send(api, recipients=["u1"])
    (entry,) = await entries(inbox)
    path = f"/v1/inbox/{entry['id']}"
    until = "2026-01-03T03:04:05.000000Z"
    answer = (await inbox.post(f"{path}/snooze", json={"until": until})).json()
    assert answer["entry"]["snoozed_until"] == until
    assert answer["meta"] == {"total": 0, "unread": 0, "unseen": 0}
    assert await entries(inbox) == []
    assert len(await entries(inbox, snoozed="only")) == 1
    for mark in ("read", "archive", "actions/0"):
        assert (await inbox.post(f"{path}/{mark}")).status_code == 409
    answer = (await inbox.post(f"{path}/unsnooze")).json()
    assert answer["meta"] == {"total": 1, "unread": 1, "unseen": 1}
    assert (answer["entry"]["place"], answer["entry"]["read_at"]) == (entry["place"], None)


@pytest.mark.parametrize("until", ["2026-01-02T03:04:05Z", "2028-01-01T00:00:00Z", "soon"])
async def test_an_item_is_put_off_to_an_instant_within_a_year(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient, until: str
) -> None:
    await send(api, recipients=["u1"])
    (entry,) = await entries(inbox)
    answer = await inbox.post(f"/v1/inbox/{entry['id']}/snooze", json={"until": until})
    assert answer.status_code == 422


async def test_choosing_an_action_reads_the_item(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await send(api, recipients=["u1"])
    (entry,) = await entries(inbox)
    answer: dict[str, Any] = {}
    for n in (1, 0):
        answer = (await inbox.post(f"/v1/inbox/{entry['id']}/actions/{n}")).json()
        assert answer["entry"]["chosen_action"] == n
    assert answer["entry"]["interacted_at"] == answer["entry"]["read_at"]
    assert answer["meta"]["unread"] == 0
    for wrong in ("1000", "-1", "first"):
        refused = await inbox.post(f"/v1/inbox/{entry['id']}/actions/{wrong}")
        assert refused.status_code == 422


async def test_a_list_is_narrowed_to_a_workflow_or_a_category(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    await send(api, recipients=["u1"])
    (workflow,) = (await api.get("/v1/workflows")).json()["data"]
    key = workflow["key"]
    for filters, count in (
        ({"workflow": key}, 1), ({"category": "social"}, 1), ({"category": "security"}, 0),
        ({"workflow": "nothing"}, 0), ({"workflow": key, "category": "security"}, 0),
    ):  # fmt: skip
        assert len(await entries(inbox, **filters)) == count
    (entry,) = await entries(inbox)
    for category, changed in (("security", 0), ("social", 1)):
        body = {"up_to": entry["id"], "category": category}
        assert (await inbox.post("/v1/inbox/read-all", json=body)).json()["changed"] == changed


async def test_counts_are_sent_again_only_when_something_changed(
    api: httpx.AsyncClient, inbox: httpx.AsyncClient
) -> None:
    answer = await inbox.get("/v1/inbox/counts")
    assert answer.json() == {"total": 0, "unread": 0, "unseen": 0}
    known = {"If-None-Match": answer.headers["etag"]}
    same = await inbox.get("/v1/inbox/counts", headers=known)
    assert (same.status_code, same.content) == (304, b"")
    await send(api, recipients=["u1"])
    assert (await inbox.get("/v1/inbox/counts", headers=known)).json()["unread"] == 1
