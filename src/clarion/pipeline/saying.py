"""Why, in sentences: the answers in force, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.ids import is_digest
from clarion.core.law import last_said
from clarion.core.plain_words import Names, Verdict, because
from clarion.core.reasons import Reason
from clarion.core.recipient import Consent, Mention
from clarion.core.workflow import Channel, SendStep
from clarion.pipeline.forgotten import words_without
from clarion.pipeline.remembered import Gathering, Judged, Remembered
from clarion.pipeline.story import deliveries_words, repeats_words, taken
from clarion.pipeline.undecidable import is_undecidable
from clarion.pipeline.verdict import Mark, marks_of

T = TypeVar("T")


def because_of(user: str, notifications: Sequence[Remembered]) -> str:
    """Sentences about one event, those of each workflow that listened behind its name."""
    texts = {told.compiled.workflow.key: _said(user, told) for told in notifications}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return " ".join(f"[{key}] {text}" for key, text in texts.items())


def names_of(user: str, told: Remembered, judged: Judged) -> Names:
    """What the sentences about one decision call things."""
    workflow = told.compiled.workflow
    scopes, ends = judged.scopes, judged.ends
    if judged.n:
        # A gate of the notification answers for each step that was still to be decided.
        scopes, ends = _for_each_step(scopes, told), _for_each_step(ends, told)
    more = judged.kept.more
    return Names(
        user=user,
        event=event_words(told),
        workflow=f"the workflow {workflow.key}",
        category=f"the category {workflow.category}",
        channels=told.channels,
        behind={
            step.index: told.behind(step.index)
            for step in workflow.steps
            if not isinstance(step, SendStep)
        },
        scopes=scopes,
        ends=ends,
        caps=more.caps if more is not None else {},
        conditions=_conditions(told, judged),
        objected=_objected(told, more.consents) if more is not None else (),
        mention=Mention(judged.kept.mention),
        zone=judged.zone.key,
        near=told.first.kept.at,
    )


def event_words(told: Remembered) -> str:
    """What the event is called in a sentence."""
    return "the digest" if is_digest(told.event.id) else f"the event {told.event.type}"


def others_words(gathering: Gathering) -> str:
    """With how many others a digest tells of an event."""
    others = gathering.digest.count - 1
    if others <= 0:
        return "by itself"
    return f"together with {others} other{'s' if others > 1 else ''}"


def decision_words(
    user: str, told: Remembered, judged: Judged, steps: Sequence[StepDecision]
) -> str:
    """Answers of one decision as it was made: whatever became of it, only the inbox had it then."""
    undone = [index for index, channel in told.channels.items() if channel is not Channel.INBOX]
    return because(Verdict.TOLD, steps, names_of(user, told, judged), undone)


def _for_each_step(found: dict[int, T], told: Remembered) -> dict[int, T]:
    whole = found.get(-1)
    return found if whole is None else {**dict.fromkeys(told.channels, whole), **found}


def _conditions(told: Remembered, judged: Judged) -> dict[int, str]:
    """What conditions about the inbox came upon."""
    at = judged.kept.at
    read = [item for item in told.items if item.read_at is not None and item.read_at <= at]
    seen = [item for item in told.items if item.seen_at is not None and item.seen_at <= at]
    if not seen:
        return {}
    asking = [step for step, when in told.compiled.whens.items() if "inbox" in when.names]
    return dict.fromkeys(asking, "read in the inbox" if read else "seen in the inbox")


def _objected(told: Remembered, consents: Sequence[Consent]) -> frozenset[int]:
    """Steps that consents kept by a decision are about because of their channel."""
    said = {step: last_said(consents, channel) for step, channel in told.channels.items()}
    return frozenset(step for step, row in said.items() if row is not None and row.channel)


def _said(user: str, told: Remembered) -> str:
    if told.forgotten:
        mine = _deliveries_words(told)
        return " ".join([words_without(user, told.row.bucket), *mine])
    undone = _undone(told)
    sentences = []
    for judged in told.judged:
        answers = told.answers_of(judged)
        names = names_of(user, told, judged)
        if judged.n:
            sentences.append(f"It was decided again at {names.instant(judged.kept.at)}:")
        steps = [_as_it_stands(told, answer) for answer in answers]
        sentences.append(because(Verdict.TOLD, steps, names, undone))
        gathered = [told.gathering(answer) for answer in answers]
        sentences.extend(_digest_words(user, each) for each in gathered if each is not None)
    if not is_undecidable(told.row.decided):
        sentences.extend(_deliveries_words(told))
    return " ".join(filter(None, sentences))


def _deliveries_words(told: Remembered) -> list[str]:
    rows = [*told.deliveries]
    return deliveries_words(rows) + repeats_words(rows, told.attempts)


def _as_it_stands(told: Remembered, answer: StepDecision) -> StepDecision:
    """What a digest gathers is due when the digest is; what was taken back is not sent."""
    if answer.result is not Result.DIGEST:
        return answer
    gathering = told.gathering(answer)
    if gathering is None:
        return StepDecision(answer.step, Result.SKIP, Gate.CANCELLED, Reason.CANCELLED)
    due = gathering.digest.due if gathering.digest.closed_at is None else None
    return msgspec.structs.replace(answer, until=due)


def _digest_words(user: str, gathering: Gathering) -> str:
    """How a digest told of it; nothing while it is open."""
    digest, told = gathering.digest, gathering.told
    if told is None or digest.closed_at is None:
        return ""
    names = names_of(user, told, told.judged[0])
    at = names.instant(digest.closed_at)
    others = others_words(gathering)
    if Mark.REACHED in marks_of(told):
        start = f"It was told {others} at {at}."
    else:
        start = f"It was gathered {others} until {at}."
    return f"{start} {_said(user, told)}"


def _undone(told: Remembered) -> set[int]:
    """Steps that were to be sent and of which no provider has taken a delivery (yet)."""
    accepted = {row.key.step for row in told.deliveries if taken(row)}
    return {row.key.step for row in told.deliveries} - accepted
