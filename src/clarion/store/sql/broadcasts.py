"""Broadcasts. Their members are never rows: who is one is asked of the subscriptions' history.

What is undecided is counted like what is decided, as deltas: those of a broadcast have the negative
number of its workflow for a kind, and their `open` is the number of the undecided.
"""

from __future__ import annotations

from collections.abc import Iterable

from clarion.core.recipient import Consent, Recipient, Standing
from clarion.core.workflow import CHANNELS
from clarion.errors import LostLeaseError
from clarion.store.contract.broadcasts import (
    COUNTED,
    Broadcast,
    BroadcastWrite,
    Found,
    LookWrite,
)
from clarion.store.contract.work import Task
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.looks import write_look
from clarion.store.sql.settings import settings_at
from clarion.store.sql.tally import undecided_row
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look, look_one

URGENCY = 1
FEW = 200
"""So many new broadcasts are asked for their members one by one; more are found by way of the
user's topics."""


class SqlBroadcasts:
    """Member of the BroadcastStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def forms(self, env: int, topics: list[int]) -> dict[int, str]:
        rows = await self._executor.read(look("broadcasts/select_forms", Values(topics), env))
        return dict(rows)

    async def standing(self, env: int, user: int, tenant: int) -> tuple[int, int]:
        row = await self._executor.read(look_one("broadcasts/select_standing", env, user, tenant))
        return (row[0], row[1]) if row else (0, 0)

    async def after(
        self, env: int, user: int, tenant: int, marker: int, newest: int, limit: int
    ) -> Found:
        async def work(tx: Tx) -> list[Row]:
            place = (env, user, tenant, marker, newest)
            if newest - marker <= FEW:
                return await tx.rows("broadcasts/select_new", *place)
            return await tx.rows("broadcasts/select_of_topics", *place, limit)

        rows = await self._executor.read(work)
        found = [_broadcast(env, row) for row in rows[:limit]]
        reached = found[-1].seq if len(rows) >= limit else newest
        mine = tuple(one for one in found if user not in one.excepted)
        return Found(reached=reached, broadcasts=mine)

    async def of_event(self, env: int, event: bytes) -> list[Broadcast]:
        rows = await self._executor.read(look("broadcasts/select_of_event", env, event))
        return [_broadcast(env, row) for row in rows]

    async def spans(self, env: int, topic: int, user: int) -> list[tuple[int, int | None]]:
        rows = await self._executor.read(look("broadcasts/select_spans", env, topic, user))
        return [(since, until) for since, until in rows]

    async def recipients(self, env: int, user: int, instants: list[int]) -> dict[int, Recipient]:
        async def work(tx: Tx) -> dict[int, Recipient]:
            return {at: await _recipient(tx, env, user, at) for at in dict.fromkeys(instants)}

        return await self._executor.read(work)

    async def write(self, look: LookWrite, now: int) -> bool:
        return await self._executor.write(lambda tx: write_look(tx, look), URGENCY)

    async def count(self, task: Task, limit: int) -> tuple[int, bool]:
        return await self._executor.write(lambda tx: _count(tx, task, limit), task.lane)


async def insert_broadcasts(tx: Tx, rows: Iterable[tuple[int, bytes, int, BroadcastWrite]]) -> None:
    """Rows of (environment, event, instant, broadcast). Their numbers are held until the commit, so
    this comes last in its transaction."""
    by_env: dict[int, list[tuple[bytes, int, BroadcastWrite]]] = {}
    for env, event, at, one in rows:
        by_env.setdefault(env, []).append((event, at, one))
    for env, mine in sorted(by_env.items()):
        last: int = (await tx.rows("broadcasts/advance", env, len(mine)))[0][0]
        first = last - len(mine) + 1
        written = [
            [
                env, seq, one.topic, one.tenant, event.hex(), one.workflow, one.step, one.lane, at,
                one.expires_at, one.defaults_version, text_json(one.excepted),
            ]
            for seq, (event, at, one) in enumerate(mine, first)
        ]  # fmt: skip
        await tx.run("broadcasts/insert", Rows(written))


async def mark_erased(tx: Tx, env: int, user: int) -> None:
    """Before the subscriptions of somebody who is erased go: the broadcasts keep the number of
    those who were members."""
    rows = await tx.rows("broadcasts/mark_erased", env, user)
    uncounted = [undecided_row(env, event, workflow, 1) for event, workflow, ahead in rows if ahead]
    if uncounted:
        await tx.run("work/insert_deltas", Rows(uncounted))


async def _count(tx: Tx, task: Task, limit: int) -> tuple[int, bool]:
    """The cursor of the task moves, too, so that it shows how far it is."""
    key = (task.env, task.event, task.workflow)
    held = await tx.rows("broadcasts/hold", *key)
    count, done, reached = 0, True, COUNTED
    if held:
        topic, at, excepted, cursor = held[0]
        place = (task.env, topic, at, cursor, Values(plain(excepted)), limit)
        ((count, last),) = await tx.rows("broadcasts/count_members", *place)
        done = count < limit
        reached = COUNTED if done else last
    if not await tx.run("work/move_cursor", task.task, task.fence, reached, int(done)):
        raise LostLeaseError(f"task {task.task} was taken over")
    await tx.run("broadcasts/move_cursor", *key, reached)
    if count:
        await tx.run("work/insert_deltas", Rows([undecided_row(*key, count)]))
    if done:
        await tx.run("work/end_task", task.env, task.event)
    return count, done


async def _recipient(tx: Tx, env: int, user: int, at: int) -> Recipient:
    row = await tx.row("broadcasts/select_user", env, user, at)
    if row is None or (row[0] is None and row[4] is None):
        return Recipient(user=user, standing=Standing.UNKNOWN)
    version, locale, zone, roles, erased_at, chosen, said = row
    if erased_at is not None:
        return Recipient(user=user, standing=Standing.ERASED)
    settings_version = await _settings_version(tx, env, user, at) if chosen else 0
    rows = await settings_at(tx, env, user, settings_version) if settings_version else []
    return Recipient(
        user=user,
        standing=Standing.KNOWN,
        user_version=version,
        settings_version=settings_version,
        locale=locale,
        zone=zone,
        roles=tuple(plain(roles)),
        settings=tuple(rows),
        consents=await _consents(tx, env, user, at) if said else (),
    )


async def _settings_version(tx: Tx, env: int, user: int, at: int) -> int:
    row = await tx.row("settings/select_version_at", env, user, at)
    return row[0] if row and row[0] else 0


async def _consents(tx: Tx, env: int, user: int, at: int) -> tuple[Consent, ...]:
    said = {
        (purpose, channel): granted
        for purpose, channel, granted in await tx.rows("broadcasts/select_consents", env, user, at)
    }
    return tuple(
        Consent(purpose, CHANNELS[channel - 1] if channel else None, bool(granted))
        for (purpose, channel), granted in sorted(said.items())
    )


def _broadcast(env: int, row: Row) -> Broadcast:
    return Broadcast(
        env=env,
        seq=row[0],
        topic=row[1],
        tenant=row[2],
        event=row[3],
        workflow=row[4],
        step=row[5],
        lane=row[6],
        published_at=row[7],
        expires_at=row[8],
        defaults_version=row[9],
        excepted=tuple(plain(row[10])),
        cursor=row[11],
    )
