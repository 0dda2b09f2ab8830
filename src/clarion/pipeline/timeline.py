"""What happened to a notification and what comes next, as one line of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from clarion.clock import SECOND, to_rfc3339
from clarion.core.clauses import CHANNEL_WORDS
from clarion.core.decision import Result, StepDecision
from clarion.core.ids import delivery_name, event_name, is_digest, item_name
from clarion.core.plain_words import capital, list_words
from clarion.core.reasons import Reason
from clarion.core.states import DeliveryStatus
from clarion.core.time_words import instant_words, weekday_words
from clarion.pipeline.forthcoming import forthcoming
from clarion.pipeline.remembered import Gathering, Judged, Remembered
from clarion.pipeline.saying import decision_words, event_words, others_words
from clarion.pipeline.story import END_WORDS, outcome_words, taken
from clarion.store.contract.inbox import ItemRow
from clarion.store.contract.ledger import AttemptRow, DeliveryRow

_ORDER = (
    *("accepted", "decided", "in the inbox", "cancelled"),
    *("re-decided", "joined digest", "queued", "attempt"),
)
"""Of what happened at the same instant, this comes first; then all the rest."""

_CLOSED = "The digest was closed, to tell of all that it had gathered."
_EXPIRIES = frozenset({Reason.EXPIRED, Reason.EXPIRES_WHILE_HELD})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: when, what in a word, what in a sentence, and more fields of its own. `depth`: at
    the same instant, what a digest did comes behind what led into it."""

    at: int
    what: str
    text: str
    future: bool = False
    depth: int = 0
    more: dict[str, Any] = {}


def timeline(user: str, notifications: Sequence[Remembered], now: int) -> list[dict[str, Any]]:
    """Entries of {at, what, text, ...} of one event for one user, oldest first; `future` marks what
    is still to come."""
    lines = [*_of_event(notifications, now)] if notifications else []
    for told in notifications:
        workflow = {"workflow": told.compiled.workflow.key}
        lines.extend(_with(line, workflow) for line in _of_notification(user, told, now))
    lines.sort(key=lambda line: (line.at, line.depth, _rank(line)))
    return [line_json(line) for line in lines]


def line_json(line: Line) -> dict[str, Any]:
    """As the API shows it."""
    future = {"future": True} if line.future else {}
    return {"at": to_rfc3339(line.at), "what": line.what, "text": line.text, **future, **line.more}


def accepted(type_: str, at: int) -> Line:
    """The first line of an event."""
    text = f"The event {type_} was accepted."
    return Line(at=at, what="accepted", text=text, more={"type": type_})


def _rank(line: Line) -> int:
    what = line.what
    if what == "held":
        what = "re-decided" if line.more["n"] else "decided"
    return _ORDER.index(what) if what in _ORDER else len(_ORDER)


def _with(line: Line, fields: dict[str, Any], depth: int = 0) -> Line:
    return msgspec.structs.replace(line, depth=line.depth + depth, more={**fields, **line.more})


def _of_event(notifications: Sequence[Remembered], now: int) -> Iterator[Line]:
    told = notifications[0]
    event = told.event
    if is_digest(event.id):
        yield Line(at=event.accepted_at, what="digest closed", depth=-1, text=_CLOSED)
    else:
        yield accepted(event.type, event.accepted_at)
    if event.cancelled_at is not None:
        text = f"{capital(event_words(told))} was cancelled."
        yield Line(at=event.cancelled_at, what="cancelled", text=text)
    for expiry in {at for each in notifications if (at := _expiry(each)) is not None}:
        yield from _expiring(notifications, expiry, now)


def _expiring(notifications: Sequence[Remembered], expiry: int, now: int) -> Iterator[Line]:
    """The expiry, where it matters: to what waits, or to what was dropped for it."""
    told = notifications[0]
    words = capital(event_words(told))
    if expiry > now:
        if any(wait for each in notifications for wait in each.waits):
            text = f"{words} expires: what still waits then is not sent any more."
            yield Line(at=expiry, what="expired", text=text, future=True)
    elif any(_lost(each) for each in notifications):
        yield Line(at=expiry, what="expired", text=f"{words} expired.")


def _lost(told: Remembered) -> bool:
    reasons = {answer.step.reason for answer in told.in_force().values()}
    expired = any(row.status == DeliveryStatus.EXPIRED for row in told.deliveries)
    return expired or bool(reasons & _EXPIRIES)


def _expiry(told: Remembered) -> int | None:
    """The earlier of the event's and the workflow's expiry."""
    seconds = told.compiled.workflow.expires_in_seconds
    own = told.event.accepted_at + seconds * SECOND if seconds is not None else None
    return min((at for at in (told.event.expires_at, own) if at is not None), default=None)


def _of_notification(user: str, told: Remembered, now: int) -> Iterator[Line]:
    for judged in () if told.forgotten else told.judged:
        yield _decided(user, told, judged)
        yield from _held(told, judged)
    for attempt in told.attempts:
        yield _attempt(attempt)
    for delivery in told.deliveries:
        yield from _delivery(told, delivery, now)
    for item in told.items:
        yield from _item(item)
    for step, gathering in told.digests.items():
        yield from _gathered(user, told, step, gathering, now)
    for each in forthcoming(user, told, now):
        if each.digest is None or each.digest in _open_digests(told):
            yield Line(
                at=max(each.due, now), what="next", text=each.text, future=True,
                more={"step": each.step},
            )  # fmt: skip


def _open_digests(told: Remembered) -> set[bytes]:
    return {one.digest.id for one in told.digests.values() if one.told is None}


def _decided(user: str, told: Remembered, judged: Judged) -> Line:
    return Line(
        at=judged.kept.at,
        what="re-decided" if judged.n else "decided",
        text=decision_words(user, told, judged, told.answers_of(judged)),
        more={
            "n": judged.n,
            "steps": [
                {"step": s.step, "result": s.result.label, "reason": s.reason} for s in judged.steps
            ],
        },
    )


def _held(told: Remembered, judged: Judged) -> Iterator[Line]:
    for answer in judged.steps:
        if answer.result is Result.HOLD and answer.until is not None:
            when = instant_words(answer.until, judged.zone, judged.kept.at)
            things = list_words(_things(told, answer))
            text = f"{capital(things)} had to wait until {when}."
            more = {"n": judged.n, "step": answer.step, "until": to_rfc3339(answer.until)}
            yield Line(at=judged.kept.at, what="held", text=text, more=more)


def _things(told: Remembered, answer: StepDecision) -> list[str]:
    channel = told.channels.get(answer.step)
    channels = told.behind(answer.step) if channel is None else (channel,)
    return [CHANNEL_WORDS[one] for one in channels]


def _gathered(
    user: str, told: Remembered, step: int, gathering: Gathering, now: int
) -> Iterator[Line]:
    """How it came into a digest, and what became of that."""
    digest = gathering.digest
    fields = {"step": step, "digest": event_name(digest.id)}
    joined = next((entry.at for entry in digest.entries if entry.event == told.event.id), None)
    if joined is not None:
        yield Line(
            at=joined, what="joined digest",
            text="It was put with others into a digest, to be told as one message.", more=fields,
        )  # fmt: skip
    if digest.closed_at is None:
        return
    events = "1 event" if digest.count == 1 else f"{digest.count} events"
    text = f"The digest was closed with {events}: it tells of this one {others_words(gathering)}."
    yield Line(at=digest.closed_at, what="digest closed", text=text, more=fields)
    if gathering.told is not None:
        for line in _of_notification(user, gathering.told, now):
            yield _with(line, {"digest": event_name(digest.id)}, depth=1)


def _attempt(row: AttemptRow) -> Line:
    thing = CHANNEL_WORDS[row.key.channel]
    text = f"Try {row.n} to send {thing} by {row.account}: {outcome_words(row.outcome, row.code)}."
    return Line(
        at=row.at,
        what="attempt",
        text=text,
        more={
            "delivery": delivery_name(row.key),
            "channel": row.key.channel.value,
            "n": row.n,
            "account": row.account,
            "outcome": row.outcome,
            "code": row.code or None,
            "detail": row.detail or None,
            "ms": row.ms,
        },
    )


def _delivery(told: Remembered, row: DeliveryRow, now: int) -> Iterator[Line]:
    common = {"delivery": delivery_name(row.key), "channel": row.key.channel.value}
    thing = capital(CHANNEL_WORDS[row.key.channel])
    queued = f"{thing} was queued for {row.account}." if row.account else f"{thing} was queued."
    yield Line(at=row.created_at, what="queued", text=queued, more=common)
    status = DeliveryStatus(row.status)
    if status in (DeliveryStatus.READY, DeliveryStatus.SENDING):
        if row.attempts and row.next_due:
            again = weekday_words(row.next_due, told.judged[-1].zone, now)
            text = f"{thing} will be tried again after {again}."
            at = max(row.next_due, now)
            yield Line(at=at, what="next try", text=text, future=True, more=common)
        return
    yield Line(
        at=row.updated_at,
        what=status.name.lower(),
        text=f"{thing} {_became(row, status)}.",
        more={
            **common,
            "attempts": row.attempts,
            "outcome": row.outcome,
            "provider_id": row.provider_id,
            "ms": row.ms,
        },
    )


def _became(row: DeliveryRow, status: DeliveryStatus) -> str:
    if status in END_WORDS:
        said = f": {outcome_words(row.outcome, row.code)}" if row.outcome else ""
        return END_WORDS[status] + said
    if not taken(row):
        return "was only kept here and went to nobody"
    return "was delivered" if status is DeliveryStatus.DELIVERED else "was taken by the provider"


def _item(row: ItemRow) -> Iterator[Line]:
    if row.told_at is not None:
        yield from _told_together(row, row.told_at)
        return
    put = "was put into the inbox" if row.alert else "was put into the inbox without an alert"
    marks = (
        (row.created_at, "in the inbox", put),
        (row.seen_at, "seen", "was seen in the inbox"),
        (row.read_at, "read", "was read in the inbox"),
        (row.archived_at, "archived", "was archived in the inbox"),
    )
    for at, what, words in marks:
        if at is not None:
            more = {"channel": "inbox", "step": row.step}
            yield Line(at=at, what=what, text=f"It {words}.", more=more)


def _told_together(row: ItemRow, told_at: int) -> Iterator[Line]:
    """An event that one item tells with others; marks that were set before it was told say
    nothing of it."""
    others = row.activities - (row.retracted_at is None)
    name = item_name(row.tenant, row.seq)
    more = {"channel": "inbox", "step": row.step, "item": name}
    text = f"It is told in the inbox by {name}"
    text += f", together with {others} other{'s' if others != 1 else ''}." if others else "."
    told = {**more, "together_with": others}
    yield Line(at=told_at, what="in the inbox", text=text, more=told)
    for at, what in ((row.seen_at, "seen"), (row.read_at, "read"), (row.archived_at, "archived")):
        if at is not None and at >= told_at:
            yield Line(at=at, what=what, text=f"It was {what} in the inbox.", more=more)
    if row.retracted_at is not None:
        text = "It was taken back, so the inbox tells nothing of it any more."
        yield Line(at=row.retracted_at, what="taken back", text=text, more=more)
