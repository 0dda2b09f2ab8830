"""How the end of deliveries moves their notifications' buckets and the event's counts, in one
transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from clarion.core.states import Bucket, DeliveryStatus, bucket_of, part_of
from clarion.store.sqlite.codec import rows_json
from clarion.store.sqlite.connection import Tx
from clarion.store.sqlite.pages import Tally


class End(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that ends now; `channel` is the channel's number, `seq` its ready row."""

    seq: int
    env: int
    event: bytes
    workflow: int
    user: int
    step: int
    channel: int
    destination: int
    status: DeliveryStatus


def end_deliveries(tx: Tx, ends: list[End], now: int) -> None:
    """End deliveries nothing more was tried for (cancelled, expired, erased): status, queue and
    counts."""
    if not ends:
        return
    rows = [
        [e.env, e.event.hex(), e.workflow, e.user, e.step, e.channel, e.destination, e.status, now]
        for e in ends
    ]
    tx.run("deliveries/end", rows_json(rows))
    settle(tx, ends)


def settle(tx: Tx, ends: list[End]) -> None:
    """Take the ended deliveries off the queue and move buckets and counts with them."""
    tx.run("deliveries/delete_ready", rows_json([e.seq for e in ends]))
    tally = Tally()
    moved: defaultdict[tuple[int, str, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for end in ends:
        event = end.event.hex()
        part = part_of(end.status)
        tally.add(end.env, event, end.channel, Bucket.OPEN, -1)
        tally.add(end.env, event, end.channel, part)
        change = moved[(end.env, event, end.workflow, end.user)]
        change[0] += 1
        change[1] += part is Bucket.SENT
        change[2] += part is Bucket.DEAD
    _move_notifications(tx, moved, tally)
    counts = tally.rows()
    if counts:
        tx.run("work/insert_deltas", rows_json(counts))


def _move_notifications(
    tx: Tx, moved: dict[tuple[int, str, int, int], list[int]], tally: Tally
) -> None:
    rows: list[list[Any]] = []
    keys = rows_json([list(key) for key in sorted(moved)])
    for env, event, workflow, user, bucket, opened, waiting, sent, dead in tx.rows(
        "deliveries/notifications", keys
    ):
        key = (env, event.hex(), workflow, user)
        ended, sent_now, dead_now = moved[key]
        parts = (opened - ended, sent + sent_now, dead + dead_now)
        becomes = bucket_of(parts[0], waiting, parts[1], parts[2])
        rows.append([*key, becomes, *parts])
        if becomes != bucket:
            tally.add(env, key[1], 0, bucket, -1)
            tally.add(env, key[1], 0, becomes)
    tx.run("deliveries/settle_notifications", rows_json(rows))
