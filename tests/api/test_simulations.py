"""Simulations over HTTP: asked, watched, canceled, opened; and events that did not happen."""

from __future__ import annotations

from typing import Any

import httpx

from clarion.core.ids import notification_key
from clarion.pipeline.simulating import Simulator
from tests.api.house import House, send

MAIL = {"channel": "email", "template": {"subject": "Hi", "body": "Welcome."}}
MAILED = {"on": "user.joined", "category": "social", "steps": [{"send": MAIL}]}
SINCE = "2026-01-01T00:00:00Z"


async def told(house: House, client: httpx.AsyncClient) -> str:
    """One user who was told by mail of one event; its id."""
    await client.put("/v1/users/u1", json={"email": "u1@example.org"})
    await client.put("/v1/workflows/welcome", json=MAILED)
    event = await send(client, recipients=["u1"])
    house.clock.advance(60)
    return event


async def walked(house: House) -> None:
    simulator = house.services.simulating
    assert isinstance(simulator, Simulator)
    while await simulator.step(rang=True) == 0:
        pass


async def begun(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/v1/simulations", json={"slice": {"since": SINCE}, **body})


async def test_a_simulation_is_accepted_walked_and_answered(house: House) -> None:
    async with house.client(house.admin_key) as client:
        await told(house, client)
        change = {"defaults": {"channels": {"email": "off"}}}
        answer = await begun(client, change=change, name="no mail")
        assert (answer.status_code, answer.json()["state"]) == (202, "queued")
        place = answer.headers["Location"]
        await walked(house)
        done = (await client.get(place)).json()
        assert (done["state"], done["name"], done["answer"]["changed"]) == ("done", "no mail", 1)
        (example,) = done["answer"]["examples"]
        assert example["before"] == {"result": "send", "reason": "level_all", "ends": None}
        assert example["after"] == {"result": "skip", "reason": "channel_off", "ends": None}
        assert notification_key(example["notification_id"])
        assert (await client.get(f"/v1/notifications/{example['notification_id']}")).is_success
        listed = (await client.get("/v1/simulations")).json()["data"]
        assert [row["id"] for row in listed] == [done["id"]]
        opened = (await client.get(f"{place}/examples/{example['n']}")).json()
        gates = [line["gate"] for line in opened["trace_after"] if line["verdict"] == "skip"]
        assert gates == ["channel"]
        for query, found in (("to=skip&channel=email", 1), ("from=skip", 0), ("channel=push", 0)):
            page = (await client.get(f"{place}/examples?{query}")).json()
            assert len(page["data"]) == found


async def test_bad_documents_are_refused_as_put_refuses_them(house: House) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"workflows": {"w": {"steps": [{"sned": {}}]}}}, "/change/workflows/w/steps/0"),
        ({"workflows": {"w": {**MAILED, "category": "nix"}}}, "/change/workflows/w/category"),
        ({"categories": {"c": {"lane": "fast"}}}, "/change/categories/c/lane"),
        ({"caps": {"push": {"limit": 0, "window": "PT1H"}}}, "/change/caps/push/limit"),
        ({"defaults": {"topics": {"nix": {"level": "none"}}}}, "/change/defaults/topics/nix"),
        ({"quiet_hours": [{"from": "25:00", "until": "07:00"}]}, "/change/defaults/quiet_hours"),
    )
    async with house.client(house.admin_key) as client:
        for change, pointer in wrong:
            answer = await begun(client, change=change)
            errors = answer.json()["errors"]
            assert answer.status_code == 422
            assert errors[0]["pointer"].startswith(pointer)
        late = await begun(client, slice={"since": "2030-01-01T00:00:00Z"})
        assert late.json()["errors"][0]["pointer"] == "/slice/since"


async def test_environments_do_not_see_each_others_simulations(house: House) -> None:
    other = await house.moved_into()
    async with house.client(house.admin_key) as client, other.client(other.admin_key) as stranger:
        await told(house, client)
        place = (await begun(client)).headers["Location"]
        assert (await stranger.get(place)).status_code == 404
        assert (await stranger.delete(place)).status_code == 404
        assert (await stranger.get("/v1/simulations")).json()["data"] == []
        assert (await begun(stranger)).status_code == 202
        await walked(house)
        found = (await stranger.get("/v1/simulations")).json()["data"]
        assert [row["answer"]["decisions"] for row in found] == [0]


async def test_a_canceled_simulation_says_so(house: House) -> None:
    async with house.client(house.admin_key) as client:
        await told(house, client)
        place = (await begun(client)).headers["Location"]
        assert (await client.delete(place)).json()["state"] == "canceled"
        await walked(house)
        ended = (await client.get(place)).json()
        assert (ended["state"], ended["answer"]) == ("canceled", None)


async def test_an_event_that_did_not_happen_is_decided_and_leaves_nothing(house: House) -> None:
    async with house.client(house.admin_key) as client:
        await told(house, client)
        before = (await client.get("/v1/notifications")).json()["data"]
        body: dict[str, Any] = {"event": {"type": "user.joined"}, "user": "u1"}
        answer = (await client.post("/v1/simulations/event", json=body)).json()
        assert (answer["verdict"], answer["reserved"]) == ("told", False)
        (step,) = answer["workflows"][0]["channels"]
        assert (step["result"], step["trace"][-1]["gate"]) == ("send", "end")
        capped = {**MAILED, "steps": [{"send": {**MAIL, "when": 'data.kind == "big"'}}]}
        body["change"] = {"workflows": {"welcome": capped}}
        answer = (await client.post("/v1/simulations/event", json=body)).json()
        assert answer["workflows"][0]["channels"][0]["reason"] == "when_false"
        assert "u1" in answer["because"] or answer["because"]
        assert (await client.get("/v1/notifications")).json()["data"] == before
