"""A notification with all that was decided about it, as records: what the ledger still knows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from clarion.core.decision import DecisionRecord, Result, StepDecision, TraceLine
from clarion.core.facts import WHOLE
from clarion.core.workflow import Channel, SendStep
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.forgotten import is_forgotten
from clarion.store.contract.events import EventRow
from clarion.store.contract.held import STEP, Digest, Wait
from clarion.store.contract.inbox import ItemRow
from clarion.store.contract.ledger import AttemptRow, DeliveryRow, NotificationRow
from clarion.store.contract.people import DestinationRow


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One decision made again; `n` is 0 for the first, then counts up. `scopes` and `ends` (of
    mutes and pauses) are by step. `same` is False when today's decider would answer otherwise: then
    the recorded answer stands. `zone_from`: whose zone it is (`user`, `default` of tenant or
    environment, `none`: UTC, as nobody said one), None where that is kept no longer."""

    n: int
    kept: DecisionRecord
    steps: tuple[StepDecision, ...]
    trace: tuple[TraceLine, ...] = ()
    scopes: dict[int, str] = {}
    ends: dict[int, int] = {}
    zone: ZoneInfo
    zone_from: str | None = None
    same: bool = True

    @property
    def span(self) -> tuple[int, int]:
        """The steps that it was about."""
        more = self.kept.more
        return (more.span if more is not None else None) or WHOLE


class Answer(msgspec.Struct, frozen=True):
    """What one decision says about one step. Where a gate ended the whole notification, each step
    that was still to be decided has that answer."""

    step: StepDecision
    judged: Judged


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """A digest that a step of the notification went into; `told` is what it was told as, None while
    that is to come."""

    digest: Digest
    told: Remembered | None


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """One notification. `judged` are its decisions in order; `digests` are by step, those that
    still tell of it. `off` is True while its workflow is paused. `destinations` are those of the
    deliveries that are still known, by number."""

    event: EventRow
    row: NotificationRow
    compiled: CompiledWorkflow
    judged: tuple[Judged, ...]
    deliveries: tuple[DeliveryRow, ...] = ()
    attempts: tuple[AttemptRow, ...] = ()
    items: tuple[ItemRow, ...] = ()
    waits: tuple[Wait, ...] = ()
    digests: dict[int, Gathering] = {}
    off: bool = False
    destinations: dict[int, DestinationRow] = {}

    @property
    def first(self) -> Judged:
        return self.judged[0]

    @property
    def forgotten(self) -> bool:
        """Whether its decisions are kept no longer."""
        return is_forgotten(self.row.decided)

    @property
    def channels(self) -> dict[int, Channel]:
        """Channels of the steps that send."""
        return {step.index: step.channel for step in self.compiled.workflow.sends}

    def behind(self, step: int) -> tuple[Channel, ...]:
        """Channels of what comes next after a step that waits."""
        found: list[Channel] = []
        for later in self.compiled.workflow.steps[step + 1 :]:
            if isinstance(later, SendStep):
                found.append(later.channel)
            elif found:
                break
        return tuple(found)

    def wait_at(self, step: int) -> Wait | None:
        """What a step still waits for by itself, outside of a digest."""
        return next((w for w in self.waits if w.step == step and w.kind == STEP), None)

    def answers(self) -> dict[int, list[Answer]]:
        """By step (-1: the whole notification) what each decision said about it, the last of which
        is in force."""
        found: dict[int, list[Answer]] = {}
        for judged in self.judged:
            for step in judged.steps:
                for each in self._about(step, judged):
                    found.setdefault(each.step, []).append(Answer(each, judged))
        return dict(sorted(found.items()))

    def answers_of(self, judged: Judged) -> list[StepDecision]:
        """What one decision said, in the order of the steps."""
        return [
            answer.step
            for answers in self.answers().values()
            for answer in answers
            if answer.judged is judged
        ]

    def in_force(self) -> dict[int, Answer]:
        """The answers that hold, by step; waits that are over are left out."""
        return {
            step: answers[-1]
            for step, answers in self.answers().items()
            if not self.is_over(answers[-1].step)
        }

    def is_over(self, answer: StepDecision) -> bool:
        """Whether a step that waited has been passed since: what follows it was decided."""
        if answer.step < 0 or answer.step in self.channels or answer.result is not Result.HOLD:
            return False
        return self.wait_at(answer.step) is None

    def is_taken_back(self, answer: StepDecision) -> bool:
        """Whether the event was cancelled while it waited in a digest, which then did not tell of
        it."""
        return answer.result is Result.DIGEST and self.gathering(answer) is None

    def gathering(self, answer: StepDecision) -> Gathering | None:
        """The digest that an answer went into; None where it did in none, or was taken back."""
        return self.digests.get(answer.step) if answer.result is Result.DIGEST else None

    def _about(self, step: StepDecision, judged: Judged) -> list[StepDecision]:
        if step.step >= 0 or not judged.n:
            return [step]
        first, end = judged.span
        return [
            msgspec.structs.replace(step, step=send.index)
            for send in self.compiled.workflow.sends
            if first <= send.index < end
        ]
