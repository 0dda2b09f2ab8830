"""The SQLite store: opens the file, keeps a second server out, and makes it private."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from clarion.errors import SettingsError
from clarion.store.sql.store import SqlStore
from clarion.store.sql.tx import Executor, Tx
from clarion.store.sqlite.connection import open_connection, transact
from clarion.store.sqlite.executor import InlineExecutor, ThreadExecutor
from clarion.store.sqlite.migrate import migrate

_NO_BOUND = 2**32 - 2


class SqliteStore(SqlStore):
    """The store in one file. Made by `open_store`."""

    def __init__(self, executor: Executor, lock: int | None = None) -> None:
        super().__init__(executor)
        self._lock = lock

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return self._lock is not None

    async def bound(self, pages: int | None = None) -> int:
        """Let the file have at most so many pages (None: as many as it likes), but never fewer than
        it has. More is refused as by a full disk. How many it has."""
        return await self._executor.write(lambda tx: _bound(tx, pages or _NO_BOUND), 0)

    async def close(self) -> None:
        await super().close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def open_store(path: Path, now: int, *, serve: bool, inline: bool = False) -> SqliteStore:
    """Open (and migrate) the store at `path`.

    `serve` takes the lock that only one server may hold; tools beside a server leave it.
    SettingsError when
    another server holds it, UnavailableError when the file cannot be used.
    """
    path = real(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_private(path)
    lock = _lock(path) if serve else None
    try:
        migrate_file(path, now)
        executor: Executor = InlineExecutor(path) if inline else ThreadExecutor(path)
    except BaseException:
        if lock is not None:
            os.close(lock)
        raise
    return SqliteStore(executor, lock)


def real(path: Path) -> Path:
    """The file that is meant, whatever links lead to it: one file has one lock, and one log."""
    return Path(os.path.realpath(path))


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """No server starts on the file meanwhile; SettingsError when one runs."""
    lock = _lock(path)
    try:
        yield
    finally:
        os.close(lock)


def migrate_file(path: Path, now: int) -> list[str]:
    """Bring the file to this program's schema; names of the migrations applied."""
    connection = open_connection(path)
    try:
        return transact(connection, lambda tx: migrate(tx, now), write=True)
    finally:
        connection.close()


async def _bound(tx: Tx, pages: int) -> int:
    await tx.composed(f"pragma max_page_count = {pages:d}", [])
    count: int = (await tx.composed("pragma page_count", []))[0][0]
    return count


def _make_private(path: Path) -> None:
    """A new file is for its owner alone, whatever the folder says: it holds addresses and the
    secret of user tokens. The files that SQLite lays beside it get the same rights."""
    with contextlib.suppress(OSError):  # opening it says what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _lock(path: Path) -> int:
    path = real(path)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise SettingsError(
            f"another server runs on {path}; stop it, or give this one its own file "
            "with CLARION_STORE"
        ) from None
    try:
        _refuse_other_names(path)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _refuse_other_names(path: Path) -> None:
    """Under another name the file has another lock, and another log, which destroys it
    (sqlite.org/howtocorrupt.html, "Multiple links to the same file")."""
    if path.exists() and path.stat().st_nlink > 1:
        raise SettingsError(
            f"{path} has a second name (a hard link), under which another server could run; "
            "remove that name, or make a copy of the file instead"
        )
