"""A backup becomes the store again: checked and brought to this schema first, then put in place in
one step, with what was there kept aside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import apsw

from clarion.errors import UnavailableError
from clarion.store.sqlite.backup import (
    BESIDE,
    Step,
    broken,
    copy,
    flush,
    prove,
    refuse_foreign,
    remove,
)
from clarion.store.sqlite.connection import open_connection, unavailable
from clarion.store.sqlite.schema import refuse_altered
from clarion.store.sqlite.store import held, migrate_file, real

KEPT = ".before-restore"


@contextmanager
def restoring(backup: Path, path: Path, step: Step, now: int) -> Iterator[Path]:
    """A copy of the backup beside `path`, brought to this program's schema, to be changed and then
    given to `put_in_place`; it is gone at the end.

    The server's lock is held meanwhile. SettingsError when a server runs on `path`, or the backup
    is another program's or a newer version's, or holds a table, view, index or trigger that no
    migration of ours made; UnavailableError when it is damaged.
    """
    path = real(path)
    prepared = path.with_name(path.name + ".restoring")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(path):
        try:
            _copy(backup, prepared, step)
            refuse_altered(prepared, backup)
            migrate_file(prepared, now)
            yield prepared
        finally:
            remove(prepared)
            prepared.with_name(prepared.name + ".lock").unlink(missing_ok=True)


def put_in_place(prepared: Path, path: Path) -> Path | None:
    """Make the prepared copy the store; where the one before is kept, None when there was none.

    There is a whole database at `path` at every moment. A write-ahead log that was left there is
    never laid over another database. Where `path` is a link, the file that it leads to is replaced.
    """
    path = real(path)
    prove(prepared)
    _gather(prepared)
    flush(prepared)
    kept = _keep_aside(path) if path.exists() else None
    _clear_beside(path, kept)
    prepared.replace(path)
    flush(path.parent)
    return kept


def _copy(backup: Path, prepared: Path, step: Step) -> None:
    try:
        prove(backup)
        origin = apsw.Connection(str(backup), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            refuse_foreign(origin, backup)
            copy(origin, prepared, step)
        finally:
            origin.close()
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise UnavailableError(broken(backup)) from error
    except apsw.Error as error:
        raise unavailable(error, prepared) from error


def _gather(path: Path) -> None:
    """Fold the write-ahead log into the file."""
    connection = open_connection(path)
    try:
        connection.execute("pragma journal_mode=delete").fetchall()
    finally:
        connection.close()


def _keep_aside(path: Path) -> Path:
    with contextlib.suppress(Exception):  # a damaged one is kept as it is, with its log
        _gather(path)
    for number in count(1):
        kept = path.with_name(f"{path.name}{KEPT}{'' if number == 1 else f'-{number}'}")
        with contextlib.suppress(FileExistsError):
            os.link(path, kept)
            return kept
    raise AssertionError


def _clear_beside(path: Path, kept: Path | None) -> None:
    for ending in BESIDE:
        beside = path.with_name(path.name + ending)
        if not beside.exists():
            continue
        if kept is not None and ending != "-shm":
            beside.replace(kept.with_name(kept.name + ending))
        else:
            beside.unlink()
