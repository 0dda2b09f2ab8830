from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from clarion.cli import check_cluster
from clarion.clock import SECOND, SystemClock
from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres
from tests.cli.shell import Run


def test_a_database_is_described(clarion: Run, dsn: str) -> None:
    said = clarion("check", CLARION_STORE=dsn)
    assert said.code == 0
    assert " migrations to be applied at the next start" in said.out
    assert clarion("migrate", CLARION_STORE=dsn).code == 0
    assert "schema up to date" in clarion("check", CLARION_STORE=dsn).out


def test_settings_that_may_lose_something_are_warned_of(clarion: Run, dsn: str) -> None:
    """The tests' server has them, for speed."""
    said = clarion("check", CLARION_STORE=dsn)
    assert said.code == 0
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"{name} is off: a crash" in said.out
    assert "All is well. 3 warnings." in said.out


def test_a_right_that_is_missing_is_named_with_its_grant(
    clarion: Run, postgres: Postgres, dsn: str
) -> None:
    asyncio.run(postgres.execute("create role stranger login"))
    said = clarion("check", CLARION_STORE=dsn.replace("postgres@", "stranger@"))
    assert said.code == 1
    assert "grant create, usage on schema public to stranger" in said.out


def test_a_database_that_is_not_there_is_told(clarion: Run, postgres: Postgres) -> None:
    said = clarion("check", CLARION_STORE=postgres.dsn("nowhere"))
    assert said.code == 1
    assert "make it with `createdb`" in said.out


def test_a_read_only_standby_is_told(clarion: Run) -> None:
    with Postgres() as primary:
        standby = primary.standby()
        said = clarion("check", CLARION_STORE=standby.dsn())
        assert said.code == 1
        assert "is a read-only standby; promote one" in said.out
        both = f"postgresql://postgres@{standby.address},{primary.address}/postgres"
        found = clarion("check", CLARION_STORE=both)
    assert found.code == 0
    assert "1 standby (asynchronous)" in found.out
    assert "name the standbys in synchronous_standby_names" in found.out


def test_a_primary_that_takes_no_writes_is_no_standby(
    clarion: Run, postgres: Postgres, dsn: str
) -> None:
    assert clarion("migrate", CLARION_STORE=dsn).code == 0
    name = dsn.rpartition("/")[2].partition("?")[0]
    asyncio.run(postgres.execute(f"alter database {name} set default_transaction_read_only = on"))
    said = clarion("check", CLARION_STORE=dsn)
    assert said.code == 1
    assert "takes no writes" in said.out
    assert "default_transaction_read_only" in said.out
    assert "standby; promote one" not in said.out


def test_a_schema_of_a_newer_program_is_told_as_one(
    clarion: Run, postgres: Postgres, dsn: str
) -> None:
    assert clarion("migrate", CLARION_STORE=dsn).code == 0

    async def become_newer() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("insert into migration values (9998, '9998_later.sql', 'x', 1)")
        await connection.close()

    asyncio.run(become_newer())
    said = clarion("check", CLARION_STORE=dsn)
    assert said.code == 0
    assert "schema 1 migration newer than this program, which works with it" in said.out
    assert "up to date" not in said.out


class FastClock(SystemClock):
    """Five seconds ahead."""

    def now(self) -> int:
        return super().now() + 5 * SECOND


def test_clocks_that_differ_are_warned_of_with_the_number(
    clarion: Run, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_cluster, "SystemClock", FastClock)
    said = clarion("check", CLARION_STORE=dsn)
    assert said.code == 0
    assert "clock is 5.0 s ahead of the store's server" in said.out


def test_nats_is_tried(clarion: Run, tmp_path: Path) -> None:
    with NatsServer(tmp_path / "nats") as server:
        said = clarion("check", CLARION_BUS=server.url)
        assert said.code == 0
        assert "answers, with JetStream" in said.out
        url = server.url
    said = clarion("check", CLARION_BUS=url)
    assert said.code == 1
    assert "nobody answers at the address of NATS; start it" in said.out


def test_nats_without_jetstream_is_warned_of(clarion: Run, tmp_path: Path) -> None:
    with NatsServer(tmp_path / "nats", jetstream=False) as server:
        said = clarion("check", CLARION_BUS=server.url)
    assert said.code == 0
    assert "start nats-server with -js" in said.out


def test_credentials_that_nats_refuses_are_told(clarion: Run, tmp_path: Path) -> None:
    settings = "authorization {user: clarion, password: right}"
    with NatsServer(tmp_path / "nats", settings=settings) as server:
        bus = server.url.replace("//", "//clarion:{}@")
        said = clarion("check", CLARION_BUS=bus.format("wrong"))
        assert clarion("check", CLARION_BUS=bus.format("right")).code == 0
    assert said.code == 1
    assert "check user, password, token or credentials" in said.out
    assert "wrong" not in said.out


def test_leases_that_are_odd_are_warned_of(clarion: Run, dsn: str) -> None:
    leases = {
        "CLARION_LEASE_SECONDS": "3", "CLARION_CRITICAL_LEASE_SECONDS": "8",
        "CLARION_HEARTBEAT_SECONDS": "1",
    }  # fmt: skip
    said = clarion("check", CLARION_STORE=dsn, **leases)
    assert said.code == 0
    assert "critical_lease_seconds is longer than lease_seconds" in said.out
    assert "lease_seconds (3 s) under 5 s" in said.out
