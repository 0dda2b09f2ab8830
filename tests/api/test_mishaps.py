"""What goes wrong outside: events that come too late, words that cannot be sent, servers that are
not there, a disk that is full. Nothing is lost, and somebody is told how to mend it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from clarion.core.ids import event_key
from clarion.testing.embedded import Embedded, mail_account
from clarion.testing.fakes.smtp import FakeSmtp
from tests.api.conftest import client_of
from tests.channels.conftest import mail_server
from tests.pipeline.builders import INBOX, MAIL

__all__ = ["mail_server"]

TURNS = 3_000
TURN_SECONDS = 0.002


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    for _ in range(TURNS):
        if condition():
            return
        await asyncio.sleep(TURN_SECONDS)
    raise AssertionError("it never happened")


def noise(characters: int) -> str:
    """Text that nothing packs."""
    return hashlib.shake_128(b"noise").hexdigest(characters // 2)


@asynccontextmanager
async def mailing(path: Path, fake: FakeSmtp) -> AsyncIterator[Embedded]:
    """A server with an account at a mail server, and users with addresses."""
    server = Embedded(path / "clarion.db", mail_account(fake))
    await server.start()
    for name in ("ana", "ben", "cleo"):
        await server.user(name, email=f"{name}@example.org")
    yield server
    assert await server.imbalances() == []
    await server.stop()


async def accepted(live: httpx.AsyncClient, **event: Any) -> str:
    """Id of an event that was taken."""
    answer = await live.post("/v1/events", json={"type": "note", **event})
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["event_id"]
    return name


async def test_an_event_that_is_too_late_is_taken_and_skips_everybody(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("note", INBOX, MAIL)
    for name in ("ana", "ben"):
        await running.user(name, email=f"{name}@example.org")
    await running.topic("news", "ana", "ben")
    past = "2026-01-01T11:59:59Z"
    named = await accepted(live, recipients=["ana", "ben"], expires_at=past)
    topic = await accepted(live, recipients=[{"topic": "news"}], expires_at=past)
    for event in (named, topic):
        await running.settled(event_key(event))
        counts = (await live.get(f"/v1/events/{event}")).json()["counts"]
        assert (counts["recipients"], counts["skipped"], counts["sent"]) == (2, 2, 0)
        why = (await live.get(f"/v1/events/{event}/why", params={"user": "ana"})).json()
        assert why["verdict"] == "not_told"
        assert {channel["reason"] for channel in why["channels"]} == {"expired"}
        assert "had expired before ana could be told" in why["because"]
    expired = await live.get("/v1/notifications", params={"reason": "expired"})
    assert len(expired.json()["data"]) == 4
    assert (await live.get("/v1/captures")).json()["data"] == []


async def test_a_line_break_in_a_subject_stops_that_mail_alone(
    tmp_path: Path, mail_server: FakeSmtp
) -> None:
    async with mailing(tmp_path, mail_server) as server, client_of(server) as live:
        subject = {"subject": "{{ data.title }} for {{ user.data.nick }}", "body": "News."}
        await server.workflow("note", {"channel": "email", "template": subject})
        await live.patch("/v1/users/ana", json={"data": {"nick": "Ana\r\nBcc: all@example.org"}})
        await live.patch("/v1/users/ben", json={"data": {"nick": "Ben"}})
        event = await accepted(live, recipients=["ana", "ben"], data={"title": "News"})
        broken = {"title": "News\r\nBcc: all@example.org\r\n\r\nOwn words"}
        nobody = await accepted(live, recipients=["ben", "cleo"], data=broken)
        later = await accepted(live, recipients=["cleo"], data={"title": "More"})
        for name in (event, nobody, later):
            await server.settled(event_key(name))
        assert sorted(mail.recipient for mail in mail_server.mails) == [
            "ben@example.org",
            "cleo@example.org",
        ]
        assert not any(b"Bcc" in mail.content for mail in mail_server.mails)
        letters = (await live.get("/v1/dead-letters")).json()["data"]
        dead = {(letter["event_id"], letter["user"]) for letter in letters}
        assert dead == {(event, "ana"), (nobody, "ben"), (nobody, "cleo")}
        assert {letter["cause"] for letter in letters} == {"permanent:render_failed"}
        assert all("line break" in letter["detail"] for letter in letters)
        assert "Bcc" not in str(letters)


async def test_a_mail_server_that_is_away_is_tried_again_and_then_given_up(
    tmp_path: Path, mail_server: FakeSmtp
) -> None:
    async with mailing(tmp_path, mail_server) as server, client_of(server) as live:
        await mail_server.stop()
        await server.category("news", attempts=3)
        await server.workflow("note", INBOX, MAIL, category="news")
        event = await accepted(live, recipients=["ana", "ben"])
        for wait_seconds in (7, 13):
            await server.quiet()
            assert (await live.get("/v1/dead-letters")).json()["data"] == []
            why = await server.why(event_key(event), "ana")
            assert (why["verdict"], why["deliveries"][0]["status"]) == ("waiting", "ready")
            assert "will be tried again at" in why["because"]
            await server.advance(wait_seconds)
        await server.settled(event_key(event))
        letters = (await live.get("/v1/dead-letters", params={"cause": "retry:connect"})).json()
        assert {letter["user"] for letter in letters["data"]} == {"ana", "ben"}
        for letter in letters["data"]:
            assert (letter["attempts"], letter["account"]) == (3, "mail-main")
            assert letter["detail"] == "nothing left: the vendor could not be reached"
        assert (await server.why(event_key(event), "ana"))["verdict"] == "partly_told"


async def test_a_mail_server_that_comes_back_gets_every_mail_once(
    tmp_path: Path, mail_server: FakeSmtp
) -> None:
    async with mailing(tmp_path, mail_server) as server, client_of(server) as live:
        await mail_server.stop()
        await server.workflow("note", MAIL)
        event = await accepted(live, recipients=["ana", "ben", "cleo"])
        await server.quiet()
        await mail_server.start()
        await server.advance(7)
        await server.settled(event_key(event))
        told = sorted(mail.recipient for mail in mail_server.mails)
        assert told == ["ana@example.org", "ben@example.org", "cleo@example.org"]
        assert (await live.get("/v1/dead-letters")).json()["data"] == []


async def test_a_full_disk_is_told_and_the_same_request_succeeds_when_there_is_room(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.workflow("note", INBOX)
    await running.users("ana")
    before = await accepted(live, recipients=["ana"])
    await running.fill_the_disk()
    large = {"type": "note", "recipients": ["ana"], "data": {"text": noise(500_000)}}
    key = {"Idempotency-Key": "once"}
    refused = await live.post("/v1/events", json=large, headers=key)
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0
    problem = refused.json()
    assert problem["code"] == "temporarily-reduced-capacity"
    assert "is full; free space, then repeat" in problem["detail"]
    assert (await live.get("/readyz")).status_code == 200
    assert (await live.get(f"/v1/events/{before}")).json()["counts"]["sent"] == 1
    assert len((await live.get("/v1/notifications")).json()["data"]) == 1

    await running.free_the_disk()
    taken = await live.post("/v1/events", json=large, headers=key)
    assert taken.status_code == 202
    assert "idempotency-replayed" not in taken.headers
    again = await live.post("/v1/events", json=large, headers=key)
    assert again.json()["event_id"] == taken.json()["event_id"]
    assert again.headers["idempotency-replayed"] == "true"
    await running.settled(event_key(taken.json()["event_id"]))
    assert len((await live.get("/v1/notifications")).json()["data"]) == 2


async def test_an_outcome_waits_for_room_on_the_disk(
    tmp_path: Path, mail_server: FakeSmtp, caplog: pytest.LogCaptureFixture
) -> None:
    async with mailing(tmp_path, mail_server) as server, client_of(server) as live:
        words = {"subject": "News", "body": "{{ data.text }}"}
        await server.workflow("note", {"channel": "email", "template": words})
        await server.hold("ready")
        event = await accepted(live, recipients=["ana"], data={"text": noise(200_000)})
        await server.fill_the_disk()
        server.release("ready")
        await until(lambda: "waits for the store" in caplog.text)
        assert len(mail_server.mails) == 1
        await server.free_the_disk()
        await server.settled(event_key(event))
        counts = (await live.get(f"/v1/events/{event}")).json()["counts"]
        assert (counts["sent"], len(mail_server.mails)) == (1, 1)


async def test_a_fan_out_goes_on_when_there_is_room_on_the_disk(
    running: Embedded, live: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    title = {"title": "{{ user.id }}: {{ data.text }}"}
    await running.workflow("note", {"channel": "inbox", "template": title})
    await running.topic("news", *(f"u{number}" for number in range(300)))
    await running.users(*(f"u{number}" for number in range(300)))
    await running.hold("fanout")
    event = await accepted(live, recipients=[{"topic": "news"}], data={"text": noise(4000)})
    await running.fill_the_disk()
    running.release("fanout")
    await until(lambda: "waits for the store" in caplog.text)
    assert (await live.get(f"/v1/events/{event}")).json()["status"] == "accepted"
    await running.free_the_disk()
    await running.advance(1)
    await running.settled(event_key(event))
    counts = (await live.get(f"/v1/events/{event}")).json()["counts"]
    assert (counts["recipients"], counts["sent"]) == (300, 300)
