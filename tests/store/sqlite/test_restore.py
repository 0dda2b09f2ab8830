"""A backup that is put in place, and backups that are refused."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from clarion.errors import SettingsError, UnavailableError
from clarion.store.sqlite.backup import back_up
from clarion.store.sqlite.migrate import TABLE, migrations
from clarion.store.sqlite.restore import put_in_place, restoring
from clarion.store.sqlite.store import open_store
from tests.store.sqlite.test_backup import NOW, add_key, keys_in, silent


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of a store with one key."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    store = open_store(folder / "clarion.db", NOW, serve=True)
    add_key(store, "backed-up")
    back_up(folder / "clarion.db", tmp_path / "copy.db", silent)
    asyncio.run(store.close())
    return tmp_path / "copy.db"


def restore(backup: Path, path: Path) -> Path | None:
    with restoring(backup, path, silent, NOW) as prepared:
        return put_in_place(prepared, path)


def test_a_backup_becomes_the_store_where_there_was_none(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "data" / "clarion.db"
    assert restore(backup, path) is None
    assert keys_in(path) == ["backed-up"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_there_is_kept_with_its_newest_rows(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    for hint in ("first", "second"):
        store = open_store(path, NOW, serve=True)
        add_key(store, hint)
        asyncio.run(store.close())
        kept = restore(backup, path)
        assert kept is not None
        assert hint in keys_in(kept)
    assert keys_in(path) == ["backed-up"]
    assert (tmp_path / "clarion.db.before-restore-2").exists()


def test_a_log_left_by_a_crash_is_not_laid_over_the_backup(backup: Path, tmp_path: Path) -> None:
    """The file is gone, its write-ahead log is not."""
    path = tmp_path / "clarion.db"
    store = open_store(path, NOW, serve=False)
    add_key(store, "lost")
    log = path.with_name("clarion.db-wal").read_bytes()
    asyncio.run(store.close())
    path.unlink()
    path.with_name("clarion.db-wal").write_bytes(log)
    restore(backup, path)
    assert keys_in(path) == ["backed-up"]


def test_a_damaged_store_is_kept_as_it_is(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    path.write_bytes(b"nothing that anybody could read" * 1000)
    kept = restore(backup, path)
    assert kept is not None
    assert kept.read_bytes().startswith(b"nothing that")
    assert keys_in(path) == ["backed-up"]


def test_nothing_is_restored_under_a_running_server(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    store = open_store(path, NOW, serve=True)
    try:
        with pytest.raises(SettingsError, match="another server runs"):
            restore(backup, path)
    finally:
        asyncio.run(store.close())
    assert keys_in(path) == []


def test_a_link_does_not_lead_past_a_running_server(backup: Path, tmp_path: Path) -> None:
    path, link = tmp_path / "data" / "clarion.db", tmp_path / "link.db"
    link.symlink_to(path)
    store = open_store(path, NOW, serve=True)
    try:
        with pytest.raises(SettingsError, match="another server runs"):
            restore(backup, link)
    finally:
        asyncio.run(store.close())
    assert keys_in(path) == []


def test_the_file_behind_a_link_is_replaced_and_the_link_stays(
    backup: Path, tmp_path: Path
) -> None:
    path, link = tmp_path / "data" / "clarion.db", tmp_path / "link.db"
    link.symlink_to(path)
    store = open_store(path, NOW, serve=True)
    asyncio.run(store.close())
    kept = restore(backup, link)
    assert kept == path.with_name("clarion.db.before-restore")
    assert link.is_symlink()
    assert keys_in(path) == ["backed-up"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "copy.db", "data", "elsewhere", "link.db",
    ]  # fmt: skip


def test_a_damaged_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:30_000])
    refused(backup, tmp_path, UnavailableError, "take another backup")


def test_a_database_of_another_program_is_refused(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table theirs (a)")
    refused(other, tmp_path, SettingsError, "not a Clarion database")


def test_a_backup_of_a_newer_version_is_refused(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("insert into migration values (9999, '9999_later.sql', 'x', 1)")
        connection.commit()
    refused(backup, tmp_path, SettingsError, "newer version")


@pytest.mark.parametrize(
    ("laid", "words"),
    [
        (
            "create trigger spy after insert on api_key begin delete from api_key; end",
            "trigger 'spy'",
        ),
        ("create view window as select * from api_key", "view 'window'"),
        ("create table theirs (a)", "table 'theirs'"),
        ("create unique index one_only on api_key (hint)", "index 'one_only'"),
        ("alter table api_key add column more text", "table 'api_key', which no migration"),
        ("drop table requirement", "lacks table 'requirement'"),
    ],
)
def test_a_backup_into_which_somebody_laid_something_is_refused(
    backup: Path, tmp_path: Path, laid: str, words: str
) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute(laid)
    refused(backup, tmp_path, SettingsError, words)


def test_a_backup_of_any_version_before_is_restored(tmp_path: Path) -> None:
    for last in range(1, len(migrations()) + 1):
        backup, path = tmp_path / f"copy-{last}.db", tmp_path / f"clarion-{last}.db"
        with closing(apsw.Connection(str(backup))) as connection:
            connection.execute(TABLE)
            for number, name, sql in migrations()[:last]:
                checksum = hashlib.sha256(sql.encode()).hexdigest()
                connection.execute(sql)
                connection.execute(
                    "insert into migration values (?, ?, ?, ?)", (number, name, checksum, NOW)
                )
            connection.execute("analyze")
        restore(backup, path)
        assert keys_in(path) == []


def refused(backup: Path, folder: Path, error: type[Exception], words: str) -> None:
    path = folder / "data" / "clarion.db"
    with pytest.raises(error, match=words):
        restore(backup, path)
    assert [left.name for left in path.parent.iterdir()] == ["clarion.db.lock"]
