"""How far this machine's clock is from the clock that all processes on the store share."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.store.contract import Store
from clarion.telemetry import logger

ALLOWED_SECONDS = 2.0

_log = logger("clock")


async def skew_seconds(store: Store, clock: Clock) -> float:
    """Seconds by which this machine is ahead of the store's server; what the question itself took
    is not counted. 0 where they are one machine."""
    began = clock.now()
    theirs = await store.clock(began)
    ended = clock.now()
    if began <= theirs <= ended:
        return 0.0
    ahead = ended if theirs > ended else began
    return (ahead - theirs) / SECOND


async def warn_of_skew(store: Store, clock: Clock) -> None:
    """A line in the log when the clocks are further apart than they should be."""
    seconds = await skew_seconds(store, clock)
    if abs(seconds) > ALLOWED_SECONDS:
        _log.warning("%s", skew_in_words(seconds))


def skew_in_words(seconds: float) -> str:
    """What is wrong with such clocks, and the mend."""
    way = "ahead of" if seconds > 0 else "behind"
    return (
        f"this machine's clock is {abs(seconds):.1f} s {way} the store's server; retries, expiry "
        "and holds of its messages shift by as much: have both follow NTP"
    )
