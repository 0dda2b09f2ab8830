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
DEADLINE_SECONDS = 24 * 3600
RETRY_AFTER_BOUNDS_SECONDS = (1.0, 24 * 3600.0)

_FINAL_CLASSES = frozenset(
    {OutcomeClass.DESTINATION_INVALID, OutcomeClass.OPTED_OUT, OutcomeClass.PERMANENT}
)


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
    """A delivery after a try: `attempts` made before this one, instants in microseconds.
    `repeatable`: the
    provider drops or replaces a repeat, so that a second send is harmless."""

    channel: Channel
    attempts: int
    created_at: int
    expires_at: int | None
    repeatable: bool = False


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
    base = min(FIRST_DELAY_SECONDS * 2.0 ** max(attempts - 1, 0), LONGEST_DELAY_SECONDS)
    if outcome.kind in (OutcomeClass.CREDENTIAL, OutcomeClass.CONFIG):
        base = SETTINGS_DELAY_SECONDS
    wait = base * (1 - JITTER + 2 * JITTER * chance)
    if outcome.retry_after_seconds is not None:
        low, high = RETRY_AFTER_BOUNDS_SECONDS
        wait = max(wait, min(max(outcome.retry_after_seconds, low), high))
    return wait


def _again(
    outcome: Outcome,
    tried: Tried,
    category: Category,
    now: int,
    chance: float,
    put_off_seconds: float,
) -> Verdict:
    counted = outcome.kind not in (OutcomeClass.CREDENTIAL, OutcomeClass.CONFIG)
    attempts = tried.attempts + 1
    due = now + int(delay_seconds(attempts, outcome, chance) * SECOND)
    deadline = tried.created_at + (category.deadline_seconds or DEADLINE_SECONDS) * SECOND
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
