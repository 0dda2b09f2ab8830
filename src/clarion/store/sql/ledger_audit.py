"""The audit: counts of events and inboxes against the rows they count.

A cursor is (environment, event) while events are walked; then inboxes follow, and it is
(environment, key of an inbox) with a key longer than an event's id.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from itertools import product

from clarion.core.states import Bucket, DeliveryStatus, bucket_of, part_of
from clarion.core.workflow import Channel
from clarion.store.contract.ledger import AuditPage, Imbalance
from clarion.store.sql.codec import channel_of, number_of, plain
from clarion.store.sql.retention_walks import INBOX
from clarion.store.sql.tx import Row, Rows, Tx, Values

FOUND_LIMIT = 100
"""Notifications named for one event."""

_INBOX = number_of(Channel.INBOX)
_INBOX_KEY = struct.Struct(">BQQ")
_ALL = 2**62
_PARTS = Rows([(status, part_of(status)) for status in DeliveryStatus])
_RULES = Rows([(*flags, bucket_of(*flags)) for flags in product((0, 1), repeat=4)])

Cursor = tuple[int, bytes]


async def audit(tx: Tx, env: int | None, after: Cursor, limit: int) -> AuditPage:
    """Check a page of events, or of inboxes once the events are done."""
    first = max(after, (env or 0, b""))
    last_env = _ALL if env is None else env
    if len(first[1]) == _INBOX_KEY.size:
        return await _audit_inboxes(tx, first, last_env, limit)
    events = await tx.rows("ledger/audit_events", *first, last_env, limit)
    found: list[Imbalance] = []
    notifications = 0
    floors = {number: await _floor(tx, number) for number in {number for number, _ in events}}
    for number, event in events:
        forgotten = event < floors[number]
        notifications += await _audit_event(tx, number, event, forgotten, found)
    cursor: Cursor = (env or 0, _INBOX_KEY.pack(1, 0, 0))
    if len(events) == limit:
        cursor = events[-1][0], events[-1][1]
    return AuditPage(events=len(events), notifications=notifications, found=found, cursor=cursor)


async def _floor(tx: Tx, env: int) -> bytes:
    """The least event whose inbox items are all kept."""
    mark = await tx.row("retention/select_mark", env, INBOX)
    return mark[0] if mark else b""


async def _audit_event(
    tx: Tx, env: int, event: bytes, forgotten: bool, found: list[Imbalance]
) -> int:
    """Add what is wrong with one event to `found`; how many notifications it has. `forgotten`:
    items of it may have gone with time, so they are not compared."""
    counted: Counter[tuple[int, Bucket]] = Counter()
    undecided: dict[int, int] = {}
    for kind, *counts in await tx.rows("events/counts", env, event):
        if kind < 0:
            undecided[-kind] = counts[0]
            continue
        counted.update({(kind, b): n for b, n in zip(Bucket, counts, strict=True)})
    there = await _recount(tx, env, event)
    if forgotten:
        there[_INBOX, Bucket.SENT] = counted[_INBOX, Bucket.SENT]
    elif counted[_INBOX, Bucket.SENT] != there[_INBOX, Bucket.SENT]:
        there[_INBOX, Bucket.SENT] += (await tx.rows("ledger/audit_erased_items", env, event))[0][0]
    for kind, bucket in sorted(counted.keys() | there.keys()):
        if counted[kind, bucket] != there[kind, bucket]:
            what = f"{_kind_label(kind)} {bucket.name.lower()}"
            found.append(
                Imbalance(
                    env=env,
                    event=event,
                    what=what,
                    counted=counted[kind, bucket],
                    found=there[kind, bucket],
                )
            )
    found.extend(await _wrong_undecided(tx, env, event, undecided))
    rows = await tx.rows(
        "ledger/audit_parts", env, event, _PARTS, _RULES, FOUND_LIMIT, int(forgotten)
    )
    found.extend(_wrong_parts(env, event, rows))
    return sum(n for (kind, _), n in there.items() if kind == 0)


async def _wrong_undecided(
    tx: Tx, env: int, event: bytes, undecided: dict[int, int]
) -> list[Imbalance]:
    """Members of broadcasts counted again from who was subscribed."""
    there = dict.fromkeys(undecided, 0)
    for workflow, topic, at, cursor, excepted, erased, decided in await tx.rows(
        "broadcasts/audit", env, event
    ):
        others = Values(plain(excepted))
        ((members,),) = await tx.rows("broadcasts/count_up_to", env, topic, at, cursor, others)
        there[workflow] = members + erased - decided
    return [
        Imbalance(
            env=env,
            event=event,
            what=f"broadcast of workflow {workflow}: undecided",
            counted=undecided.get(workflow, 0),
            found=number,
        )
        for workflow, number in there.items()
        if number != undecided.get(workflow, 0)
    ]


async def _recount(tx: Tx, env: int, event: bytes) -> Counter[tuple[int, Bucket]]:
    there: Counter[tuple[int, Bucket]] = Counter()
    for bucket, n in await tx.rows("ledger/audit_notifications", env, event):
        there[0, Bucket(bucket)] += n
    for channel, status, n in await tx.rows("ledger/audit_deliveries", env, event):
        there[channel, part_of(DeliveryStatus(status))] += n
    there[_INBOX, Bucket.SENT] += (await tx.rows("ledger/audit_items", env, event))[0][0]
    return there


def _kind_label(kind: int) -> str:
    return f"{channel_of(kind).value} deliveries" if kind else "notifications"


def _wrong_parts(env: int, event: bytes, rows: list[Row]) -> Iterator[Imbalance]:
    for workflow, user, *numbers in rows:
        for word, held, true in zip(
            ("bucket", "open", "waiting", "sent", "dead"), numbers[:5], numbers[5:], strict=True
        ):
            if held != true:
                what = f"notification of workflow {workflow}, user {user}: {word}"
                yield Imbalance(env=env, event=event, what=what, counted=held, found=true)


async def _audit_inboxes(tx: Tx, after: Cursor, last_env: int, limit: int) -> AuditPage:
    _, user, tenant = _INBOX_KEY.unpack(after[1])
    rows = await tx.rows("ledger/audit_inboxes", after[0], user, tenant, last_env, limit)
    found = []
    for env, user, tenant, *numbers in rows:
        for word, held, true in zip(
            ("total", "unread", "unseen"), numbers[:3], numbers[3:], strict=True
        ):
            if held != true:
                what = f"inbox of user {user}, tenant {tenant}: {word}"
                found.append(Imbalance(env=env, event=b"", what=what, counted=held, found=true))
    cursor: Cursor | None = None
    if len(rows) == limit:
        cursor = rows[-1][0], _INBOX_KEY.pack(1, rows[-1][1], rows[-1][2])
    return AuditPage(events=0, notifications=0, found=found, cursor=cursor)
