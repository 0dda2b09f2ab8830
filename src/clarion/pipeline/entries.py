"""The steps of a notification as the API shows them: the answer in force, and those before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.decision import Gate, StepDecision, TraceLine
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.core.recipient import FOREVER
from clarion.core.states import DeliveryStatus
from clarion.core.time_words import instant_words
from clarion.core.workflow import SendStep, Step
from clarion.pipeline.remembered import Answer, Gathering, Remembered
from clarion.pipeline.saying import decision_words
from clarion.pipeline.story import delivery_story

_WAITS = frozenset({Gate.DELAY.value, Gate.UNTIL.value, Gate.DIGEST.value})


def step_entries(user: str, told: Remembered) -> list[dict[str, Any]]:
    """An entry per step that was decided; a gate of the notification answers for all that send."""
    answers = told.answers()
    whole = answers.get(-1)
    entries = []
    for step in told.compiled.workflow.steps:
        found = answers.get(step.index)
        if whole is not None and isinstance(step, SendStep):
            found = found or whole
        if found:
            entries.append(_entry(user, told, step, found))
    return entries


def delivery_entries(told: Remembered) -> Iterator[dict[str, Any]]:
    """The deliveries of a notification, and those of the digests that told of it."""
    for row in told.deliveries:
        yield delivery_story(row, told.destinations.get(row.key.destination))
    for gathering in told.digests.values():
        if gathering.told is None:
            continue
        others = gathering.digest.count - 1
        for entry in delivery_entries(gathering.told):
            yield {
                "digest": event_name(gathering.digest.id),
                "told_together_with": others,
                **entry,
            }


def digest_json(gathering: Gathering) -> dict[str, Any]:
    """A digest as the step that gathers shows it."""
    digest = gathering.digest
    workflow = digest.pinned[0]
    name = notification_name(digest.id, workflow, digest.user)
    shut = digest.closed_at is not None
    return {
        "id": event_name(digest.id),
        "key": digest.key,
        "count": digest.count,
        "opened_at": to_rfc3339(digest.opened_at),
        **(
            {"closed_at": to_rfc3339(digest.closed_at)}
            if digest.closed_at is not None
            else {"closes_at": to_rfc3339(digest.due)}
        ),
        "told_by": name if shut and gathering.told is not None else None,
    }


def _entry(user: str, told: Remembered, step: Step, answers: list[Answer]) -> dict[str, Any]:
    last = answers[-1]
    entry: dict[str, Any] = {
        "workflow": told.compiled.workflow.key,
        "step": step.index,
        "channel": step.channel.value if isinstance(step, SendStep) else None,
    }
    if not isinstance(step, SendStep):
        entry["wait"] = step.__struct_config__.tag
        entry["over"] = told.is_over(last.step)
    elif step.when is not None:
        entry["condition"] = step.when
    entry |= _answer(user, told, last)
    if (gathering := told.gathering(last.step)) is not None:
        entry["digest"] = digest_json(gathering)
    elif told.is_taken_back(last.step) and told.event.cancelled_at is not None:
        entry["taken_back_at"] = to_rfc3339(told.event.cancelled_at)
    entry["deliveries"] = [
        {"id": delivery_name(row.key), "status": DeliveryStatus(row.status).name.lower()}
        for row in told.deliveries
        if row.key.step == step.index
    ]
    entry["trace"] = _trace(last, step.index)
    if len(answers) > 1:
        entry["history"] = [
            {**_answer(user, told, earlier), "trace": _trace(earlier, step.index)}
            for earlier in answers[:-1]
        ]
    return entry


def _answer(user: str, told: Remembered, answer: Answer) -> dict[str, Any]:
    step, judged = answer.step, answer.judged
    entry: dict[str, Any] = {
        "result": step.result.label,
        "reason": step.reason,
        "gate": str(step.gate),
        "scope": judged.scopes.get(step.step) or _whole(answer) or step.scope or None,
        "decided_at": to_rfc3339(judged.kept.at),
        "n": judged.n,
        "text": decision_words(user, told, judged, [step]),
    }
    if step.until is not None and step.until < FOREVER:
        entry["until"] = to_rfc3339(step.until)
        entry["until_local"] = instant_words(step.until, judged.zone, judged.kept.at)
    if not step.alert:
        entry["alert"] = False
    if cap := _cap(answer):
        entry["cap"] = cap
    return entry


def _whole(answer: Answer) -> str | None:
    """The scope where one gate answered for all steps."""
    ended = any(step.step < 0 for step in answer.judged.steps)
    return answer.judged.scopes.get(-1) if ended else None


def _cap(answer: Answer) -> dict[str, Any] | None:
    more = answer.judged.kept.more
    cap = more.caps.get(answer.step.step) if more is not None else None
    if cap is None or cap.granted or not _is_capped(answer.step):
        return None
    return {
        "scope": cap.scope,
        "per": cap.per,
        "by_channel": cap.by_channel,
        "used": cap.used,
        "limit": cap.limit,
        "window_seconds": cap.window_seconds,
        "frees_at": to_rfc3339(cap.frees_at),
    }


def _is_capped(step: StepDecision) -> bool:
    return step.gate == "cap"


def _trace(answer: Answer, step: int) -> list[dict[str, Any]]:
    """The gates of the notification and of the step, and the waits that were passed before it."""
    return [
        _line(line)
        for line in answer.judged.trace
        if line.step in (-1, step) or (line.step < step and line.gate in _WAITS)
    ]


def _line(line: TraceLine) -> dict[str, Any]:
    return {
        "gate": line.gate,
        "verdict": line.verdict,
        "detail": line.detail,
        **({"scope": line.scope} if line.scope else {}),
        **({"until": to_rfc3339(line.until)} if line.until and line.until < FOREVER else {}),
    }
