"""How a fake provider treats requests: each by chance, weighed by the weather of the moment."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum


class Treatment(StrEnum):
    """What is done to one request. Of the last four the sender cannot know whether it was taken:
    after `swallow` and `reset_after` it was, after `hang` and `reset_before` it was not."""

    OK = "ok"
    SLOW = "slow"
    BUSY = "busy"
    BROKEN = "broken"
    HANG = "hang"
    SWALLOW = "swallow"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"


Weights = Mapping[Treatment, float]

CALM: Weights = {Treatment.OK: 1}
BREEZE: Weights = {
    Treatment.OK: 940,
    Treatment.SLOW: 25,
    Treatment.BUSY: 8,
    Treatment.BROKEN: 8,
    Treatment.HANG: 2,
    Treatment.SWALLOW: 5,
    Treatment.RESET_BEFORE: 6,
    Treatment.RESET_AFTER: 6,
}
STORM: Weights = {
    Treatment.OK: 30,
    Treatment.SLOW: 20,
    Treatment.BUSY: 15,
    Treatment.BROKEN: 25,
    Treatment.HANG: 2,
    Treatment.SWALLOW: 2,
    Treatment.RESET_BEFORE: 3,
    Treatment.RESET_AFTER: 3,
}
SILENCE: Weights = {Treatment.HANG: 1}
WEATHERS: Mapping[str, Weights] = {
    "calm": CALM, "breeze": BREEZE, "storm": STORM, "silence": SILENCE,
}  # fmt: skip

SLOW_SECONDS = (0.1, 1.2)
HANG_SECONDS = 3.0
"""How long a connection that gets no answer is kept; then it is reset."""
RETRY_AFTER_SECONDS = 1
ACCEPTS = frozenset({Treatment.OK, Treatment.SLOW, Treatment.SWALLOW, Treatment.RESET_AFTER})
AMBIGUOUS = frozenset(
    {Treatment.HANG, Treatment.SWALLOW, Treatment.RESET_BEFORE, Treatment.RESET_AFTER}
)


class Weather:
    """The weather now, and the treatments it leads to."""

    def __init__(self, chance: random.Random) -> None:
        self.name = "calm"
        self._chance = chance

    def change(self, name: str) -> None:
        """KeyError when there is no such weather."""
        WEATHERS[name]
        self.name = name

    def treatment(self) -> Treatment:
        """What happens to the next request."""
        weights = WEATHERS[self.name]
        return self._chance.choices(list(weights), list(weights.values()))[0]

    def slow_seconds(self) -> float:
        """How long a slow answer takes."""
        return self._chance.uniform(*SLOW_SECONDS)
