"""One SQLite connection and its queries: a statement a file, its name the operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import apsw
import apsw.bestpractice

from clarion.errors import UnavailableError

T = TypeVar("T")
Row = tuple[Any, ...]

CACHE_KIB = 64 * 1024
BUSY_TIMEOUT_MS = 10_000


@lru_cache(maxsize=1024)
def query(name: str) -> str:
    """Text of `queries/<noun>/<operation>.sql`, e.g. `query("events/insert_events")`."""
    return files(__package__).joinpath("queries", f"{name}.sql").read_text("utf-8")


class Tx:
    """What an operation sees of a connection: named queries inside the transaction around it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows(self, name: str, *parameters: Any) -> list[Row]:
        """All rows of a named query."""
        return self._connection.execute(query(name), parameters).fetchall()

    def row(self, name: str, *parameters: Any) -> Row | None:
        """The first row of a named query."""
        return next(iter(self._connection.execute(query(name), parameters)), None)

    def run(self, name: str, *parameters: Any) -> int:
        """Run a named change; how many rows it touched."""
        self._connection.execute(query(name), parameters)
        return self._connection.changes()

    def composed(self, sql: str, parameters: list[Any]) -> list[Row]:
        """Rows of a search put together from fixed fragments (never from what a stranger sent)."""
        return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def shredding(self) -> Iterator[None]:
        """What is deleted meanwhile is overwritten, whole pages as well: a costly thing to do."""
        self._connection.execute("pragma secure_delete=on").fetchall()
        try:
            yield
        finally:
            self._connection.execute("pragma secure_delete=fast").fetchall()

    def script(self, sql: str) -> None:
        """Run a migration."""
        self._connection.execute(sql)


def open_connection(path: Path, *, read_only: bool = False) -> apsw.Connection:
    """Open with the durable settings (WAL, synchronous=FULL); UnavailableError when that fails."""
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    try:
        connection = apsw.Connection(str(path), flags=flags, statementcachesize=512)
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",
            "foreign_keys=on",
            "secure_delete=fast",
            f"cache_size=-{CACHE_KIB}",
            "temp_store=memory",
            "mmap_size=268435456",
            "wal_autocheckpoint=20000",
            "journal_size_limit=268435456",
        ):
            connection.execute(f"pragma {pragma}").fetchall()
        if read_only:
            connection.execute("pragma query_only=on").fetchall()
    except apsw.Error as error:
        raise unavailable(error, path) from error
    return connection


def transact(connection: apsw.Connection, work: Callable[[Tx], T], *, write: bool) -> T:
    """Run work in one transaction of its own; a failure rolls back and is raised."""
    connection.execute("begin immediate" if write else "begin")
    try:
        result = work(Tx(connection))
        connection.execute("commit")
    except BaseException:
        roll_back(connection)
        raise
    return result


def roll_back(connection: apsw.Connection) -> None:
    """End a transaction that may have ended by itself already (a full disk ends it)."""
    if connection.in_transaction:
        connection.execute("rollback")


def unavailable(error: apsw.Error, path: Path) -> UnavailableError:
    """The error of the store in words that name the mend."""
    if isinstance(error, apsw.FullError):
        return UnavailableError(f"the disk under {path} is full; free space, then repeat")
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return UnavailableError(f"another program holds {path} locked; stop it, then repeat")
    if isinstance(error, apsw.ReadOnlyError | apsw.PermissionsError | apsw.CantOpenError):
        return UnavailableError(
            f"{path} cannot be opened for writing; give this user the right to its folder"
        )
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return UnavailableError(f"{path} is not an intact database; restore it from a backup")
    return UnavailableError(f"the store failed ({type(error).__name__}); see {path}")
