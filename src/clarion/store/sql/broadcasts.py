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
from clarion.store.sql.looks import write_looks
from clarion.store.sql.settings import settings_of_versions, versions_at
from clarion.store.sql.tally import undecided_row
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look, look_one

URGENCY = 1
FEW = 200
"""So many new broadcasts are asked for their members one by one; more are found by way of the
user's topics."""

Then = tuple[int, int]
"""(user, instant)."""


class SqlBroadcasts:
    """Member of the BroadcastStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def forms(self, env: int, topics: list[int]) -> dict[int, str]:
        rows = await self._executor.read(look("broadcasts/select_forms", Values(topics), env))
        return dict(rows)

    async def newest(self, env: int) -> int:
        row = await self._executor.read(look_one("broadcasts/select_newest", env))
        return row[0] if row else 0

    async def behind(self, env: int, users: list[int], tenant: int) -> tuple[int, dict[int, int]]:
        asked = look("broadcasts/select_behind", Values(users), env, tenant)
        rows = await self._executor.read(asked)
        return rows[0][0] if rows else 0, {user: marker for _, user, marker in rows}

    async def after(
        self, env: int, tenant: int, markers: dict[int, int], newest: int, limit: int
    ) -> Found:
        return await self._executor.read(lambda tx: _after(tx, env, tenant, markers, newest, limit))

    async def of_event(self, env: int, event: bytes) -> list[Broadcast]:
        rows = await self._executor.read(look("broadcasts/select_of_event", env, event))
        return [_broadcast(env, row) for row in rows]

    async def spans(self, env: int, topic: int, user: int) -> list[tuple[int, int | None]]:
        rows = await self._executor.read(look("broadcasts/select_spans", env, topic, user))
        return [(since, until) for since, until in rows]

    async def recipients(self, env: int, asked: list[Then]) -> dict[Then, Recipient]:
        return await self._executor.read(lambda tx: _recipients(tx, env, asked))

    async def write(self, look: LookWrite) -> set[int]:
        return await self._executor.write(lambda tx: write_looks(tx, look), URGENCY)

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


async def _after(
    tx: Tx, env: int, tenant: int, markers: dict[int, int], newest: int, limit: int
) -> Found:
    members: dict[int, list[int]] = {}
    few = [(user, marker) for user, marker in markers.items() if newest - marker <= FEW]
    for user, seq in await tx.rows("broadcasts/select_new", Rows(few), env, tenant, newest):
        members.setdefault(user, []).append(seq)
    for user, marker in markers.items():
        if newest - marker > FEW:
            place = (env, user, tenant, marker, newest)
            rows = await tx.rows("broadcasts/select_of_topics", *place, limit)
            members[user] = [seq for (seq,) in rows]
    reached = dict.fromkeys(markers, newest)
    for user, mine in members.items():
        if len(mine) >= limit:
            members[user] = mine[:limit]
            reached[user] = mine[limit - 1]
    numbers = sorted({seq for mine in members.values() for seq in mine})
    rows = await tx.rows("broadcasts/select_by_number", Values(numbers), env) if numbers else []
    broadcasts = {row[0]: _broadcast(env, row) for row in rows}
    for user, mine in members.items():
        members[user] = [seq for seq in mine if user not in broadcasts[seq].excepted]
    return Found(reached=reached, broadcasts=broadcasts, members=members)


async def _recipients(tx: Tx, env: int, asked: list[Then]) -> dict[Then, Recipient]:
    """One statement for all, and three more for those who ever had settings or consents."""
    rows = await tx.rows("broadcasts/select_users", Rows(list(dict.fromkeys(asked))), env)
    known = [row for row in rows if row[2] is not None and row[6] is None]
    chosen = [(row[0], row[1]) for row in known if row[7]]
    versions = await versions_at(tx, env, chosen)
    pairs = {(user, version) for (user, _), version in versions.items()}
    settings = await settings_of_versions(tx, env, sorted(pairs))
    consents = await _consents(tx, env, [(row[0], row[1]) for row in known if row[8]])
    found = {then: Recipient(user=then[0], standing=Standing.UNKNOWN) for then in asked}
    for user, at, *_, erased_at, _, _ in rows:
        if erased_at is not None:
            found[user, at] = Recipient(user=user, standing=Standing.ERASED)
    for user, at, version, locale, zone, roles, *_ in known:
        then = (user, at)
        settings_version = versions.get(then, 0)
        found[then] = Recipient(
            user=user,
            standing=Standing.KNOWN,
            user_version=version,
            settings_version=settings_version,
            locale=locale,
            zone=zone,
            roles=() if roles == "[]" else tuple(plain(roles)),
            settings=tuple(settings.get((user, settings_version), ())),
            consents=consents.get(then, ()),
        )
    return found


async def _consents(tx: Tx, env: int, asked: list[Then]) -> dict[Then, tuple[Consent, ...]]:
    said: dict[Then, dict[tuple[int, int], int]] = {}
    for user, at, *place, granted in await tx.rows("broadcasts/select_consents", Rows(asked), env):
        said.setdefault((user, at), {})[place[0], place[1]] = granted
    return {
        then: tuple(
            Consent(purpose, CHANNELS[channel - 1] if channel else None, bool(granted))
            for (purpose, channel), granted in sorted(stated.items())
        )
        for then, stated in said.items()
    }


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
