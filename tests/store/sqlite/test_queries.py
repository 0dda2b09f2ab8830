"""A statement a file: each is used, each used one is there, and none walks more than it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import apsw
import apsw.ext
import pytest

import clarion.store.sql as nouns
import clarion.store.sqlite as member
from clarion.store.sql.tx import LOCKING
from clarion.store.sqlite.connection import query
from clarion.store.sqlite.store import migrate_file
from tests.store.builders import NOW

FOLDER = Path(str(member.__file__)).parent
NOUNS = Path(str(nouns.__file__)).parent
FILES = {
    path.relative_to(FOLDER / "queries").with_suffix("").as_posix()
    for path in (FOLDER / "queries").rglob("*.sql")
}
NAME = re.compile(r'"([a-z]+/[a-z_]+)"')
USED = {name for path in NOUNS.glob("*.py") for name in NAME.findall(path.read_text("utf-8"))}
FRAGMENTS = {name for name in FILES if "/fragment_" in name}

TABLE = re.compile(r"\b(?:from|join|update|into)\s+(\w+)(?:\s+as\s+(\w+))?")
WALK = re.compile(
    r"(?:SCAN|SEARCH) (\w+)(?! VIRTUAL| USING [A-Z ]*(?:INDEX \w+ |KEY )\((?!env=\?\)))"
)

WALKS = {
    "accounts/prune",
    "accounts/reports",
    "accounts/states",
    "alerts/dead",
    "blasts/insert",
    "blasts/last_user",
    "blasts/preparing",
    "catalog/select_templates",
    "catalog/stamps",
    "deliveries/lanes",
    "deliveries/stranded",
    "deliveries/task_lanes",
    "drafts/select_drafts",
    "events/oldest_deltas",
    "held/open_windows",
    "keys/prune_sign_ins",
    "keys/revoke_keys",
    "keys/select_environments",
    "keys/select_keys",
    "letters/open_redrives",
    "letters/prune_redrives",
    "people/erase_dedupe",
    "replica/depths",
    "retention/delete_captures",
    "simulations/insert",
    "simulations/unfinished",
    "retention/select_forgotten",
    "retention/select_overrides",
    "work/bury_lapsed",
    "work/dead_workers",
    "work/doubt_ready",
    "work/forget_workers",
    "work/living",
    "work/unwalked",
    "work/put_aside",
    "work/left_behind",
}
"""Statements that walk a whole table or environment on purpose: small tables, queues, keepers."""


def test_every_file_is_used_and_every_name_is_a_file() -> None:
    assert sorted(FILES - USED) == []
    assert sorted(USED - FILES) == []


def test_the_selects_that_lock_are_statements() -> None:
    assert sorted(LOCKING - FILES) == []


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[apsw.Connection]:
    path = tmp_path_factory.mktemp("queries") / "clarion.db"
    migrate_file(path, NOW)
    opened = apsw.Connection(str(path))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", sorted(FILES - FRAGMENTS))
def test_a_statement_finds_its_rows_by_more_than_the_environment(
    name: str, connection: apsw.Connection
) -> None:
    sql = query(name)
    walked = [step for step in plan(connection, sql) if walks(step, tables(connection, sql))]
    assert bool(walked) == (name in WALKS), walked


def plan(connection: apsw.Connection, sql: str) -> list[str]:
    """The steps of the query plan, e.g. `SCAN event` or `SEARCH user USING PRIMARY KEY (env=?)`."""
    info = apsw.ext.query_info(connection, sql, explain_query_plan=True)
    steps = []
    todo = [info.query_plan]
    while todo:
        node = todo.pop()
        if node is not None:
            steps.append(node.detail)
            todo += node.sub or []
    return steps


def tables(connection: apsw.Connection, sql: str) -> set[str]:
    """Names and aliases under which the statement knows stored tables."""
    stored = {name for (name,) in connection.execute("select name from sqlite_schema")}
    named = [(table, alias) for table, alias in TABLE.findall(sql) if table in stored]
    return {word for pair in named for word in pair if word}


def walks(step: str, known: set[str]) -> bool:
    found = WALK.match(step)
    return found is not None and found.group(1) in known
