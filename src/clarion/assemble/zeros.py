"""Counters at 0 from the start: one that first appears when something happens has no step from
which Prometheus could count it, so that a rule would miss the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clarion.assemble.roles import Role
from clarion.core.delivery import OutcomeClass
from clarion.core.reasons import Reason
from clarion.core.workflow import Channel, Lane, OnUnknown
from clarion.telemetry import (
    ambiguous_outcomes,
    dead_letters,
    deliveries,
    events_shed,
    lease_lost,
    provider_pauses,
    retries,
    retries_put_off,
    spans,
    throttled_seconds,
)

QUARANTINED = "quarantined"
_REFUSALS = tuple(kind.value for kind in OutcomeClass if kind is not OutcomeClass.ACCEPTED)
_PASSING = (
    OutcomeClass.RETRY, OutcomeClass.RETRY_AFTER, OutcomeClass.AMBIGUOUS, OutcomeClass.CREDENTIAL,
    OutcomeClass.CONFIG,
)  # fmt: skip
_WAITS = ("quota", "pause", "breaker")


def begin_counting(roles: frozenset[Role], accounts: Mapping[str, Iterable[str]]) -> None:
    """Show what a process of these roles may come to count; `accounts` are the channels of each
    by its name."""
    for kind in ("worker", "other"):
        lease_lost.labels(kind)
    spans.labels("failed")
    if Role.API in roles:
        _of_producers()
    if roles & {Role.WORKER, Role.KEEPER}:
        for account, channels in accounts.items():
            for channel in channels:
                _of_tries(channel, account)
            provider_pauses.labels(account)
            for wait in _WAITS:
                throttled_seconds.labels(account, wait)
        for told in Channel:
            dead_letters.labels(told.value, "", Reason.UNDECIDABLE.value)
        for lane in Lane:
            retries_put_off.labels(lane.label)


def _of_producers() -> None:
    for lane in Lane:
        over = [f"backlog-{other.label}" for other in Lane if other <= lane]
        for bound in ("events", "writes", *over):
            events_shed.labels(lane.label, bound)


def _of_tries(channel: str, account: str) -> None:
    for kind in OutcomeClass:
        deliveries.labels(channel, account, kind.value)
    for kind in _PASSING:
        retries.labels(channel, account, kind.value)
    for reason in (*_REFUSALS, QUARANTINED):
        dead_letters.labels(channel, account, reason)
    for policy in OnUnknown:
        ambiguous_outcomes.labels(channel, account, policy.value)
