"""One SQLite connection and its queries: a statement a file, its name the operation."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import apsw
import apsw.bestpractice

from clarion.errors import UnavailableError
from clarion.store.sql.codec import text_json
from clarion.store.sql.tx import Row, Rows, Values
from clarion.store.sqlite.blocks import Flat, flat_of

T = TypeVar("T")

CACHE_KIB = 16 * 1024
"""Of each connection. What is walked in order needs little, and the rest is in the system's cache;
so an audience of a million takes hardly more memory than one of ten thousand."""
BUSY_TIMEOUT_MS = 10_000


@lru_cache(maxsize=1024)
def query(name: str) -> str:
    """Text of `queries/<noun>/<operation>.sql`, e.g. `query("events/insert_events")`."""
    return files(__package__).joinpath("queries", f"{name}.sql").read_text("utf-8")


@lru_cache(maxsize=1024)
def _flat(name: str) -> Flat | None:
    return flat_of(query(name))


class SqliteTx:
    """Member of the Tx protocol. It never suspends, and nobody else writes meanwhile."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    async def rows(self, name: str, *parameters: Any) -> list[Row]:
        return self._connection.execute(query(name), _bound(parameters)).fetchall()

    async def row(self, name: str, *parameters: Any) -> Row | None:
        return next(iter(self._connection.execute(query(name), _bound(parameters))), None)

    async def run(self, name: str, *parameters: Any) -> int:
        flat = _flat(name)
        if flat is not None:
            return self._in_blocks(flat, parameters)
        self._connection.execute(query(name), _bound(parameters))
        return self._connection.changes()

    def _in_blocks(self, flat: Flat, parameters: Sequence[Any]) -> int:
        (rows,) = [p.rows for p in parameters if isinstance(p, Rows)]
        touched = 0
        if rows:
            others = [p for p in parameters if not isinstance(p, Rows)]
            for sql, bound in flat.blocks(others, rows):
                self._connection.execute(sql, bound)
                touched += self._connection.changes()
        return touched

    async def composed(self, sql: str, parameters: list[Any]) -> list[Row]:
        return self._connection.execute(sql, _bound(parameters)).fetchall()

    def text(self, name: str) -> str:
        return query(name).strip()

    async def hold(self, noun: str, *numbers: int) -> None:
        """The one writer of the file holds everything."""

    async def clock(self, now: int) -> int:
        """One process, one clock."""
        return now

    async def days(self, events: Sequence[bytes]) -> None:
        """All days are in one file."""

    @contextmanager
    def shredding(self) -> Iterator[None]:
        """Whole pages are overwritten as well: a costly thing to do."""
        self._connection.execute("pragma secure_delete=on").fetchall()
        try:
            yield
        finally:
            self._connection.execute("pragma secure_delete=fast").fetchall()

    async def script(self, sql: str) -> None:
        """Run a migration."""
        self._connection.execute(sql)


def _bound(parameters: Sequence[Any]) -> list[Any]:
    """Rows and values travel as the JSON text that `json_each(?)` opens."""
    return [_json(p) if isinstance(p, Rows | Values) else p for p in parameters]


def _json(batch: Rows | Values) -> str:
    text = batch.json
    if text is None:
        text = batch.json = text_json(batch.rows)
    return text


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends to its end. RuntimeError when it waits for something."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise RuntimeError("work on SQLite waits for nothing but SQLite; wait before or after it")


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


def transact(
    connection: apsw.Connection, work: Callable[[SqliteTx], Coroutine[Any, Any, T]], *, write: bool
) -> T:
    """Run work in one transaction of its own; a failure rolls back and is raised."""
    connection.execute("begin immediate" if write else "begin")
    try:
        result = drive(work(SqliteTx(connection)))
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
