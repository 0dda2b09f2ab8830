"""What follows from an outcome: an end, or the next try."""

from __future__ import annotations

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.retry import SECOND, Tried, Verdict, delay_seconds, judge
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Category, Channel, OnUnknown

NOW = 1_767_323_045_678_901
MIDDLE = 0.5
"""The chance that leaves a delay as it is."""

USUAL = Category(key="orders")
AT_MOST_ONCE = Category(key="live", on_unknown={"*": OnUnknown.AT_MOST_ONCE})


def judged(
    kind: OutcomeClass,
    *,
    code: str = "",
    attempts: int = 0,
    category: Category = USUAL,
    created_at: int = NOW,
    expires_at: int | None = None,
    repeatable: bool = False,
    final: bool = False,
    retry_after_seconds: float | None = None,
    made: int = 0,
) -> Verdict:
    outcome = Outcome(kind=kind, code=code, final=final, retry_after_seconds=retry_after_seconds)
    tried = Tried(
        channel=Channel.EMAIL, attempts=attempts, created_at=created_at, expires_at=expires_at,
        repeatable=repeatable, made=made,
    )  # fmt: skip
    return judge(outcome, tried, category, now=NOW, chance=MIDDLE)


def test_what_was_accepted_is_sent() -> None:
    assert judged(OutcomeClass.ACCEPTED) == Verdict(status=DeliveryStatus.SENT)


def test_an_invalid_destination_is_switched_off_and_kept_as_a_dead_letter() -> None:
    verdict = judged(OutcomeClass.DESTINATION_INVALID)
    assert verdict == Verdict(
        status=DeliveryStatus.FAILED, cause="destination_invalid", disable=True
    )


def test_who_opted_out_at_the_provider_is_left_alone() -> None:
    verdict = judged(OutcomeClass.OPTED_OUT)
    assert verdict == Verdict(status=DeliveryStatus.FAILED, cause="opted_out")


def test_a_permanent_refusal_is_a_dead_letter_with_its_code() -> None:
    verdict = judged(OutcomeClass.PERMANENT, code="550")
    assert verdict == Verdict(status=DeliveryStatus.FAILED, cause="permanent:550")


def test_a_final_outcome_is_never_tried_again() -> None:
    verdict = judged(OutcomeClass.CONFIG, code="blocked", final=True)
    assert verdict == Verdict(status=DeliveryStatus.FAILED, cause="config:blocked")


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 10), (2, 20)])
def test_tries_are_ever_further_apart(attempts: int, seconds: int) -> None:
    verdict = judged(OutcomeClass.RETRY, attempts=attempts)
    assert verdict == Verdict(status=DeliveryStatus.READY, due=NOW + seconds * SECOND)


def test_the_last_try_ends_it() -> None:
    assert judged(OutcomeClass.RETRY, attempts=3) == Verdict(
        status=DeliveryStatus.DEAD, cause="retry"
    )


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_chance_spreads_a_delay_by_a_fifth(chance: float, seconds: float) -> None:
    assert delay_seconds(1, Outcome(kind=OutcomeClass.RETRY), chance) == pytest.approx(seconds)


def test_no_delay_is_over_an_hour_unless_the_provider_asks_for_it() -> None:
    plain = Outcome(kind=OutcomeClass.RETRY)
    asked = Outcome(kind=OutcomeClass.RETRY_AFTER, retry_after_seconds=7200)
    assert delay_seconds(20, plain, MIDDLE) == 3600
    assert delay_seconds(1, asked, MIDDLE) == 7200


@pytest.mark.parametrize(("asked", "seconds"), [(60.0, 60), (0.1, 5), (1_000_000.0, 86_400)])
def test_the_wait_that_a_provider_names_is_kept_within_bounds(asked: float, seconds: int) -> None:
    outcome = Outcome(kind=OutcomeClass.RETRY_AFTER, retry_after_seconds=asked)
    assert delay_seconds(1, outcome, MIDDLE) == seconds


def test_a_provider_that_says_later_uses_up_no_try() -> None:
    verdict = judged(OutcomeClass.RETRY_AFTER, attempts=3, made=3, retry_after_seconds=60)
    assert verdict == Verdict(status=DeliveryStatus.READY, due=NOW + 60 * SECOND, counted=False)


@pytest.mark.parametrize(("made", "seconds"), [(0, 5), (1, 10), (4, 80), (30, 600)])
def test_who_says_later_again_and_again_is_asked_less_and_less_often(
    made: int, seconds: int
) -> None:
    verdict = judged(OutcomeClass.RETRY_AFTER, made=made, retry_after_seconds=1)
    assert verdict.due == NOW + seconds * SECOND


def test_later_ends_at_the_deadline_with_a_last_try_there() -> None:
    day = 86_400
    before = judged(
        OutcomeClass.RETRY_AFTER, code="429", made=30, created_at=NOW - (day - 60) * SECOND
    )
    assert (before.status, before.due) == (DeliveryStatus.READY, NOW + 60 * SECOND)
    after = judged(OutcomeClass.RETRY_AFTER, code="429", made=31, created_at=NOW - day * SECOND)
    assert after == Verdict(status=DeliveryStatus.DEAD, cause="retry_after:429")


def test_a_later_beyond_the_deadline_is_not_waited_for() -> None:
    hasty = Category(key="live", deadline_seconds=30)
    verdict = judged(OutcomeClass.RETRY_AFTER, category=hasty, retry_after_seconds=31)
    assert verdict.status is DeliveryStatus.DEAD


def test_wrong_credentials_use_up_no_try() -> None:
    verdict = judged(OutcomeClass.CREDENTIAL, attempts=3)
    assert verdict == Verdict(status=DeliveryStatus.READY, due=NOW + 30 * SECOND, counted=False)


def test_wrong_credentials_end_at_the_deadline() -> None:
    verdict = judged(OutcomeClass.CREDENTIAL, created_at=NOW - 86_400 * SECOND)
    assert verdict == Verdict(status=DeliveryStatus.DEAD, cause="credential")


def test_a_category_may_set_an_earlier_deadline() -> None:
    hasty = Category(key="live", deadline_seconds=4)
    assert judged(OutcomeClass.RETRY, category=hasty).status is DeliveryStatus.DEAD


def test_a_try_that_would_come_at_the_expiry_is_not_waited_for() -> None:
    late = judged(OutcomeClass.RETRY, expires_at=NOW + 5 * SECOND)
    assert late == Verdict(status=DeliveryStatus.EXPIRED)
    assert judged(OutcomeClass.RETRY, expires_at=NOW + 6 * SECOND).status is DeliveryStatus.READY


def test_an_ambiguous_outcome_is_repeated_when_the_category_says_so() -> None:
    assert judged(OutcomeClass.AMBIGUOUS).status is DeliveryStatus.READY


def test_an_ambiguous_outcome_stays_unknown_where_twice_is_worse_than_never() -> None:
    verdict = judged(OutcomeClass.AMBIGUOUS, code="timeout", category=AT_MOST_ONCE)
    assert verdict == Verdict(status=DeliveryStatus.UNKNOWN, cause="ambiguous:timeout")


def test_an_ambiguous_outcome_is_repeated_where_a_repeat_is_harmless() -> None:
    verdict = judged(OutcomeClass.AMBIGUOUS, category=AT_MOST_ONCE, repeatable=True)
    assert verdict.status is DeliveryStatus.READY


def test_an_ambiguous_last_try_is_unknown_not_dead() -> None:
    assert judged(OutcomeClass.AMBIGUOUS, attempts=3).status is DeliveryStatus.UNKNOWN


def test_the_policy_may_differ_by_channel() -> None:
    mixed = Category(
        key="k", on_unknown={"email": OnUnknown.AT_MOST_ONCE, "*": OnUnknown.AT_LEAST_ONCE}
    )
    assert judged(OutcomeClass.AMBIGUOUS, category=mixed).status is DeliveryStatus.UNKNOWN


def test_a_retry_over_the_budget_is_put_off_by_as_much() -> None:
    busy = Outcome(kind=OutcomeClass.RETRY)
    tried = Tried(channel=Channel.EMAIL, attempts=0, created_at=NOW, expires_at=None)
    verdict = judge(busy, tried, USUAL, now=NOW, chance=MIDDLE, put_off_seconds=40)
    assert verdict.due == NOW + 45 * SECOND


def test_the_budget_puts_nothing_off_that_does_not_count() -> None:
    refused = Outcome(kind=OutcomeClass.CREDENTIAL)
    tried = Tried(channel=Channel.EMAIL, attempts=0, created_at=NOW, expires_at=None)
    verdict = judge(refused, tried, USUAL, now=NOW, chance=MIDDLE, put_off_seconds=40)
    assert verdict.due == NOW + 30 * SECOND


def test_what_may_have_arrived_is_bound_to_its_account_unless_twice_is_fine() -> None:
    once = judged(OutcomeClass.AMBIGUOUS, category=AT_MOST_ONCE, repeatable=True)
    assert (once.status, once.bound) == (DeliveryStatus.READY, True)
    assert not judged(OutcomeClass.AMBIGUOUS, repeatable=True).bound
    assert not judged(OutcomeClass.RETRY, category=AT_MOST_ONCE).bound


@pytest.mark.parametrize(("expires_in", "latest"), [(None, 30), (20, 20)])
def test_a_retry_is_never_put_off_past_its_deadline_or_expiry(
    expires_in: int | None, latest: int
) -> None:
    category = Category(key="fast", deadline_seconds=30)
    expires_at = None if expires_in is None else NOW + expires_in * SECOND
    tried = Tried(channel=Channel.EMAIL, attempts=0, created_at=NOW, expires_at=expires_at)
    busy = Outcome(kind=OutcomeClass.RETRY, code="500")
    verdict = judge(busy, tried, category, now=NOW, chance=MIDDLE, put_off_seconds=3600)
    assert verdict.status is DeliveryStatus.READY
    assert verdict.due in (NOW + latest * SECOND, NOW + latest * SECOND - 1)
