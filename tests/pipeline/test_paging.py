"""The next page is looked up while one is written, and no fact is older than that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.pipeline.paging import Ahead, Found, Pages, People
from clarion.store.contract.work import PageWrite, Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note

EVERYBODY = {"all": True}
NOBODY = Found(users=[], last=True, people=People(), impersonal=True, scopes=frozenset())


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.pipeline.paging.PAGE_ALIKE", 10)


async def test_what_was_looked_up_ahead_is_taken_once() -> None:
    ahead = Ahead()
    assert await ahead.taken() is None

    async def look() -> Found:
        return NOBODY

    ahead.begin(look())
    assert await ahead.taken() is NOBODY
    assert await ahead.taken() is None


async def test_a_look_that_nobody_waits_for_ends() -> None:
    ahead, begun, ended = Ahead(), asyncio.Event(), asyncio.Event()

    async def look() -> Found:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()
        return NOBODY

    ahead.begin(look())
    await begun.wait()
    await ahead.drop()
    assert ended.is_set()
    await ahead.drop()


@pytest.fixture
def looks(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Looks and writes, in their order."""
    work, look = embedded.server.store.work, Pages.look
    write_page, found = work.write_page, list[str]()

    async def looking(self: Pages, task: Any, event: Any, flow: Any, after: int) -> Found:
        found.append(f"look {after}")
        return await look(self, task, event, flow, after)

    async def writing(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        await asyncio.sleep(0)
        await write_page(task, page, cursor, done, now)
        found.append(f"written {cursor}")

    monkeypatch.setattr(Pages, "look", looking)
    monkeypatch.setattr(work, "write_page", writing)
    return found


async def test_each_page_is_looked_up_while_the_one_before_is_written(
    embedded: Embedded, looks: list[str]
) -> None:
    await embedded.users(*(f"u{n:02}" for n in range(25)))
    await a_note(embedded)
    await embedded.told("note", EVERYBODY)
    assert looks == ["look 0", "look 10", "written 10", "look 20", "written 20", "written 25"]


async def test_a_page_is_looked_up_again_when_the_event_is_about_more(
    embedded: Embedded, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"u{n:02}" for n in range(15)]
    await embedded.users(*names)
    await embedded.topic("shop")
    await embedded.topic("shop:1", *names)
    await a_note(embedded)
    work, moved = embedded.server.store.work, list[int]()
    write_page = work.write_page

    async def moving(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        await write_page(task, page, cursor, done, now)
        if not moved:
            moved.append(cursor)
            await embedded.topic("shop:1", parent="shop")
            await embedded.prefer("u12", topics={"shop": {"level": "none"}})

    monkeypatch.setattr(work, "write_page", moving)
    event = await embedded.told("note", {"topic": "shop:1"})
    assert looks.count("look 10") == 2
    assert await embedded.reasons(event, "u12") == {"inbox": "level_none"}
    assert (await embedded.counts(event)).sent == 14
