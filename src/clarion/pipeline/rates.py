"""How fast the lanes are: messages finished a second, and how long those that providers took had
waited; counted in this process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from clarion.clock import SECOND
from clarion.core.workflow import Lane

WINDOW_SECONDS = 10

BOUNDS_SECONDS = tuple(0.001 * 2 ** (n / 2) for n in range(48))
"""Upper bounds of the waits that are counted together: from a millisecond to over three hours."""


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


class Waits:
    """How many waited how long, of the last seconds: a ring as that of a rate."""

    def __init__(self) -> None:
        self._seconds = [-WINDOW_SECONDS] * WINDOW_SECONDS
        self._counts: list[dict[int, int]] = [{} for _ in range(WINDOW_SECONDS)]

    def count(self, waited_seconds: float, now: int) -> None:
        """One that had waited so long when it was taken at `now` (microseconds)."""
        second = now // SECOND
        slot = second % WINDOW_SECONDS
        if self._seconds[slot] != second:
            self._seconds[slot] = second
            self._counts[slot] = {}
        place = bisect_left(BOUNDS_SECONDS, waited_seconds)
        self._counts[slot][place] = self._counts[slot].get(place, 0) + 1

    def recent(self, now: int) -> dict[int, int]:
        """How many, by the place of the bound that they did not exceed."""
        first = now // SECOND - WINDOW_SECONDS + 1
        found: dict[int, int] = {}
        for second, counts in zip(self._seconds, self._counts, strict=True):
            if second >= first:
                found = added(found, counts)
        return found


def added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    """Both counts as one."""
    return {place: one.get(place, 0) + other.get(place, 0) for place in one.keys() | other.keys()}


def quantile(counts: Mapping[int, int], q: float) -> float | None:
    """Seconds that a share `q` (in (0, 1]) did not exceed; None where there are none. Those counted
    together are taken as spread evenly; beyond the last bound that bound is told."""
    rank = q * sum(counts.values())
    below = 0
    for place in sorted(counts):
        if counts[place] and below + counts[place] >= rank:
            if place == len(BOUNDS_SECONDS):
                return BOUNDS_SECONDS[-1]
            start = BOUNDS_SECONDS[place - 1] if place else 0.0
            return start + (BOUNDS_SECONDS[place] - start) * (rank - below) / counts[place]
        below += counts[place]
    return None


class Rates:
    """A rate for each lane, and for each account in it."""

    def __init__(self) -> None:
        self._of = {int(lane): Rate() for lane in Lane}
        self._waits = {int(lane): Waits() for lane in Lane}
        self._accounts: dict[tuple[int, str], Rate] = {}

    def count(self, lane: int, n: int, now: int) -> None:
        """`n` messages of a lane came to their end: deliveries, or inbox items written."""
        if n:
            self._of[lane].count(n, now)

    def waited(self, lane: int, seconds: float, now: int) -> None:
        """A provider took a message of a lane so long after its event was accepted."""
        self._waits[lane].count(seconds, now)

    def per_second(self, now: int) -> dict[int, float]:
        """By the number of the lane, messages a second over the last ten seconds or so."""
        return {lane: rate.per_second(now) for lane, rate in self._of.items()}

    def waits(self, now: int) -> dict[int, dict[int, int]]:
        """By the number of the lane, how many waited how long (places of BOUNDS_SECONDS) over the
        last ten seconds or so."""
        return {lane: waits.recent(now) for lane, waits in self._waits.items()}

    def count_account(self, lane: int, account: str, n: int, now: int) -> None:
        """`n` deliveries of an account in a lane came to their end."""
        self._accounts.setdefault((lane, account), Rate()).count(n, now)

    def accounts(self, now: int) -> dict[tuple[int, str], float]:
        """By lane and account, deliveries a second; those that do nothing now are left out."""
        found = {key: rate.per_second(now) for key, rate in self._accounts.items()}
        return {key: rate for key, rate in found.items() if rate}
