"""Prepared blasts over HTTP, on a server that runs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from clarion.testing.embedded import Embedded
from tests.api.house import House

TURNS = 2_000
PUSH: dict[str, Any] = {"channel": "push", "template": {"title": "{{ data.word }} for you"}}


@pytest.fixture
async def crowd(running: Embedded) -> Embedded:
    """A workflow `news` that pushes, and five users of the topic `club` with a phone each."""
    await running.workflow("news", PUSH)
    users = [f"u{n}" for n in range(5)]
    await running.users(*users)
    for user in users:
        await running.device(user, f"phone-{user}")
    await running.topic("club", *users)
    return running


def a_blast(**fields: Any) -> dict[str, Any]:
    return {
        "name": "sale", "type": "news", "data": {"word": "News"},
        "recipients": [{"topic": "club"}], **fields,
    }  # fmt: skip


async def begun(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/blasts", json=a_blast(**fields))
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/blasts/{found['id']}"
    return found


async def prepared(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    found = await begun(client, **fields)
    return await reaching(client, found["id"], "armed", "refused")


async def reaching(client: httpx.AsyncClient, blast: str, *states: str) -> dict[str, Any]:
    """The blast once it is in one of these states."""
    state = None
    for _ in range(TURNS):
        found: dict[str, Any] = (await client.get(f"/v1/blasts/{blast}")).json()
        if (state := found["state"]) in states:
            return found
        await asyncio.sleep(0.002)
    raise AssertionError(f"still {state}")


async def test_a_blast_is_prepared_in_the_background_and_armed(
    crowd: Embedded, live: httpx.AsyncClient
) -> None:
    found = await begun(live)
    assert (found["state"], found["name"], found["type"]) == ("preparing", "sale", "news")
    armed = await reaching(live, found["id"], "armed")
    assert armed["audience"] == {"recipients": 5, "told": 5, "skipped": {}}
    assert armed["channels"]["push"]["destinations"] == 5
    assert armed["progress"] == {"recipients": 5, "percent": 100.0}
    assert armed["workflows"] == ["news"]


async def test_fired_twice_it_is_one_event(crowd: Embedded, live: httpx.AsyncClient) -> None:
    blast = (await prepared(live))["id"]
    first = (await live.post(f"/v1/blasts/{blast}/fire")).json()
    again = (await live.post(f"/v1/blasts/{blast}/fire", json={})).json()
    assert first["event_id"] == again["event_id"]
    await crowd.settled(bytes.fromhex(first["event_id"][4:]))
    done = (await live.get(f"/v1/blasts/{blast}")).json()
    assert done["event"]["counts"]["sent"] == 5
    assert crowd.select("select count(*) from event") == [(1,)]


async def test_what_is_not_armed_is_not_fired(house: House, api: httpx.AsyncClient) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    blast = (await begun(api))["id"]
    refused = await api.post(f"/v1/blasts/{blast}/fire")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "still being prepared" in refused.json()["detail"]
    assert (await api.post(f"/v1/blasts/{blast}/pause")).status_code == 409
    assert (await api.post(f"/v1/blasts/{blast}/resume")).status_code == 409


async def test_the_same_id_is_the_same_blast(house: House, api: httpx.AsyncClient) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    first = await begun(api, id="sale-1")
    answer = await api.post("/v1/blasts", json=a_blast(id="sale-1"))
    assert answer.headers["idempotency-replayed"] == "true"
    assert answer.json()["id"] == first["id"]
    other = await api.post("/v1/blasts", json=a_blast(id="sale-1", data={"word": "Else"}))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")


async def test_an_idempotency_key_makes_a_retry_safe(house: House, api: httpx.AsyncClient) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    headers = {"Idempotency-Key": "retry-1"}
    answers = [await api.post("/v1/blasts", json=a_blast(), headers=headers) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"type": "nobody.listens"}, "/type"),
        ({"workflow": "unknown"}, "/workflow"),
        ({"expires_in": "soon"}, "/expires_in"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"tags": {f"t{n}": "x" for n in range(32)}}, "/tags"),
        ({"recipients": [{"topic": "a", "all": True}]}, "/recipients/0"),
    ],
)
async def test_what_never_can_be_fired_is_refused_at_once(
    house: House, api: httpx.AsyncClient, fields: dict[str, Any], pointer: str
) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    refused = await api.post("/v1/blasts", json=a_blast(**fields))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_test_goes_to_these_users_only_and_as_often_as_wanted(
    crowd: Embedded, live: httpx.AsyncClient
) -> None:
    await crowd.workflow("news", PUSH, dedupe={"key": "data.word", "window": "P1D"})
    blast = (await prepared(live))["id"]
    for _ in range(2):
        answer = await live.post(f"/v1/blasts/{blast}/test", json={"users": ["u1", "u2"]})
        assert answer.status_code == 202, answer.text
        event = bytes.fromhex(answer.json()["event_id"][4:])
        await crowd.settled(event)
        assert (await crowd.counts(event)).sent == 2
        assert (await crowd.event(event)).tags == {"blast_test": blast}
    assert (await live.get(f"/v1/blasts/{blast}")).json()["tests"] == 2
    fired = (await live.post(f"/v1/blasts/{blast}/fire")).json()
    await crowd.settled(bytes.fromhex(fired["event_id"][4:]))
    assert (await live.get(f"/v1/blasts/{blast}")).json()["event"]["counts"]["sent"] == 5


@pytest.mark.parametrize(
    ("users", "pointer"),
    [([], "/users"), (["nobody-knows"], "/users/0"), ([f"u{n}" for n in range(101)], "/users")],
)
async def test_a_test_names_users_that_are_there(
    house: House, api: httpx.AsyncClient, users: list[str], pointer: str
) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    blast = (await begun(api))["id"]
    refused = await api.post(f"/v1/blasts/{blast}/test", json={"users": users})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_list_is_newest_first_and_goes_on_at_its_cursor(
    house: House, api: httpx.AsyncClient
) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    ids = [(await begun(api))["id"] for _ in range(3)]
    page = (await api.get("/v1/blasts", params={"limit": 2})).json()
    rest = (await api.get("/v1/blasts", params={"after": page["page_info"]["end_cursor"]})).json()
    assert [one["id"] for one in [*page["data"], *rest["data"]]] == ids[::-1]


async def test_one_that_was_not_fired_is_deleted_and_its_id_is_free(
    house: House, api: httpx.AsyncClient
) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    blast = (await begun(api, id="sale-1"))["id"]
    assert (await api.delete(f"/v1/blasts/{blast}")).status_code == 204
    assert (await api.get(f"/v1/blasts/{blast}")).status_code == 404
    assert (await api.get("/v1/blasts")).json()["data"] == []
    assert (await begun(api, id="sale-1"))["id"] != blast


async def test_one_that_was_fired_is_not_deleted(crowd: Embedded, live: httpx.AsyncClient) -> None:
    blast = (await prepared(live))["id"]
    fired = (await live.post(f"/v1/blasts/{blast}/fire")).json()
    await crowd.settled(bytes.fromhex(fired["event_id"][4:]))
    assert (await live.delete(f"/v1/blasts/{blast}")).status_code == 409


async def test_blasts_of_other_environments_are_not_there(
    house: House, api: httpx.AsyncClient
) -> None:
    await house.services.catalogs.put_workflow(house.env, {"steps": [{"send": PUSH}]}, "news")
    blast = (await begun(api))["id"]
    other = await house.moved_into()
    async with other.client(other.admin_key) as stranger:
        assert (await stranger.get(f"/v1/blasts/{blast}")).status_code == 404
        assert (await stranger.post(f"/v1/blasts/{blast}/cancel")).status_code == 404


@pytest.mark.parametrize("name", ["blt_", "blt_x", "7", "blt_" + "9" * 30])
async def test_what_is_no_id_is_not_there(api: httpx.AsyncClient, name: str) -> None:
    assert (await api.get(f"/v1/blasts/{name}")).status_code == 404


async def test_a_paused_blast_and_its_event_say_so(
    crowd: Embedded, live: httpx.AsyncClient
) -> None:
    blast = (await prepared(live))["id"]
    await crowd.hold("ready")
    fired = (await live.post(f"/v1/blasts/{blast}/fire")).json()
    await crowd.quiet()
    paused = (await live.post(f"/v1/blasts/{blast}/pause", json={"by": "ada"})).json()
    assert (paused["state"], paused["paused_by"]) == ("paused", "ada")
    assert paused["event"]["estimate"] == {"push": None}
    event = (await live.get(f"/v1/events/{fired['event_id']}")).json()
    assert (event["paused_at"], event["estimate"]) == (paused["paused_at"], {"push": None})
    resumed = (await live.post(f"/v1/blasts/{blast}/resume")).json()
    assert (resumed["state"], resumed["paused_by"]) == ("fired", None)
    cancelled = (await live.post(f"/v1/blasts/{blast}/cancel")).json()
    assert (cancelled["state"], cancelled["event"]["counts"]["skipped"]) == ("canceled", 5)
    crowd.release("ready")


@pytest.mark.parametrize("name", ["a\x00b", " ", "\u2028"])
async def test_a_name_that_cannot_be_shown_is_refused(api: httpx.AsyncClient, name: str) -> None:
    assert (await api.post("/v1/blasts", json=a_blast(name=name))).status_code == 400
