"""The list of notifications: every filter alone and together, over the rows of a server that
runs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.core.ids import event_name
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH

ANA_FIRST = ("first", "ana")
BEN_FIRST = ("first", "ben")
ANA_SECOND = ("second", "ana")
CLEO_THIRD = ("third", "cleo")
EVERYTHING = [CLEO_THIRD, ANA_SECOND, BEN_FIRST, ANA_FIRST]
"""(event, user), newest first."""


class Ledger:
    """What happened, and a client that asks for it. Events are called by words of the test's
    own."""

    def __init__(self, server: Embedded, client: httpx.AsyncClient) -> None:
        self.server = server
        self.client = client
        self.events: dict[str, str] = {}

    async def send(self, word: str, type_: str, *users: str, **fields: Any) -> None:
        event = await self.server.told(type_, *users, **fields)
        self.events[event_name(event)] = word
        await self.server.advance(60)

    def id_of(self, word: str) -> str:
        return next(name for name, known in self.events.items() if known == word)

    async def answer(self, **filters: Any) -> dict[str, Any]:
        answer = await self.client.get("/v1/notifications", params=filters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def found(self, **filters: Any) -> list[tuple[str, str]]:
        """(event, user) of the first page."""
        rows = (await self.answer(**filters))["data"]
        return [(self.events[row["event_id"]], row["user"]) for row in rows]


@pytest.fixture
async def ledger(running: Embedded, live: httpx.AsyncClient) -> Ledger:
    """Ana and Ben are told of a first event, Ana of a second in a tenant, and Cleo, who has muted
    everything and whose address is dead, not of a third."""
    await running.workflow("note", INBOX, MAIL)
    await running.workflow("ping", PUSH, MAIL)
    await running.user("ana", email="ana@example.org")
    await running.user("ben")
    await running.user("cleo", email="dead-end@example.org")
    await running.device("ana", "token-of-ana")
    await running.prefer("cleo", channels={"push": "off"})
    ledger = Ledger(running, live)
    await ledger.send(
        "first", "note", "ana", "ben", tags={"order": "1000", "shop": "42"}, correlation_id="corr-1"
    )
    await ledger.send("second", "ping", "ana", tenant="acme", tags={"order": "2000", "note": "42"})
    await ledger.send("third", "ping", "cleo", correlation_id="corr-3")
    return ledger


async def test_a_summary_says_what_was_decided_for_each_step(ledger: Ledger) -> None:
    (row,) = (await ledger.answer(user="cleo"))["data"]
    steps = [(s["step"], s["channel"], s["result"], s["reason"]) for s in row.pop("steps")]
    assert steps == [(0, "push", "skip", "channel_off"), (1, "email", "send", "level_all")]
    assert row.pop("id").startswith("ntf_")
    push, mail = row.pop("channels")
    assert (push["became"], push["reason"], push["deliveries"]) == ("not_sent", "channel_off", {})
    assert (mail["became"], mail["deliveries"]) == ("given_up", {"failed": 1})
    assert mail["cause"]
    assert row == {
        "event_id": ledger.id_of("third"),
        "type": "ping",
        "workflow": "ping",
        "user": "cleo",
        "tenant": None,
        "status": "dead",
        "verdict": "not_told",
        "title": "News for you",
        "canceled_at": None,
        "until": None,
        "decided_at": "2026-01-01T12:02:00.000000Z",
        "correlation_id": "corr-3",
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, EVERYTHING),
        ({"user": "ana"}, [ANA_SECOND, ANA_FIRST]),
        ({"user": "nobody"}, []),
        ({"workflow": "ping"}, [CLEO_THIRD, ANA_SECOND]),
        ({"workflow": "unheard-of"}, []),
        ({"channel": "inbox"}, [BEN_FIRST, ANA_FIRST]),
        ({"channel": "email"}, [CLEO_THIRD, ANA_SECOND, ANA_FIRST]),
        ({"channel": "push"}, [ANA_SECOND]),
        ({"channel": "sms"}, []),
        ({"status": "sent"}, [ANA_SECOND, BEN_FIRST, ANA_FIRST]),
        ({"status": "dead"}, [CLEO_THIRD]),
        ({"status": "failed"}, [CLEO_THIRD]),
        ({"status": "given_up"}, [CLEO_THIRD]),
        ({"status": "given_up", "channel": "push"}, []),
        ({"status": "skipped"}, []),
        ({"status": "open"}, []),
        ({"reason": "channel_off"}, [CLEO_THIRD]),
        ({"reason": "no_destination"}, [BEN_FIRST]),
        ({"reason": "channel"}, []),
        ({"correlation_id": "corr-1"}, [BEN_FIRST, ANA_FIRST]),
        ({"correlation_id": "corr"}, []),
        ({"tag": "order:2000"}, [ANA_SECOND]),
        ({"tag": "order:42"}, []),
        ({"tenant": "acme"}, [ANA_SECOND]),
        ({"tenant": "other"}, []),
        ({"since": "2026-01-01T12:01:00Z"}, [CLEO_THIRD, ANA_SECOND]),
        ({"since": "2026-01-01T14:01:30+02:00"}, [CLEO_THIRD]),
        ({"since": "2026-01-02T00:00:00Z"}, []),
        ({"until": "2026-01-01T12:02:00Z", "since": "2026-01-01T12:01:00Z"}, [ANA_SECOND]),
        ({"until": "2026-01-01T12:01:00Z", "user": "cleo"}, []),
        ({"until": "2026-01-01T12:02:00Z", "q": "ana", "workflow": "ping"}, [ANA_SECOND]),
        ({"until": "2020-01-01T00:00:00Z"}, []),
        ({"user": "ana", "channel": "inbox", "status": "sent", "tag": "shop:42"}, [ANA_FIRST]),
        ({"user": "ana", "reason": "no_destination"}, []),
    ],
    ids=str,
)
async def test_filters_find_what_they_say(
    ledger: Ledger, filters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert await ledger.found(**filters) == expected


async def test_the_notifications_of_one_event_are_found_by_its_id(ledger: Ledger) -> None:
    assert await ledger.found(event=ledger.id_of("first")) == [BEN_FIRST, ANA_FIRST]
    both = {"event": ledger.id_of("first"), "correlation_id": "corr-3"}
    assert await ledger.found(**both) == []
    assert await ledger.found(event="evt_" + "0" * 32) == []


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("ana", [ANA_SECOND, ANA_FIRST]),
        ("42", [ANA_SECOND, BEN_FIRST, ANA_FIRST]),
        ("1000", [BEN_FIRST, ANA_FIRST]),
        ("corr-3", [CLEO_THIRD]),
        ("an", []),
        ("", []),
    ],
)
async def test_a_free_search_knows_users_tags_and_correlations(
    ledger: Ledger, q: str, expected: list[tuple[str, str]]
) -> None:
    assert await ledger.found(q=q) == expected


async def test_a_free_search_knows_what_a_provider_calls_a_message(ledger: Ledger) -> None:
    captured = (await ledger.client.get("/v1/captures", params={"user": "ana"})).json()["data"]
    mail = next(row for row in captured if row["event_id"] == ledger.id_of("first"))
    assert await ledger.found(q=mail["delivery_id"]) == [ANA_FIRST]
    assert await ledger.found(q=mail["delivery_id"], channel="push") == []


async def test_a_free_search_that_finds_no_such_user_now_looks_further(ledger: Ledger) -> None:
    await ledger.server.users("corr-1")
    assert await ledger.found(q="corr-1") == [BEN_FIRST, ANA_FIRST]
    assert await ledger.found(q="ana", user="ben") == []


@pytest.mark.parametrize("q", [None, "42", "corr-1"])
async def test_a_list_is_read_page_by_page(ledger: Ledger, q: str | None) -> None:
    filters = {} if q is None else {"q": q}
    whole = await ledger.found(**filters)
    seen: list[tuple[str, str]] = []
    after: dict[str, str] = {}
    info: dict[str, Any] = {"has_next": True}
    while info["has_next"]:
        answer = await ledger.answer(limit=1, **filters, **after)
        assert len(answer["data"]) <= 1
        seen += [(ledger.events[row["event_id"]], row["user"]) for row in answer["data"]]
        info = answer["page_info"]
        after = {"after": info["end_cursor"] or ""}
    assert seen == whole


async def test_a_cursor_belongs_to_its_filters(ledger: Ledger) -> None:
    after = (await ledger.answer(limit=1))["page_info"]["end_cursor"]
    answer = await ledger.client.get("/v1/notifications", params={"user": "ana", "after": after})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "after")


@pytest.mark.parametrize(
    ("filters", "status", "parameter"),
    [
        ({"status": "lost"}, 400, "status"),
        ({"channel": "pigeon"}, 400, "channel"),
        ({"tag": "order"}, 400, "tag"),
        ({"since": "yesterday"}, 400, "since"),
        ({"until": "tomorrow"}, 400, "until"),
        ({"limit": "0"}, 400, "limit"),
        ({"limit": "201"}, 400, "limit"),
        ({"event": "order-1"}, 404, None),
    ],
    ids=str,
)
async def test_a_filter_that_cannot_be_is_refused_by_name(
    live: httpx.AsyncClient, filters: dict[str, str], status: int, parameter: str | None
) -> None:
    answer = await live.get("/v1/notifications", params=filters)
    assert answer.status_code == status
    named = [error.get("parameter") for error in answer.json().get("errors", [])]
    assert named == ([] if parameter is None else [parameter])


async def test_what_waits_to_be_sent_is_found_by_its_status(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    ledger = Ledger(running, live)
    await running.workflow("note", INBOX, MAIL)
    await running.user("ana", email="ana@example.org")
    await running.hold("ready")
    event = await running.send("note", "ana")
    ledger.events[event_name(event)] = "first"
    for status in ("open", "ready"):
        assert await ledger.found(status=status) == [ANA_FIRST]
    assert await ledger.found(status="sending") == []
    running.release("ready")
    await running.settled(event)
    assert await ledger.found(status="ready") == []


async def test_a_title_is_one_short_line_whose_links_open_nothing(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    text = "Hello\n  {{ user.name }}: {{ unsubscribe_url }} " + "word " * 60
    await running.workflow("text", {"channel": "sms", "template": {"body": text}})
    await running.user("ana", name="<b>Ana</b>", phone="+4915112345678")
    await running.told("text", "ana")
    (row,) = (await live.get("/v1/notifications", params={"user": "ana"})).json()["data"]
    assert row["title"].startswith("Hello <b>Ana</b>: ")
    assert "***" in row["title"]
    assert len(row["title"]) == 200
    assert row["title"].endswith("…")
