"""Copies of a store's file, taken while a server writes to it, and proved before they count."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from clarion.errors import SettingsError, UnavailableError
from clarion.store.sqlite.connection import open_connection, unavailable
from clarion.store.sqlite.migrate import COLUMNS

STEP_PAGES = 1024
"""Pages copied at a time (4 MiB); other threads and programs run in between."""

BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite lays beside a database."""

Step = Callable[[int, int], None]
"""Hears of (pages copied, pages in all)."""


def back_up(source: Path, target: Path, step: Step) -> int:
    """Copy the store as it is at this moment into `target`, which is replaced; its size in bytes.

    The source is read under one snapshot: whoever writes goes on, and what is committed later is
    not in the copy. `target` appears when the copy is whole, checked and on the disk; until then it
    is `<target>.partial`. UnavailableError when the disk is full, or the source is damaged;
    SettingsError when it is another program's.
    """
    target = Path(os.path.realpath(target))
    partial = target.with_name(target.name + ".partial")
    with _translated(source, target), _removed_on_failure(partial):
        origin = open_connection(source, read_only=True)
        try:
            refuse_foreign(origin, source)
            copy(origin, partial, step)
        finally:
            origin.close()
        prove(partial)
        flush(partial)
        size = partial.stat().st_size
        partial.replace(target)
        flush(target.parent)
    return size


def copy(origin: apsw.Connection, target: Path, step: Step) -> None:
    """Copy a database as one file for its owner alone, with nothing beside it."""
    remove(target)
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    copied = apsw.Connection(str(target))
    try:
        origin.execute("begin")
        origin.execute("select 1 from sqlite_schema limit 1").fetchall()  # takes the snapshot
        with copied.backup("main", origin, "main") as backup:
            while not backup.done:
                backup.step(STEP_PAGES)
                step(backup.page_count - backup.remaining, backup.page_count)
        origin.execute("rollback")
        copied.execute("pragma journal_mode=delete").fetchall()
    finally:
        copied.close()


def prove(path: Path) -> None:
    """UnavailableError unless the database is intact."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        intact = connection.execute("pragma quick_check(1)").fetchall() == [("ok",)]
    finally:
        connection.close()
    if not intact:
        raise UnavailableError(broken(path))


def broken(path: Path) -> str:
    """Words for a backup that cannot be used."""
    return f"{path} is not an intact database; take another backup"


def refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    """SettingsError when the database is not one of ours."""
    found = connection.execute("select name from pragma_table_info('migration')").fetchall()
    if not {name for (name,) in found} >= COLUMNS:
        raise SettingsError(f"{path} is not a Clarion database; name one with CLARION_STORE")


def remove(path: Path) -> None:
    """Remove a database and what lies beside it."""
    for ending in ("", *BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated(source: Path, target: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise unavailable(error, source) from error
    except apsw.Error as error:
        raise unavailable(error, target) from error


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            remove(path)
        raise
