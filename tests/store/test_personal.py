"""Every table of both schemas is thought about: what of it is erased, kept, exported."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import asyncpg

from clarion.store.sql.export import SECTIONS
from clarion.store.sql.personal import (
    AT_ONCE,
    BY_PAGE,
    ERASED,
    EXPORTED,
    KEYED,
    NOT_EXPORTED,
    NOT_PERSONAL,
    NUMBERS_ONLY,
    PRODUCERS,
)
from clarion.store.sqlite.connection import query
from clarion.store.sqlite.store import migrate_file
from tests.store.builders import NOW
from tests.store.postgres.test_queries import TABLES_MORE

FOLDER = Path(__file__).parents[2]
PARTITION = re.compile(r"_\d+$")
PERSONAL = {*ERASED, *NUMBERS_ONLY, *KEYED, *PRODUCERS}
NOT_PAGED = {"user", "preferences", "suppressed", "consents", "notifications"}
"""Sections that are not read page by page of one table."""


def of_the_file(folder: Path) -> set[str]:
    migrate_file(folder / "clarion.db", NOW)
    file = apsw.Connection(str(folder / "clarion.db"))
    rows = file.execute(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
    ).fetchall()
    file.close()
    return {str(name) for (name,) in rows}


def test_every_table_is_erased_or_kept_for_a_reason(tmp_path: Path) -> None:
    lists = [set(ERASED), set(NUMBERS_ONLY), set(KEYED), set(PRODUCERS), set(NOT_PERSONAL)]
    assert set.union(*lists) == of_the_file(tmp_path) | TABLES_MORE
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_every_table_about_users_is_exported_or_left_out_for_a_reason() -> None:
    assert set(EXPORTED) | set(NOT_EXPORTED) == PERSONAL
    assert set(EXPORTED) & set(NOT_EXPORTED) == set()
    assert set(EXPORTED.values()) - NOT_PAGED == set(SECTIONS)


async def test_both_members_have_the_tables(dsn: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    await connection.close()
    assert {name for (name,) in rows if not PARTITION.search(name)} == (
        of_the_file(tmp_path) | TABLES_MORE
    )


def test_what_is_said_to_be_erased_is_what_the_statement_touches() -> None:
    for erasing in (*AT_ONCE, *BY_PAGE):
        assert re.search(rf"(?:delete from|update) {erasing.table}\b", query(erasing.statement))


def test_the_table_is_told_to_operators() -> None:
    told = (FOLDER / "docs" / "subsystems" / "erasure.md").read_text("utf-8")
    assert [table for table in sorted(PERSONAL) if f"`{table}`" not in told] == []
