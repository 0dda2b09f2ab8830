"""A copy taken beside a writer, and what is refused."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clarion.clock import SECOND
from clarion.errors import SettingsError, UnavailableError
from clarion.store.sqlite import backup as module
from clarion.store.sqlite.backup import back_up
from clarion.store.sqlite.store import SqliteStore, open_store

NOW = 1_700_000_000 * SECOND


def silent(done: int, pages: int) -> None:
    """Nobody looks."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clarion.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqliteStore]:
    opened = open_store(file, NOW, serve=True)
    yield opened
    asyncio.run(opened.close())


def keys_in(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [hint for (hint,) in connection.execute("select hint from api_key order by hint")]


def add_key(store: SqliteStore, hint: str) -> None:
    asyncio.run(store.keys.create("default", hint.encode(), hint, "read", NOW, None))


def test_a_copy_holds_what_was_committed_when_it_began(
    store: SqliteStore, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP_PAGES", 1)
    add_key(store, "before")
    steps: list[tuple[int, int]] = []

    def write_meanwhile(done: int, pages: int) -> None:
        if not steps:
            add_key(store, "meanwhile")
        steps.append((done, pages))

    size = back_up(file, tmp_path / "copy.db", write_meanwhile)
    assert keys_in(tmp_path / "copy.db") == ["before"]
    assert keys_in(file) == ["before", "meanwhile"]
    assert len(steps) == steps[-1][0] == steps[-1][1]
    assert size == (tmp_path / "copy.db").stat().st_size


def test_a_copy_is_one_file_for_its_owner_alone(
    store: SqliteStore, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    back_up(file, folder / "copy.db", silent)
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_copy_that_fails_leaves_the_one_before(
    store: SqliteStore, file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    back_up(file, target, silent)
    before = target.read_bytes()
    add_key(store, "later")

    def break_off(done: int, pages: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(file, target, break_off)
    assert target.read_bytes() == before
    assert not target.with_name("copy.db.partial").exists()


def test_a_database_of_another_program_is_not_copied(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table theirs (a)")
    with pytest.raises(SettingsError, match="not a Clarion database"):
        back_up(other, tmp_path / "copy.db", silent)
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_database_is_not_copied(store: SqliteStore, file: Path, tmp_path: Path) -> None:
    add_key(store, "one")
    asyncio.run(store.close())
    with file.open("r+b") as raw:
        raw.seek(4096 * 20)
        raw.write(b"\xff" * 4096 * 4)
    with pytest.raises(UnavailableError, match="not an intact database"):
        back_up(file, tmp_path / "copy.db", silent)
    assert not (tmp_path / "copy.db").exists()
