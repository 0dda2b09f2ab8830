"""How the end of deliveries moves their notifications' buckets and the event's counts, in one
transaction."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from clarion.core.ids import is_digest
from clarion.core.states import Bucket, DeliveryStatus, bucket_of, part_of
from clarion.store.sql.moving import Moves, move
from clarion.store.sql.ordering import advance_lines, lines_of
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Rows, Tx, Values

NotificationKey = tuple[int, bytes, int, int]
"""(environment, event, workflow, user)."""
Move = tuple[int, bytes, int, int, int]
"""(environment, event, kind as of Tally, bucket before, bucket now)."""
_PART_OF = [0, *(part_of(status).value for status in DeliveryStatus)]
"""Bucket of a single delivery by the number of its status."""
_OPEN, _SENT, _DEAD = Bucket.OPEN - 1, Bucket.SENT - 1, Bucket.DEAD - 1


class End(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A delivery that ends now; `channel` is the channel's number, `seq` its ready row (0: none).
    `was` is any status of the part it counted for: what was given up may also be ready again."""

    seq: int
    env: int
    event: bytes
    workflow: int
    user: int
    step: int
    channel: int
    destination: int
    status: DeliveryStatus
    was: DeliveryStatus = DeliveryStatus.SENDING


async def end_deliveries(tx: Tx, ends: list[End], now: int, moves: Moves | None = None) -> None:
    """End deliveries nothing more was tried for (cancelled, expired, erased): status, queue and
    counts. `moves` are what else changes with them."""
    if ends:
        rows = [
            [e.env, e.event.hex(), e.workflow, e.user, e.step, e.channel, e.destination, e.status,
             now]
            for e in ends
        ]  # fmt: skip
        await tx.run("deliveries/end", Rows(rows))
        await tx.run("letters/close", Rows([row[:7] for row in sorted(rows)]), now)
        ready = Values([e.seq for e in ends])
        lines = await lines_of(tx, ready)
        await tx.run("deliveries/delete_ready", ready)
        await advance_lines(tx, lines)
    await settle(tx, ends, moves)


async def settle(tx: Tx, ends: list[End], moves: Moves | None = None) -> None:
    """Move buckets and counts with deliveries that ended and are off the queue, or are ready again
    and on it. `moves` are what else changes with them."""
    moved: defaultdict[NotificationKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    counted: Counter[Move] = Counter()
    for end in ends:
        was, part = _PART_OF[end.was], _PART_OF[end.status]
        change = moved[(end.env, end.event, end.workflow, end.user)]
        change[was - 1] -= 1
        change[part - 1] += 1
        counted[(end.env, end.event, end.channel, was, part)] += 1
    tally = Tally()
    _count(tally, counted)
    if moves or any(is_digest(event) for _, event, *_ in moved):
        await _move_with_others(tx, moved, moves or Moves(), tally)
    else:
        await _move_notifications(tx, moved, tally)
    counts = tally.rows()
    if counts:
        await tx.run("work/insert_deltas", Rows(counts))


def _count(tally: Tally, counted: Counter[Move]) -> None:
    for (env, event, kind, was, bucket), n in counted.items():
        tally.add(env, event.hex(), kind, was, -n)
        tally.add(env, event.hex(), kind, bucket, n)


async def _move_with_others(
    tx: Tx, moved: dict[NotificationKey, list[int]], moves: Moves, tally: Tally
) -> None:
    for (env, event, workflow, user), change in moved.items():
        key = (env, event.hex(), workflow, user)
        moves.touch(key)
        for bucket in Bucket:
            moves.add(key, bucket, change[bucket - 1])
    await move(tx, moves, tally)


async def _move_notifications(
    tx: Tx, moved: dict[NotificationKey, list[int]], tally: Tally
) -> None:
    """One update, so that what is counted follows from the row as it was when it was locked."""
    # Their rows are locked in this order.
    rows = [
        [env, event.hex(), workflow, user, -change[_OPEN], change[_SENT], change[_DEAD]]
        for (env, event, workflow, user), change in sorted(moved.items())
    ]
    counted: Counter[Move] = Counter()
    for env, event, workflow, user, bucket, opened, waiting, sent, dead in await tx.rows(
        "deliveries/settle_notifications", Rows(rows)
    ):
        change = moved[(env, event, workflow, user)]
        was = bucket_of(
            opened - change[_OPEN], waiting, sent - change[_SENT], dead - change[_DEAD]
        ).value
        if bucket != was:
            counted[(env, event, 0, was, bucket)] += 1
    _count(tally, counted)
