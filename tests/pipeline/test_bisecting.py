"""Whoever cannot be decided costs nobody else, and is kept as a dead letter."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.errors import UnavailableError
from clarion.pipeline.bisecting import bisected
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.paging import Pages
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.work import PageWrite, Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH, a_note

EVERYBODY = {"all": True}


async def crowd(server: Embedded, count: int) -> None:
    await server.users(*(f"u{n:04}" for n in range(count)))


def broken_for(monkeypatch: pytest.MonkeyPatch, *users: int) -> None:
    """The rows of these users cannot be read."""
    people, recipients = Pages.people, Gatherer.recipients

    async def failing_early(self: Gatherer, env: int, wanted: list[int], flows: Any) -> Any:
        if set(wanted) & set(users):
            raise ZeroDivisionError
        return await recipients(self, env, wanted, flows)

    async def failing(self: Pages, task: Any, event: Any, flow: Any, some: Any, now: int) -> Any:
        if set(some) & set(users):
            raise ZeroDivisionError
        return await people(self, task, event, flow, some, now)

    monkeypatch.setattr(Pages, "people", failing)
    monkeypatch.setattr(Gatherer, "recipients", failing_early)


async def redrive(server: Embedded, **wanted: Any) -> Any:
    found = DeadLetterFilter(**wanted)
    return await server.services.redriving.begin(server.env, found, None)


async def test_the_one_who_fails_is_found_by_halves() -> None:
    attempts: list[int] = []

    async def attempt(members: Any) -> int:
        attempts.append(len(members))
        if 77 in members:
            raise ZeroDivisionError
        return len(members)

    parts = await bisected(range(500), attempt)
    assert [list(part.members) for part in parts if part.error] == [[77]]
    assert sum(part.found or 0 for part in parts) == 499
    assert [member for part in parts for member in part.members] == list(range(500))
    assert len(attempts) < 20


async def test_an_error_of_everybody_and_an_absent_store_are_raised() -> None:
    async def broken(_: Any) -> None:
        raise ZeroDivisionError

    async def away(_: Any) -> None:
        raise UnavailableError("the disk is full")

    with pytest.raises(ZeroDivisionError):
        await bisected([1, 2, 3], broken)
    with pytest.raises(UnavailableError):
        await bisected([1], away)
    (part,) = await bisected([1], broken)
    assert isinstance(part.error, ZeroDivisionError)


async def test_one_who_cannot_be_decided_is_a_dead_letter_and_the_others_are_told(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(embedded, 700)
    await embedded.workflow("note", INBOX, PUSH)
    await embedded.prefer("u0123", channels={"push": "off"})
    broken_for(monkeypatch, 124, 600)
    event = await embedded.told("note", EVERYBODY)
    counts = await embedded.counts(event)
    assert (counts.sent, counts.dead, counts.skipped) == (698, 2, 0)
    letters = embedded.rows(event)["dead_letter"]
    assert [letter["cause"] for letter in letters] == ["undecidable"] * 2
    why = await embedded.why(event, "u0123")
    assert (why["verdict"], why["channels"][0]["reason"]) == ("not_told", "undecidable")
    assert "Deciding about u0123 failed inside this server" in why["because"]
    assert await embedded.imbalances() == []


async def test_a_redrive_decides_again(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    await crowd(embedded, 200)
    await embedded.topic("store:42", *(f"u{n:04}" for n in range(200)))
    await a_note(embedded)
    with monkeypatch.context() as patch:
        broken_for(patch, 7, 8)
        event = await embedded.told("note", {"topic": "store:42"})
        row, _ = await redrive(embedded, cause="undecidable")
        assert (row.done.again, row.done.moved) == (2, 2)
        await embedded.quiet()
        assert (await embedded.counts(event)).dead == 2
        assert await embedded.imbalances() == []
    row, _ = await redrive(embedded, cause="undecidable")
    assert row.done.again == 2
    await embedded.settled(event)
    assert (await embedded.counts(event)).sent == 200
    assert (await embedded.why(event, "u0006"))["verdict"] == "told"
    page = await embedded.server.store.dead_letters.search(
        embedded.env, DeadLetterFilter(), None, 10
    )
    assert page.rows == []


async def test_one_of_a_few_named_users_costs_no_other_either(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(embedded, 3)
    await a_note(embedded)
    broken_for(monkeypatch, 2)
    event = await embedded.told("note", "u0000", "u0001", "u0002")
    counts = await embedded.counts(event)
    assert (counts.sent, counts.dead) == (2, 1)


async def test_one_whose_rows_are_refused_costs_no_other(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(embedded, 300)
    await a_note(embedded)
    work = embedded.server.store.work
    write_page, sizes = work.write_page, list[int]()

    async def refusing(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        if any(250 in kind.users for kind in page.alike):
            raise ZeroDivisionError
        sizes.append(sum(len(kind.users) for kind in page.alike))
        await write_page(task, page, cursor, done, now)

    monkeypatch.setattr(work, "write_page", refusing)
    event = await embedded.told("note", EVERYBODY)
    assert (await embedded.counts(event)).sent == 299
    assert (await embedded.counts(event)).dead == 1
    assert sizes[:2] == [150, 75]
    buckets = embedded.select("select user, bucket from notification where bucket <> 3")
    assert buckets == [(250, Bucket.DEAD)]


async def test_a_task_put_aside_is_seen_and_taken_up_again(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    await crowd(embedded, 2)
    await a_note(embedded)
    with monkeypatch.context() as patch:
        broken_for(patch, 1, 2)
        event = await embedded.send("note", EVERYBODY)
        for _ in range(3):
            await embedded.quiet()
            await embedded.advance(6)
        await embedded.quiet()
        (aside,) = await embedded.server.store.dead_letters.put_aside(embedded.env, event)
        assert (aside.event, aside.crashes, aside.cursor) == (event, 3, 0)
    (noted,) = embedded.select("select cause, sample from alert")
    assert noted == ("put_aside", f'["evt_{event.hex()}"]')
    assert not await embedded.complete(event)
    _, tasks = await redrive(embedded, event=event)
    assert tasks == 1
    await embedded.settled(event)
    assert (await embedded.counts(event)).sent == 2
