"""Dead letters: searched, redriven in batches, closed by a late success; tasks put aside."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.contract.dead_letters import (
    Batch,
    CauseCount,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterRow,
    Position,
    PutAside,
    Redriven,
    RedriveRow,
    Rerouting,
)
from clarion.store.contract.deliveries import Finish
from clarion.store.sql.codec import channel_of
from clarion.store.sql.dead_letter_window import ORDER, edge, matches, window
from clarion.store.sql.recording import end_of, key_row, record_of
from clarion.store.sql.redriving import (
    begin_some,
    fail_some,
    redrive_row,
    redrive_some,
    survey_some,
)
from clarion.store.sql.settling import settle
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look, look_one

_BULK = 3
_NO_END = 2**63 - 1
_CAUSES = (
    "select w.cause, w.channel, w.account, count(*), count(w.redriven_at), min(w.at), max(w.at) "
    "from ({window}) as w where {condition} "
    "group by w.cause, w.channel, w.account order by 4 desc, 1, 2, 3"
)
_SEARCH = (
    'select w.event, w.workflow, w."user", w.step, w.channel, w.destination, w.cause, '
    "w.account, w.at, coalesce(d.status, 0), coalesce(d.attempts, 0), d.last_outcome, "
    "d.last_code, d.last_detail, w.redriven_at, w.closed_at "
    "from ({window}) as w "
    "left join delivery as d on d.env = w.env and d.event = w.event "
    'and d.workflow = w.workflow and d."user" = w."user" and d.step = w.step '
    "and d.channel = w.channel and d.destination = w.destination "
    "where {condition} order by {order} limit ?"
)


class SqlDeadLetters:
    """What was given up."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def search(
        self, env: int, wanted: DeadLetterFilter, after: Position | None, limit: int
    ) -> DeadLetterPage:
        return await self._executor.read(lambda tx: _search(tx, env, wanted, after, limit))

    async def causes(
        self, env: int, wanted: DeadLetterFilter, newest: int
    ) -> tuple[list[CauseCount], bool]:
        return await self._executor.read(lambda tx: _causes(tx, env, wanted, newest))

    async def survey(
        self, env: int, wanted: DeadLetterFilter, after: Position | None, now: int
    ) -> tuple[Redriven, Position | None]:
        return await self._executor.read(lambda tx: survey_some(tx, env, wanted, after, now))

    async def begin_redrive(
        self, env: int, wanted: DeadLetterFilter, rate_per_second: int, now: int
    ) -> RedriveRow:
        row = await self._executor.write(
            lambda tx: begin_some(tx, env, wanted, rate_per_second, now), 1
        )
        return RedriveRow(
            redrive=int(row[0]) if row else 0, env=env, filter=wanted,
            rate_per_second=rate_per_second, created_at=now, next_due=now, updated_at=now,
        )  # fmt: skip

    async def redrive(self, redrive: int, rerouting: Rerouting, now: int) -> Batch:
        return await self._executor.write(
            lambda tx: redrive_some(tx, redrive, rerouting, now), _BULK
        )

    async def fail_redrive(self, redrive: int, error: str, now: int) -> RedriveRow | None:
        return await self._executor.write(lambda tx: fail_some(tx, redrive, error, now), 1)

    async def redrives(self, env: int, before: int | None, limit: int) -> list[RedriveRow]:
        below = _NO_END if before is None else before
        rows = await self._executor.read(look("letters/redrives", env, below, limit))
        return [redrive_row(row) for row in rows]

    async def redrive_of(self, env: int, redrive: int) -> RedriveRow | None:
        row = await self._executor.read(look_one("letters/redrive_of", env, redrive))
        return None if row is None else redrive_row(row)

    async def open_redrives(self, limit: int) -> list[RedriveRow]:
        rows = await self._executor.read(look("letters/open_redrives", limit))
        return [redrive_row(row) for row in rows]

    async def prune_redrives(self, before: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("letters/prune_redrives", before, limit), _BULK
        )

    async def settle_late(self, finishes: list[Finish], now: int) -> int:
        accepted = {
            finish.claim.key: finish
            for finish in finishes
            if finish.outcome is not None and finish.outcome.kind is OutcomeClass.ACCEPTED
        }
        if not accepted:
            return 0
        return await self._executor.write(lambda tx: _settle_late(tx, accepted, now), 1)

    async def put_aside(self, env: int, event: bytes | None = None) -> list[PutAside]:
        rows = await self._executor.read(look("work/put_aside", env, event))
        return [
            PutAside(
                task=row[0], env=env, event=row[1], workflow=row[2], lane=row[3], tenant=row[4],
                source=row[5], scope=row[6], cursor=row[7], crashes=row[8], at=row[9],
            )
            for row in rows
        ]  # fmt: skip

    async def take_up(self, env: int, wanted: DeadLetterFilter, now: int) -> list[int]:
        freed = [task.task for task in await self.put_aside(env) if wanted.frees(task)]
        if not freed:
            return []
        rows = await self._executor.write(
            lambda tx: tx.rows("work/take_up", Values(sorted(freed)), now), 1
        )
        return [lane for (lane,) in rows]


async def _search(
    tx: Tx, env: int, wanted: DeadLetterFilter, after: Position | None, limit: int
) -> DeadLetterPage:
    inner, parameters = window(env, wanted, after, newest=True)
    condition, more = matches(wanted)
    sql = _SEARCH.format(window=inner, condition=condition, order=ORDER.format("w", "desc"))
    found = await tx.composed(sql, [*parameters, *more, limit + 1])
    rows = [_letter(env, row) for row in found[:limit]]
    if len(found) > limit:
        return DeadLetterPage(rows=rows, cursor=rows[-1].position)
    return DeadLetterPage(rows=rows, cursor=await edge(tx, inner, parameters, newest=True))


async def _causes(
    tx: Tx, env: int, wanted: DeadLetterFilter, newest: int
) -> tuple[list[CauseCount], bool]:
    inner, parameters = window(env, wanted, None, newest=True, rows=newest)
    condition, more = matches(wanted)
    sql = _CAUSES.format(window=inner, condition=condition)
    found = await tx.composed(sql, [*parameters, *more])
    beyond = await edge(tx, inner, parameters, newest=True, rows=newest)
    counts = [
        CauseCount(
            cause=row[0], channel=row[1], account=row[2], count=row[3], redriven=row[4],
            first_at=row[5], last_at=row[6],
        )
        for row in found
    ]  # fmt: skip
    return counts, beyond is None


def _letter(env: int, row: Row) -> DeadLetterRow:
    return DeadLetterRow(
        key=DeliveryKey(env, row[0], row[1], row[2], row[3], channel_of(row[4]), row[5]),
        cause=row[6], account=row[7], at=row[8], status=row[9], attempts=row[10], outcome=row[11],
        code=row[12], detail=row[13], redriven_at=row[14], closed_at=row[15],
    )  # fmt: skip


async def _settle_late(tx: Tx, accepted: dict[DeliveryKey, Finish], now: int) -> int:
    """The dead letter is locked first, as whoever redrives it does."""
    await tx.days([*{key.event for key in accepted}])
    rows = sorted(key_row(key) for key in accepted)
    unknown = int(DeliveryStatus.UNKNOWN)
    closed = await tx.rows("letters/close_unknown", Rows(rows), now, unknown)
    keys = [
        DeliveryKey(row[0], row[1], row[2], row[3], row[4], channel_of(row[5]), row[6])
        for row in closed
    ]
    late = [accepted[key] for key in keys]
    if late:
        await tx.run("deliveries/record", Rows([record_of(finish, now) for finish in late]))
        await settle(tx, [_late_end(finish) for finish in late])
    return len(late)


def _late_end(finish: Finish) -> Any:
    dead = end_of(finish)
    return msgspec.structs.replace(
        dead, seq=0, was=DeliveryStatus.UNKNOWN, status=DeliveryStatus.SENT
    )
