"""Why somebody was told, or not: the decision made again from what the ledger kept, in plain
words."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import Clock, to_rfc3339
from clarion.core.decide import decide, decided_by
from clarion.core.decision import DecisionRecord, Gate, Result, StepDecision, TraceLine
from clarion.core.facts import Facts
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.core.plain_words import Names, Verdict, because
from clarion.core.preference import DEFAULT_LABELS, default_topic, thread_of
from clarion.core.reasons import Reason
from clarion.core.recipient import Mention, ScopeKind, Setting
from clarion.core.record import facts_from
from clarion.core.states import ACCEPTED_STATUSES, OPEN_STATUSES, Bucket, DeliveryStatus
from clarion.core.workflow import Channel, SendStep
from clarion.errors import NotFoundError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, pin_of
from clarion.pipeline.directory import Directory
from clarion.pipeline.fanout import head_of
from clarion.pipeline.flows import Gatherer, Shared
from clarion.pipeline.forgotten import is_forgotten, verdict_without, words_without
from clarion.pipeline.outsiders import Outsiders
from clarion.pipeline.story import deliveries_words, delivery_story, taken, timeline
from clarion.pipeline.undecidable import is_undecidable
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import DeliveryRow, NotificationRow
from clarion.store.contract.names import NameKind


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One notification decided again. `same` is False when today's decider would answer
    otherwise: then the
    recorded answer stands."""

    row: NotificationRow
    compiled: CompiledWorkflow
    steps: tuple[StepDecision, ...]
    trace: list[TraceLine]
    scopes: dict[int, str]
    mutes: dict[int, int]
    same: bool


_NAMED = {
    ScopeKind.WORKFLOW: (NameKind.WORKFLOW, "the workflow"),
    ScopeKind.CATEGORY: (NameKind.CATEGORY, "the category"),
    ScopeKind.USER_IN_TENANT: (NameKind.TENANT, "the organisation"),
    ScopeKind.TENANT: (NameKind.TENANT, "the organisation"),
    ScopeKind.ACTOR: (NameKind.USER, "the user"),
}


class Explainer:
    """Answers from the ledger."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._gatherer = gatherer
        self._clock = clock
        self._outsiders = Outsiders(store, catalogs, directory)

    async def why(self, env: int, event: bytes, user: str) -> dict[str, Any]:
        """The body of `GET /v1/events/{id}/why`; NotFoundError when the event does not exist."""
        row = (await self._store.events.rows(env, [event])).get(event)
        if row is None:
            raise NotFoundError(f"there is no event {event_name(event)}")
        number = (await self._store.names.numbers(env, NameKind.USER, [user])).get(user)
        found = await self._store.ledger.of_event(env, event, number) if number is not None else []
        if not found:
            return await self._outsiders.answer(row, user, number)
        explained = [await self._explain(row, notification) for notification in found]
        deliveries = [
            delivery
            for notification in found
            for delivery in (
                await self._store.ledger.deliveries(
                    env, event, notification.workflow, notification.user
                )
            )[0]
        ]
        return self._answer(row, user, explained, deliveries)

    async def notification(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> dict[str, Any]:
        """The body of `GET /v1/notifications/{id}`; NotFoundError when there is none."""
        found = await self._store.ledger.notification(env, event, workflow, user)
        row = (await self._store.events.rows(env, [event])).get(event)
        if found is None or row is None:
            raise NotFoundError(f"there is no {notification_name(event, workflow, user)}")
        explained = await self._explain(row, found)
        deliveries, attempts = await self._store.ledger.deliveries(env, event, workflow, user)
        items = await self._store.inbox.notification_marks(env, event, workflow, user)
        contents = await self._store.ledger.contents(env, event, workflow, user)
        names = await self._directory.names(env, NameKind.USER, [user])
        answer = self._answer(row, names.get(user, "an erased user"), [explained], deliveries)
        return {
            "id": notification_name(event, workflow, user),
            "event_id": event_name(event),
            "event_type": row.type,
            "user": names.get(user),
            "workflow": explained.compiled.workflow.key,
            "status": Bucket(found.bucket).name.lower(),
            "correlation_id": row.correlation,
            "tags": row.tags,
            **answer,
            "timeline": timeline(row, found, deliveries, attempts, items),
            "content": [
                {"step": step, "locale": locale, "fields": fields}
                for (step, locale), fields in sorted(contents.items())
            ],
        }

    async def _explain(self, event: EventRow, row: NotificationRow) -> Explained:
        kept = row.decided
        pin = pin_of(event, row.workflow)
        compiled = (await self._catalogs.pinned(event.env, [pin]))[pin]
        if is_undecidable(kept) or is_forgotten(kept):
            return Explained(
                row=row, compiled=compiled, steps=kept.steps, trace=[], scopes={}, mutes={},
                same=True,
            )  # fmt: skip
        facts = await self._facts(event, row, compiled)
        trace: list[TraceLine] = []
        again = decide(facts, trace).steps
        same = _same(kept, again)
        scopes = {
            answer.step: await self._scope_name(event.env, answer, facts) for answer in kept.steps
        }
        return Explained(
            row=row,
            compiled=compiled,
            steps=kept.steps,
            trace=trace,
            scopes={step: name for step, name in scopes.items() if name},
            mutes={answer.step: end for answer in kept.steps if (end := _mute(answer, facts))},
            same=same,
        )

    async def _facts(
        self, event: EventRow, row: NotificationRow, compiled: CompiledWorkflow
    ) -> Facts:
        """The facts as they were, from the versions that the record names."""
        kept, env = row.decided, event.env
        head = await head_of(event, self._gatherer)
        about = head.about or kept.topic
        chain = await self._store.topics.chain(env, about, kept.at) if about else []
        defaults = await self._store.people.defaults(
            env,
            head.tenant,
            kept.defaults_version,
            topics=[about, *(row.number for row in chain)],
        )
        shared = Shared(
            chains={about: chain}, defaults={head.tenant: defaults}, actors={}, locales={}
        )
        flow = self._gatherer.flow(
            head, compiled, shared, about=about, paused=kept.paused, now=kept.at
        )
        settings: tuple[Setting, ...] = ()
        if row.user:
            then = await self._store.people.recipient_at(
                env, row.user, kept.user_version, kept.settings_version
            )
            settings = then.settings
        return facts_from(kept, row.user, flow.facts, flow.flow_facts, settings, defaults[1])

    async def _scope_name(self, env: int, answer: StepDecision, facts: Facts) -> str | None:
        """What the deciding scope is called, e.g. "the thread doc:9"."""
        setting = decided_by(facts, answer)
        if setting is None:
            topic = _topic_behind(answer, facts)
            return await self._topic_name(env, topic, facts) if topic else None
        if setting.kind is ScopeKind.TOPIC:
            return await self._topic_name(env, setting.scope, facts)
        found = _NAMED.get(setting.kind)
        name = await self._directory.name(env, found[0], setting.scope) if found else None
        return f"{found[1]} {name}" if found and name else None

    async def _topic_name(self, env: int, topic: int, facts: Facts) -> str | None:
        name = await self._directory.name(env, NameKind.TOPIC, topic)
        word = "the thread" if topic == thread_of(facts) else "the topic"
        return f"{word} {name}" if name else None

    def _answer(
        self,
        event: EventRow,
        user: str,
        explained: list[Explained],
        deliveries: list[DeliveryRow],
    ) -> dict[str, Any]:
        verdict = verdict_of(explained, deliveries)
        first = explained[0].row.decided
        kept = not any(is_forgotten(found.row.decided) for found in explained)
        return {
            "event_id": event_name(event.id),
            "user": user,
            "verdict": verdict.value,
            "because": _because(event, user, verdict, explained, deliveries),
            "channels": [
                channel for found in explained for channel in _channels(found, deliveries)
            ],
            "facts": _facts_json(event, first) if kept else {},
            "deliveries": [delivery_story(row) for row in deliveries],
            "decided_at": to_rfc3339(first.at),
            "decision_kept": kept,
            "versions": {
                "user": first.user_version,
                "preferences": first.settings_version,
                "defaults": first.defaults_version,
                "decider": first.decider,
                "workflows": {
                    found.compiled.workflow.key: found.compiled.row.version for found in explained
                },
                "same_answer_today": all(found.same for found in explained),
            },
        }


def _mute(answer: StepDecision, facts: Facts) -> int | None:
    """The end of the mute that decided; None where none did."""
    setting = decided_by(facts, answer)
    return setting.mute_until if setting is not None else None


def _topic_behind(answer: StepDecision, facts: Facts) -> int:
    """The topic that decided without a setting: the thread, or the one with the default level."""
    if answer.reason == Reason.NOT_IN_THREAD:
        return thread_of(facts)
    return default_topic(facts) if answer.scope == DEFAULT_LABELS[ScopeKind.TOPIC] else 0


def verdict_of(explained: list[Explained], deliveries: list[DeliveryRow]) -> Verdict:
    """One word for the user over all workflows: what was decided, and what became of it."""
    if any(is_forgotten(found.row.decided) for found in explained):
        return verdict_without([found.row.bucket for found in explained])
    steps = [step for found in explained for step in found.steps]
    if any(row.status in OPEN_STATUSES for row in deliveries) or any(
        step.result in (Result.HOLD, Result.DIGEST) for step in steps
    ):
        return Verdict.WAITING
    reached = 0
    for found in explained:
        channels = {step.index: step.channel for step in found.compiled.workflow.sends}
        for step in found.steps:
            if step.result is Result.SEND and _arrived(found, step, channels, deliveries):
                reached += 1
    if not reached:
        return Verdict.NOT_TOLD
    return Verdict.TOLD if reached == len(steps) else Verdict.PARTLY_TOLD


def _arrived(
    found: Explained,
    step: StepDecision,
    channels: dict[int, Channel],
    deliveries: list[DeliveryRow],
) -> bool:
    if channels[step.step] is Channel.INBOX:
        return step.alert
    return any(
        row.status in ACCEPTED_STATUSES
        for row in deliveries
        if row.key.workflow == found.row.workflow and row.key.step == step.step
    )


def _same(kept: DecisionRecord, again: tuple[StepDecision, ...]) -> bool:
    recorded = [step for step in kept.steps if step.gate != Gate.CONTENT]
    failed = {step.step for step in kept.steps if step.gate == Gate.CONTENT}
    return recorded == [step for step in again if step.step not in failed]


def _because(
    event: EventRow,
    user: str,
    verdict: Verdict,
    explained: list[Explained],
    deliveries: list[DeliveryRow],
) -> str:
    sentences = []
    for found in explained:
        key = found.compiled.workflow.key
        names = Names(
            user=user,
            event=f"the event {event.type}",
            workflow=f"the workflow {key}",
            category=f"the category {found.compiled.workflow.category}",
            channels={step.index: step.channel for step in found.compiled.workflow.sends},
            scopes=found.scopes,
            mutes=found.mutes,
            mention=Mention(found.row.decided.mention),
        )
        text = because(verdict, found.steps, names, _undone(found, deliveries))
        if is_forgotten(found.row.decided):
            text = words_without(user, found.row.bucket)
        mine = [row for row in deliveries if row.key.workflow == found.row.workflow]
        mine = [] if is_undecidable(found.row.decided) else mine
        text = " ".join([text, *deliveries_words(mine)])
        sentences.append(f"[{key}] {text}" if len(explained) > 1 else text)
    return " ".join(sentences)


def _undone(found: Explained, deliveries: list[DeliveryRow]) -> set[int]:
    """Steps that were to be sent and of which no provider has taken a delivery (yet)."""
    mine = [row for row in deliveries if row.key.workflow == found.row.workflow]
    accepted = {row.key.step for row in mine if taken(row)}
    return {row.key.step for row in mine} - accepted


def _channels(found: Explained, deliveries: list[DeliveryRow]) -> list[dict[str, Any]]:
    """An entry per send step; a gate of the notification answers for all of them."""
    whole = next((step for step in found.steps if step.step < 0), None)
    answers = {step.step: step for step in found.steps}
    entries = []
    for step in found.compiled.workflow.steps:
        answer = whole or answers.get(step.index)
        if answer is None:
            continue
        entry: dict[str, Any] = {
            "workflow": found.compiled.workflow.key,
            "step": step.index,
            "channel": step.channel.value if isinstance(step, SendStep) else None,
            "result": answer.result.label,
            "reason": answer.reason,
            "gate": str(answer.gate),
            "scope": found.scopes.get(answer.step, answer.scope) or None,
        }
        if answer.until is not None:
            entry["until"] = to_rfc3339(answer.until)
        if not answer.alert:
            entry["alert"] = False
        entry["deliveries"] = [
            {"id": delivery_name(row.key), "status": DeliveryStatus(row.status).name.lower()}
            for row in deliveries
            if row.key.workflow == found.row.workflow and row.key.step == step.index
        ]
        entry["trace"] = [
            {
                "gate": line.gate,
                "verdict": line.verdict,
                "detail": line.detail,
                **({"scope": line.scope} if line.scope else {}),
            }
            for line in found.trace
            if line.step in (-1, step.index)
        ]
        entries.append(entry)
    return entries


def _facts_json(event: EventRow, kept: DecisionRecord) -> dict[str, Any]:
    return {
        "now": to_rfc3339(kept.at),
        "expires_at": to_rfc3339(event.expires_at) if event.expires_at else None,
        "silent": event.silent,
        "mention": kept.mention or None,
        "duplicate": kept.duplicate,
        "destinations": kept.destinations,
        "conditions": {str(step): answer for step, answer in kept.whens.items()},
        "paused": kept.paused,
        "cancelled": kept.cancelled,
    }
