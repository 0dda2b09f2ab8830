"""Why, over HTTP: what waits, what is gathered, who was never considered."""

from __future__ import annotations

import httpx
import pytest

from clarion.core.ids import event_name
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH


@pytest.fixture
async def delayed(running: Embedded) -> str:
    """An event of which Ana in Berlin will get a push in an hour."""
    await running.workflow("news", steps=[{"send": INBOX}, {"delay": "PT1H"}, {"send": PUSH}])
    await running.user("ana", timezone="Europe/Berlin")
    await running.device("ana", "phone")
    event = await running.send("news", "ana")
    await running.quiet()
    return event_name(event)


async def test_what_waits_says_what_comes_next(live: httpx.AsyncClient, delayed: str) -> None:
    answer = await live.get(f"/v1/events/{delayed}/why", params={"user": "ana"})
    why = answer.json()
    assert (answer.status_code, why["verdict"]) == (200, "waiting")
    (wait,) = why["waits"]
    assert wait == {
        "workflow": "news",
        "step": 1,
        "channels": ["push"],
        "due": "2026-01-01T13:00:00.000000Z",
        "next": "ana will be told by push after 14:00 on Thursday (Europe/Berlin), if nothing"
        " stands against it then.",
    }
    assert why["timeline"][-1]["future"]


async def test_a_list_says_until_when_what_is_held_waits(
    live: httpx.AsyncClient, running: Embedded, delayed: str
) -> None:
    (row,) = (await live.get("/v1/notifications", params={"event": delayed})).json()["data"]
    assert (row["status"], row["until"]) == ("held", "2026-01-01T13:00:00.000000Z")
    story = (await live.get(f"/v1/notifications/{row['id']}")).json()
    assert (story["status"], story["verdict"]) == ("held", "waiting")
    await running.advance(3600)
    await running.settled(bytes.fromhex(delayed[4:]))
    (row,) = (await live.get("/v1/notifications", params={"event": delayed})).json()["data"]
    assert (row["status"], row["until"]) == ("sent", None)


async def test_a_list_says_until_when_a_digest_is_open(
    live: httpx.AsyncClient, running: Embedded
) -> None:
    await running.workflow("news", steps=[{"digest": {"window": "PT10M"}}, {"send": INBOX}])
    await running.users("ana")
    events = [await running.send("news", "ana") for _ in range(2)]
    await running.quiet()
    rows = (await live.get("/v1/notifications", params={"user": "ana"})).json()["data"]
    assert {(row["status"], row["until"]) for row in rows} == {
        ("held", "2026-01-01T12:10:00.000000Z")
    }
    await running.advance(600)
    await running.settled(events[0])


async def test_somebody_else_was_not_in_the_audience(live: httpx.AsyncClient, delayed: str) -> None:
    answer = await live.get(f"/v1/events/{delayed}/why", params={"user": "bob"})
    why = answer.json()
    assert (why["verdict"], why["waits"]) == ("not_in_audience", [])
    assert [line["what"] for line in why["timeline"]] == ["accepted"]


async def test_an_unknown_event_is_not_found(live: httpx.AsyncClient) -> None:
    answer = await live.get("/v1/events/evt_" + "0" * 32 + "/why", params={"user": "ana"})
    assert answer.status_code == 404


async def test_an_event_is_named_by_the_id_it_was_sent_with(
    live: httpx.AsyncClient, running: Embedded
) -> None:
    await running.workflow("news", steps=[{"send": INBOX}])
    await running.users("ana")
    event = event_name(await running.send("news", "ana", id="order/7 shipped"))
    own = "/v1/events/order%2F7%20shipped"
    answer = await live.get(f"{own}/why", params={"user": "ana"})
    assert (answer.status_code, answer.json()["event_id"]) == (200, event)
    assert (await live.get(own)).json()["id"] == event
    for narrowed in ({"event": "order/7 shipped"}, {"q": "order/7 shipped"}):
        (row,) = (await live.get("/v1/notifications", params=narrowed)).json()["data"]
        assert row["event_id"] == event
    assert (await live.post(f"{own}/cancel")).json() == {"canceled": [event]}


async def test_an_event_is_named_by_the_key_of_its_request(live: httpx.AsyncClient) -> None:
    keyed = {"Idempotency-Key": "try-1"}
    sent = (await live.post("/v1/events", json={"type": "x"}, headers=keyed)).json()["event_id"]
    assert (await live.get("/v1/events/try-1")).json()["id"] == sent


async def test_what_no_event_was_named_says_both_ways_to_name_one(live: httpx.AsyncClient) -> None:
    answer = await live.get("/v1/events/nothing/why", params={"user": "ana"})
    assert answer.status_code == 404
    assert "evt_ and 32 hex digits" in answer.json()["detail"]
    assert "the id it was sent with" in answer.json()["detail"]
