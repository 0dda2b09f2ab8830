"""Order by key: numbers for events, and who stands behind whom.

Whoever adds to what waits of a key, or takes from it, holds the key: else one transaction could
line up behind what another one ends beside it, and nobody would move it on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from clarion.store.contract.events import EventWrite
from clarion.store.contract.work import DeliveryWrite
from clarion.store.sql.tx import Row, Rows, Tx, Values

OrderKey = tuple[int, str]
"""(environment, ordering key)."""


def order_number(key: OrderKey) -> int:
    """64 bits (signed) that stand for a key."""
    text = f"{key[0]}:{key[1]}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


async def hold_orders(tx: Tx, keys: Iterable[OrderKey]) -> None:
    """Let nobody else in at these keys until the transaction ends."""
    numbers = sorted({order_number(key) for key in keys})
    await tx.rows("work/hold_orders", Values(numbers))


class Orders:
    """The ordering keys of a group of events: their next numbers, and which are still expanding."""

    def __init__(self, last: dict[OrderKey, int], expanding: set[OrderKey]) -> None:
        self._last = last
        self._expanding = expanding

    def place(self, event: EventWrite) -> tuple[int | None, bool]:
        """The event's number, and whether an earlier one of its key is still expanding. Asked once
        for each event, in the order of the group."""
        if event.ordering_key is None:
            return None, False
        key = (event.env, event.ordering_key)
        self._last[key] += 1
        return self._last[key], key in self._expanding

    def expands(self, event: EventWrite) -> None:
        """The event has tasks: what comes after it is behind it."""
        if event.ordering_key is not None:
            self._expanding.add((event.env, event.ordering_key))


async def orders_of(tx: Tx, events: list[EventWrite], now: int) -> Orders:
    """Take numbers for the events that have an ordering key; they are the order of commits."""
    wanted = Counter((e.env, e.ordering_key) for e in events if e.ordering_key is not None)
    if not wanted:
        return Orders({}, set())
    await hold_orders(tx, wanted)
    ordered = sorted(wanted.items())
    rows = Rows([[*key, count, now] for key, count in ordered])
    last = {
        (env, key): number - wanted[env, key]
        for env, key, number in await tx.rows("events/next_numbers", rows)
    }
    keys = Rows([[*key] for key, _ in ordered])
    expanding = {(env, key) for env, key in await tx.rows("events/expanding_orders", keys)}
    return Orders(last, expanding)


async def line_up(tx: Tx, deliveries: list[DeliveryWrite]) -> None:
    """Put what was just made behind what waits of its line already. The keys are held by now."""
    ordered = sorted(
        {(d.env, d.event, d.workflow, d.user) for d in deliveries if d.ordering_key is not None}
    )
    if ordered:
        await tx.run("work/line_up", Rows(ordered))


async def lines_of(tx: Tx, ready: Values) -> list[Row]:
    """Lines that ready rows stand in, as (env, ordering key, line), with their keys held."""
    lines = await tx.rows("deliveries/lines", ready)
    if lines:
        await hold_orders(tx, {(env, key) for env, key, _ in lines})
    return lines


async def advance_lines(tx: Tx, lines: list[Row]) -> None:
    """Rows of these lines were taken away: the next of each may go."""
    if lines:
        await tx.run("deliveries/advance_lines", Rows(sorted(lines)))


async def advance_tasks(tx: Tx, key: OrderKey) -> None:
    """A task of the key is done or put aside: the next event's tasks may go when it was the last.
    The key is held by now."""
    await tx.run("work/advance_tasks", *key)
