"""Names and numbers on SQLite, and the same as steps inside other nouns' transactions."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.store.contract.names import NameKind
from clarion.store.sqlite.codec import rows_json
from clarion.store.sqlite.connection import Tx
from clarion.store.sqlite.executor import Executor

URGENCY = 1


class SqliteNames:
    """Member of the NameStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def numbers(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        return await self._executor.read(lambda tx: numbers_of(tx, env, kind, wanted))

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
        return await self._executor.read(lambda tx: names_of(tx, env, kind, wanted))


def numbers_of(tx: Tx, env: int, kind: NameKind, names: list[str]) -> dict[str, int]:
    """Numbers of the names that have one."""
    return dict(tx.rows("names/select_numbers", rows_json(names), env, kind))


def names_of(tx: Tx, env: int, kind: NameKind, numbers: list[int]) -> dict[int, str]:
    """Names of the numbers that have one."""
    return dict(tx.rows("names/select_names", rows_json(numbers), env, kind))


def mint_names(tx: Tx, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
    """Numbers of all names; needs a write transaction."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    known = numbers_of(tx, env, kind, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        first = reserve_numbers(tx, env, kind, len(missing))
        tx.run("names/insert_names", env, kind, first, rows_json(missing))
        known.update(zip(missing, range(first, first + len(missing)), strict=True))
    return known


def reserve_numbers(tx: Tx, env: int, kind: NameKind, count: int) -> int:
    """The first of `count` numbers that nobody had before."""
    last: int = tx.rows("names/advance_sequence", env, kind, count)[0][0]
    return last - count + 1
