from __future__ import annotations

import httpx
import pytest

from clarion.core.states import DeliveryStatus
from tests.api.house import WELCOME, House, send


@pytest.fixture(autouse=True)
async def a_workflow(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json={"name": "Ana"})


async def test_an_event_that_was_told_is_complete_and_balanced(api: httpx.AsyncClient) -> None:
    event = await send(
        api,
        recipients=["u1", "stranger"],
        actor="u2",
        tenant="acme",
        about="doc:9",
        correlation_id="c1",
        tags={"order": "7"},
    )
    seen = (await api.get(f"/v1/events/{event}")).json()
    assert (seen["status"], seen["balanced"]) == ("complete", True)
    assert seen["counts"] == {
        "recipients": 2,
        "sent": 1,
        "skipped": 1,
        "held": 0,
        "open": 0,
        "dead": 0,
        "undecided": 0,
    }
    assert seen["deliveries"]["inbox"] == {"sent": 1, "open": 0, "dead": 0}
    assert (seen["workflows"], seen["lanes"]) == (["welcome"], ["social"])
    assert (seen["actor"], seen["tenant"], seen["about"]) == ("u2", "acme", "doc:9")
    assert (seen["correlation_id"], seen["tags"]) == ("c1", {"order": "7"})
    assert seen["accepted_at"] == "2026-01-02T03:04:05.678901Z"


async def test_an_event_is_not_complete_while_a_message_is_under_way(
    api: httpx.AsyncClient,
) -> None:
    step = {"send": {"channel": "email", "template": {"subject": "Hi", "body": "..."}}}
    await api.put("/v1/workflows/mail", json={"on": "user.joined", "steps": [step]})
    await api.put("/v1/users/u1", json={"email": "ana@example.org"})
    event = await send(api, recipients=["u1"], workflow="mail")
    seen = (await api.get(f"/v1/events/{event}")).json()
    assert (seen["status"], seen["balanced"]) == ("expanding", False)
    assert seen["deliveries"]["email"]["open"] == seen["counts"]["open"] == 1


async def test_a_fact_may_have_no_listener(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/events", json={"type": "nobody.listens"})
    assert (answer.status_code, answer.json()["workflows"]) == (202, [])
    seen = (await api.get(answer.headers["location"])).json()
    assert seen["status"] == "complete"


async def test_events_are_listed_newest_first_page_by_page(
    house: House, api: httpx.AsyncClient
) -> None:
    sent = []
    for number in range(5):
        house.clock.advance(1)
        sent.append(await send(api, tags={"n": str(number)}))
    listed, after, pages = [], None, 0
    while pages < 3:
        page = (await api.get("/v1/events", params={"limit": 2, "after": after or ""})).json()
        listed += [row["id"] for row in page["data"]]
        after, pages = page["page_info"]["end_cursor"], pages + 1
        if not page["page_info"]["has_next"]:
            break
    assert listed == sent[::-1]
    assert (pages, after) == (3, None)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"type": "user.joined"}, 2),
        ({"type": "user.left"}, 0),
        ({"tag": "order:7"}, 1),
        ({"correlation_id": "c1"}, 1),
        ({"since": "2026-01-02T03:04:06Z"}, 1),
    ],
)
async def test_events_are_found_by(
    house: House, api: httpx.AsyncClient, params: dict[str, str], found: int
) -> None:
    await send(api, correlation_id="c1")
    house.clock.advance(5)
    await send(api, tags={"order": "7"})
    assert len((await api.get("/v1/events", params=params)).json()["data"]) == found


async def test_a_cursor_of_one_list_is_refused_by_another(api: httpx.AsyncClient) -> None:
    await send(api)
    await send(api)
    page = (await api.get("/v1/events", params={"limit": 1})).json()
    after = page["page_info"]["end_cursor"]
    for path in ("/v1/events?type=user.joined", "/v1/captures?", "/v1/dead-letters?"):
        answer = await api.get(f"{path}&after={after}")
        assert answer.status_code == 400


async def test_a_tag_without_a_value_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/events", params={"tag": "order"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "tag")


async def test_an_event_is_canceled_by_its_id_or_by_its_key(api: httpx.AsyncClient) -> None:
    first = await send(api, cancellation_key="order-7")
    second = await send(api)
    by_key = await api.post("/v1/events/cancel", json={"cancellation_key": "order-7"})
    by_id = await api.post(f"/v1/events/{second}/cancel")
    assert by_key.json() == {"canceled": [first]}
    assert by_id.json() == {"canceled": [second]}
    for event in (first, second):
        assert (await api.get(f"/v1/events/{event}")).json()["status"] == "canceled"


async def test_a_key_nobody_used_cancels_nothing(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/events/cancel", json={"cancellation_key": "nothing"})
    assert (answer.status_code, answer.json()) == (200, {"canceled": []})


async def test_an_event_that_does_not_exist_cannot_be_canceled_or_explained(
    api: httpx.AsyncClient,
) -> None:
    ghost = "evt_" + "0" * 26
    assert (await api.get(f"/v1/events/{ghost}")).status_code == 404
    assert (await api.post(f"/v1/events/{ghost}/cancel")).status_code == 404
    assert (await api.get(f"/v1/events/{ghost}/why?user=u1")).status_code == 404


async def test_why_answers_for_everybody(api: httpx.AsyncClient) -> None:
    event = await send(api, recipients=["u1"])
    told = (await api.get(f"/v1/events/{event}/why", params={"user": "u1"})).json()
    outside = (await api.get(f"/v1/events/{event}/why", params={"user": "u9"})).json()
    assert (told["verdict"], outside["verdict"]) == ("told", "not_in_audience")
    assert told["channels"][0]["result"] == "send"
    assert (await api.get(f"/v1/events/{event}/why")).status_code == 400


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, 2),
        ({"user": "u1"}, 1),
        ({"user": "nobody"}, 0),
        ({"workflow": "welcome"}, 2),
        ({"workflow": "other"}, 0),
        ({"channel": "inbox"}, 1),
        ({"status": "sent"}, 1),
        ({"status": "skipped", "reason": "unknown_user"}, 1),
        ({"status": DeliveryStatus.DELIVERED.name.lower()}, 0),
        ({"reason": "muted"}, 0),
        ({"correlation_id": "c1"}, 2),
        ({"tag": "order:7"}, 2),
        ({"tenant": "acme"}, 2),
        ({"tenant": "other"}, 0),
        ({"q": "u1"}, 1),
        ({"q": "7"}, 2),
        ({"q": "c1"}, 2),
        ({"q": "nothing"}, 0),
        ({"since": "2027-01-01T00:00:00Z"}, 0),
    ],
)
async def test_notifications_are_found_by(
    api: httpx.AsyncClient, params: dict[str, str], found: int
) -> None:
    await send(
        api,
        recipients=["u1", "stranger"],
        tenant="acme",
        correlation_id="c1",
        tags={"order": "7"},
    )
    answer = await api.get("/v1/notifications", params=params)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == found


async def test_a_notification_says_what_was_decided(api: httpx.AsyncClient) -> None:
    event = await send(api, recipients=["u1"], tenant="acme")
    (row,) = (await api.get("/v1/notifications", params={"event": event})).json()["data"]
    assert (row["event_id"], row["type"], row["workflow"]) == (event, "user.joined", "welcome")
    assert (row["user"], row["tenant"], row["status"]) == ("u1", "acme", "sent")
    (step,) = row["steps"]
    assert (step["step"], step["channel"], step["result"]) == (0, "inbox", "send")
    story = (await api.get(f"/v1/notifications/{row['id']}")).json()
    assert (story["id"], story["verdict"]) == (row["id"], "told")


async def test_pages_of_a_free_search_go_on_the_way_they_began(api: httpx.AsyncClient) -> None:
    for _ in range(3):
        await send(api, recipients=["u1"], correlation_id="c1")
    found: set[str] = set()
    after: str | None = None
    for _ in range(3):
        params = {"q": "c1", "limit": "1", **({"after": after} if after else {})}
        page = (await api.get("/v1/notifications", params=params)).json()
        found |= {row["id"] for row in page["data"]}
        after = page["page_info"]["end_cursor"]
    assert len(found) == 3


async def test_an_unknown_status_is_refused_with_the_known_ones(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/notifications", params={"status": "lost"})
    assert answer.status_code == 400
    assert "skipped" in answer.json()["detail"]


@pytest.mark.parametrize("list_", ["events", "notifications"])
@pytest.mark.parametrize("since", ["1900-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
async def test_since_before_the_epoch_is_since_ever(
    api: httpx.AsyncClient, list_: str, since: str
) -> None:
    await send(api, recipients=["u1"])
    answer = await api.get(f"/v1/{list_}", params={"since": since})
    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)


async def test_an_expiry_that_no_answer_could_show_is_refused(api: httpx.AsyncClient) -> None:
    event = {"type": "user.joined", "recipients": ["u1"], "expires_at": "9999-12-31T23:59:59-23:59"}
    answer = await api.post("/v1/events", json=event)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/expires_at"
