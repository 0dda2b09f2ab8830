"""What somebody reads who opens a database that will not do."""

from __future__ import annotations

import asyncpg
import pytest

from clarion.errors import InvalidError, SettingsError, UnavailableError
from clarion.store.postgres.store import open_postgres
from clarion.store.postgres.troubles import place_of, unavailable
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import NOW

SECRET = "hunter2hunter2"


async def refused(dsn: str) -> Exception:
    with pytest.raises((SettingsError, UnavailableError)) as caught:
        await open_postgres(dsn, NOW)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize("dsn", ["", "clarion.db", f"mysql://a:{SECRET}@h/d", f"x:{SECRET}"])
async def test_what_is_no_dsn_is_refused(dsn: str) -> None:
    error = await refused(dsn)
    assert isinstance(error, SettingsError)
    assert "postgresql://user@host:5432/database" in str(error)


def test_a_place_names_hosts_and_database_alone() -> None:
    dsn = f"postgresql://ann:{SECRET}@one:5432,two:5433/clarion?target_session_attrs=any"
    assert place_of(dsn) == "one:5432,two:5433/clarion"


async def test_a_port_that_cannot_be_read_is_refused(postgres: Postgres) -> None:
    error = await refused(f"postgresql://ann:{SECRET}@127.0.0.1:port/clarion")
    assert isinstance(error, SettingsError)


async def test_a_missing_database_is_named(postgres: Postgres) -> None:
    error = await refused(postgres.dsn("nowhere"))
    assert isinstance(error, SettingsError)
    assert f"{postgres.address}/nowhere does not exist" in str(error)


async def test_a_wrong_password_is_not_repeated_to_anybody(postgres: Postgres) -> None:
    await postgres.execute("drop role if exists guarded")
    await postgres.execute("create role guarded login password 'right'")
    error = await refused(f"postgresql://guarded:{SECRET}@{postgres.address}/postgres")
    assert isinstance(error, SettingsError)
    assert "check user and password" in str(error)


async def test_an_unknown_user_is_not_let_in(postgres: Postgres) -> None:
    error = await refused(f"postgresql://stranger:{SECRET}@{postgres.address}/postgres")
    assert isinstance(error, SettingsError)


async def test_a_server_that_does_not_run_is_unavailable() -> None:
    error = await refused(f"postgresql://ann:{SECRET}@127.0.0.1:1/clarion")
    assert isinstance(error, UnavailableError)
    assert "127.0.0.1:1/clarion cannot be reached; start it" in str(error)


async def test_a_host_that_nobody_knows_is_named() -> None:
    error = await refused(f"postgresql://ann:{SECRET}@clarion.invalid/clarion")
    assert "clarion.invalid" in str(error)


async def test_who_may_not_make_tables_is_told_which_grant(postgres: Postgres) -> None:
    await postgres.execute("drop role if exists reader")
    await postgres.execute("create role reader login")
    await postgres.execute("revoke create on schema public from public")
    error = await refused(postgres.dsn(user="reader"))
    assert isinstance(error, SettingsError)
    assert "grant create, usage on schema public" in str(error)


async def test_who_may_have_no_more_connections_is_told_so(postgres: Postgres) -> None:
    await postgres.execute("drop role if exists crowded")
    await postgres.execute("create role crowded login connection limit 0")
    error = await refused(postgres.dsn(user="crowded"))
    assert isinstance(error, UnavailableError)
    assert "max_connections" in str(error)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (asyncpg.DiskFullError("no space left"), "free space"),
        (asyncpg.OutOfMemoryError("out of memory"), "53200"),
        (TimeoutError(), "did not answer in time"),
        (asyncpg.CannotConnectNowError("starting up"), "starting or stopping"),
    ],
)
def test_what_the_server_refuses_at_work_is_unavailable(error: Exception, word: str) -> None:
    told = unavailable(error, "db:5432/clarion")
    assert isinstance(told, UnavailableError)
    assert word in str(told)
    assert "db:5432/clarion" in str(told)


async def test_a_text_that_cannot_be_kept_is_the_callers_mistake(dsn: str) -> None:
    store = await open_postgres(dsn, NOW)
    with pytest.raises(InvalidError, match="U\\+0000"):
        await store.keys.create("a\0b", b"k" * 32, "hint", "server", NOW, None)
    await store.close()
