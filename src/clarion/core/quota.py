"""How many messages a second an account takes: a token bucket kept as one instant (GCRA), of which
a share is for the upper lanes alone. Pure: time is an argument.

The instant is when the bucket will be full again; each token taken moves it on by one interval.
"""

from __future__ import annotations

import math

import msgspec

from clarion.core.workflow import Lane

SECOND = 1_000_000
RESERVED = 0.2
"""Share of the burst that only the critical and the transactional lane may take."""

UPPER_LANES = frozenset({int(Lane.CRITICAL), int(Lane.TRANSACTIONAL)})


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """`rate_per_second` tokens come back each second, `burst` lie there at most."""

    rate_per_second: float
    burst: int

    @property
    def interval(self) -> int:
        """Microseconds in which one token comes back."""
        return max(1, round(SECOND / self.rate_per_second))

    @property
    def reserved(self) -> int:
        """Tokens that the lower lanes leave where they are; a burst of one is everybody's."""
        return min(math.ceil(self.burst * RESERVED), self.burst - 1)

    def depth(self, lane: int) -> int:
        """Tokens that a lane may find at most."""
        return self.burst - (0 if lane in UPPER_LANES else self.reserved)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens handed out, the bucket's new instant, and how long until there is another token for
    this lane (0 when it got all it wanted)."""

    tokens: int
    full_at: int
    wait_seconds: float = 0.0


def take(full_at: int, quota: Quota, *, lane: int, wanted: int, now: int) -> Taken:
    """As many of `wanted` tokens as the lane may have now."""
    base = max(full_at, now)
    room = now + quota.depth(lane) * quota.interval - base
    tokens = max(0, min(wanted, room // quota.interval))
    moved = base + tokens * quota.interval
    if tokens >= wanted:
        return Taken(tokens=tokens, full_at=moved)
    ready_at = moved - (quota.depth(lane) - 1) * quota.interval
    return Taken(tokens=tokens, full_at=moved, wait_seconds=max(ready_at - now, 1) / SECOND)


def give_back(full_at: int, quota: Quota, *, tokens: int) -> int:
    """The bucket's instant with unused tokens back in it."""
    return full_at - tokens * quota.interval


def drained(full_at: int, quota: Quota, *, until: int) -> int:
    """The bucket's instant after a vendor asked for a pause `until`: what is there at its end is
    the reserve, so that the upper lanes go first."""
    return max(full_at, until + (quota.burst - quota.reserved) * quota.interval)
