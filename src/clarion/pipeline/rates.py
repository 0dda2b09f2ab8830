"""How fast the lanes are: messages finished a second, counted in this process."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.core.workflow import Lane

WINDOW_SECONDS = 10


class Rate:
    """Counts of the last seconds in a ring: as many slots as seconds, each for the second that
    was last counted in it."""

    def __init__(self) -> None:
        self._seconds = [-WINDOW_SECONDS] * WINDOW_SECONDS
        self._counts = [0] * WINDOW_SECONDS

    def count(self, n: int, now: int) -> None:
        """Add `n` at the instant `now` (microseconds)."""
        second = now // SECOND
        slot = second % WINDOW_SECONDS
        if self._seconds[slot] != second:
            self._seconds[slot] = second
            self._counts[slot] = 0
        self._counts[slot] += n

    def per_second(self, now: int) -> float:
        """The mean over the nine full seconds before `now` and what there is of its own."""
        first = now // SECOND - WINDOW_SECONDS + 1
        slots = zip(self._seconds, self._counts, strict=True)
        counted = sum(count for second, count in slots if second >= first)
        return counted / ((now - first * SECOND) / SECOND) if counted else 0.0


class Rates:
    """A rate for each lane, and for each account in it."""

    def __init__(self) -> None:
        self._of = {int(lane): Rate() for lane in Lane}
        self._accounts: dict[tuple[int, str], Rate] = {}

    def count(self, lane: int, n: int, now: int) -> None:
        """`n` messages of a lane came to their end: deliveries, or inbox items written."""
        if n:
            self._of[lane].count(n, now)

    def per_second(self, now: int) -> dict[int, float]:
        """By the number of the lane, messages a second over the last ten seconds or so."""
        return {lane: rate.per_second(now) for lane, rate in self._of.items()}

    def count_account(self, lane: int, account: str, n: int, now: int) -> None:
        """`n` deliveries of an account in a lane came to their end."""
        self._accounts.setdefault((lane, account), Rate()).count(n, now)

    def accounts(self, now: int) -> dict[tuple[int, str], float]:
        """By lane and account, deliveries a second; those that do nothing now are left out."""
        found = {key: rate.per_second(now) for key, rate in self._accounts.items()}
        return {key: rate for key, rate in found.items() if rate}
