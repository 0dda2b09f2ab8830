"""How the end of deliveries moves their notifications' buckets and the event's counts, in one
transaction."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from clarion.core.ids import is_digest
from clarion.core.states import Bucket, DeliveryStatus, bucket_of, part_of
from clarion.store.sql.moving import move_entries
from clarion.store.sql.ordering import advance_lines, lines_of
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Rows, Tx, Values

_PARTS = (Bucket.OPEN, Bucket.SENT, Bucket.DEAD)
"""Parts that a notification counts, in the order of its columns."""


class End(msgspec.Struct, frozen=True, kw_only=True):
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


async def end_deliveries(tx: Tx, ends: list[End], now: int) -> None:
    """End deliveries nothing more was tried for (cancelled, expired, erased): status, queue and
    counts."""
    if not ends:
        return
    rows = [
        [e.env, e.event.hex(), e.workflow, e.user, e.step, e.channel, e.destination, e.status, now]
        for e in ends
    ]
    await tx.run("deliveries/end", Rows(rows))
    await tx.run("letters/close", Rows([row[:7] for row in sorted(rows)]), now)
    ready = Values([e.seq for e in ends])
    lines = await lines_of(tx, ready)
    await tx.run("deliveries/delete_ready", ready)
    await advance_lines(tx, lines)
    await settle(tx, ends)


async def settle(tx: Tx, ends: list[End]) -> None:
    """Move buckets and counts with deliveries that ended and are off the queue, or are ready again
    and on it."""
    tally = Tally()
    moved: defaultdict[tuple[int, str, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for end in ends:
        event = end.event.hex()
        change = moved[(end.env, event, end.workflow, end.user)]
        for part, sign in ((part_of(end.was), -1), (part_of(end.status), 1)):
            tally.add(end.env, event, end.channel, part, sign)
            if part in _PARTS:
                change[_PARTS.index(part)] += sign
    await _move_notifications(tx, moved, tally)
    counts = tally.rows()
    if counts:
        await tx.run("work/insert_deltas", Rows(counts))


async def _move_notifications(
    tx: Tx, moved: dict[tuple[int, str, int, int], list[int]], tally: Tally
) -> None:
    """One update, so that what is counted follows from the row as it was when it was locked."""
    # Their rows are locked in this order.
    rows = Rows([[*key, -moved[key][0], *moved[key][1:]] for key in sorted(moved)])
    digests: list[tuple[int, str, Bucket]] = []
    for env, event, workflow, user, bucket, opened, waiting, sent, dead in await tx.rows(
        "deliveries/settle_notifications", rows
    ):
        key = (env, event.hex(), workflow, user)
        opened_now, sent_now, dead_now = moved[key]
        was = bucket_of(opened - opened_now, waiting, sent - sent_now, dead - dead_now)
        if bucket != was:
            tally.add(env, key[1], 0, was, -1)
            tally.add(env, key[1], 0, bucket)
            if is_digest(event):
                digests.append((env, key[1], Bucket(bucket)))
    await move_entries(tx, digests, tally)
