"""Subscriptions that began or ended before a broadcast was published, and are written after its
members were counted: counts and markers follow in the transaction that writes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from clarion.store.sql.codec import plain
from clarion.store.sql.tally import undecided_row
from clarion.store.sql.tx import Row, Rows, Tx, Values


async def keeping_counts(
    tx: Tx,
    env: int,
    topic: int,
    at: int,
    users: Sequence[int],
    change: Callable[[], Awaitable[int]],
) -> int:
    """Change subscriptions of these users as of an instant; who has looked since looks again at
    what was published since. Nearly always nothing was published
    since then, and a look at the index is all that this costs."""
    late = await tx.rows("broadcasts/hold_late", env, topic, at)
    before = [await _members(tx, env, topic, one, users) for one in late]
    changed = await change()
    if late:
        behind = min(seq for *_, seq in late) - 1
        await tx.run("broadcasts/lower_markers", Values(users), env, behind)
    rows = []
    for one, held in zip(late, before, strict=True):
        difference = await _members(tx, env, topic, one, users) - held
        if difference:
            event, workflow, *_ = one
            rows.append(undecided_row(env, event, workflow, difference))
    if rows:
        await tx.run("work/insert_deltas", Rows(rows))
    return changed


async def _members(tx: Tx, env: int, topic: int, one: Row, users: Sequence[int]) -> int:
    _, _, published_at, excepted, cursor, _ = one
    place = (Values(users), env, topic, published_at, cursor, Values(plain(excepted)))
    found: int = (await tx.rows("broadcasts/count_among", *place))[0][0]
    return found
