"""What comes next for somebody who still waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.clauses import TOLD_BY
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.ids import event_name
from clarion.core.plain_words import capital, list_words
from clarion.core.time_words import weekday_words
from clarion.core.workflow import Channel
from clarion.pipeline.remembered import Answer, Gathering, Remembered
from clarion.pipeline.saying import event_words


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What is due, and a sentence about it. `digest` is the id of the digest that it waits in."""

    workflow: str
    step: int
    due: int
    channels: tuple[Channel, ...]
    text: str
    digest: bytes | None = None


def forthcoming(user: str, told: Remembered, now: int) -> list[Next]:
    """Everything that a notification waits for, also as part of a digest; the nearest first."""
    return sorted(_forthcoming(user, told, now), key=lambda each: (each.due, each.step))


def waits_json(notifications: Sequence[Next]) -> list[dict[str, Any]]:
    """As the API shows it."""
    return [
        {
            "workflow": each.workflow,
            "step": each.step,
            "channels": [channel.value for channel in each.channels],
            "due": to_rfc3339(each.due),
            "next": each.text,
            **({"digest": event_name(each.digest)} if each.digest is not None else {}),
        }
        for each in notifications
    ]


def _forthcoming(user: str, told: Remembered, now: int) -> Iterator[Next]:
    for answer in told.in_force().values():
        step = answer.step
        if step.result is Result.HOLD and (wait := told.wait_at(step.step)) is not None:
            yield _next(user, told, answer, wait.due, step.until or wait.due, now)
        elif (gathering := told.gathering(step)) is not None:
            if gathering.told is None:
                yield _of_digest(user, told, answer, gathering, now)
            else:
                for each in _forthcoming(user, gathering.told, now):
                    yield msgspec.structs.replace(each, digest=gathering.digest.id)


def _next(user: str, told: Remembered, answer: Answer, due: int, until: int, now: int) -> Next:
    channels = _channels(told, answer.step)
    when = f" {_after(told, answer, until, due, now)}{_condition(told, answer.step)}"
    return Next(
        workflow=told.compiled.workflow.key,
        step=answer.step.step,
        due=due,
        channels=channels,
        text=_text(user, told, _by(channels), when),
    )


def _of_digest(user: str, told: Remembered, answer: Answer, gathering: Gathering, now: int) -> Next:
    channels, digest = _channels(told, answer.step), gathering.digest
    others = digest.count - 1
    beside = f"{others} other{'s' if others > 1 else ''} gathered so far"
    if others <= 0:
        beside = "whatever joins it until then"
    when = f"{_after(told, answer, digest.due, digest.due, now)}{_condition(told, answer.step)}"
    return Next(
        workflow=told.compiled.workflow.key,
        step=answer.step.step,
        due=digest.due,
        channels=channels,
        text=_text(user, told, _by(channels), f", together with {beside}, {when}"),
        digest=digest.id,
    )


def _text(user: str, told: Remembered, by: str, when: str) -> str:
    """Whoever took the event back made what waits due at once, and it will not be sent then."""
    if told.event.cancelled_at is not None:
        words = capital(event_words(told))
        return f"{words} was cancelled, so {user} will not be told {by} any more."
    return f"{user} will be told {by}{when}."


def _channels(told: Remembered, answer: StepDecision) -> tuple[Channel, ...]:
    channel = told.channels.get(answer.step)
    return told.behind(answer.step) if channel is None else (channel,)


def _by(channels: Sequence[Channel]) -> str:
    return list_words([*dict.fromkeys(TOLD_BY[channel] for channel in channels)])


def _after(told: Remembered, answer: Answer, until: int, due: int, now: int) -> str:
    if told.off:
        return f"once the workflow {told.compiled.workflow.key} is no longer paused"
    if due <= now:
        return "in a moment, as the wait is over"
    return f"after {weekday_words(until, answer.judged.zone, now)}"


def _condition(told: Remembered, answer: StepDecision) -> str:
    """What may still stand in the way."""
    if answer.gate == Gate.PRESENCE:
        return ", unless it is seen in the inbox before"
    sends = told.compiled.sends
    later = [answer.step] if answer.step in sends else _sends_behind(told, answer.step)
    conditional = any(sends[index].when is not None for index in later)
    if answer.step not in sends:  # neither switches nor quiet hours were asked yet
        also = "the condition for it holds and " if conditional else ""
        return f", if {also}nothing stands against it then"
    return ", if the condition for it holds then" if conditional else ""


def _sends_behind(told: Remembered, step: int) -> list[int]:
    count = len(told.behind(step))
    return [index for index in told.compiled.sends if index > step][:count]
