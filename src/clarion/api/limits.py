"""How much a producer may send: a token bucket for each API key, in this process.

The fields told are those of the IETF draft "RateLimit header fields for HTTP".
"""

from __future__ import annotations

import math

import msgspec

from clarion.api.problems import RefusedError
from clarion.clock import Clock

POLICY = "key"
MOST_BUCKETS = 10_000


class Quota(msgspec.Struct, frozen=True):
    """Events a second in the long run, and how many may come at once."""

    rate_per_second: int
    burst: int

    @property
    def window_seconds(self) -> int:
        """How long an empty bucket takes to fill, rounded up."""
        return max(1, math.ceil(self.burst / self.rate_per_second))


class _Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at


class KeyLimits:
    """Buckets by key. A bucket is full at first, and may be overdrawn by one batch: then the key
    waits until it is paid back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[bytes, _Bucket] = {}

    def take(self, key: bytes, quota: Quota, events: int) -> None:
        """Take `events` (1 or more) out of the key's bucket; RefusedError 429 when there are too
        few in it, and nothing is taken."""
        self._take(self._filled(key, quota), quota, events, 0)

    def settle(self, key: bytes, quota: Quota, events: int) -> None:
        """Take what `events` cost beyond the one that was taken before they were counted;
        RefusedError 429 when there are too few, and the one is given back."""
        bucket = self._filled(key, quota)
        try:
            self._take(bucket, quota, max(events, 1), 1)
        except RefusedError:
            bucket.tokens += 1
            raise

    def _take(self, bucket: _Bucket, quota: Quota, events: int, paid: int) -> None:
        needed = min(events, quota.burst) - paid
        if bucket.tokens < needed:
            wait = max(1, math.ceil((needed - bucket.tokens) / quota.rate_per_second))
            raise RefusedError(
                429,
                f"this key may send {quota.rate_per_second} events a second, "
                f"{quota.burst} at once; send again in {wait} s",
                headers={"Retry-After": str(wait), **_fields(bucket, quota)},
                violated=(POLICY,),
            )
        bucket.tokens -= events - paid

    def fields(self, key: bytes, quota: Quota) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` as they stand now."""
        return _fields(self._filled(key, quota), quota)

    def _filled(self, key: bytes, quota: Quota) -> _Bucket:
        now = self._clock.monotonic_seconds()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.pop(next(iter(self._buckets)))
            bucket = self._buckets[key] = _Bucket(quota.burst, now)
            return bucket
        earned = (now - bucket.at) * quota.rate_per_second
        bucket.tokens = min(float(quota.burst), bucket.tokens + max(earned, 0.0))
        bucket.at = now
        return bucket


def _fields(bucket: _Bucket, quota: Quota) -> dict[str, str]:
    left = max(0, math.floor(bucket.tokens))
    missing = quota.burst - bucket.tokens if left else 1 - bucket.tokens
    more_in = max(0, math.ceil(missing / quota.rate_per_second))
    return {
        "RateLimit-Policy": f'"{POLICY}";q={quota.burst};w={quota.window_seconds}',
        "RateLimit": f'"{POLICY}";r={left};t={more_in}',
    }
