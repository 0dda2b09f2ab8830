from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from clarion.core.ids import event_name
from clarion.testing.embedded import Embedded, mail_account, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.channels.conftest import fcm, mail_server
from tests.pipeline.builders import MAIL, PUSH

__all__ = ["fcm", "mail_server"]

REFUSED = "permanent:554 5.7.1"
MALFORMED = "permanent:INVALID_ARGUMENT"


@pytest.fixture
async def running(tmp_path: Path, fcm: FakeFcm, mail_server: FakeSmtp) -> AsyncIterator[Embedded]:
    """A server whose mails and pushes to ana are given up at once."""
    mail_server.refuse["ana@example.org"] = "554 5.7.1 we do not like it"
    fcm.fail("token-of-ana", 400, "INVALID_ARGUMENT")
    accounts = (push_account(fcm), mail_account(mail_server))
    server = Embedded(tmp_path / "clarion.db", *accounts)
    await server.start()
    await server.workflow("mail", MAIL)
    await server.workflow("push", PUSH)
    await server.user("ana", email="ana@example.org")
    await server.user("ben", email="ben@example.org")
    await server.device("ana", "token-of-ana")
    yield server
    assert await server.imbalances() == []
    await server.stop()


async def dead(live: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    """The rows of one page."""
    answer = await live.get("/v1/dead-letters", params=filters)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def all_pages(live: httpx.AsyncClient, limit: int) -> list[list[str]]:
    """The events of every page."""
    pages: list[list[str]] = []
    after: dict[str, str] = {}
    while True:
        answer = await live.get("/v1/dead-letters", params={"limit": limit, **after})
        pages.append([row["event_id"] for row in answer.json()["data"]])
        info = answer.json()["page_info"]
        if not info["has_next"]:
            return pages
        after = {"after": info["end_cursor"]}


async def test_a_dead_letter_says_whose_it_was_and_why(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    event = await running.told("mail", "ana", "ben")
    (row,) = await dead(live)
    assert (row["event_id"], row["workflow"], row["user"]) == (event_name(event), "mail", "ana")
    assert (row["channel"], row["account"], row["attempts"]) == ("email", "mail-main", 1)
    assert (row["cause"], row["outcome"]) == (REFUSED, "permanent")
    assert (row["code"], row["detail"]) == ("554 5.7.1", "5.7.1 we do not like it")
    assert row["at"] == "2026-01-01T12:00:00.000000Z"
    story = (await live.get(f"/v1/notifications/{row['notification_id']}")).json()
    assert story["status"] == "dead"


async def test_dead_letters_are_found_by_cause_and_channel(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    mail = event_name(await running.told("mail", "ana"))
    push = event_name(await running.told("push", "ana"))
    assert [row["event_id"] for row in await dead(live, channel="email")] == [mail]
    assert [row["event_id"] for row in await dead(live, channel="push")] == [push]
    assert [row["event_id"] for row in await dead(live, cause=REFUSED)] == [mail]
    assert [row["event_id"] for row in await dead(live, cause=MALFORMED)] == [push]
    assert await dead(live, cause=MALFORMED, channel="email") == []
    assert await dead(live, cause="permanent") == []
    answer = await live.get("/v1/dead-letters", params={"channel": "pigeon"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "channel")


async def test_dead_letters_are_read_page_by_page(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    sent = []
    for _ in range(5):
        sent.append(event_name(await running.told("mail", "ana")))
        running.clock.advance(1)
    newest = sent[::-1]
    assert await all_pages(live, 2) == [newest[:2], newest[2:4], newest[4:]]
    assert await all_pages(live, 5) == [newest]


async def test_those_of_one_instant_come_on_several_pages(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    at_once = {event_name(await running.told("mail", "ana")) for _ in range(5)}
    pages = await all_pages(live, 2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {event for page in pages for event in page} == at_once
