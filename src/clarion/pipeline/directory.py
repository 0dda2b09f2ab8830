"""Names and numbers. Those of topics and tenants are kept near, as they never change.

A user's may: who comes back after an erasure gets a new one, so users are asked for every time.
"""

from __future__ import annotations

from collections.abc import Iterable

from clarion.store.contract import Store
from clarion.store.contract.names import NameKind

LIMIT = 200_000


class Directory:
    """A bounded cache over the store's names."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers: dict[tuple[int, NameKind, str], int] = {}
        self._environments: dict[int, str] = {}

    async def mint(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        """Numbers of the names, new ones at first sight."""
        if kind is NameKind.USER:
            wanted = list(names)
            return await self._store.names.mint(env, kind, wanted) if wanted else {}
        known, missing = {}, []
        for name in names:
            number = self._numbers.get((env, kind, name))
            if number is None:
                missing.append(name)
            else:
                known[name] = number
        if missing:
            fresh = await self._store.names.mint(env, kind, missing)
            if len(self._numbers) > LIMIT:
                self._numbers.clear()
            for name, number in fresh.items():
                self._numbers[env, kind, name] = number
            known.update(fresh)
        return known

    async def names(self, env: int, kind: NameKind, numbers: Iterable[int]) -> dict[int, str]:
        """Names of the numbers that still have one."""
        wanted = [number for number in set(numbers) if number]
        return await self._store.names.names(env, kind, wanted) if wanted else {}

    async def name(self, env: int, kind: NameKind, number: int) -> str | None:
        """One name, or None."""
        return (await self.names(env, kind, [number])).get(number)

    async def environment(self, env: int) -> str:
        """Name of an environment."""
        if env not in self._environments:
            found = await self._store.keys.environments()
            self._environments = {number: name for name, number in found.items()}
        return self._environments.get(env, "")
