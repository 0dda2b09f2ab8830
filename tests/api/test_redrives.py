"""Redriving: what was given up goes on its way, once, and the ledger balances."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.core.ids import event_name
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp
from tests.api.house import House
from tests.api.test_dead_letters import REFUSED, all_pages, dead, fcm, mail_server, running

__all__ = ["fcm", "mail_server", "running"]


async def redrive(live: httpx.AsyncClient, **body: Any) -> Any:
    answer = await live.post("/v1/dead-letters/redrive", json={"filter": {}, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_redriven_mail_arrives_and_is_no_dead_letter_any_more(
    running: Embedded, live: httpx.AsyncClient, mail_server: FakeSmtp
) -> None:
    event = await running.told("mail", "ana")
    mail_server.refuse.clear()
    await running.advance(3600)
    found = await redrive(live, filter={"cause": REFUSED, "user": "ana"}, dry_run=True)
    assert (found["status"], found["count"], found["id"]) == ("dry_run", 1, None)
    answer = await redrive(live, filter={"cause": REFUSED, "user": "ana"})
    assert (answer["status"], answer["count"], answer["rate_per_second"]) == ("finished", 1, 100)
    again = await redrive(live, filter={"cause": REFUSED})
    assert (again["count"], again["counts"]["ready"]) == (0, 0)
    await running.settled(event)
    assert len(mail_server.mails) == 1
    assert await dead(live) == []
    (row,) = await dead(live, redriven="true")
    assert (row["status"], row["attempts"]) == ("sent", 2)
    assert row["closed_at"] == "2026-01-01T13:00:00.000000Z"
    story = (await live.get(f"/v1/notifications/{row['notification_id']}")).json()
    tries = [entry for entry in story["timeline"] if entry["what"] == "attempt"]
    assert (story["status"], [entry["n"] for entry in tries]) == ("sent", [1])
    stands = (await live.get(f"/v1/events/{event_name(event)}")).json()
    assert (stands["counts"]["sent"], stands["balanced"], stands["put_aside"]) == (1, True, 0)


async def test_a_second_death_is_a_dead_letter_again(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    event = await running.told("mail", "ana")
    await running.advance(60)
    await redrive(live)
    await running.settled(event)
    (row,) = await dead(live)
    assert (row["attempts"], row["redriven_at"]) == (2, None)
    assert row["at"] == "2026-01-01T12:01:00.000000Z"
    assert [len(page) for page in await all_pages(live, 5)] == [1]


async def test_a_redrive_is_remembered(running: Embedded, live: httpx.AsyncClient) -> None:
    await running.told("mail", "ana")
    answer = await redrive(live, rate_per_second=7)
    seen = (await live.get(f"/v1/dead-letters/redrives/{answer['id']}")).json()
    assert seen == answer
    assert (await live.get("/v1/dead-letters/redrives")).json()["data"] == [answer]
    assert (await live.get("/v1/dead-letters/redrives/rdv_99")).status_code == 404
    await running.quiet()


async def test_what_must_not_be_sent_any_more_is_counted_and_left(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.user("ana-too", email="ana@example.org")
    cancelled = await running.told("mail", "ana")
    await running.told("mail", "ana-too")
    await running.told("mail", "ana", expires_in="PT1M")
    await live.post(f"/v1/events/{event_name(cancelled)}/cancel")
    await live.delete("/v1/users/ana-too")
    await running.advance(120)
    counts = (await redrive(live))["counts"]
    assert {name: count for name, count in counts.items() if count} == {
        "canceled": 1, "erased": 1, "expired": 1,
    }  # fmt: skip
    assert len(await dead(live)) == 2


async def test_a_filter_is_needed_and_its_words_are_known(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    for body in ({}, {"filter": {"colour": "red"}}, {"filter": {}, "rate_per_second": 0}):
        answer = await live.post("/v1/dead-letters/redrive", json=body)
        assert answer.status_code == 400, body
    assert (await redrive(live, filter={"user": "nobody"}))["count"] == 0


async def test_a_large_redrive_goes_on_by_itself_also_after_a_crash(
    running: Embedded, live: httpx.AsyncClient, mail_server: FakeSmtp, monkeypatch: Any
) -> None:
    monkeypatch.setattr("clarion.pipeline.redriving.AT_ONCE", 2)
    monkeypatch.setattr("clarion.store.sql.redriving.BATCH", 2)
    events = [await running.told("mail", "ana") for _ in range(7)]
    mail_server.refuse.clear()
    answer = await redrive(live, rate_per_second=1000)
    assert (answer["status"], answer["count"]) == ("running", 2)
    await running.crash()
    await running.restart()
    while await running.server.store.dead_letters.open_redrives(200):
        await running.advance(3)
        await running.quiet()
    await running.advance(1)
    for event in events:
        await running.settled(event)
    (row,) = await running.server.store.dead_letters.redrives(running.env, None, 200)
    assert row.done.ready == 7


@pytest.mark.parametrize("field", ["cause", "account", "workflow", "event", "user", "tenant"])
@pytest.mark.parametrize("text", ["a\u0000", "x" * 257, " "])
async def test_a_text_that_can_be_no_name_is_refused_before_anything_is_kept(
    api: httpx.AsyncClient, field: str, text: str
) -> None:
    answer = await api.post("/v1/dead-letters/redrive", json={"filter": {field: text}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/filter/{field}"
    assert (await api.get("/v1/dead-letters/redrives")).json()["data"] == []
    listed = await api.get("/v1/dead-letters", params={field: text})
    assert (listed.status_code, listed.json()["errors"][0]["parameter"]) == (400, field)


async def test_redrives_are_listed_in_pages(api: httpx.AsyncClient) -> None:
    made = [(await redrive(api))["id"] for _ in range(3)]
    first = (await api.get("/v1/dead-letters/redrives?limit=2")).json()
    cursor = first["page_info"]["end_cursor"]
    rest = (await api.get(f"/v1/dead-letters/redrives?limit=2&after={cursor}")).json()
    assert [row["id"] for row in first["data"] + rest["data"]] == made[::-1]
    assert rest["page_info"]["has_next"] is False
    for unknown in ("rdv_", "rdv_x", "3", "rdv_" + "9" * 30):
        assert (await api.get(f"/v1/dead-letters/redrives/{unknown}")).status_code == 404


async def test_a_redrive_that_failed_says_so(house: House, api: httpx.AsyncClient) -> None:
    letters = house.store.dead_letters
    row = await letters.begin_redrive(house.env, DeadLetterFilter(), 10, house.clock.now())
    await letters.fail_redrive(row.redrive, "it could not go on", house.clock.now())
    seen = (await api.get(f"/v1/dead-letters/redrives/rdv_{row.redrive}")).json()
    assert (seen["status"], seen["error"]) == ("failed", "it could not go on")
