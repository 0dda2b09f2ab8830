"""What follows from an outcome: the end of a delivery or its next try. Pure: chance and time are
arguments."""

from __future__ import annotations

import msgspec

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Category, Channel, OnUnknown

SECOND = 1_000_000
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 3600.0
JITTER = 0.2
SETTINGS_DELAY_SECONDS = 30.0
THROTTLED_DELAY_SECONDS = 600.0
"""Longest wait of our own choice where a provider says "later" again and again."""

DEADLINE_SECONDS = 24 * 3600
RETRY_AFTER_BOUNDS_SECONDS = (1.0, 24 * 3600.0)

_FINAL_CLASSES = frozenset(
    {OutcomeClass.DESTINATION_INVALID, OutcomeClass.OPTED_OUT, OutcomeClass.PERMANENT}
)

SETTINGS_CLASSES = frozenset({OutcomeClass.CREDENTIAL, OutcomeClass.CONFIG})
"""Our own settings are wrong: no fault of the message, and another account may be right."""

UNCOUNTED_CLASSES = SETTINGS_CLASSES | {OutcomeClass.RETRY_AFTER}
"""Uses up no attempt: a message ends at its deadline, not because its provider said "later"."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """READY with `due` is another try; any other status is an end. `cause` makes it a dead
    letter; `disable`
    switches the destination off; `counted` is False when the try does not use up the attempts.
    `bound`: the next try is the same account's, as this one may have arrived and only there would
    a repeat be harmless."""

    status: DeliveryStatus
    due: int | None = None
    cause: str | None = None
    disable: bool = False
    counted: bool = True
    bound: bool = False


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery after a try: `attempts` used up before this one, `made` all tries before it,
    instants in microseconds. `repeatable`: the provider drops or replaces a repeat, so that a
    second send is harmless."""

    channel: Channel
    attempts: int
    created_at: int
    expires_at: int | None
    repeatable: bool = False
    made: int = 0


def judge(
    outcome: Outcome,
    tried: Tried,
    category: Category,
    *,
    now: int,
    chance: float,
    put_off_seconds: float = 0.0,
) -> Verdict:
    """The verdict on one try; `chance` in [0, 1) spreads the delay by +-20 %. A next try that
    counts is put off by `put_off_seconds` (the lane's retry budget) on top of its delay, but never
    past the deadline or the expiry."""
    kind = outcome.kind
    if kind is OutcomeClass.ACCEPTED:
        return Verdict(status=DeliveryStatus.SENT)
    if kind in _FINAL_CLASSES or outcome.final:
        gone = kind is OutcomeClass.DESTINATION_INVALID
        return Verdict(status=DeliveryStatus.FAILED, cause=_cause(outcome), disable=gone)
    if kind is OutcomeClass.AMBIGUOUS and not _may_repeat(tried, category):
        return Verdict(status=DeliveryStatus.UNKNOWN, cause=_cause(outcome))
    return _again(outcome, tried, category, now, chance, put_off_seconds)


def delay_seconds(attempts: int, outcome: Outcome, chance: float) -> float:
    """Wait before the next try after `attempts` tries: 5, 10, 20 ... with jitter, or Retry-After
    if longer."""
    longest = LONGEST_DELAY_SECONDS
    if outcome.kind is OutcomeClass.RETRY_AFTER:
        longest = THROTTLED_DELAY_SECONDS
    base = min(FIRST_DELAY_SECONDS * 2.0 ** min(max(attempts - 1, 0), 20), longest)
    if outcome.kind in SETTINGS_CLASSES:
        base = SETTINGS_DELAY_SECONDS
    wait = base * (1 - JITTER + 2 * JITTER * chance)
    return max(wait, _asked_seconds(outcome))


def _asked_seconds(outcome: Outcome) -> float:
    """The wait that the provider named, within bounds; 0: none."""
    if outcome.retry_after_seconds is None:
        return 0.0
    low, high = RETRY_AFTER_BOUNDS_SECONDS
    return min(max(outcome.retry_after_seconds, low), high)


def _again(
    outcome: Outcome,
    tried: Tried,
    category: Category,
    now: int,
    chance: float,
    put_off_seconds: float,
) -> Verdict:
    counted = outcome.kind not in UNCOUNTED_CLASSES
    attempts = tried.attempts + 1
    deadline = tried.created_at + (category.deadline_seconds or DEADLINE_SECONDS) * SECOND
    due = _due(outcome, tried, now, chance, deadline)
    if (counted and attempts >= category.attempts) or due > deadline:
        ambiguous = outcome.kind is OutcomeClass.AMBIGUOUS
        status = DeliveryStatus.UNKNOWN if ambiguous else DeliveryStatus.DEAD
        return Verdict(status=status, cause=_cause(outcome))
    if tried.expires_at is not None and due >= tried.expires_at:
        return Verdict(status=DeliveryStatus.EXPIRED)
    if counted:
        due = _put_off(due, put_off_seconds, deadline, tried.expires_at)
    bound = outcome.kind is OutcomeClass.AMBIGUOUS and not _at_least_once(tried, category)
    return Verdict(status=DeliveryStatus.READY, due=due, counted=counted, bound=bound)


def _due(outcome: Outcome, tried: Tried, now: int, chance: float, deadline: int) -> int:
    """When the next try is. Where the provider said "later", our own part of the wait grows with
    all tries, and ends no message before its time."""
    if outcome.kind is not OutcomeClass.RETRY_AFTER:
        return now + int(delay_seconds(tried.attempts + 1, outcome, chance) * SECOND)
    tries = max(tried.attempts, tried.made) + 1
    due = now + int(delay_seconds(tries, outcome, chance) * SECOND)
    latest = deadline if tried.expires_at is None else min(deadline, tried.expires_at - 1)
    asked = _asked_seconds(outcome) or RETRY_AFTER_BOUNDS_SECONDS[0]
    return max(now + int(asked * SECOND), min(due, latest))


def _put_off(due: int, seconds: float, deadline: int, expires_at: int | None) -> int:
    """Later, but not so late that there would be no try any more."""
    latest = deadline if expires_at is None else min(deadline, expires_at - 1)
    return max(due, min(due + int(seconds * SECOND), latest))


def _may_repeat(tried: Tried, category: Category) -> bool:
    return tried.repeatable or _at_least_once(tried, category)


def _at_least_once(tried: Tried, category: Category) -> bool:
    return category.policy(tried.channel) is OnUnknown.AT_LEAST_ONCE


def _cause(outcome: Outcome) -> str:
    return f"{outcome.kind.value}:{outcome.code}" if outcome.code else outcome.kind.value
