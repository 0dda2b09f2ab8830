"""A recipient who cannot be decided: what the ledger keeps instead of a decision."""

from __future__ import annotations

import msgspec

from clarion.core.decision import DECIDER, DecisionRecord, Gate, Result, StepDecision
from clarion.core.reasons import Reason
from clarion.core.recipient import Standing
from clarion.core.states import Bucket
from clarion.core.workflow import CHANNEL_NUMBER
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.store.contract.work import NotificationWrite, PageWrite, Task, UndecidableWrite
from clarion.telemetry import dead_letters, decisions

_encode = msgspec.json.Encoder().encode


def is_undecidable(record: DecisionRecord) -> bool:
    """Whether the record stands for a decision that failed."""
    return any(step.reason == Reason.UNDECIDABLE for step in record.steps)


def undecidable_page(
    task: Task, compiled: CompiledWorkflow, user: int, error: Exception, now: int
) -> PageWrite:
    """The rows of one such recipient: a dead notification with a dead letter.

    Of the error only its kind is kept, as its text may hold what a user wrote.
    """
    step = compiled.workflow.sends[0]
    decisions.labels("", Result.SKIP.label, Reason.UNDECIDABLE.value).inc()
    dead_letters.labels(step.channel.value, "", Reason.UNDECIDABLE.value).inc()
    event = task.event.hex()
    notification = NotificationWrite(
        task.env, event, task.workflow, user, task.tenant, int(Bucket.DEAD), 0, 0, 0, 1,
        _encode(_record(task, now)).decode(),
    )  # fmt: skip
    letter = UndecidableWrite(
        task.env, event, task.workflow, user, step.index, CHANNEL_NUMBER[step.channel], task.lane,
        task.task, now, f"deciding failed: {type(error).__name__}",
    )  # fmt: skip
    return PageWrite(notifications=[notification], undecidable=[letter])


def _record(task: Task, now: int) -> DecisionRecord:
    return DecisionRecord(
        decider=DECIDER,
        at=now,
        user_version=0,
        settings_version=0,
        defaults_version=0,
        standing=int(Standing.KNOWN),
        topic=task.topic,
        mention="",
        duplicate=False,
        in_thread=False,
        paused=False,
        cancelled=False,
        whens={},
        destinations={},
        steps=(StepDecision(-1, Result.SKIP, Gate.UNDECIDABLE, Reason.UNDECIDABLE.value),),
    )
