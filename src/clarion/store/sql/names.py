"""Names and numbers, and the same as steps inside other nouns' transactions."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.store.contract.names import NameKind
from clarion.store.sql.tx import Executor, Tx, Values, look

URGENCY = 1

FIRST_CHARACTER, LAST_CHARACTER = "\x01", "\U0010ffff"
"""Below and above whatever a name may hold."""


class SqlNames:
    """Member of the NameStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def numbers(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        found = look("names/select_numbers", Values(wanted), env, kind)
        return dict(await self._executor.read(found))

    async def mint(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        wanted = list(dict.fromkeys(names))
        known = await self.numbers(env, kind, wanted)
        missing = [name for name in wanted if name not in known]
        if missing:
            known |= await self._executor.write(
                lambda tx: mint_names(tx, env, kind, missing), URGENCY
            )
        return known

    async def names(self, env: int, kind: NameKind, numbers: Iterable[int]) -> dict[int, str]:
        wanted = list(dict.fromkeys(numbers))
        if not wanted:
            return {}
        found = look("names/select_names", Values(wanted), env, kind)
        return dict(await self._executor.read(found))

    async def beginning(
        self, env: int, kind: NameKind, prefix: str, after: str | None, limit: int
    ) -> list[tuple[str, int]]:
        found = look("names/select_beginning", env, kind, *_between(prefix, after), limit)
        return [(name, number) for name, number in await self._executor.read(found)]


def _between(prefix: str, after: str | None) -> tuple[str, str]:
    """From where on, and up to before what. No name holds a control character."""
    start = prefix if after is None else max(prefix, after + FIRST_CHARACTER)
    return start, prefix + LAST_CHARACTER


async def beginning_with(
    tx: Tx, env: int, kind: NameKind, prefix: str, after: str | None, limit: int
) -> dict[int, str]:
    """Names by number, in the order of the names."""
    between = _between(prefix, after)
    rows = await tx.rows("names/select_beginning", env, kind, *between, limit)
    return {number: name for name, number in rows}


async def numbers_of(tx: Tx, env: int, kind: NameKind, names: list[str]) -> dict[str, int]:
    """Numbers of the names that have one."""
    return dict(await tx.rows("names/select_numbers", Values(names), env, kind))


async def names_of(tx: Tx, env: int, kind: NameKind, numbers: list[int]) -> dict[int, str]:
    """Names of the numbers that have one."""
    return dict(await tx.rows("names/select_names", Values(numbers), env, kind))


async def mint_names(tx: Tx, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
    """Numbers of all names; needs a write transaction.

    Who mints beside another waits at the row of the sequence and then finds the other's names.
    """
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    known = await numbers_of(tx, env, kind, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        first = await reserve_numbers(tx, env, kind, len(missing))
        inserted = await tx.run("names/insert_names", env, kind, first, Values(missing))
        if inserted < len(missing):
            return await numbers_of(tx, env, kind, wanted)
        known.update(zip(missing, range(first, first + len(missing)), strict=True))
    return known


async def reserve_numbers(tx: Tx, env: int, kind: NameKind, count: int) -> int:
    """The first of `count` numbers that nobody had before."""
    last: int = (await tx.rows("names/advance_sequence", env, kind, count))[0][0]
    return last - count + 1
