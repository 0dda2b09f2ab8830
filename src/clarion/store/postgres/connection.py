"""One transaction on an asyncpg connection and its queries: a statement a file, its name the
operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import count
from typing import Any, Protocol, TypeAlias

import asyncpg
import msgspec

from clarion.store.sql.tx import Row, Rows, Values

Connection: TypeAlias = asyncpg.Connection

_PLACE = re.compile(r"\$(\d+)")
_UNNESTED = re.compile(r"\bunnest\(([^()]*)\)")
_ARRAY = re.compile(r"\$(\d+)::(int8|text)\[\]")
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
_CLOCK = "select (extract(epoch from clock_timestamp()) * 1000000)::int8"
_HOLD = "select pg_advisory_xact_lock($1)"


class Beside(Protocol):
    """What a transaction asks of the executor that runs it."""

    clock_offset: int | None

    async def days(self, events: Sequence[bytes]) -> None:
        """Make sure that the days of these events exist."""
        ...


@lru_cache(maxsize=1024)
def query(name: str) -> str:
    """Text of `queries/<noun>/<operation>.sql`, e.g. `query("events/insert_events")`."""
    return files(__package__).joinpath("queries", f"{name}.sql").read_text("utf-8")


@lru_cache(maxsize=1024)
def sent(sql: str) -> tuple[str, frozenset[int]]:
    """A statement as the server gets it, and which parameters (from 0) it takes as text.

    What is unnested is sent as the text of an array: the driver encodes an array value by value,
    which takes longer than all the rest of a batch.
    """
    literals: set[int] = set()

    def as_text(unnested: re.Match[str]) -> str:
        literals.update(int(place) - 1 for place, _ in _ARRAY.findall(unnested[0]))
        return _ARRAY.sub(r"$\1::text::\2[]", unnested[0])

    return _UNNESTED.sub(as_text, sql), frozenset(literals)


@lru_cache(maxsize=1024)
def places(sql: str) -> int:
    """How many parameters a statement takes."""
    return max((int(place) for place in _PLACE.findall(sql)), default=0)


class PostgresTx:
    """Member of the Tx protocol. Others write meanwhile (READ COMMITTED)."""

    def __init__(self, connection: Connection, beside: Beside) -> None:
        self._connection = connection
        self._beside = beside

    async def rows(self, name: str, *parameters: Any) -> list[Row]:
        if _touches_nothing(parameters):
            return []
        sql, literals = sent(query(name))
        values = _literal(spread(parameters, places(sql)), literals)
        found = await self._connection.fetch(sql, *values)
        return [tuple(row) for row in found]

    async def row(self, name: str, *parameters: Any) -> Row | None:
        found = await self.rows(name, *parameters)
        return found[0] if found else None

    async def run(self, name: str, *parameters: Any) -> int:
        if _touches_nothing(parameters):
            return 0
        sql, literals = sent(query(name))
        values = _literal(spread(parameters, places(sql)), literals)
        status = await self._connection.execute(sql, *values)
        return _touched(status)

    async def composed(self, sql: str, parameters: list[Any]) -> list[Row]:
        text = numbered(sql)
        found = await self._connection.fetch(text, *spread(parameters, places(text)))
        return [tuple(row) for row in found]

    def text(self, name: str) -> str:
        return query(name).strip()

    async def hold(self, noun: str, *numbers: int) -> None:
        await self._connection.execute(_HOLD, lock_number(noun, *numbers))

    async def clock(self, now: int) -> int:
        """The server's clock, moved by `clock_offset`; where that is None, `now`."""
        offset = self._beside.clock_offset
        if offset is None:
            return now
        instant: int = await self._connection.fetchval(_CLOCK)
        return instant + offset

    async def days(self, events: Sequence[bytes]) -> None:
        await self._beside.days(events)

    @contextmanager
    def shredding(self) -> Iterator[None]:
        """Nothing: what is deleted goes with the next vacuum."""
        yield

    async def script(self, sql: str) -> None:
        """Run a savepoint, or a migration."""
        await self._connection.execute(sql)


def lock_number(noun: str, *numbers: int) -> int:
    """The same 64 bits in every process for one key."""
    text = ":".join((noun, *map(str, numbers)))
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big", signed=True)


def spread(parameters: Sequence[Any], wanted: int) -> list[Any]:
    """Parameters as the statement takes them: a Rows as one array a column, a Values as an array.

    A single Rows fills the places that the others leave, so a statement may take only the first
    columns of its rows.
    """
    batches = sum(isinstance(parameter, Rows) for parameter in parameters)
    width = wanted - len(parameters) + 1 if batches == 1 else None
    out: list[Any] = []
    for parameter in parameters:
        if isinstance(parameter, Rows):
            out += _columns(parameter.rows, width)
        elif isinstance(parameter, Values):
            out.append(list(parameter.rows))
        else:
            out.append(int(parameter) if isinstance(parameter, bool) else parameter)
    return out


def _literal(values: list[Any], literals: frozenset[int]) -> list[Any]:
    return [array_text(value) if place in literals else value for place, value in enumerate(values)]


def array_text(values: Sequence[Any]) -> str:
    """Numbers, texts and None as the text of an array. JSON's differs in its brackets, and where a
    text holds what JSON writes with a backslash."""
    text = msgspec.json.encode(values).decode()
    if "\\" in text:
        text = f" {','.join(map(_quoted, values))} "
    return f"{{{text[1:-1]}}}"


def _quoted(value: Any) -> str:
    return "null" if value is None else f'"{str(value).translate(_QUOTED)}"'


def _touches_nothing(parameters: Sequence[Any]) -> bool:
    return any(isinstance(parameter, Rows) and not parameter.rows for parameter in parameters)


def _columns(rows: Sequence[Any], width: int | None) -> list[Sequence[Any]]:
    if isinstance(rows[0], msgspec.Struct):
        rows = [msgspec.structs.astuple(row) for row in rows]
    columns: list[Sequence[Any]] = [*zip(*rows, strict=True)]
    return columns[:width]


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """`?` -> `$1`, `$2`... in order."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)


def _touched(status: str) -> int:
    """Status of a command (`INSERT 0 5`, `UPDATE 3`) -> 5, 3; of one that counts nothing 0."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
