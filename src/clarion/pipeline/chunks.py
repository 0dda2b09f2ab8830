"""A page in pieces that one transaction each can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from clarion.pipeline.paging import People
from clarion.store.contract.work import PageWrite

CHUNK_RECIPIENTS = 500
"""The fewest that a transaction is worth, where there are as many."""

MOST_RECIPIENTS = 1_000

COST_ALONE = 4
"""Somebody with rows of his own costs as much as so many of a kind."""


class Chunk(msgspec.Struct, frozen=True):
    """Rows for one transaction, the cursor behind them, and whose rows they are. `last` ends the
    task. What cannot be written is halved, unless it is `whole`."""

    page: PageWrite
    cursor: int
    users: Sequence[int] = ()
    last: bool = False
    whole: bool = False


class Pace:
    """How many recipients a chunk has: as many as are written in about `target_seconds`, so that
    others get in between, however fast the store is."""

    def __init__(self, target_seconds: float) -> None:
        self._target_seconds = target_seconds
        self._cost = MOST_RECIPIENTS

    def size(self, kinds: int, alone: int) -> int:
        """For a page of so many people of kinds, and so many with rows of their own."""
        people = kinds + alone
        cost = kinds + alone * COST_ALONE
        return max(1, min(self._cost * people // max(cost, 1), MOST_RECIPIENTS))

    def took(self, seconds: float) -> None:
        """A chunk was written in so many seconds."""
        if seconds > self._target_seconds:
            self._cost = max(self._cost // 2, CHUNK_RECIPIENTS)
        elif seconds < self._target_seconds / 2:
            self._cost = min(self._cost * 5 // 4, MOST_RECIPIENTS)


def parts_of(users: Sequence[int], people: People, size: int) -> Iterator[tuple[list[int], People]]:
    """The people of a page, so many at a time, in number order."""
    for start in range(0, len(users), size):
        mine = list(users[start : start + size])
        low, high = mine[0] - 1, mine[-1]
        kinds = [part for kind in people.kinds if (part := kind.part(low, high)) is not None]
        alone = [one for one in people.recipients if low < one.user <= high]
        yield mine, People(kinds=kinds, recipients=alone, rows=people.rows)


def rings_of(page: PageWrite) -> set[str]:
    """The doorbells of what a page brings."""
    return {f"ready:{d.account}:{d.lane}" for d in page.deliveries}
