from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from clarion.errors import NotFoundError, UnavailableError
from clarion.store.sql.tx import Executor, Row, Tx
from clarion.store.sqlite import connection
from clarion.store.sqlite.connection import SqliteTx, drive
from clarion.store.sqlite.executor import InlineExecutor, ThreadExecutor

ORDER = "insert into entry (word) values (?)"


@pytest.fixture
async def threads(tmp_path: Path) -> AsyncIterator[ThreadExecutor]:
    executor = ThreadExecutor(tmp_path / "work.db")
    yield executor
    await executor.close()


@pytest.fixture(params=[InlineExecutor, ThreadExecutor])
async def executor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Executor]:
    made: Executor = request.param(tmp_path / "work.db")
    yield made
    await made.close()


async def make_table(tx: Tx) -> None:
    assert isinstance(tx, SqliteTx)
    await tx.script("create table entry (id integer primary key, word text not null)")


async def add(tx: Tx, word: str) -> None:
    await tx.composed(ORDER, [word])


async def words(tx: Tx) -> list[str]:
    return [word for (word,) in await tx.composed("select word from entry order by id", [])]


class Gate:
    """Holds the writer inside a transaction until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()

    async def hold(self, tx: Tx) -> None:
        self.entered.set()
        assert self.leave.wait(10)


async def held(executor: ThreadExecutor) -> tuple[Gate, asyncio.Task[None]]:
    """The writer is busy; what is asked for now waits and comes as groups."""
    gate = Gate()
    task = asyncio.create_task(executor.write(gate.hold, 0))
    await asyncio.to_thread(gate.entered.wait, 10)
    return gate, task


async def start(*calls: asyncio.Task[None]) -> None:
    """Let the tasks run until they wait for the writer."""
    await asyncio.sleep(0)


async def test_a_read_sees_what_was_written(executor: Executor) -> None:
    await executor.write(make_table, 0)
    await executor.write(lambda tx: add(tx, "a"), 1)
    assert await executor.read(words) == ["a"]


async def test_a_failed_write_leaves_nothing_and_raises_its_own_error(executor: Executor) -> None:
    await executor.write(make_table, 0)

    async def fail(tx: Tx) -> None:
        await add(tx, "half")
        raise NotFoundError("no such thing")

    with pytest.raises(NotFoundError):
        await executor.write(fail, 0)
    assert await executor.read(words) == []


async def test_a_failing_member_does_not_harm_its_group(threads: ThreadExecutor) -> None:
    await threads.write(make_table, 0)
    gate, holder = await held(threads)

    async def fail(tx: Tx) -> None:
        await add(tx, "half")
        raise NotFoundError("no such thing")

    good = [asyncio.create_task(threads.write(lambda tx: add(tx, "good"), 1)) for _ in range(2)]
    bad = asyncio.create_task(threads.write(fail, 1))
    more = asyncio.create_task(threads.write(lambda tx: add(tx, "more"), 1))
    await start(*good, bad, more)
    gate.leave.set()
    await asyncio.gather(holder, *good, more)
    with pytest.raises(NotFoundError):
        await bad
    assert await threads.read(words) == ["good", "good", "more"]


async def test_those_who_wait_are_committed_together(threads: ThreadExecutor) -> None:
    await threads.write(make_table, 0)
    gate, holder = await held(threads)
    seen: list[int] = []

    async def count(tx: Tx) -> None:
        await add(tx, "x")
        seen.append(len(await words(tx)))

    tasks = [asyncio.create_task(threads.write(count, 1)) for _ in range(3)]
    await start(*tasks)
    gate.leave.set()
    await asyncio.gather(holder, *tasks)
    assert seen == [1, 2, 3]


async def test_urgent_work_goes_before_bulk(threads: ThreadExecutor) -> None:
    await threads.write(make_table, 0)
    gate, holder = await held(threads)
    tasks = [
        asyncio.create_task(threads.write(partial(add, word=word), urgency))
        for word, urgency in (("bulk", 3), ("social", 2), ("urgent", 0), ("bulk", 3), ("orders", 1))
    ]
    await start(*tasks)
    gate.leave.set()
    await asyncio.gather(holder, *tasks)
    assert await threads.read(words) == ["urgent", "orders", "social", "bulk", "bulk"]


@pytest.mark.parametrize(("urgency", "yield_seconds"), [(3, 0.0), (3, 60.0), (1, 60.0)])
async def test_a_long_group_lets_urgent_work_in(
    threads: ThreadExecutor,
    monkeypatch: pytest.MonkeyPatch,
    urgency: int,
    yield_seconds: float,
) -> None:
    monkeypatch.setattr("clarion.store.sqlite.executor.YIELD_SECONDS", yield_seconds)
    await threads.write(make_table, 0)
    gate, holder = await held(threads)
    first = Gate()

    async def bulk(tx: Tx) -> None:
        await add(tx, "bulk 1")
        await first.hold(tx)

    tasks = [asyncio.create_task(threads.write(bulk, urgency))]
    second = threads.write(lambda tx: add(tx, "bulk 2"), urgency)
    tasks.append(asyncio.create_task(second))
    await start(*tasks)
    gate.leave.set()
    await asyncio.to_thread(first.entered.wait, 10)
    tasks.append(asyncio.create_task(threads.write(lambda tx: add(tx, "urgent"), 0)))
    await start(*tasks)
    first.leave.set()
    await asyncio.gather(holder, *tasks)
    assert await threads.read(words) == ["bulk 1", "urgent", "bulk 2"]


async def test_a_full_disk_is_unavailable_while_reads_go_on(executor: Executor) -> None:
    await executor.write(make_table, 0)
    await executor.write(lambda tx: add(tx, "before"), 0)

    async def limit(tx: Tx) -> list[Row]:
        pages = (await tx.composed("pragma page_count", []))[0][0]
        return await tx.composed(f"pragma max_page_count = {pages}", [])

    await executor.write(limit, 0)
    with pytest.raises(UnavailableError, match="full"):
        await executor.write(lambda tx: add(tx, "x" * 100_000), 0)
    assert await executor.read(words) == ["before"]
    await executor.write(lambda tx: tx.composed("pragma max_page_count = 100000", []), 0)
    await executor.write(lambda tx: add(tx, "after"), 0)
    assert await executor.read(words) == ["before", "after"]


async def test_a_file_locked_by_another_program_is_waited_for_once_by_all_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 200)
    executor = ThreadExecutor(tmp_path / "work.db")
    await executor.write(make_table, 0)
    other = connection.open_connection(tmp_path / "work.db")
    other.execute("begin immediate")
    began = time.monotonic()
    tasks = [asyncio.create_task(executor.write(partial(add, word="x"), 1)) for _ in range(30)]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert time.monotonic() - began < 3  # one by one would be 6 s
    assert {type(answer) for answer in answers} == {UnavailableError}
    other.execute("rollback")
    await executor.write(lambda tx: add(tx, "after"), 0)
    assert await executor.read(words) == ["after"]
    other.close()
    await executor.close()


async def test_closing_finishes_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "work.db"
    executor = ThreadExecutor(path)
    await executor.write(make_table, 0)
    gate, holder = await held(executor)
    tasks = [asyncio.create_task(executor.write(lambda tx: add(tx, "x"), 3)) for _ in range(5)]
    await start(*tasks)
    closing = asyncio.create_task(executor.close())
    await start()
    gate.leave.set()
    await asyncio.gather(holder, *tasks, closing)
    with pytest.raises(UnavailableError, match="closing"):
        await executor.write(lambda tx: add(tx, "late"), 0)
    with pytest.raises(UnavailableError, match="closing"):
        await executor.read(words)
    again = InlineExecutor(path)
    assert await again.read(words) == ["x"] * 5
    await again.close()


async def test_a_read_that_was_asked_for_is_answered_and_a_later_one_refused(
    tmp_path: Path,
) -> None:
    executor = ThreadExecutor(tmp_path / "work.db", readers=1)
    await executor.write(make_table, 0)
    gate = Gate()
    holder = asyncio.create_task(executor.read(gate.hold))
    await asyncio.to_thread(gate.entered.wait, 10)
    waiting = asyncio.create_task(executor.read(words))
    await start()
    closing = asyncio.create_task(executor.close())
    await start()
    gate.leave.set()
    await asyncio.gather(holder, closing)
    assert await waiting == []
    with pytest.raises(UnavailableError, match="closing"):
        await executor.read(words)


async def test_a_reader_sees_one_view_from_start_to_end(threads: ThreadExecutor) -> None:
    await threads.write(make_table, 0)
    gate = Gate()

    async def look_twice(tx: Tx) -> tuple[list[str], list[str]]:
        before = await words(tx)
        await gate.hold(tx)
        return before, await words(tx)

    looking = asyncio.create_task(threads.read(look_twice))
    await asyncio.to_thread(gate.entered.wait, 10)
    await threads.write(lambda tx: add(tx, "new"), 0)
    gate.leave.set()
    assert await looking == ([], [])
    assert await threads.read(words) == ["new"]


async def test_writes_that_the_store_refuses_are_known_until_one_succeeds(
    executor: Executor,
) -> None:
    await executor.write(make_table, 0)

    async def limit(tx: Tx) -> list[Row]:
        pages = (await tx.composed("pragma page_count", []))[0][0]
        return await tx.composed(f"pragma max_page_count = {pages}", [])

    await executor.write(limit, 0)
    with pytest.raises(UnavailableError):
        await executor.write(lambda tx: add(tx, "x" * 100_000), 0)
    assert await executor.read(words) == []
    assert executor.failing
    await executor.write(lambda tx: tx.composed("pragma max_page_count = 100000", []), 0)
    assert not executor.failing


def test_work_that_waits_for_something_else_is_a_mistake_and_ends() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(True)

    with pytest.raises(RuntimeError, match="waits for nothing but SQLite"):
        drive(work())
    assert ended == [True]
