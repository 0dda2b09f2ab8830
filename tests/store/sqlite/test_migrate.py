from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from clarion.errors import SettingsError, UnavailableError
from clarion.store.sql.tx import Row
from clarion.store.sqlite.connection import SqliteTx, open_connection, transact
from clarion.store.sqlite.migrate import migrations
from clarion.store.sqlite.store import migrate_file, open_store
from tests.store.builders import NOW


def on_file(path: Path, work: Callable[[SqliteTx], Coroutine[Any, Any, Any]]) -> Any:
    connection = open_connection(path)
    try:
        return transact(connection, work, write=True)
    finally:
        connection.close()


def schema(path: Path) -> list[Row]:
    rows: list[Row] = on_file(
        path, lambda tx: tx.composed("select name, sql from sqlite_schema order by name", [])
    )
    return rows


def test_a_fresh_file_gets_every_migration_once(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    assert migrate_file(path, NOW) == [name for _, name, _ in migrations()]
    made = schema(path)
    assert migrate_file(path, NOW + 1) == []
    assert schema(path) == made


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [number for number, _, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    migrate_file(path, NOW)
    on_file(path, lambda tx: tx.composed("insert into migration values (9999, 'later', '', 0)", []))
    on_file(path, lambda tx: tx.composed("update requirement set needs = 9999", []))
    with pytest.raises(SettingsError, match="newer"):
        migrate_file(path, NOW)


def test_a_newer_file_that_only_has_more_is_worked_with(tmp_path: Path) -> None:
    """As during an upgrade, when a process of the version before is started once more."""
    path = tmp_path / "clarion.db"
    migrate_file(path, NOW)
    on_file(path, lambda tx: tx.composed("insert into migration values (9999, 'later', '', 0)", []))
    assert migrate_file(path, NOW) == []


def test_a_migration_that_changed_since_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    migrate_file(path, NOW)
    on_file(path, lambda tx: tx.composed("update migration set checksum = 'other'", []))
    with pytest.raises(SettingsError, match="has changed"):
        migrate_file(path, NOW)


@pytest.mark.parametrize("table", ["contact (name)", "user (name)", "migration (batch)"])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, table: str
) -> None:
    path = tmp_path / "theirs.db"
    on_file(path, lambda tx: tx.script(f"create table {table}"))
    theirs = schema(path)
    with pytest.raises(SettingsError, match="another program"):
        migrate_file(path, NOW)
    assert schema(path) == theirs


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(UnavailableError, match="not an intact database"):
        open_store(path, NOW, serve=False)


async def test_only_one_server_opens_a_file_and_tools_may_stand_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    server = open_store(path, NOW, serve=True)
    with pytest.raises(SettingsError, match="another server"):
        open_store(path, NOW, serve=True)
    tool = open_store(path, NOW, serve=False)
    await tool.close()
    await server.close()
    again = open_store(path, NOW, serve=True)
    await again.close()


@pytest.mark.parametrize("link", ["link.db", "folder/clarion.db"])
async def test_a_link_to_the_file_leads_to_the_same_lock(tmp_path: Path, link: str) -> None:
    path = tmp_path / "data" / "clarion.db"
    (tmp_path / "link.db").symlink_to(path)
    (tmp_path / "folder").symlink_to(path.parent)
    for first, second in ((path, tmp_path / link), (tmp_path / link, path)):
        server = open_store(first, NOW, serve=True)
        with pytest.raises(SettingsError, match="another server"):
            open_store(second, NOW, serve=True)
        await server.close()


async def test_a_file_with_a_second_name_is_not_served(tmp_path: Path) -> None:
    path, other = tmp_path / "clarion.db", tmp_path / "other.db"
    await open_store(path, NOW, serve=True).close()
    other.hardlink_to(path)
    for name in (path, other):
        with pytest.raises(SettingsError, match="remove that name"):
            open_store(name, NOW, serve=True)
    other.unlink()
    await open_store(path, NOW, serve=True).close()
