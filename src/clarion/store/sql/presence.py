"""Who is active at a desktop."""

from __future__ import annotations

from clarion.store.sql.tx import Executor, Rows, Values, look

URGENCY = 2
KEEPER_URGENCY = 3


class SqlPresence:
    """Member of the PresenceStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def write(self, rows: list[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
        latest: dict[tuple[int, int], int] = {}
        for env, user, until in rows:
            latest[env, user] = max(until, latest.get((env, user), 0))
        asked = Rows([(*key, until) for key, until in sorted(latest.items())])
        held = await self._executor.write(lambda tx: tx.rows("presence/upsert", asked), URGENCY)
        return {(env, user): until for env, user, until in held}

    async def clear(self, env: int, user: int) -> None:
        await self._executor.write(lambda tx: tx.run("presence/delete", env, user), URGENCY)

    async def active(self, env: int, users: list[int], now: int) -> dict[int, int]:
        wanted = Values(users)
        rows = await self._executor.read(look("presence/active", wanted, env, now))
        return dict(rows)

    async def prune(self, now: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("presence/prune", now, limit), KEEPER_URGENCY
        )
