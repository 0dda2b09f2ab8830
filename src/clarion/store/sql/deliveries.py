"""Deliveries."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.contract.blasts import PARKED
from clarion.store.contract.deliveries import (
    HELD_COUNTED,
    Ahead,
    Claim,
    Diversion,
    Finish,
    LaneRow,
)
from clarion.store.contract.work import NOBODYS_TURN
from clarion.store.sql.codec import channel_of, plain, text_json
from clarion.store.sql.ordering import advance_lines, lines_of
from clarion.store.sql.recording import DETAIL_LIMIT, end_of, key_row, record_of
from clarion.store.sql.settling import settle
from clarion.store.sql.suspects import alone
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look
from clarion.store.sql.work import MOST_TURNS, TURNS_LOOKED_AT

AHEAD_LIMIT = 100_000


class SqlDeliveries:
    """The hot queue."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._turns: dict[tuple[int, str], tuple[int, int]] = {}

    async def claim(
        self, lane: int, account: str, worker: int, limit: int, now: int
    ) -> list[Claim]:
        place = (lane, account)
        after = self._turns.get(place, NOBODYS_TURN)

        async def work(tx: Tx) -> tuple[list[Row], tuple[int, int]]:
            looked_at = min(limit + TURNS_LOOKED_AT, MOST_TURNS)
            turns = await tx.rows("deliveries/turns", lane, account, *after, looked_at)
            takers = [(env, tenant) for env, tenant, due in turns if due <= now]
            asked = (lane, account, worker, limit, now)
            if len(takers) <= 1:
                rows = [
                    row
                    for taker in takers
                    for row in await tx.rows("deliveries/claim_one", *asked, *taker)
                ]
            else:
                takers = takers[:limit]
                share = 2 * -(-limit // len(takers))
                wanted = Rows([[*taker] for taker in takers])
                rows = await tx.rows("deliveries/claim", *asked, wanted, share)
            rows = await alone(tx, rows, worker, now)
            if len(takers) < limit and len(turns) < looked_at:
                return rows, (turns[0][0], turns[0][1]) if turns else after
            last = takers[-1] if len(takers) >= limit else turns[-1]
            return rows, (last[0], last[1])

        rows, self._turns[place] = await self._executor.write(work, lane)
        return sorted((_claim(row) for row in rows), key=lambda claim: claim.seq)

    async def reclaim(
        self, lane: int, account: str, worker: int, known: list[int], limit: int
    ) -> list[Claim]:
        asked = (lane, account, worker, Values(known), limit)
        rows = await self._executor.write(lambda tx: tx.rows("deliveries/reclaim", *asked), lane)
        return sorted((_claim(row) for row in rows), key=lambda claim: claim.seq)

    async def next_due(self, lane: int, account: str) -> int | None:
        rows = await self._executor.read(look("deliveries/next_due", lane, account))
        return None if rows[0][0] is None else int(rows[0][0])

    async def due(self, lane: int, account: str, limit: int, now: int) -> int:
        rows = await self._executor.read(look("deliveries/due", lane, account, limit, now))
        return int(rows[0][0])

    async def divert(self, diversion: Diversion, now: int) -> int:
        return await self._executor.write(lambda tx: _divert(tx, diversion, now), diversion.lane)

    async def contents(
        self, keys: list[DeliveryKey]
    ) -> dict[tuple[bytes, int, int, str, int], str]:
        steps = {(k.env, k.event.hex(), k.workflow, k.user, k.step) for k in keys}
        wanted = Rows(sorted(steps))
        rows = await self._executor.read(look("deliveries/contents", wanted))
        return {
            (event, workflow, step, locale, user): body
            for event, workflow, step, locale, user, body in rows
        }

    async def finish(
        self, finishes: list[Finish], worker: int, now: int, lane: int | None = None
    ) -> int:
        if not finishes:
            return 0
        urgency = lane if lane is not None else 0 if len(finishes) < 20 else 1
        return await self._executor.write(lambda tx: _finish(tx, finishes, now), urgency)

    async def stranded(self, dead: list[int], limit: int) -> list[Claim]:
        rows = await self._executor.write(
            lambda tx: tx.rows("deliveries/stranded", Values(dead), limit), 0
        )
        return [_claim(row) for row in rows]

    async def ahead(self, env: int, event: bytes) -> list[Ahead]:
        rows = await self._executor.read(look("deliveries/ahead", env, event, AHEAD_LIMIT, PARKED))
        return [
            Ahead(channel=channel, lane=lane, account=account, depth=depth, due=due)
            for channel, lane, account, depth, due in rows
        ]

    async def depth(self, lane: int, account: str, limit: int) -> int:
        rows = await self._executor.read(look("deliveries/depth", lane, account, limit, PARKED))
        return int(rows[0][0])

    async def lanes(self, now: int) -> list[LaneRow]:
        return await self._executor.read(_lanes)


def _claim(row: tuple[Any, ...]) -> Claim:
    expires_at, created_at, before, silent = plain(row[14])
    return Claim(
        seq=row[0], fence=row[1], attempts=row[9], crashes=row[10], tenant=row[11],
        key=DeliveryKey(row[2], row[3], row[4], row[5], row[6], channel_of(row[7]), row[8]),
        account=row[12], ordered=bool(row[13]), expires_at=expires_at, created_at=created_at,
        before=before, silent=bool(silent),
    )  # fmt: skip


async def _finish(tx: Tx, finishes: list[Finish], now: int) -> int:
    await tx.days([*{f.claim.key.event for f in finishes}])
    mine = await _taken(tx, finishes)
    if not mine:
        return 0
    await tx.run("deliveries/record", Rows([record_of(f, now) for f in mine]))
    await _write_attempts(tx, mine)
    bound = sorted(f.claim.seq for f in mine if f.bound and f.status is DeliveryStatus.READY)
    if bound:
        await tx.run("deliveries/bind", Values(bound))
    ends = [end_of(f) for f in mine if f.status is not DeliveryStatus.READY]
    if ends:
        await settle(tx, ends)
    await _write_rest(tx, mine, now)
    return len(mine)


async def _divert(tx: Tx, diversion: Diversion, now: int) -> int:
    """Ready rows that another transaction holds are left; deliveries follow in key order."""
    moved = await tx.rows(
        "deliveries/divert", diversion.lane, diversion.source, diversion.target,
        Values(diversion.envs), int(not diversion.platforms), Values(diversion.platforms or ("",)),
        diversion.limit, now,
    )  # fmt: skip
    if moved:
        keys = sorted([env, event.hex(), *rest] for env, event, *rest in moved)
        await tx.run("deliveries/divert_deliveries", Rows(keys), diversion.target, now)
    return len(moved)


async def _taken(tx: Tx, finishes: list[Finish]) -> list[Finish]:
    """Those whose fence still holds (of two for one claim the first), off the queue or back in it.

    Ready rows are locked in their order; what else these finishes change hangs on them.
    """
    by_claim: dict[tuple[int, int], Finish] = {}
    for f in finishes:
        by_claim.setdefault((f.claim.seq, f.claim.fence), f)
    ends: list[tuple[int, int]] = []
    retries = []
    for claim, f in sorted(by_claim.items(), key=itemgetter(0)):
        if f.status is DeliveryStatus.READY:
            retries.append([*claim, f.due, *_tries(f), f.crashes])
        else:
            ends.append(claim)
    held = await _take_ended(tx, ends, [f.claim.seq for f in finishes if f.claim.ordered])
    if retries:
        held += await tx.rows("deliveries/retry_ready", Rows(retries))
    taken = {(seq, fence) for seq, fence in held}
    return [f for claim, f in by_claim.items() if claim in taken]


def _tries(f: Finish) -> tuple[int, int | None]:
    """Of a delivery that is tried again: the attempts used up, and the tries that used up none."""
    claim = f.claim
    if not f.attempted:
        return claim.attempts, claim.before
    return (
        (claim.attempts + 1, claim.before)
        if f.counted
        else (claim.attempts, (claim.before or 0) + 1)
    )


async def _take_ended(tx: Tx, ends: list[tuple[int, int]], ordered: list[int]) -> list[Row]:
    """Take (seq, fence) off the queue; those whose fence held. What waited behind one in its line
    may go then."""
    if not ends:
        return []
    lines = await lines_of(tx, Values(sorted(ordered))) if ordered else []
    held = await tx.rows("deliveries/take_ended", Rows(ends))
    await advance_lines(tx, lines)
    return held


async def _write_attempts(tx: Tx, mine: list[Finish]) -> None:
    """Tries that were not accepted; the accepted one is the delivery's last."""
    rows = [
        [
            *key_row(f.claim.key), f.claim.made + 1, f.started_at, f.ms, f.outcome.kind.value,
            f.outcome.code, f.outcome.detail[:DETAIL_LIMIT],
        ]
        for f in mine
        if f.attempted and f.outcome is not None and f.outcome.kind is not OutcomeClass.ACCEPTED
    ]  # fmt: skip
    if rows:
        await tx.run("deliveries/insert_attempts", Rows(rows))


async def _write_rest(tx: Tx, mine: list[Finish], now: int) -> None:
    """What few outcomes leave: dead letters, captures, content, disabled destinations,
    decisions."""
    again = [
        [*key_row(f.claim.key)[:5], f.decided.n, f.decided.at, f.decided.decided]
        for f in mine
        if f.decided is not None
    ]
    if again:
        await tx.run("held/insert_decisions", Rows(sorted(again)))
    dead = [[*key_row(f.claim.key), f.cause, now] for f in mine if f.cause is not None]
    revived = [
        key_row(f.claim.key)
        for f in mine
        if f.claim.before is not None and f.cause is None and f.status is not DeliveryStatus.READY
    ]
    if revived:
        await tx.run("letters/close", Rows(sorted(revived)), now)
    if dead:
        await tx.run("deliveries/insert_dead_letters", Rows(dead))
    captured = [
        [*key_row(f.claim.key), now, text_json(f.outcome.captured)]
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


async def _lanes(tx: Tx) -> list[LaneRow]:
    ready: dict[int, list[int]] = {lane: [0, 0, 0] for lane in range(4)}
    oldest: dict[int, int] = {}
    for lane, state, count, due in await tx.rows("deliveries/lanes"):
        ready[lane][state] += count
        oldest[lane] = min(due, oldest.get(lane, due))
    for lane, count, due in await tx.rows("deliveries/task_lanes"):
        ready[lane][2] += count
        oldest[lane] = min(due, oldest.get(lane, due))
    found = []
    for lane, (r, s, t) in ready.items():
        held, held_due = await _held(tx, lane)
        found.append(
            LaneRow(
                lane=lane, ready=r, sending=s, tasks=t, oldest_due=oldest.get(lane), held=held,
                held_due=held_due,
            )
        )  # fmt: skip
    return found


async def _held(tx: Tx, lane: int) -> tuple[int, int | None]:
    """What is held in a lane or in the hands of a worker, and when the first of it is due."""
    count, dues = 0, []
    for state in (0, 1):
        for n, due in await tx.rows("held/depth", lane, state, HELD_COUNTED - count):
            count += n
            dues += [] if due is None else [due]
    return count, min(dues, default=None)
