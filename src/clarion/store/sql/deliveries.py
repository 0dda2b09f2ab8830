"""Deliveries."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Claim, DeadLetterRow, Finish, LaneRow
from clarion.store.sql.codec import channel_of, number_of, plain, text_json
from clarion.store.sql.settling import End, settle
from clarion.store.sql.tx import Executor, Rows, Tx, Values

DETAIL_LIMIT = 300


class SqlDeliveries:
    """The hot queue."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def claim(
        self, lane: int, account: str, worker: int, limit: int, now: int
    ) -> list[Claim]:
        rows = await self._executor.write(
            lambda tx: tx.rows("deliveries/claim", lane, account, worker, limit, now), lane
        )
        return sorted((_claim(row) for row in rows), key=lambda claim: claim.seq)

    async def next_due(self, lane: int, account: str) -> int | None:
        rows = await self._executor.read(lambda tx: tx.rows("deliveries/next_due", lane, account))
        return None if rows[0][0] is None else int(rows[0][0])

    async def contents(
        self, keys: list[DeliveryKey]
    ) -> dict[tuple[bytes, int, int, str, int], str]:
        steps = {(k.env, k.event.hex(), k.workflow, k.user, k.step) for k in keys}
        wanted = Rows(sorted(steps))
        rows = await self._executor.read(lambda tx: tx.rows("deliveries/contents", wanted))
        return {
            (event, workflow, step, locale, user): body
            for event, workflow, step, locale, user, body in rows
        }

    async def finish(self, finishes: list[Finish], worker: int, now: int) -> int:
        if not finishes:
            return 0
        urgency = 0 if len(finishes) < 20 else 1
        return await self._executor.write(lambda tx: _finish(tx, finishes, now), urgency)

    async def forgotten(
        self, lane: int, account: str, worker: int, known: list[int]
    ) -> list[Claim]:
        rows = await self._executor.write(
            lambda tx: tx.rows("deliveries/forgotten", lane, account, worker, Values(known)), lane
        )
        return sorted((_claim(row) for row in rows), key=lambda claim: claim.seq)

    async def stranded(self, dead: list[int], limit: int) -> list[Claim]:
        rows = await self._executor.write(
            lambda tx: tx.rows("deliveries/stranded", Values(dead), limit), 0
        )
        return [_claim(row) for row in rows]

    async def dead_letters(
        self, env: int, *, cause: str | None, channel: int | None, before: int | None, limit: int
    ) -> list[DeadLetterRow]:
        rows = await self._executor.read(
            lambda tx: tx.rows("deliveries/dead_letters", env, cause, channel, before, limit)
        )
        return [_dead_letter(env, row) for row in rows]

    async def lanes(self, now: int) -> list[LaneRow]:
        return await self._executor.read(_lanes)


def _claim(row: tuple[Any, ...]) -> Claim:
    expires_at, created_at = plain(row[13])
    return Claim(
        seq=row[0], fence=row[1], attempts=row[9], crashes=row[10], tenant=row[11],
        key=DeliveryKey(row[2], row[3], row[4], row[5], row[6], channel_of(row[7]), row[8]),
        account=row[12], expires_at=expires_at, created_at=created_at,
    )  # fmt: skip


def _key_row(key: DeliveryKey) -> list[Any]:
    return [
        key.env, key.event.hex(), key.workflow, key.user, key.step, number_of(key.channel),
        key.destination,
    ]  # fmt: skip


async def _finish(tx: Tx, finishes: list[Finish], now: int) -> int:
    mine = await _taken(tx, finishes)
    if not mine:
        return 0
    await tx.run("deliveries/record", Rows([_record(f, now) for f in mine]))
    await _write_attempts(tx, mine)
    ends = [_end(f) for f in mine if f.status is not DeliveryStatus.READY]
    if ends:
        await settle(tx, ends)
    await _write_rest(tx, mine, now)
    return len(mine)


async def _taken(tx: Tx, finishes: list[Finish]) -> list[Finish]:
    """Those whose fence still holds (of two for one claim the first), off the queue or back in it.

    Ready rows are locked in their order; what else these finishes change hangs on them.
    """
    by_claim: dict[tuple[int, int], Finish] = {}
    for f in finishes:
        by_claim.setdefault((f.claim.seq, f.claim.fence), f)
    ends = []
    retries = []
    for claim, f in sorted(by_claim.items(), key=itemgetter(0)):
        if f.status is DeliveryStatus.READY:
            retries.append([*claim, f.due, f.claim.attempts + f.attempted, f.crashes])
        else:
            ends.append(claim)
    held = await tx.rows("deliveries/take_ended", Rows(ends)) if ends else []
    if retries:
        held += await tx.rows("deliveries/retry_ready", Rows(retries))
    taken = {(seq, fence) for seq, fence in held}
    return [f for claim, f in by_claim.items() if claim in taken]


def _record(f: Finish, now: int) -> list[Any]:
    outcome = f.outcome
    words: list[Any] = [None, None, None, None, None]
    if outcome is not None:
        words = [
            outcome.provider_id, outcome.kind.value, outcome.code, outcome.detail[:DETAIL_LIMIT],
            f.ms,
        ]  # fmt: skip
    return [*_key_row(f.claim.key), f.status, now, f.claim.attempts + f.attempted, *words]


def _end(f: Finish) -> End:
    key = f.claim.key
    return End(
        seq=f.claim.seq, env=key.env, event=key.event, workflow=key.workflow, user=key.user,
        step=key.step, channel=number_of(key.channel), destination=key.destination,
        status=f.status,
    )  # fmt: skip


async def _write_attempts(tx: Tx, mine: list[Finish]) -> None:
    """Tries that were not accepted; the accepted one is the delivery's last."""
    rows = [
        [
            *_key_row(f.claim.key), f.claim.attempts + 1, f.started_at, f.ms, f.outcome.kind.value,
            f.outcome.code, f.outcome.detail[:DETAIL_LIMIT],
        ]
        for f in mine
        if f.attempted and f.outcome is not None and f.outcome.kind is not OutcomeClass.ACCEPTED
    ]  # fmt: skip
    if rows:
        await tx.run("deliveries/insert_attempts", Rows(rows))


async def _write_rest(tx: Tx, mine: list[Finish], now: int) -> None:
    """What few outcomes leave: dead letters, captures, content, disabled destinations."""
    dead = [[*_key_row(f.claim.key), f.cause, now] for f in mine if f.cause is not None]
    if dead:
        await tx.run("deliveries/insert_dead_letters", Rows(dead))
    captured = [
        [*_key_row(f.claim.key), now, text_json(f.outcome.captured)]
        for f in mine
        if f.outcome is not None and f.outcome.captured is not None
    ]
    if captured:
        await tx.run("deliveries/insert_captures", Rows(captured))
    contents = [f.content for f in mine if f.content is not None]
    if contents:
        await tx.run("work/insert_contents", Rows(contents))
    disabled = [
        [f.claim.key.env, f.claim.key.destination, f.started_at, f.outcome.code]
        for f in mine
        if f.disable and f.outcome is not None and f.claim.key.destination
    ]
    if disabled:
        disabled.sort(key=itemgetter(0, 1))  # the order in which their rows are locked
        await tx.run("deliveries/disable_destinations", Rows(disabled), now)


def _dead_letter(env: int, row: tuple[Any, ...]) -> DeadLetterRow:
    return DeadLetterRow(
        key=DeliveryKey(env, row[0], row[1], row[2], row[3], channel_of(row[4]), row[5]),
        cause=row[6], account=row[7], at=row[8], attempts=row[9], outcome=row[10], code=row[11],
        detail=row[12],
    )  # fmt: skip


async def _lanes(tx: Tx) -> list[LaneRow]:
    ready: dict[int, list[int]] = {lane: [0, 0, 0] for lane in range(4)}
    oldest: dict[int, int] = {}
    for lane, state, count, due in await tx.rows("deliveries/lanes"):
        ready[lane][state] += count
        oldest[lane] = min(due, oldest.get(lane, due))
    for lane, count, due in await tx.rows("deliveries/task_lanes"):
        ready[lane][2] += count
        oldest[lane] = min(due, oldest.get(lane, due))
    return [
        LaneRow(lane=lane, ready=r, sending=s, tasks=t, oldest_due=oldest.get(lane))
        for lane, (r, s, t) in ready.items()
    ]
