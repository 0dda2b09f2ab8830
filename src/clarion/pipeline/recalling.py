"""Recalls a notification: each decision made again from what the ledger kept, what it still waits
for, and the digests that told of it."""

from __future__ import annotations

import msgspec

from clarion.core.decide import decide, decided_by
from clarion.core.decision import DecisionRecord, Gate, StepDecision, TraceLine
from clarion.core.facts import Facts
from clarion.core.preference import DEFAULT_LABELS, default_topic, thread_of
from clarion.core.reasons import Reason
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.record import facts_from
from clarion.core.schedule import first_zone, zone_of
from clarion.core.waits import zone_in
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, pin_of
from clarion.pipeline.directory import Directory
from clarion.pipeline.flows import Gatherer, Shared, head_of
from clarion.pipeline.forgotten import is_forgotten
from clarion.pipeline.remembered import Gathering, Judged, Remembered
from clarion.pipeline.undecidable import is_undecidable
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import NotificationRow
from clarion.store.contract.names import NameKind

_NAMED = {
    ScopeKind.WORKFLOW: (NameKind.WORKFLOW, "the workflow"),
    ScopeKind.CATEGORY: (NameKind.CATEGORY, "the category"),
    ScopeKind.USER_IN_TENANT: (NameKind.TENANT, "the organisation"),
    ScopeKind.TENANT: (NameKind.TENANT, "the organisation"),
    ScopeKind.ACTOR: (NameKind.USER, "the user"),
}

_decode = msgspec.json.Decoder(DecisionRecord).decode


class Recaller:
    """Reads notifications back from the ledger."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._gatherer = gatherer

    async def recall(self, event: EventRow, row: NotificationRow) -> Remembered:
        """All that is known of a notification of the event."""
        env, workflow, user = event.env, row.workflow, row.user
        pin = pin_of(event, workflow)
        compiled = (await self._catalogs.pinned(env, [pin]))[pin]
        current = await self._catalogs.compiled(env)
        judged = await self._judged(event, row, compiled)
        deliveries, attempts = await self._store.ledger.deliveries(env, event.id, workflow, user)
        sent_to = {one.key.destination for one in deliveries} - {0}
        known = await self._store.people.destinations_by_number(env, sorted(sent_to))
        items = await self._store.inbox.notification_marks(env, event.id, workflow, user)
        waits = await self._store.held.waits(env, event.id, workflow, user)
        inside = {wait.step: wait.digest for wait in waits if wait.digest is not None}
        return Remembered(
            event=event,
            row=row,
            compiled=compiled,
            judged=judged,
            deliveries=tuple(deliveries),
            attempts=tuple(attempts),
            items=tuple(items),
            waits=tuple(waits),
            digests=await self._gatherings(env, inside, workflow, user),
            off=current.paused(workflow),
            destinations=known,
        )

    async def _gatherings(
        self, env: int, inside: dict[int, bytes], workflow: int, user: int
    ) -> dict[int, Gathering]:
        if not inside:
            return {}
        ids = sorted(set(inside.values()))
        digests = await self._store.held.digests(env, ids)
        events = await self._store.events.rows(env, ids)
        found = {}
        for step, id_ in inside.items():
            told = None
            row = await self._store.ledger.notification(env, id_, workflow, user)
            if row is not None and id_ in events:
                told = await self.recall(events[id_], row)
            if id_ in digests:
                found[step] = Gathering(digest=digests[id_], told=told)
        return found

    async def _judged(
        self, event: EventRow, row: NotificationRow, compiled: CompiledWorkflow
    ) -> tuple[Judged, ...]:
        later = await self._store.held.decisions(event.env, event.id, row.workflow, row.user)
        kept = [(0, row.decided)] + [(n, _decode(encoded)) for _, n, _, encoded in later]
        return tuple(
            [
                await self._judge(event, row.user, compiled, n, record)
                for n, record in kept
                if not n or not is_forgotten(record)
            ]
        )

    async def _judge(
        self,
        event: EventRow,
        user: int,
        compiled: CompiledWorkflow,
        n: int,
        kept: DecisionRecord,
    ) -> Judged:
        if is_undecidable(kept) or is_forgotten(kept):
            return Judged(n=n, kept=kept, steps=kept.steps, zone=first_zone())
        facts = await self._facts(event, user, compiled, kept)
        trace: list[TraceLine] = []
        again = decide(facts, trace).steps
        scopes = {
            answer.step: await self._scope_name(event.env, answer, facts) for answer in kept.steps
        }
        return Judged(
            n=n,
            kept=kept,
            steps=kept.steps,
            trace=tuple(trace),
            scopes={step: name for step, name in scopes.items() if name},
            ends={answer.step: end for answer in kept.steps if (end := _end(answer, facts, trace))},
            zone=zone_in(facts),
            zone_from=_zone_from(facts),
            same=_same(kept, again),
        )

    async def _facts(
        self,
        event: EventRow,
        user: int,
        compiled: CompiledWorkflow,
        kept: DecisionRecord,
    ) -> Facts:
        """The facts as they were, from the versions that the record names."""
        env = event.env
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
        zone = None
        if user:
            then = await self._store.people.recipient_at(
                env, user, kept.user_version, kept.settings_version
            )
            settings, zone = then.settings, then.zone
        return facts_from(kept, user, flow.facts, flow.flow_facts, settings, defaults[1], zone)

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


def _zone_from(facts: Facts) -> str:
    if zone_of(facts.recipient.zone) is not None:
        return "user"
    return "none" if zone_of(facts.event.zone) is None else "default"


def _end(answer: StepDecision, facts: Facts, trace: list[TraceLine]) -> int | None:
    """The end of the mute or pause that decided, or of the wait that would have been too long; None
    where none did."""
    if answer.reason == Reason.EXPIRES_WHILE_HELD:
        asked = [line for line in trace if (line.step, line.gate) == (answer.step, answer.gate)]
        return asked[-1].until if asked else None
    setting = decided_by(facts, answer)
    if setting is None:
        return None
    return setting.pause_until if answer.reason == Reason.PAUSED else setting.mute_until


def _topic_behind(answer: StepDecision, facts: Facts) -> int:
    """The topic that decided without a setting: the thread, or the one with the default level."""
    if answer.reason == Reason.NOT_IN_THREAD:
        return thread_of(facts)
    return default_topic(facts) if answer.scope == DEFAULT_LABELS[ScopeKind.TOPIC] else 0


def _same(kept: DecisionRecord, again: tuple[StepDecision, ...]) -> bool:
    """A template that failed afterwards made a skip of a send."""
    recorded = [step for step in kept.steps if step.gate != Gate.CONTENT]
    failed = {step.step for step in kept.steps if step.gate == Gate.CONTENT}
    return recorded == [step for step in again if step.step not in failed]
