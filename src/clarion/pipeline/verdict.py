"""One word for what became of an event for a user, from the answers in force."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import Enum

from clarion.core.decision import Result, StepDecision
from clarion.core.plain_words import Verdict
from clarion.core.states import ACCEPTED_STATUSES, OPEN_STATUSES, DeliveryStatus
from clarion.core.workflow import Channel
from clarion.pipeline.forgotten import verdict_without
from clarion.pipeline.remembered import Remembered
from clarion.store.contract.ledger import DeliveryRow


class Mark(Enum):
    """What became of one step."""

    REACHED = 1
    WAITS = 2
    MISSED = 3
    SILENT = 4
    UNSURE = 5


def verdict_of(notifications: Sequence[Remembered]) -> Verdict:
    """One word for the user over all workflows: what was decided, and what became of it."""
    if any(told.forgotten for told in notifications):
        unsure = any(_unsure(told.deliveries) for told in notifications)
        return verdict_without([told.row.bucket for told in notifications], unsure=unsure)
    return verdict_from({mark for told in notifications for mark in marks_of(told)})


def verdict_from(marks: Collection[Mark]) -> Verdict:
    """What is to come counts first, then whether anything reached the user, rang or not, or may
    have."""
    if Mark.WAITS in marks:
        return Verdict.WAITING
    if Mark.REACHED in marks:
        return Verdict.TOLD if set(marks) == {Mark.REACHED} else Verdict.PARTLY_TOLD
    if Mark.SILENT in marks:
        return Verdict.SILENT
    return Verdict.NOT_KNOWN if Mark.UNSURE in marks else Verdict.NOT_TOLD


def marks_of(told: Remembered) -> Iterator[Mark]:
    """Marks of the answers in force; what a digest told of has those of the digest."""
    if any(row.status in OPEN_STATUSES for row in told.deliveries):
        yield Mark.WAITS
    for answer in told.in_force().values():
        yield from _marks(told, answer.step)


def _marks(told: Remembered, answer: StepDecision) -> Iterator[Mark]:
    if answer.result is Result.DIGEST:
        gathering = told.gathering(answer)
        if gathering is None:
            yield Mark.MISSED
        elif gathering.told is None:
            yield Mark.WAITS
        else:
            yield from marks_of(gathering.told)
    elif answer.result is Result.HOLD:
        yield Mark.WAITS
    elif answer.result is Result.SEND:
        yield _arrived(told, answer)
    else:
        yield Mark.MISSED


def _arrived(told: Remembered, answer: StepDecision) -> Mark:
    if told.channels[answer.step] is Channel.INBOX:
        return Mark.REACHED if answer.alert else Mark.SILENT
    mine = [row for row in told.deliveries if row.key.step == answer.step]
    if any(row.status in ACCEPTED_STATUSES for row in mine):
        return Mark.REACHED
    return Mark.UNSURE if _unsure(mine) else Mark.MISSED


def _unsure(deliveries: Sequence[DeliveryRow]) -> bool:
    """Whether nobody took one, and one may have arrived."""
    statuses = {row.status for row in deliveries}
    return DeliveryStatus.UNKNOWN in statuses and not statuses & ACCEPTED_STATUSES
