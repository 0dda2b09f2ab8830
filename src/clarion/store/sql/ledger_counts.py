"""How the notifications of a workflow stand since an instant, from the counts of its events."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import groupby
from operator import itemgetter

import msgspec

from clarion.core.ids import instant_of
from clarion.core.states import Bucket
from clarion.store.contract.events import EventCounts
from clarion.store.contract.ledger import FlowCounts
from clarion.store.sql.tx import Executor, Row, Tx, Values

FLOWS_A_PAGE = 2_000
PAGES = 10
ROWS_COUNTED = 100_000
"""Notifications that are counted one by one, where an event has several workflows: its counts are
of all of them."""

_BUCKETS = (Bucket.OPEN, Bucket.HELD, Bucket.SENT, Bucket.DEAD, Bucket.SKIPPED)
_ALL = b"\xff" * 16
_NOTHING = (0, 0, 0, 0, 0)

Sums = tuple[int, ...]
"""Numbers of notifications in the order of _BUCKETS."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one look back came to: `counts` of `events` down to the event `before` or to `reached`
    (microseconds). `rows` were counted one by one. `more`: older events may be left; `full`: they
    are not looked at, as it would be too many rows."""

    counts: Counter[Bucket]
    events: int
    before: bytes
    reached: int
    rows: int
    more: bool
    full: bool = False


async def flow_counts(executor: Executor, env: int, workflow: int, since: int) -> FlowCounts:
    """Each page is a transaction of its own, so that nobody waits for all of them."""
    oldest = (max(since, 0) // 1000).to_bytes(6, "big")
    counts: Counter[Bucket] = Counter()
    events, rows, before, reached, more = 0, 0, _ALL, since, True
    for _ in range(PAGES):
        look = partial(
            _page, env=env, workflow=workflow, span=(oldest, before), rows=ROWS_COUNTED - rows
        )
        page = await executor.read(look)
        counts.update(page.counts)
        events, rows, more = events + page.events, rows + page.rows, page.more
        before, reached = page.before, page.reached
        if page.full or not more:
            break
    numbers = {bucket.name.lower(): counts[bucket] for bucket in _BUCKETS}
    return FlowCounts(
        since=max(since, reached) if more else since,
        whole=not more,
        events=events,
        counts=EventCounts(**numbers),
    )


async def _page(tx: Tx, env: int, workflow: int, span: tuple[bytes, bytes], rows: int) -> Page:
    flows = await tx.rows("ledger/select_flows", env, *span, FLOWS_A_PAGE)
    more = len(flows) == FLOWS_A_PAGE
    events = _by_event(flows)
    if more and len(events) > 1:
        # The oldest one may have more workflows than the page shows.
        events.popitem()
    sums = await _sums(tx, env, [event for event in events if workflow in events[event]])
    counts: Counter[Bucket] = Counter()
    before, shared, counted, stopped = span[1], list[bytes](), 0, b""
    for event, listened in events.items():
        mine = sums.get(event, _NOTHING)
        if len(listened) == 1:
            counts.update(dict(zip(_BUCKETS, mine, strict=True)))
        elif sum(mine):
            if counted + sum(mine) > rows:
                stopped = event
                break
            counted += sum(mine)
            shared.append(event)
        before = event
    counts.update(await _counted(tx, env, workflow, shared))
    seen = [event for event in sums if event >= before]
    # What was not counted is older than what is told.
    alone = stopped and before == span[1]
    reached = instant_of(stopped) + 1000 if alone else instant_of(before)
    return Page(
        counts=counts, events=len(seen), before=before, reached=reached, rows=counted,
        more=more or bool(stopped), full=bool(stopped),
    )  # fmt: skip


async def _sums(tx: Tx, env: int, events: list[bytes]) -> dict[bytes, Sums]:
    """How all notifications of these events stand; nothing for those that have none yet."""
    found: dict[bytes, Sums] = dict.fromkeys(events, _NOTHING)
    if events:
        wanted = Values([event.hex() for event in events])
        for event, *sums in await tx.rows("ledger/sum_events", env, wanted):
            found[bytes(event)] = tuple(sums)
    return found


async def _counted(tx: Tx, env: int, workflow: int, events: list[bytes]) -> dict[Bucket, int]:
    if not events:
        return {}
    wanted = Values([event.hex() for event in events])
    rows = await tx.rows("ledger/count_buckets", env, workflow, wanted)
    return {Bucket(bucket): number for bucket, number in rows}


def _by_event(flows: list[Row]) -> dict[bytes, list[int]]:
    return {
        bytes(event): [workflow for _, workflow in some]
        for event, some in groupby(flows, key=itemgetter(0))
    }
