"""One word for what became of an event for a user, from the answers in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from clarion.core.decision import Result, StepDecision
from clarion.core.plain_words import Verdict
from clarion.core.states import ACCEPTED_STATUSES, OPEN_STATUSES
from clarion.core.workflow import Channel
from clarion.pipeline.forgotten import verdict_without
from clarion.pipeline.remembered import Remembered


class Mark(Enum):
    """What became of one step."""

    REACHED = 1
    WAITS = 2
    MISSED = 3


def verdict_of(notifications: Sequence[Remembered]) -> Verdict:
    """One word for the user over all workflows: what was decided, and what became of it."""
    if any(told.forgotten for told in notifications):
        return verdict_without([told.row.bucket for told in notifications])
    marks = [mark for told in notifications for mark in marks_of(told)]
    if Mark.WAITS in marks:
        return Verdict.WAITING
    if Mark.REACHED not in marks:
        return Verdict.NOT_TOLD
    return Verdict.PARTLY_TOLD if Mark.MISSED in marks else Verdict.TOLD


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
    elif answer.result is Result.SEND and _arrived(told, answer):
        yield Mark.REACHED
    else:
        yield Mark.MISSED


def _arrived(told: Remembered, answer: StepDecision) -> bool:
    if told.channels[answer.step] is Channel.INBOX:
        return answer.alert
    return any(
        row.status in ACCEPTED_STATUSES for row in told.deliveries if row.key.step == answer.step
    )
