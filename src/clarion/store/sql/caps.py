"""Counters of caps, and the caps of tenants and the environment.

Counters are locked in the order of their keys before they are read, so that who reserves beside us
waits, and two who reserve the same keys never wait for each other.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from clarion.clock import SECOND
from clarion.core.caps import (
    CapAnswer,
    CapAsk,
    CapDefaults,
    CapLog,
    Counter,
    admit_all,
)
from clarion.core.caps_reading import cap_defaults_document, read_cap_defaults
from clarion.core.document import Mistakes
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.settings import version_of
from clarion.store.sql.tx import Executor, Rows, Tx, Values, look

URGENCY = 1
KEEPER_URGENCY = 3
HOUR = 3600 * SECOND

_LOGS = msgspec.json.Decoder(list[CapLog])
_NEWEST = 2**62


class SqlCaps:
    """Member of the CapStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def reserve(
        self, env: int, groups: list[list[CapAsk]], now: int, urgency: int = 0
    ) -> list[list[CapAnswer]]:
        if not any(groups):
            return [[] for _ in groups]
        return await self._executor.write(lambda tx: reserve_caps(tx, env, groups, now), urgency)

    async def ask(self, env: int, groups: list[list[CapAsk]], now: int) -> list[list[CapAnswer]]:
        if not any(groups):
            return [[] for _ in groups]
        return await self._executor.read(lambda tx: reserve_caps(tx, env, groups, now, keep=False))

    async def prune(self, now: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("caps/prune", now, limit), KEEPER_URGENCY
        )

    async def write_defaults(
        self, env: int, tenant: int, defaults: CapDefaults, known: int, now: int
    ) -> int | None:
        body = text_json(cap_defaults_document(defaults))
        return await self._executor.write(
            lambda tx: _write_defaults(tx, env, tenant, body, known, now), URGENCY
        )

    async def defaults(
        self, env: int, tenants: list[int], version: int | None = None
    ) -> dict[int, tuple[int, CapDefaults]]:
        newest = _NEWEST if version is None else version
        rows = await self._executor.read(look("caps/select_defaults", Values(tenants), env, newest))
        return {tenant: (at, _defaults_of(plain(body))) for tenant, at, body in rows}


async def reserve_caps(
    tx: Tx, env: int, groups: list[list[CapAsk]], now: int, *, keep: bool = True
) -> list[list[CapAnswer]]:
    """See `CapStore.reserve`; inside the transaction of whoever asks. The clock is the store's own
    where several processes share it. Without `keep` nothing is locked and nothing written."""
    now = await tx.clock(now)
    windows: dict[Counter, int] = {}
    for group in groups:
        for ask in group:
            counter = ask.counter
            windows[counter] = max(windows.get(counter, 0), ask.window_us)
    stored = sorted((_stored(counter), counter) for counter in windows)
    counters = [counter for _, counter in stored]
    keys = [(env, *key, _until(now + windows[counter])) for key, counter in stored]
    asked = Rows(keys)
    if keep:
        await tx.run("caps/lock", asked)
    found = await tx.rows("caps/select", asked)
    decoded = _LOGS.decode(f"[{','.join([log for _, log in found])}]")
    before = {counters[n]: log for (n, _), log in zip(found, decoded, strict=True)}
    logs = dict(before)
    answers = admit_all(logs, groups, now)
    written = [
        (*key, text_json(logs[counter]))
        for key, counter in zip(keys, counters, strict=True)
        if counter in logs and logs[counter] is not before.get(counter)
    ]
    if written and keep:
        await tx.run("caps/upsert", Rows(written))
    return answers


def _stored(counter: Counter) -> Counter:
    """Keys may be long and may say who somebody is: what is kept tells them apart, and no more."""
    user, scope, number, tenant, channel, key = counter
    short = blake2b(key.encode(), digest_size=16).hexdigest() if key else ""
    return (user, scope, number, tenant, channel, short)


def _until(instant: int) -> int:
    """The next whole hour: so an index over it rarely moves."""
    return -(-instant // HOUR) * HOUR


async def _write_defaults(
    tx: Tx, env: int, tenant: int, body: str, known: int, now: int
) -> int | None:
    await tx.hold("cap_defaults", env, tenant)
    rows = await tx.rows("caps/select_defaults", Values([tenant]), env, _NEWEST)
    if (rows[0][1] if rows else 0) != known:
        return None
    if rows and rows[0][2] == body:
        return await version_of(tx, env, 0)
    ((version,),) = await tx.rows("settings/bump_defaults", env)
    await tx.run("caps/insert_history", env, tenant, version, now, body)
    return int(version)


def _defaults_of(document: dict[str, Any]) -> CapDefaults:
    """What was written was read before, so there is no mistake in it."""
    return read_cap_defaults(document, "", Mistakes())
