"""Environments, API keys and secrets."""

from __future__ import annotations

import builtins
from typing import Any

from clarion.clock import SECOND
from clarion.store.contract.keys import KeyRow
from clarion.store.sql.tx import Executor, Row, Tx, look, look_one

URGENCY = 1
CODE = "sign-in:"
"""Before the scope in the row of a code. It is a word that no route asks for, so that a server of
an older version, which takes the row for one of a key, lets nobody in by it."""

KEPT_AFTER = 30 * 24 * 3600 * SECOND
"""How long a key of a sign-in stays in the lists after its end."""


class SqlKeys:
    """Member of the KeyStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def create(
        self,
        environment: str,
        key_hash: bytes,
        hint: str,
        scope: str,
        now: int,
        expires_at: int | None,
        *,
        rate_per_second: int | None = None,
        burst: int | None = None,
    ) -> KeyRow:
        """A key that was there keeps its environment, and stays revoked when it was."""
        row = (hint, scope, now, expires_at, rate_per_second, burst)
        return await self._executor.write(
            lambda tx: _create(tx, environment, key_hash, row), URGENCY
        )

    async def find(self, key_hash: bytes) -> KeyRow | None:
        row = await self._executor.read(look_one("keys/select_key", key_hash))
        return _key(row) if row else None

    async def list(self) -> builtins.list[KeyRow]:
        """By environment, oldest first."""
        rows = await self._executor.read(look("keys/select_keys"))
        return [_key(row) for row in rows]

    async def revoke(self, hint: str, now: int, env: int | None = None) -> int:
        return await self._executor.write(
            lambda tx: tx.run("keys/revoke_keys", now, hint, env), URGENCY
        )

    async def keep_code(
        self, environment: str, code_hash: bytes, scope: str, now: int, expires_at: int
    ) -> None:
        row = ("sign-in", CODE + scope, now, expires_at, None, None)
        await self._executor.write(lambda tx: _keep_code(tx, environment, code_hash, row), URGENCY)

    async def take_code(self, code_hash: bytes, now: int) -> tuple[str, str] | None:
        # Whoever guesses costs a look, not a turn of the writer.
        found = await self._executor.read(look_one("keys/select_code", code_hash, now))
        if found is None:
            return None
        taken = await self._executor.write(
            lambda tx: tx.run("keys/take_code", code_hash, now), URGENCY
        )
        environment, scope = found
        return (environment, scope.removeprefix(CODE)) if taken else None

    async def secret(self, name: str, fresh: bytes) -> bytes:
        found = await self._executor.read(look_one("keys/select_secret", name))
        if found is not None:
            return bytes(found[0])
        return await self._executor.write(lambda tx: keep_secret(tx, name, fresh), URGENCY)

    async def environments(self) -> dict[str, int]:
        rows = await self._executor.read(look("keys/select_environments"))
        return dict(rows)


async def _create(tx: Tx, environment: str, key_hash: bytes, row: tuple[Any, ...]) -> KeyRow:
    await tx.run("keys/insert_environment", environment, row[2])
    await tx.run("keys/upsert_key", key_hash, *row, environment)
    return _key((await tx.rows("keys/select_key", key_hash))[0])


async def _keep_code(tx: Tx, environment: str, code_hash: bytes, row: tuple[Any, ...]) -> None:
    now = row[2]
    await tx.run("keys/prune_sign_ins", now, now - KEPT_AFTER)
    await tx.run("keys/upsert_key", code_hash, *row, environment)


async def find_secret(tx: Tx, name: str) -> bytes | None:
    """The secret of this name, when there is one."""
    row = await tx.row("keys/select_secret", name)
    return bytes(row[0]) if row else None


async def keep_secret(tx: Tx, name: str, fresh: bytes) -> bytes:
    """The secret of this name; the fresh one is kept when there was none."""
    await tx.run("keys/insert_secret", name, fresh)
    return bytes((await tx.rows("keys/select_secret", name))[0][0])


def _key(row: Row) -> KeyRow:
    environment, env, hint, scope, created_at, expires_at, revoked_at, rate, burst = row
    return KeyRow(
        environment=environment,
        env=env,
        hint=hint,
        scope=scope,
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
        rate_per_second=rate,
        burst=burst,
    )
