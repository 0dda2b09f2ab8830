"""What the nouns ask of a dialect: named statements in a transaction, and something that runs them.

A noun is written once, as coroutines over a `Tx`. A member of the store's contract brings a `Tx`,
an `Executor` and one text for every name in `queries/<noun>/<operation>.sql`.

How a noun stays right where transactions run side by side (READ COMMITTED): what reads and then
writes either holds a key (`Tx.hold`), or locks a row first (an update, an upsert, a select named in
LOCKING), and says which. Rows that are locked together are locked in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import msgspec

T = TypeVar("T")
Row = tuple[Any, ...]

LOCKING = frozenset(
    {
        "accounts/bucket",
        "events/cancellable",
        "inbox/hold_items",
        "inbox/select_expired",
        "inbox/select_marks",
        "inbox/select_merging",
        "inbox/select_unmarked",
        "inbox/select_woken",
        "people/select_items_to_erase",
        "people/select_ready",
        "retention/select_items",
    }
)
"""Selects whose rows must stay as they were read until the transaction ends: a dialect with several
writers locks them (of what keepers select it may skip rows that another transaction holds)."""


class Rows(msgspec.Struct):
    """A parameter: rows (lists, tuples, array-like structs) of one width, event ids as hex.

    What is given no rows touches and answers nothing, so a dialect need not run it.
    `json` is kept by a dialect that sends them as JSON text, for the next statement.
    """

    rows: Sequence[Any]
    json: str | None = None


class Values(msgspec.Struct):
    """A parameter: numbers or texts, event ids as hex. `json` as of Rows."""

    rows: Sequence[Any]
    json: str | None = None


class Tx(Protocol):
    """A transaction. Parameters are int, str, bytes, None, Rows and Values; of a named statement in
    the order of its places, of a composed one in the order of its `?`."""

    async def rows(self, name: str, *parameters: Any) -> list[Row]:
        """All rows of a named query."""
        ...

    async def row(self, name: str, *parameters: Any) -> Row | None:
        """The first row of a named query."""
        ...

    async def run(self, name: str, *parameters: Any) -> int:
        """Run a named change; how many rows it touched."""
        ...

    async def composed(self, sql: str, parameters: list[Any]) -> list[Row]:
        """Rows of a search put together from fixed fragments (never from what a stranger sent)."""
        ...

    def text(self, name: str) -> str:
        """A fragment that dialects write differently, for a composed statement."""
        ...

    async def hold(self, noun: str, *numbers: int) -> None:
        """Let nobody else in who holds the same key (noun, numbers), until the transaction ends."""
        ...

    async def clock(self, now: int) -> int:
        """For leases: the instant all processes on the store agree on; `now` is the caller's."""
        ...

    async def days(self, events: Sequence[bytes]) -> None:
        """The ledger is about to get these events: a dialect that keeps days apart makes theirs."""
        ...

    def shredding(self) -> AbstractContextManager[None]:
        """What is deleted meanwhile is overwritten where the dialect can do that."""
        ...


class Look(msgspec.Struct, frozen=True):
    """Work that is a single named query. A dialect need not put a transaction around it, which
    would be two more questions to its server."""

    name: str
    parameters: tuple[Any, ...]

    def __call__(self, tx: Tx) -> Coroutine[Any, Any, list[Row]]:
        return tx.rows(self.name, *self.parameters)


class LookOne(msgspec.Struct, frozen=True):
    """As `Look`, of a query with at most one row."""

    name: str
    parameters: tuple[Any, ...]

    def __call__(self, tx: Tx) -> Coroutine[Any, Any, Row | None]:
        return tx.row(self.name, *self.parameters)


def look_one(name: str, *parameters: Any) -> LookOne:
    """The work of one query that has at most one row."""
    return LookOne(name, parameters)


def look(name: str, *parameters: Any) -> Look:
    """The work of one query, e.g. `executor.read(look("deliveries/due", lane, account))`."""
    return Look(name, parameters)


Told = Callable[[int, float], None]
"""Is told the urgency of a write and how many seconds it took."""


def tell_nobody(_urgency: int, _seconds: float) -> None:
    """Nobody watches how long writes take."""


class Executor(Protocol):
    """Runs work on connections. `urgency` 0 is the most urgent (the number of the lane).

    `failing`: the last write was refused by the store itself (full, locked, broken). `told` is
    called with the urgency and the seconds of each write that succeeded.
    """

    failing: bool
    told: Told

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn in this process."""
        ...

    async def write(self, work: Callable[[Tx], Coroutine[Any, Any, T]], urgency: int) -> T:
        """Run in a write transaction, maybe together with others; returns after the commit. Work
        may be run again after it was undone, so it changes nothing but the store."""
        ...

    async def read(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Run in a read transaction: one consistent view."""
        ...

    async def close(self) -> None:
        """Finish what was asked for, refuse the rest."""
        ...
