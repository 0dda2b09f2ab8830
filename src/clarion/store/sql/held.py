"""Work that waits."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec

from clarion.core.ids import is_digest
from clarion.core.states import Bucket
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.held import (
    DIGEST_TYPE,
    ENTRIES_SHOWN,
    STEP,
    WINDOW,
    WINDOWS_COUNTED,
    Context,
    Digest,
    DigestEntryRow,
    Held,
    Resumed,
    Wait,
)
from clarion.store.contract.work import PageWrite
from clarion.store.sql.moving import Moves, NotificationKey, move, tell_entries
from clarion.store.sql.pages import write_page_rows
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look

_ASIDE = 3
_ORDER = attrgetter("due", "event", "user")

_WaitKey = tuple[int, str, int, int, int]


class SqlHeld:
    """Member of the HeldStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def claim(self, lane: int, worker: int, limit: int, now: int) -> list[Held]:
        async def work(tx: Tx) -> list[Held]:
            rows = await tx.rows("held/claim", lane, worker, limit, now)
            return await _alone(tx, sorted(map(_held, rows), key=_ORDER))

        return await self._executor.write(work, lane)

    async def reclaim(self, lane: int, worker: int) -> list[Held]:
        rows = await self._executor.write(lambda tx: tx.rows("held/reclaim", lane, worker), lane)
        return sorted(map(_held, rows), key=_ORDER)

    async def next_due(self, lane: int) -> int | None:
        rows = await self._executor.read(look("held/next_due", lane))
        return None if rows[0][0] is None else int(rows[0][0])

    async def postpone(self, held: list[Held], due: int) -> None:
        await self._give_back(held, due, forgiven=1)

    async def give_back(self, held: list[Held], due: int) -> None:
        await self._give_back(held, due)

    async def put_aside(self, held: list[Held], now: int) -> None:
        await self._give_back(held, now, state=_ASIDE)

    async def aside(self, env: int, wanted: DeadLetterFilter) -> int:
        if not wanted.frees_work:
            return 0
        asked = (env, wanted.event, wanted.workflow, wanted.tenant)
        rows = await self._executor.read(look("held/aside", *asked))
        return int(rows[0][0])

    async def take_up(self, env: int, wanted: DeadLetterFilter, now: int) -> list[int]:
        if not wanted.frees_work:
            return []
        asked = (env, wanted.event, wanted.workflow, wanted.tenant, now)
        rows = await self._executor.write(lambda tx: tx.rows("held/take_up", *asked), 1)
        return [lane for (lane,) in rows]

    async def _give_back(
        self, held: list[Held], due: int, *, forgiven: int = 0, state: int = 0
    ) -> None:
        if held:
            rows = Rows(sorted([*_key(one), one.fence, due, forgiven, state] for one in held))
            await self._executor.write(lambda tx: tx.run("held/give_back", rows), held[0].lane)

    async def contexts(self, held: list[Held]) -> dict[tuple[bytes, int, int], Context]:
        return await self._executor.read(lambda tx: _contexts(tx, held))

    async def close(self, digests: list[tuple[int, bytes]], now: int) -> dict[bytes, Digest]:
        wanted = Rows([[env, digest.hex()] for env, digest in sorted(digests)])

        async def work(tx: Tx) -> dict[bytes, Digest]:
            rows = await tx.rows("held/close", wanted, now)
            return await _with_entries(tx, [_digest(row) for row in rows])

        return await self._executor.write(work, 1) if digests else {}

    async def digests(self, env: int, digests: list[bytes]) -> dict[bytes, Digest]:
        async def work(tx: Tx) -> dict[bytes, Digest]:
            rows = await tx.rows("held/digests", env, Values([digest.hex() for digest in digests]))
            found = [
                msgspec.structs.replace(_digest((*row[:13], row[14])), due=row[13]) for row in rows
            ]
            return await _with_entries(tx, found)

        return await self._executor.read(work) if digests else {}

    async def resume(
        self, resumed: list[Resumed], page: PageWrite, digests: list[Digest], now: int
    ) -> int:
        lane = min((one.held.lane for one in resumed), default=1)
        return await self._executor.write(lambda tx: _resume(tx, resumed, page, digests), lane)

    async def decisions(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[tuple[int, int, int, str]]:
        rows = await self._executor.read(look("held/select_decisions", env, event, workflow, user))
        return [(step, n, at, decided) for step, n, at, decided in rows]

    async def waits(self, env: int, event: bytes, workflow: int, user: int) -> list[Wait]:
        rows = await self._executor.read(look("held/waits_of", env, event, workflow, user))
        return [
            Wait(step=step, due=due, gates=_gates(gates), kind=kind, digest=digest)
            for step, due, gates, kind, digest in rows
        ]

    async def dues(
        self, env: int, notifications: list[tuple[bytes, int, int]]
    ) -> dict[tuple[bytes, int, int], int]:
        if not notifications:
            return {}
        wanted = Rows([[env, event.hex(), *rest] for event, *rest in sorted(notifications)])
        rows = await self._executor.read(look("held/dues", wanted))
        return {(event, workflow, user): due for event, workflow, user, due in rows}

    async def open_windows(self) -> int:
        rows = await self._executor.read(look("held/open_windows", WINDOWS_COUNTED))
        count: int = rows[0][0]
        return count

    async def rescue(self, dead: list[int]) -> int:
        return await self._executor.write(lambda tx: tx.run("held/rescue", Values(dead)), 0)


async def _alone(tx: Tx, held: list[Held]) -> list[Held]:
    """Of what was in hand at a death one is tried at a time, and nothing beside it: so only what
    kills is put aside in the end."""
    suspect = next((one for one in held if one.crashes > 1), None)
    if suspect is None:
        return held
    others = [one for one in held if one is not suspect]
    if others:
        rows = Rows(sorted([*_key(one), one.fence, one.due, 1, 0] for one in others))
        await tx.run("held/give_back", rows)
    return [suspect]


def _held(row: Row) -> Held:
    return Held(
        env=row[0], event=row[1], workflow=row[2], user=row[3], step=row[4], n=row[5],
        first=row[6], last=row[7], kind=row[8], gates=_gates(row[9]), lane=row[10], tenant=row[11],
        due=row[12], fence=row[13], crashes=row[14],
    )  # fmt: skip


def _gates(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _key(held: Held) -> list[Any]:
    return [held.env, held.event.hex(), held.workflow, held.user, held.step]


def _digest(row: Row) -> Digest:
    return Digest(
        env=row[0], id=row[1], user=row[2], tenant=row[3], step=row[5], key=row[6],
        pinned=(row[4], row[7], row[8], row[9], row[10]), about=row[11], opened_at=row[12],
        closed_at=row[13],
    )  # fmt: skip


async def _contexts(tx: Tx, held: list[Held]) -> dict[tuple[bytes, int, int], Context]:
    wanted = Rows(sorted({tuple(_key(one)[:4]) for one in held}))
    marks = {
        (event, workflow, user): [topic or 0, items, seen, read]
        for event, workflow, user, topic, items, seen, read in await tx.rows(
            "held/contexts", wanted
        )
    }
    digests = {(one.env, one.event.hex()) for one in held if is_digest(one.event)}
    gathered = {}
    if digests:
        gathered = {
            digest: counts
            for digest, *counts in await tx.rows("held/entry_marks", Rows(sorted(digests)))
        }
    found = {}
    for one in held:
        key = (one.event, one.workflow, one.user)
        topic, *own = marks.get(key, [0, 0, 0, 0])
        items, seen, read = (
            a + b for a, b in zip(own, gathered.get(one.event, (0, 0, 0)), strict=True)
        )
        found[key] = Context(topic, 0 < items == seen, 0 < items == read)
    return found


async def _with_entries(tx: Tx, digests: list[Digest]) -> dict[bytes, Digest]:
    wanted = Rows([[one.env, one.id.hex()] for one in digests])
    counts = {row[1]: row[2:] for row in await tx.rows("held/count_entries", wanted)}
    found = {}
    for one in digests:
        count, actors, first_at, last_at = counts.get(one.id, (0, 0, 0, 0))
        rows = await tx.rows("held/entries", one.env, one.id, ENTRIES_SHOWN)
        found[one.id] = msgspec.structs.replace(
            one,
            count=count,
            actor_count=actors,
            first_at=first_at,
            last_at=last_at,
            entries=tuple(DigestEntryRow(*row) for row in rows),
        )
    return found


async def _resume(tx: Tx, resumed: list[Resumed], page: PageWrite, digests: list[Digest]) -> int:
    """Take the rows that are still ours; the others, and all that is theirs, are left out."""
    asked = Rows(sorted([*_key(one.held), one.held.n, one.held.fence] for one in resumed))
    taken: set[_WaitKey] = {
        (env, event.hex(), workflow, user, step)
        for env, event, workflow, user, step in await tx.rows("held/take", asked)
    }
    ours = [one for one in resumed if tuple(_key(one.held)) in taken]
    if len(ours) < len(resumed):
        lost = {_notification(one.held) for one in resumed} - {
            _notification(one.held) for one in ours
        }
        page = _without(page, lost)
    told = {one.held.event for one in ours if one.held.kind == WINDOW}
    await _write_events(tx, [one for one in digests if one.id in told], ours)
    await write_page_rows(tx, page, new_event=False)
    await _write_decisions(tx, ours)
    tally, moves = Tally(), Moves()
    for one in ours:
        if one.held.kind == STEP:
            _count(one, moves)
    buckets = [(n.env, n.event, Bucket(n.bucket)) for n in page.notifications]
    await tell_entries(tx, buckets, moves)
    await move(tx, moves, tally)
    if rows := tally.rows():
        await tx.run("work/insert_deltas", Rows(rows))
    return len(ours)


def _count(one: Resumed, moves: Moves) -> None:
    key = _notification(one.held)
    moves.touch(key)
    for part, n in (
        (Bucket.OPEN, one.open),
        (Bucket.HELD, one.waiting - 1),
        (Bucket.SENT, one.sent),
        (Bucket.DEAD, one.dead),
    ):
        moves.add(key, part, n)


def _notification(held: Held) -> NotificationKey:
    return (held.env, held.event.hex(), held.workflow, held.user)


async def _write_decisions(tx: Tx, ours: list[Resumed]) -> None:
    rows = [
        [*_key(one.held), one.held.n, one.at, one.decided] for one in ours if one.held.kind == STEP
    ]
    if rows:
        await tx.run("held/insert_decisions", Rows(rows))


async def _write_events(tx: Tx, digests: list[Digest], ours: list[Resumed]) -> None:
    """What a digest is told as has the rows of an event, so that all that reads events reads it."""
    if not digests:
        return
    await tx.days([one.id for one in digests])
    decided = {one.held.event: one.at for one in ours}
    events, payloads, pins = [], [], []
    for one in digests:
        id_ = one.id.hex()
        at = one.closed_at or decided[one.id]
        events.append(
            [
                one.env, id_, DIGEST_TYPE, one.tenant, 0, one.about, 0, at, None, None, None, None,
                0, "[]", "[]", f"[{one.pinned[4]}]", None,
            ]
        )  # fmt: skip
        payloads.append([one.env, id_, "{}"])
        pins.append([one.env, id_, *one.pinned])
    await tx.run("events/insert_events", Rows(events))
    await tx.run("events/insert_payloads", Rows(payloads))
    await tx.run("events/insert_workflows", Rows(pins))


def _without(page: PageWrite, lost: set[NotificationKey]) -> PageWrite:
    def ours(row: Any) -> bool:
        return (row.env, row.event, row.workflow, row.user) not in lost

    return PageWrite(
        notifications=[*filter(ours, page.notifications)],
        items=[*filter(ours, page.items)],
        deliveries=[*filter(ours, page.deliveries)],
        contents=[*filter(ours, page.contents)],
        undecidable=[*filter(ours, page.undecidable)],
        waits=[*filter(ours, page.waits)],
        joins=[*filter(ours, page.joins)],
        members=[*filter(ours, page.members)],
    )
