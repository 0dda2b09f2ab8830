"""Prepared blasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.core.number_pages import packed, unpacked
from clarion.errors import NotFoundError
from clarion.store.contract.blasts import (
    PARKED,
    Begun,
    BlastRow,
    BlastState,
    BlastWrite,
    CutPage,
)
from clarion.store.contract.events import EventWrite
from clarion.store.sql.events import accept_within, cancel_within
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look

URGENCY = 3
ASKED = 1
"""Urgency of what somebody asked for."""

_NO_END = 2**62


class SqlBlasts:
    """Member of the BlastStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def begin(self, write: BlastWrite, now: int) -> Begun:
        return await self._executor.write(lambda tx: _begin(tx, write, now), ASKED)

    async def by_keys(self, env: int, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        if not keys:
            return {}
        rows = await self._read("blasts/select_keys", env, Values(keys))
        return {key: (blast, fingerprint) for key, blast, fingerprint in rows}

    async def row(self, env: int, blast: int) -> BlastRow | None:
        return _one(await self._read("blasts/select_row", env, blast))

    async def rows(self, env: int, before: int | None, limit: int) -> list[BlastRow]:
        below = _NO_END if before is None else before
        return [*map(_blast, await self._read("blasts/select_rows", env, below, limit))]

    async def plan(self, env: int, blast: int) -> tuple[str, str]:
        rows = await self._read("blasts/select_plan", env, blast)
        if not rows:
            raise NotFoundError("the blast is gone")
        return rows[0][0], rows[0][1]

    async def preparing(self, worker: int, limit: int, now: int) -> list[BlastRow]:
        async def work(tx: Tx) -> list[Row]:
            return await tx.rows("blasts/preparing", worker, await tx.clock(now), limit)

        return [*map(_blast, await self._executor.read(work))]

    async def take(self, row: BlastRow, worker: int, lease: int, now: int) -> int | None:
        async def work(tx: Tx) -> Row | None:
            at = await tx.clock(now)
            return await tx.row("blasts/take", row.env, row.number, worker, at + lease, at)

        found = await self._executor.write(work, URGENCY)
        return None if found is None else int(found[0])

    async def save(self, row: BlastRow, pages: Sequence[CutPage], lease: int, now: int) -> bool:
        return await self._executor.write(lambda tx: _save(tx, row, pages, lease, now), URGENCY)

    async def overlapping(
        self, env: int, blast: int, sections: Sequence[int], first: int, last: int
    ) -> set[int]:
        if not sections:
            return set()
        wanted = Values([*sections])
        rows = await self._read("blasts/select_overlap", env, blast, wanted, first, last)
        return {user for (users,) in rows for user in unpacked(users)}

    async def cut(
        self, env: int, blast: int, section: int, after: int, limit: int
    ) -> list[tuple[int, list[int]]]:
        rows = await self._read("blasts/select_cut", env, blast, section, after, limit)
        return [(last, unpacked(users)) for last, users in rows]

    async def last_user(self, env: int) -> int:
        ((last,),) = await self._read("blasts/last_user", env)
        return int(last)

    async def holds(self, env: int, blast: int, user: int) -> bool | None:
        row = await self.row(env, blast)
        if row is None or not row.has_cut:
            return None
        sections = range(row.section + 1)
        return user in await self.overlapping(env, blast, sections, user, user)

    async def fire(
        self, env: int, blast: int, event: EventWrite, expires_at: int | None, now: int
    ) -> BlastRow | None:
        async def work(tx: Tx) -> BlastRow | None:
            row = await _held(tx, env, blast, now)
            if row is None or row.state is not BlastState.ARMED:
                return row
            await accept_within(tx, [event], now)
            await tx.run("blasts/fire", env, blast, now, event.id, expires_at)
            return await _again(tx, env, blast)

        return await self._executor.write(work, ASKED)

    async def schedule(
        self, env: int, blast: int, at: int | None, forced: bool, now: int
    ) -> BlastRow | None:
        async def work(tx: Tx) -> BlastRow | None:
            if await _held(tx, env, blast, now) is not None:
                await tx.run("blasts/schedule", env, blast, at, int(forced))
            return await _again(tx, env, blast)

        return await self._executor.write(work, ASKED)

    async def unschedule(self, env: int, blast: int, note: str, now: int) -> None:
        await self._executor.write(
            lambda tx: tx.run("blasts/unschedule", env, blast, note, now), URGENCY
        )

    async def due(self, now: int, limit: int) -> list[BlastRow]:
        return [*map(_blast, await self._read("blasts/due", now, limit))]

    async def pause(self, env: int, blast: int, by: str, now: int) -> BlastRow | None:
        async def work(tx: Tx) -> BlastRow | None:
            row = await _held(tx, env, blast, now)
            if row is not None and _runs(row) and row.paused_at is None:
                await tx.run("blasts/pause", env, blast, now, by)
                await tx.run("blasts/set_event_paused", env, row.event, now)
            return await _again(tx, env, blast)

        return await self._executor.write(work, 0)

    async def resume(
        self, env: int, blast: int, now: int, *, expired: bool = False
    ) -> BlastRow | None:
        async def work(tx: Tx) -> BlastRow | None:
            row = await _held(tx, env, blast, now)
            if row is not None and row.paused_at is not None:
                await tx.run("blasts/resume", env, blast, now if expired else None)
                await tx.run("blasts/set_event_paused", env, row.event, None)
                await tx.run("blasts/hasten", env, row.event, now)
            return await _again(tx, env, blast)

        return await self._executor.write(work, ASKED)

    async def cancel(self, env: int, blast: int, now: int) -> BlastRow | None:
        return await self._executor.write(lambda tx: _cancel(tx, env, blast, now), 0)

    async def park(self, env: int, blast: int, limit: int, now: int) -> int:
        return await self._executor.write(lambda tx: _park(tx, env, blast, limit, now), URGENCY)

    async def running(self, idle_before: int, limit: int) -> list[BlastRow]:
        return [*map(_blast, await self._read("blasts/running", idle_before, limit))]

    async def touch(self, env: int, blast: int, now: int) -> None:
        await self._run("blasts/touch", env, blast, now)

    async def end(self, env: int, blast: int, now: int) -> None:
        await self._run("blasts/end", env, blast, now)

    async def count_test(self, env: int, blast: int) -> None:
        await self._run("blasts/count_test", env, blast)

    async def delete(self, env: int, blast: int) -> bool:
        async def work(tx: Tx) -> bool:
            row = await _held(tx, env, blast, 0)
            if row is None or row.state is BlastState.FIRED:
                return False
            await tx.run("blasts/delete", env, blast)
            await tx.run("blasts/free_keys", env, blast)
            return True

        return await self._executor.write(work, ASKED)

    async def drop_cuts(self, before: int, pages: int) -> int:
        return await self._executor.write(lambda tx: _drop_cuts(tx, before, pages), URGENCY)

    async def prune(self, before: int, limit: int) -> int:
        async def work(tx: Tx) -> int:
            old = Rows([[*row] for row in await tx.rows("blasts/select_old", before, limit)])
            for name in ("blasts/delete_keys", "blasts/delete_plans", "blasts/delete_rows"):
                await tx.run(name, old)
            return len(old.rows)

        return await self._executor.write(work, URGENCY)

    async def _read(self, name: str, *parameters: Any) -> list[Row]:
        return await self._executor.read(look(name, *parameters))

    async def _run(self, name: str, *parameters: Any) -> int:
        return await self._executor.write(lambda tx: tx.run(name, *parameters), URGENCY)


async def _begin(tx: Tx, write: BlastWrite, now: int) -> Begun:
    await tx.hold("blasts", write.env)
    known = dict(write.keys)
    if known:
        for key, blast, fingerprint in await tx.rows(
            "blasts/select_keys", write.env, Values([*known])
        ):
            same = known[key] == fingerprint
            return Begun(number=blast, replayed=same, mismatch=not same)
    ((number,),) = await tx.rows(
        "blasts/insert", write.env, write.name, write.type, now, write.expires_at,
        write.expires_in_seconds,
    )  # fmt: skip
    await tx.run("blasts/insert_plan", write.env, number, write.asked, write.plan)
    for key, fingerprint in write.keys:
        await tx.run("blasts/insert_key", write.env, key, number, fingerprint)
    return Begun(number=int(number))


async def _save(tx: Tx, row: BlastRow, pages: Sequence[CutPage], lease: int, now: int) -> bool:
    until = await tx.clock(now) + lease
    saved = await tx.run(
        "blasts/save", row.env, row.number, row.fence, row.section, row.cursor, row.tally, now,
        until, int(row.state), row.armed_at, row.ended_at,
    )  # fmt: skip
    if not saved:
        return False
    for page in pages:
        users = packed(page.users)
        last, count = page.users[-1], len(page.users)
        await tx.run("blasts/insert_cut", row.env, row.number, page.section, last, count, users)
    return True


async def _cancel(tx: Tx, env: int, blast: int, now: int) -> BlastRow | None:
    row = await _held(tx, env, blast, now)
    if row is None or row.canceled_at is not None or row.ended_at is not None:
        return row
    if row.event is None:
        await tx.run("blasts/cancel_unfired", env, blast, now)
    else:
        await cancel_within(tx, env, [row.event], now)
        await tx.run("blasts/cancel", env, blast, now)
        await tx.run("blasts/set_event_paused", env, row.event, None)
        await tx.run("blasts/hasten", env, row.event, now)
    return await _again(tx, env, blast)


async def _park(tx: Tx, env: int, blast: int, limit: int, now: int) -> int:
    """The row is held, so that nobody pauses or resumes it meanwhile."""
    row = await _held(tx, env, blast, now)
    if row is None or row.event is None:
        return 0
    if row.paused_at is not None:
        return await tx.run("blasts/park", env, row.event, PARKED, limit)
    if not row.parked:
        return 0
    moved = await tx.run("blasts/unpark", env, row.event, PARKED, limit)
    if not moved:
        await tx.run("blasts/unparked", env, blast)
    return moved


async def _drop_cuts(tx: Tx, before: int, pages: int) -> int:
    dropped = 0
    for env, blast in await tx.rows("blasts/with_cut", before, pages):
        gone = await tx.run("blasts/delete_cut", env, blast, pages - dropped)
        dropped += gone
        if dropped >= pages:
            break
        await tx.run("blasts/cut_gone", env, blast)
        await tx.run("blasts/delete_plans", Rows([[env, blast]]))
    return dropped


async def _held(tx: Tx, env: int, blast: int, now: int) -> BlastRow | None:
    """The row as it stands; nobody else changes it until the transaction ends."""
    return _one(await tx.rows("blasts/lock", env, blast, now))


async def _again(tx: Tx, env: int, blast: int) -> BlastRow | None:
    return _one(await tx.rows("blasts/select_row", env, blast))


def _runs(row: BlastRow) -> bool:
    return row.state is BlastState.FIRED and row.canceled_at is None and row.ended_at is None


def _one(rows: list[Row]) -> BlastRow | None:
    return _blast(rows[0]) if rows else None


def _blast(row: Row) -> BlastRow:
    return BlastRow(
        env=row[0], number=row[1], name=row[2], type=row[3], state=BlastState(row[4]),
        created_at=row[5], updated_at=row[6], fence=row[7], section=row[8], cursor=row[9],
        tally=row[10], expires_at=row[11], expires_in_seconds=row[12], armed_at=row[13],
        fire_at=row[14], forced=bool(row[15]), fired_at=row[16], event=row[17],
        paused_at=row[18], paused_by=row[19], parked=bool(row[20]), expired_at=row[21],
        canceled_at=row[22], ended_at=row[23], has_cut=bool(row[24]), tests=row[25], note=row[26],
    )  # fmt: skip
