"""The rows that the answers for one recipient come to."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from clarion.clock import SECOND
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.ids import new_digest_id
from clarion.core.recipient import Recipient
from clarion.core.schedule import spread
from clarion.core.workflow import CHANNEL_NUMBER, Channel, DigestStep, SendStep
from clarion.pipeline.flow import Flow
from clarion.pipeline.routes import Route
from clarion.store.contract.held import STEP
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import (
    DeliveryWrite,
    ItemWrite,
    JoinWrite,
    MemberWrite,
    PageWrite,
    WaitWrite,
)

Chance = Callable[[int], bytes]
"""Gives so many random bytes."""

SPREAD_SECONDS = 300
"""What many wait for at once, the end of quiet hours and the like, ends within so long after it:
else all of it would leave in the same second."""

TO_THE_END = 2**31
"""A span of steps without an end."""

_SHARED_ENDS = frozenset({Gate.QUIET, Gate.PAUSE, Gate.WINDOW, Gate.LEGAL_HOURS})


class Parts(msgspec.Struct):
    """What a notification counts of the rows that were written for it."""

    open: int = 0
    waiting: int = 0
    sent: int = 0


class Writer:
    """Adds rows to pages."""

    def __init__(self, route: Route, chance: Chance) -> None:
        self._route = route
        self._chance = chance

    def write(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        answers: tuple[StepDecision, ...],
        row: UserRow | None,
        n: int,
        waited: tuple[str, ...],
        now: int,
    ) -> Parts:
        """Rows of all answers. `n` numbers the decision that comes after a wait, `waited` are the
        gates that held the step before."""
        parts = Parts()
        for answer in answers:
            if answer.result is Result.SEND:
                step = flow.compiled.sends[answer.step]
                if step.aggregate is not None:
                    _member(page, flow, recipient, step, answer, row, now)
                    parts.sent += 1
                elif step.channel is Channel.INBOX:
                    _item(page, flow, recipient, answer, now)
                    parts.sent += 1
                else:
                    parts.open += self._deliveries(page, flow, recipient, step, answer, now)
            elif answer.result is Result.HOLD:
                _wait(page, flow, recipient, answer, n, waited)
                parts.waiting += 1
            elif answer.result is Result.DIGEST:
                self._join(page, flow, recipient, answer, row, now)
                parts.waiting += 1
        return parts

    def _deliveries(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        step: SendStep,
        answer: StepDecision,
        now: int,
    ) -> int:
        destinations = recipient.destinations.get(step.channel, ())
        if step.channel is Channel.WEBHOOK:
            destinations = (0,)
        for destination in destinations:
            platform = recipient.platforms.get(destination, "")
            page.deliveries.append(
                DeliveryWrite(
                    flow.env,
                    flow.event,
                    flow.compiled.row.number,
                    recipient.user,
                    step.index,
                    CHANNEL_NUMBER[step.channel],
                    destination,
                    self._route(step.channel, platform, flow.compiled.lane),
                    flow.compiled.lane,
                    flow.facts.tenant,
                    now,
                    now,
                    flow.facts.expires_at,
                    flow.ordering_key,
                    int(not answer.alert),
                )
            )
        return len(destinations)

    def _join(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        answer: StepDecision,
        row: UserRow | None,
        now: int,
    ) -> None:
        """What a digest step gathers is told by the steps behind it; what a send step gathers, as
        it may not send now, by that step alone."""
        step = flow.compiled.workflow.steps[answer.step]
        due = latest = answer.until or now
        first, last = answer.step, answer.step + 1
        if isinstance(step, DigestStep):
            first, last = answer.step + 1, TO_THE_END
            if step.timing.most_seconds is not None:
                latest = max(due, now + step.timing.most_seconds * SECOND)
        number, version, category, category_version = flow.compiled.pin
        page.joins.append(
            JoinWrite(
                env=flow.env,
                digest=new_digest_id(now, self._chance(10)).hex(),
                user=recipient.user,
                tenant=flow.facts.tenant,
                workflow=number,
                step=answer.step,
                key=flow.key_of(answer.step, row) if isinstance(step, DigestStep) else "",
                version=version,
                category=category,
                category_version=category_version,
                lane=flow.compiled.lane,
                about=flow.facts.about_chain[0] if flow.facts.about_chain else 0,
                at=now,
                due=due,
                latest=latest,
                event=flow.event,
                actor=flow.facts.actor,
                mention=recipient.mention.value,
                first=first,
                last=last,
            )
        )


def _wait(
    page: PageWrite,
    flow: Flow,
    recipient: Recipient,
    answer: StepDecision,
    n: int,
    waited: tuple[str, ...],
) -> None:
    """A send step that is held is decided again alone; behind a step that waits, all that
    follows is."""
    step = flow.compiled.workflow.steps[answer.step]
    alone = isinstance(step, SendStep)
    gates = [*waited, answer.gate.value] if alone else []
    page.waits.append(
        WaitWrite(
            flow.env,
            flow.event,
            flow.compiled.row.number,
            recipient.user,
            answer.step,
            n,
            answer.step if alone else answer.step + 1,
            answer.step + 1 if alone else TO_THE_END,
            STEP,
            ",".join(dict.fromkeys(gates)),
            flow.compiled.lane,
            flow.facts.tenant,
            _due(flow, recipient, answer),
        )
    )


def _due(flow: Flow, recipient: Recipient, answer: StepDecision) -> int:
    """The end of the wait; one that many share is spread, but not past the expiry."""
    until = answer.until or 0
    if answer.gate not in _SHARED_ENDS:
        return until
    width = SPREAD_SECONDS * SECOND
    if flow.facts.expires_at is not None:
        width = min(width, flow.facts.expires_at - until)
    return until + spread(f"{flow.event}:{recipient.user}".encode(), width)


def _item(
    page: PageWrite, flow: Flow, recipient: Recipient, answer: StepDecision, now: int
) -> None:
    page.items.append(
        ItemWrite(
            flow.env,
            recipient.user,
            flow.facts.tenant,
            flow.event,
            flow.compiled.row.number,
            answer.step,
            flow.locale_of(answer.step, recipient.locale),
            int(flow.compiled.steps[answer.step].personal),
            int(answer.alert),
            now,
            flow.facts.expires_at,
        )
    )


def _member(
    page: PageWrite,
    flow: Flow,
    recipient: Recipient,
    step: SendStep,
    answer: StepDecision,
    row: UserRow | None,
    now: int,
) -> None:
    page.members.append(
        MemberWrite(
            flow.env,
            recipient.user,
            flow.facts.tenant,
            flow.event,
            flow.compiled.row.number,
            answer.step,
            flow.locale_of(answer.step, recipient.locale),
            int(answer.alert),
            now,
            flow.facts.expires_at,
            flow.facts.actor,
            flow.key_of(answer.step, row),
            int(step.aggregate is not None and step.aggregate.reopen),
        )
    )
