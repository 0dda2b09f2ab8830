"""What became of many notifications at once, channel by channel: for lists. Says the same in a word
as the story of each, without its sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from clarion.core.decision import Result
from clarion.core.delivery import DeliveryKey
from clarion.core.plain_words import Verdict
from clarion.core.reasons import Reason
from clarion.core.schedule import first_zone
from clarion.core.states import ACCEPTED_STATUSES, DEAD_STATUSES, OPEN_STATUSES, DeliveryStatus
from clarion.core.workflow import Channel, SendStep
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, known_pin
from clarion.pipeline.contract import ChannelStood, Stood
from clarion.pipeline.forgotten import is_forgotten, verdict_without
from clarion.pipeline.own_words import OwnWords
from clarion.pipeline.remembered import Answer, Gathering, Judged, Remembered
from clarion.pipeline.story import outcome_words
from clarion.pipeline.titles import Titles
from clarion.pipeline.verdict import marks_of, verdict_from, verdict_of
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.held import Wait
from clarion.store.contract.ledger import (
    DeliveryRow,
    NotificationKey,
    NotificationRow,
    Standing,
)

_OF_VERDICT = {
    Verdict.TOLD: "sent",
    Verdict.PARTLY_TOLD: "partly_sent",
    Verdict.WAITING: "on_its_way",
    Verdict.SILENT: "silent",
    Verdict.NOT_KNOWN: "not_known",
    Verdict.NOT_TOLD: "not_sent",
}
"""What became of a channel whose digest came to this."""


class Standings:
    """Reads what lists show of notifications."""

    def __init__(self, store: Store, catalogs: CatalogService, own_words: OwnWords) -> None:
        self._store = store
        self._catalogs = catalogs
        self._titles = Titles(store, own_words)

    async def of(
        self, env: int, rows: Sequence[NotificationRow], events: Mapping[bytes, EventRow]
    ) -> list[Stood]:
        """In the order of the rows."""
        found = await self._store.ledger.standings(env, [_key(row) for row in rows])
        told = await self._remembered(env, rows, events, found)
        titles = await self._titles.of(env, told, found)
        return [_stood(row, told.get(_key(row)), titles.get(_key(row))) for row in rows]

    async def _remembered(
        self,
        env: int,
        rows: Sequence[NotificationRow],
        events: Mapping[bytes, EventRow],
        found: Mapping[NotificationKey, Standing],
    ) -> dict[NotificationKey, Remembered]:
        ids = {id_ for standing in found.values() for id_ in standing.digests.values()}
        digests = await self._digests(env, rows, found, ids) if ids else {}
        pins = {_key(row): known_pin(events.get(row.event), row.workflow) for row in rows}
        known = [pin for pin in pins.values() if pin is not None]
        compiled = await self._catalogs.pinned(env, known)
        return {
            _key(row): _remember(
                events[row.event], row, compiled[pin], found.get(_key(row), Standing()), digests
            )
            for row in rows
            if (pin := pins[_key(row)]) is not None
        }

    async def _digests(
        self,
        env: int,
        rows: Sequence[NotificationRow],
        found: Mapping[NotificationKey, Standing],
        ids: set[bytes],
    ) -> dict[NotificationKey, Gathering]:
        """By the notification that a digest is told as."""
        digests = await self._store.held.digests(env, sorted(ids))
        keys = {
            (id_, row.workflow, row.user)
            for row in rows
            for id_ in found.get(_key(row), Standing()).digests.values()
            if id_ in digests
        }
        own = list((await self._store.ledger.notifications(env, sorted(keys))).values())
        events = await self._store.events.rows(env, sorted({row.event for row in own}))
        stood = await self._store.ledger.standings(env, [_key(row) for row in own])
        told = await self._remembered(env, own, events, stood) if own else {}
        return {key: Gathering(digest=digests[key[0]], told=told.get(key)) for key in keys}


def _key(row: NotificationRow) -> NotificationKey:
    return row.event, row.workflow, row.user


def _remember(
    event: EventRow,
    row: NotificationRow,
    compiled: CompiledWorkflow,
    standing: Standing,
    digests: Mapping[NotificationKey, Gathering],
) -> Remembered:
    """As much of a notification as the word for what became of it depends on."""
    decisions = [(0, row.decided), *standing.later]
    return Remembered(
        event=event,
        row=row,
        compiled=compiled,
        judged=tuple(
            Judged(n=n, kept=kept, steps=kept.steps, zone=first_zone())
            for n, kept in decisions
            if not n or not is_forgotten(kept)
        ),
        deliveries=tuple(_deliveries(row, compiled, standing)),
        waits=tuple(Wait(step=step, due=0, gates=(), kind=kind) for step, kind in standing.waits),
        digests={
            step: digests[id_, row.workflow, row.user]
            for step, id_ in standing.digests.items()
            if (id_, row.workflow, row.user) in digests
        },
    )


def _deliveries(
    row: NotificationRow, compiled: CompiledWorkflow, standing: Standing
) -> list[DeliveryRow]:
    """One for each that was counted; of what else they are nothing is told."""
    channels = {step.index: step.channel for step in compiled.workflow.sends}
    return [
        DeliveryRow(
            key=DeliveryKey(
                row.env, row.event, row.workflow, row.user, alike.step,
                channels.get(alike.step, Channel.WEBHOOK), place,
            ),
            status=alike.status, outcome=alike.outcome, code=alike.code,
            account="", lane=0, attempts=0, created_at=0, updated_at=0,
        )
        for alike in standing.deliveries
        for place in range(alike.count)
    ]  # fmt: skip


def _stood(row: NotificationRow, told: Remembered | None, title: str | None) -> Stood:
    if told is None:
        return Stood(verdict=verdict_without([row.bucket]), title=title)
    answers = {} if told.forgotten else told.in_force()
    return Stood(
        verdict=verdict_of([told]),
        title=title,
        channels=tuple(
            stood
            for step in told.compiled.workflow.sends
            if (stood := _channel(told, step, answers)) is not None
        ),
    )


def _channel(
    told: Remembered, step: SendStep, answers: Mapping[int, Answer]
) -> ChannelStood | None:
    """None where nothing was decided about a step, and nothing of it is to come."""
    statuses = Counter(
        DeliveryStatus(row.status) for row in told.deliveries if row.key.step == step.index
    )
    answer = answers.get(step.index) or answers.get(-1)
    held = next((one for one in answers.values() if one.step.result is Result.HOLD), None)
    became, reason = "", ""
    if answer is not None:
        became, reason = _became(told, answer, statuses), answer.step.reason
    elif statuses:
        became = _of_statuses(statuses)
    elif held is not None and told.waits:
        became, reason = "waiting", held.step.reason
    if not became:
        return None
    if became == "not_sent" and told.event.cancelled_at is not None and _was_to_come(answer):
        reason = Reason.CANCELLED
    return ChannelStood(
        step=step.index,
        channel=step.channel.value,
        became=became,
        reason=reason,
        deliveries={status.name.lower(): count for status, count in sorted(statuses.items())},
        cause=_cause(told, step.index),
    )


def _cause(told: Remembered, step: int) -> str | None:
    """Why most of what was given up was."""
    words = Counter(
        outcome_words(row.outcome, row.code)
        for row in told.deliveries
        if row.key.step == step and row.status in DEAD_STATUSES
    )
    return words.most_common(1)[0][0] if words else None


def _was_to_come(answer: Answer | None) -> bool:
    return answer is None or answer.step.result is not Result.SKIP


def _became(told: Remembered, answer: Answer, statuses: Counter[DeliveryStatus]) -> str:
    step = answer.step
    if step.result is Result.SKIP:
        return "not_sent"
    if step.result is Result.HOLD:
        return "waiting" if told.wait_at(step.step) is not None else "not_sent"
    if step.result is Result.DIGEST:
        gathering = told.gathering(step)
        if gathering is None:
            return "not_sent"
        if gathering.told is None:
            return "gathered"
        return _OF_VERDICT[verdict_from({*marks_of(gathering.told)})]
    if told.channels.get(step.step) is Channel.INBOX:
        return "sent" if step.alert else "silent"
    return _of_statuses(statuses)


def _of_statuses(statuses: Counter[DeliveryStatus]) -> str:
    """Of the deliveries of one step, several for several devices; empty when none is kept."""
    found = set(statuses)
    if not found:
        return ""
    if found & OPEN_STATUSES:
        return "on_its_way"
    if found <= ACCEPTED_STATUSES:
        return "sent"
    if found & ACCEPTED_STATUSES:
        return "partly_sent"
    if DeliveryStatus.UNKNOWN in found:
        return "not_known"
    stopped = {DeliveryStatus.CANCELED, DeliveryStatus.EXPIRED}
    return "not_sent" if found <= stopped else "given_up"
