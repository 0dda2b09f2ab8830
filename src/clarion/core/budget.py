"""How much of a lane's traffic may be retries: first tries earn, retries spend. Pure: time is an
argument.

A retry is never refused: over the budget, retries leave at the pace of the floor.
"""

from __future__ import annotations

import msgspec

SECOND = 1_000_000
EARNED = 0.1
"""Of a retry, by each first try."""

FLOOR_SECONDS = 10.0
"""What a quiet lane may retry all the same is its floor a second, and so many seconds' worth at
once."""

MOST_TOKENS = 200.0
LONGEST_SECONDS = 3600.0


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Retries that may be planned at once; below zero, how many are in line. `at`: when the floor
    was last added, in microseconds. `floor_per_second` is the lane's."""

    tokens: float = FLOOR_SECONDS
    at: int = 0
    floor_per_second: float = 1.0


def budget_of(floor_per_second: float) -> Budget:
    """A fresh budget: its floor is full."""
    return Budget(tokens=FLOOR_SECONDS * floor_per_second, floor_per_second=floor_per_second)


def earned(budget: Budget, first_tries: int = 1) -> Budget:
    """After first tries."""
    if budget.tokens >= MOST_TOKENS:
        return budget
    tokens = min(budget.tokens + EARNED * first_tries, MOST_TOKENS)
    return msgspec.structs.replace(budget, tokens=tokens)


def spent(budget: Budget, *, now: int) -> tuple[Budget, float]:
    """After planning one retry, and by how many seconds it has to be put off."""
    tokens = _with_floor(budget, now) - 1.0
    floor = budget.floor_per_second
    delay_seconds = min(max(-tokens, 0.0) / floor, LONGEST_SECONDS)
    tokens = max(tokens, -LONGEST_SECONDS * floor)
    after = msgspec.structs.replace(budget, tokens=tokens, at=max(now, budget.at))
    return after, delay_seconds


def _with_floor(budget: Budget, now: int) -> float:
    """The floor fills up to its own size only; what was earned stands above it."""
    most = FLOOR_SECONDS * budget.floor_per_second
    if budget.tokens >= most:
        return budget.tokens
    came = budget.floor_per_second * max(now - budget.at, 0) / SECOND
    return min(budget.tokens + came, most)
