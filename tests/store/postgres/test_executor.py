"""Pools, losses and repeats, on real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from clarion.errors import UnavailableError
from clarion.pipeline.keepers.surveyor import IDLE_SECONDS, Surveyor
from clarion.store.contract.names import NameKind
from clarion.store.postgres.executor import PostgresExecutor, Sizes
from clarion.store.postgres.store import open_postgres
from clarion.store.postgres.troubles import place_of
from clarion.store.sql.tx import Tx
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import ENV, NOW

BULK, URGENT = 3, 0


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server that tests may stop."""
    with Postgres(options=("deadlock_timeout=50ms",)) as server:
        yield server


@pytest.fixture
async def executor(own_server: Postgres) -> AsyncIterator[PostgresExecutor]:
    dsn = own_server.dsn()
    opened = PostgresExecutor(dsn, place_of(dsn), Sizes(urgent=2, bulk=2, reads=2), 0)
    await opened.open()
    yield opened
    await opened.close()


async def one(tx: Tx) -> int:
    return int((await tx.composed("select 1", []))[0][0])


async def pid(tx: Tx) -> int:
    return int((await tx.composed("select pg_backend_pid()", []))[0][0])


async def test_a_connection_that_is_lost_in_the_middle_fails_that_work_alone(
    executor: PostgresExecutor, own_server: Postgres
) -> None:
    async def work(tx: Tx) -> int:
        await own_server.execute(f"select pg_terminate_backend({await pid(tx)})")
        return await one(tx)

    with pytest.raises(UnavailableError, match="cannot be reached"):
        await executor.write(work, URGENT)
    assert executor.failing
    assert await executor.write(one, URGENT) == 1
    assert not executor.failing


async def test_connections_lost_while_idle_are_not_noticed(
    executor: PostgresExecutor, own_server: Postgres
) -> None:
    lost = [await executor.write(pid, URGENT), await executor.read(pid)]
    for number in lost:
        await own_server.execute(f"select pg_terminate_backend({number})")
    assert await executor.write(one, URGENT) == 1
    assert await executor.read(one) == 1


async def test_a_server_that_was_away_is_used_again(
    executor: PostgresExecutor, own_server: Postgres
) -> None:
    await executor.write(one, URGENT)
    own_server.stop()
    with pytest.raises(UnavailableError):
        await executor.write(one, URGENT)
    with pytest.raises(UnavailableError):
        await executor.read(one)
    own_server.start()
    assert await executor.write(one, URGENT) == 1
    assert await executor.read(one) == 1


async def test_a_crash_of_the_server_is_survived(
    executor: PostgresExecutor, own_server: Postgres
) -> None:
    await executor.write(one, URGENT)
    own_server.kill()
    own_server.start()
    assert await executor.write(one, URGENT) == 1


async def test_urgent_work_waits_for_no_bulk(executor: PostgresExecutor) -> None:
    free = asyncio.Event()

    async def slow(tx: Tx) -> int:
        await free.wait()
        return await one(tx)

    bulk = [asyncio.create_task(executor.write(slow, BULK)) for _ in range(5)]
    assert await executor.write(one, URGENT) == 1
    assert await executor.read(one) == 1
    assert not any(task.done() for task in bulk)
    free.set()
    assert await asyncio.gather(*bulk) == [1] * 5


async def test_of_two_that_wait_for_each_other_one_is_run_again(
    executor: PostgresExecutor,
) -> None:
    both = asyncio.Barrier(2)
    runs = 0

    async def work(tx: Tx, first: str, second: str) -> int:
        nonlocal runs
        runs += 1
        await tx.hold(first, 1)
        if runs <= 2:
            await both.wait()
        await tx.hold(second, 1)
        return await one(tx)

    answers = await asyncio.gather(
        executor.write(lambda tx: work(tx, "a", "b"), URGENT),
        executor.write(lambda tx: work(tx, "b", "a"), URGENT),
    )
    assert sum(answers) == 2
    assert runs == 3


async def test_a_held_key_keeps_others_out_until_the_end(executor: PostgresExecutor) -> None:
    inside = 0
    most = 0

    async def work(tx: Tx) -> None:
        nonlocal inside, most
        await tx.hold("noun", ENV, 7)
        inside += 1
        most = max(most, inside)
        await one(tx)
        inside -= 1

    await asyncio.gather(*(executor.write(work, urgency) for urgency in (0, 1, 2, 3)))
    assert most == 1


async def test_an_error_of_the_work_undoes_it_and_is_passed_on(
    executor: PostgresExecutor,
) -> None:
    async def work(tx: Tx) -> None:
        await tx.composed("create table leftover ()", [])
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await executor.write(work, URGENT)
    found = await executor.read(lambda tx: tx.composed("select to_regclass('leftover')", []))
    assert found == [(None,)]


async def test_the_clock_is_the_servers_plus_an_offset(executor: PostgresExecutor) -> None:
    first = await executor.read(lambda tx: tx.clock(0))
    executor.clock_offset = 3_600_000_000
    moved = await executor.read(lambda tx: tx.clock(0))
    assert 3_600_000_000 <= moved - first < 3_660_000_000
    executor.clock_offset = None
    assert await executor.read(lambda tx: tx.clock(NOW)) == NOW


async def test_after_a_promotion_the_new_primary_is_found() -> None:
    with Postgres() as primary:
        standby = primary.standby()
        dsn = f"postgresql://postgres@{primary.address},{standby.address}/postgres"
        store = await open_postgres(dsn, NOW)
        await store.names.mint(ENV, NameKind.USER, ["ann"])
        await primary.execute("select pg_switch_wal()")
        await caught_up(primary, standby)
        primary.kill()
        with pytest.raises(UnavailableError):
            await store.names.mint(ENV, NameKind.USER, ["bob"])
        await asyncio.to_thread(standby.promote)
        assert await store.names.mint(ENV, NameKind.USER, ["ann", "bob"]) == {"ann": 1, "bob": 2}
        await store.close()


async def caught_up(primary: Postgres, standby: Postgres) -> None:
    """Wait until the standby has applied what the primary wrote so far."""
    end = (await primary.execute("select pg_current_wal_lsn()::text"))[0][0]
    applied = f"select pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"
    async with asyncio.timeout(20):
        while not (await standby.execute(applied))[0][0]:
            await asyncio.sleep(0.01)


async def test_a_standby_alone_is_refused_with_the_way_out() -> None:
    with Postgres() as primary:
        standby = primary.standby()
        with pytest.raises(UnavailableError, match="read-only standby; promote one"):
            await open_postgres(standby.dsn(), NOW)


async def test_a_primary_that_takes_no_writes_is_read_on_and_goes_on_when_it_may(
    dsn: str,
) -> None:
    store = await open_postgres(dsn, NOW)
    connection = await asyncpg.connect(dsn)
    name = await connection.fetchval("select current_database()")
    try:
        await connection.execute(f'alter database "{name}" set default_transaction_read_only = on')
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        with pytest.raises(UnavailableError, match="takes no writes") as caught:
            await store.names.mint(ENV, NameKind.USER, ["ann"])
        assert "standby" not in str(caught.value)
        assert store.failing
        assert await store.keys.environments() == {}
        await connection.execute(f'alter database "{name}" reset default_transaction_read_only')
        assert await store.names.mint(ENV, NameKind.USER, ["ann"]) == {"ann": 1}
    finally:
        await connection.close()
        await store.close()


async def test_a_closed_store_refuses_work(executor: PostgresExecutor) -> None:
    await executor.close()
    with pytest.raises(UnavailableError, match="closing"):
        await executor.write(one, URGENT)


async def test_a_table_that_was_found_empty_and_grew_is_counted_again(dsn: str) -> None:
    """As an operator's VACUUM leaves it: from then on it counts as empty until it is analysed."""
    store = await open_postgres(dsn, NOW)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("vacuum analyze event_tag")
        assert await store.survey() == 0
        await connection.execute(
            "insert into event_tag (env, key, value, event) "
            "select 1, 'order', n::text, decode(lpad(to_hex(n), 32, '0'), 'hex') "
            "from generate_series(1, 20000) as n"
        )
        known = "select reltuples from pg_class where relname = 'event_tag'"
        assert await connection.fetchval(known) == 0
        assert await Surveyor(store).step(rang=False) == IDLE_SECONDS
        assert await connection.fetchval(known) == 20_000
        assert await store.survey() == 0
    finally:
        await connection.close()
        await store.close()
