"""Both members have the same statements over the same tables, and PostgreSQL plans each of its own
without walking more than it must."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import asyncpg
import pytest

import clarion.store.postgres as member
import clarion.store.sqlite as other
from clarion.store.postgres.connection import places, query
from clarion.store.postgres.executor import SESSION
from clarion.store.sql.tx import LOCKING
from clarion.store.sqlite.store import migrate_file
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import NOW
from tests.store.servers import emptied_database


def names_of(package: str | None) -> set[str]:
    folder = Path(str(package)).parent / "queries"
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.sql")}


FILES = names_of(member.__file__)
STATEMENTS = sorted(name for name in FILES if "/fragment_" not in name and "savepoint" not in name)
WALK = re.compile(r"Seq Scan on (\w+)")
PARTITION = re.compile(r"_\d+$")
COLUMNS_MORE = {("ready", "created_at"), ("ready", "expires_at"), ("ready", "suspect")}
TABLES_MORE = {"provider_reference"}
"""What PostgreSQL keeps twice: a claim reads one table, and what changes often is in no index."""

CHANGES = re.compile(r"^update (\w+)(?: as \w)?\nset(.*?)^(?:from|where)", re.M | re.S)
SET = re.compile(r"(\w+) = ")
HARDLY_EVER_CHANGED = {"suspect"}
INDEXED = """
select a.attname::text
from pg_index as i
left join pg_depend as d on d.objid = i.indexrelid and d.refobjid = i.indrelid
join pg_attribute as a
    on a.attrelid = i.indrelid and (a.attnum = any (i.indkey) or a.attnum = d.refobjsubid)
where i.indrelid = $1::text::regclass
"""
"""Columns that indexes of a table hold, or are partial by."""

WALKS = {
    "accounts/prune",
    "blasts/preparing",
    "blasts/take",
    "catalog/stamps",
    "deliveries/lanes",
    "deliveries/stranded",
    "deliveries/task_lanes",
    "keys/prune_sign_ins",
    "keys/revoke_keys",
    "keys/select_environments",
    "keys/select_keys",
    "replica/depths",
    "work/bury_lapsed",
    "work/dead_workers",
    "work/doubt_ready",
    "work/forget_workers",
    "work/left_behind",
}
"""Statements that walk a whole table on purpose: small tables, queues, keepers."""


@pytest.fixture
async def connection(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(await emptied_database(postgres), server_settings=SESSION)
    yield opened
    await opened.close()


def test_both_members_have_the_same_statements() -> None:
    assert sorted(FILES ^ names_of(other.__file__)) == []


@pytest.mark.parametrize("name", sorted(LOCKING))
def test_a_select_that_locks_says_so(name: str) -> None:
    assert re.search(r"\bfor (no key )?update\b", query(name))


async def test_every_statement_takes_and_gives_plain_values(
    connection: asyncpg.Connection,
) -> None:
    takes = {"int8", "text", "bytea", "int8[]", "text[]"}
    gives = {"int4", "int8", "text", "bytea"}
    for name in STATEMENTS:
        statement = await connection.prepare(query(name))
        assert {kind.name for kind in statement.get_parameters()} <= takes, name
        assert {column.type.name for column in statement.get_attributes()} <= gives, name


async def test_a_statement_finds_its_rows_by_an_index(connection: asyncpg.Connection) -> None:
    walking = set()
    for name in STATEMENTS:
        count = places(query(name))
        await connection.execute(f"prepare one as {query(name)}")
        values = f"({', '.join(['null'] * count)})" if count else ""
        plan = await connection.fetch(f"explain execute one{values}")
        await connection.execute("deallocate one")
        if any(WALK.search(line[0]) for line in plan):
            walking.add(name)
    assert walking - WALKS == set()


@pytest.mark.parametrize(
    "name",
    ["claim", "claim_one", "record", "settle_notifications"],
)
async def test_a_claim_and_its_outcome_change_nothing_that_an_index_depends_on(
    name: str, connection: asyncpg.Connection
) -> None:
    changed, columns = CHANGES.findall(query(f"deliveries/{name}"))[0]
    indexed = {row[0] for row in await connection.fetch(INDEXED, changed)}
    assert indexed
    assert set(SET.findall(columns)) & indexed <= HARDLY_EVER_CHANGED


async def test_both_members_have_the_same_tables_and_columns(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    migrate_file(tmp_path / "clarion.db", NOW)
    file = apsw.Connection(str(tmp_path / "clarion.db"))
    theirs = set(
        file.execute(
            "select t.name, c.name from sqlite_schema as t, pragma_table_info(t.name) as c "
            "where t.type = 'table' and t.name not like 'sqlite_%'"
        )
    )
    file.close()
    rows = await connection.fetch(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public'"
    )
    ours = {
        (table, column)
        for table, column in rows
        if table not in TABLES_MORE and not PARTITION.search(table)
    }
    assert ours - theirs == COLUMNS_MORE
    assert theirs - ours == set()
