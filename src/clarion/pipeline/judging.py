"""From an outcome to what is written: the verdict, the retry budget, the account that is told, and
the metrics."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

import msgspec

from clarion.channels.contract import Capabilities
from clarion.clock import SECOND, Clock
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.retry import Tried, Verdict, judge
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Channel, Lane
from clarion.pipeline.admission import Admission
from clarion.pipeline.material import Material, Words
from clarion.pipeline.rates import Rates
from clarion.pipeline.retries import Retries
from clarion.store.contract.deliveries import Claim, Finish
from clarion.telemetry import (
    ambiguous_outcomes,
    attempt_duration_seconds,
    dead_letters,
    deliveries,
    delivery_latency_seconds,
    destinations_disabled,
    retries,
)
from clarion.tracing import current

_TAKEN = Verdict(status=DeliveryStatus.SENT)


class Sender(Protocol):
    """A provider with everything `conduct` puts around it."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def conduct(
        self, message: Message, last_look: Callable[[], None] | None = None
    ) -> Outcome: ...


class _Meters:
    """What is measured of every try of a channel, looked up once."""

    def __init__(self, channel: str, account: str, lane: Lane) -> None:
        self.took = attempt_duration_seconds.labels(channel, account)
        self.accepted = deliveries.labels(channel, account, OutcomeClass.ACCEPTED.value)
        self.waited = delivery_latency_seconds.labels(channel, lane.label)


class Judging:
    """Of one (lane, account)."""

    def __init__(
        self,
        lane: Lane,
        sender: Callable[[Claim], Sender],
        admission: Admission,
        budget: Retries,
        clock: Clock,
        chance: random.Random,
        rates: Rates | None = None,
    ) -> None:
        self._rates = rates or Rates()
        self._lane = lane
        self._account = admission.valve.account
        self._sender = sender
        self._admission = admission
        self._budget = budget
        self._clock = clock
        self._chance = chance
        self._meters: dict[Channel, _Meters] = {}

    def finish(
        self, material: Material, outcome: Outcome, started_at: int, words: Words | None
    ) -> Finish:
        """What becomes of a delivery after a try."""
        claim, now = material.claim, self._clock.now()
        if not claim.attempts:
            self._budget.first_try()
        accepted = outcome.kind is OutcomeClass.ACCEPTED
        verdict = _TAKEN if accepted else self._verdict(material, outcome, now)
        self._measure(material, outcome, verdict, now - started_at, now)
        return Finish(
            claim=claim,
            status=verdict.status,
            outcome=outcome,
            attempted=verdict.counted or outcome.kind is OutcomeClass.RETRY_AFTER,
            counted=verdict.counted,
            started_at=started_at,
            ms=(now - started_at) // 1000,
            due=verdict.due,
            cause=verdict.cause,
            disable=verdict.disable,
            content=words.content if words is not None else None,
            bound=verdict.bound,
        )

    def put_off(self, claim: Claim, due: int) -> Finish:
        """A claim that is not tried now; it neither tried anything nor died."""
        return Finish(
            claim=claim,
            status=DeliveryStatus.READY,
            attempted=False,
            due=due,
            crashes=claim.crashes - 1,
        )

    def _verdict(self, material: Material, outcome: Outcome, now: int) -> Verdict:
        claim = material.claim
        can = self._sender(claim).capabilities
        tried = Tried(
            channel=claim.key.channel,
            attempts=claim.attempts,
            created_at=claim.created_at,
            expires_at=claim.expires_at,
            repeatable=can.idempotent or can.replaces,
            made=claim.made,
        )
        category, chance = material.compiled.category.category, self._chance.random()
        verdict = judge(outcome, tried, category, now=now, chance=chance)
        if verdict.status is not DeliveryStatus.READY:
            return verdict
        if outcome.kind is OutcomeClass.RETRY_AFTER:
            return verdict  # the account or the destination rests: no retry that costs a budget
        if not verdict.counted:
            # The wait was for this account's sake; another one may be asked at once.
            due = now if self._admission.has_stand_in else verdict.due
            return msgspec.structs.replace(verdict, due=due)
        put_off = self._budget.put_off_seconds(now)
        return judge(outcome, tried, category, now=now, chance=chance, put_off_seconds=put_off)

    def _measure(
        self, material: Material, outcome: Outcome, verdict: Verdict, took: int, now: int
    ) -> None:
        told = material.claim.key.channel
        meters = self._meters.get(told)
        if meters is None:
            meters = self._meters[told] = _Meters(told.value, self._account, self._lane)
        context = current.get()
        trace_id = context.trace_id if context is not None and context.sampled else ""
        meters.took.observe(took / SECOND, trace_id)
        if outcome.kind is OutcomeClass.ACCEPTED:
            meters.accepted.inc()
            if material.event is not None:
                waited = (now - material.event.accepted_at) / SECOND
                meters.waited.observe(waited, trace_id)
                self._rates.waited(self._lane, waited, now)
            return
        channel, kind = told.value, outcome.kind.value
        deliveries.labels(channel, self._account, kind).inc()
        if verdict.status is DeliveryStatus.READY:
            retries.labels(channel, self._account, kind).inc()
        if verdict.cause is not None:
            dead_letters.labels(channel, self._account, kind).inc()
        if outcome.kind is OutcomeClass.DESTINATION_INVALID:
            destinations_disabled.labels(channel, kind).inc()
        if outcome.kind is OutcomeClass.AMBIGUOUS:
            policy = material.compiled.category.category.policy(material.claim.key.channel)
            ambiguous_outcomes.labels(channel, self._account, policy.value).inc()
