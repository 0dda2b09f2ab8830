"""When what waits will have left: by what waits with it, and how fast that goes."""

from __future__ import annotations

from clarion.api.answers import when
from clarion.clock import SECOND
from clarion.core.workflow import CHANNELS
from clarion.store.contract.blasts import PARKED
from clarion.store.contract.deliveries import Ahead


def estimate_of(
    ahead: list[Ahead], rates: dict[tuple[int, str], float], now: int
) -> dict[str, str | None] | None:
    """The earliest finish by channel from what waits (`ahead`) and deliveries a second by lane and
    account; None when nothing waits."""
    finishes: dict[str, int | None] = {}
    for part in ahead:
        channel = CHANNELS[part.channel - 1].value
        rate = rates.get((part.lane, part.account), 0.0)
        known = finishes.get(channel, 0)
        if not rate or known is None or part.due >= PARKED:
            finishes[channel] = None
        else:
            through = now + int(part.depth / rate * SECOND)
            finishes[channel] = max(known, through, part.due)
    return {channel: when(finish) for channel, finish in finishes.items()} or None
