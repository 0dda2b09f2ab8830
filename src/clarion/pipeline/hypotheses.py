"""An event that did not happen, decided for one user as things stand now. Nothing is written and
nothing reserved."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import Clock, to_rfc3339
from clarion.core.decide import decide
from clarion.core.decision import Result, StepDecision, TraceLine
from clarion.core.event import IncomingEvent
from clarion.core.facts import Facts
from clarion.core.ids import new_event_id
from clarion.core.plain_words import Names, Verdict, because
from clarion.core.recipient import Recipient, Standing
from clarion.core.workflow import DigestStep, SendStep
from clarion.errors import InvalidError
from clarion.pipeline.capping import asks_of, outcome_of
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.changes import Asked, Change
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.drafts import Draft, draft
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import EventHead, Gatherer, Shared, crowd_of
from clarion.pipeline.planning import Planner
from clarion.pipeline.routes import no_account
from clarion.store.contract import Store
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow

NOT_RESERVED = "caps were asked and nothing was counted"
NO_DEDUPE = "dedupe keys were not looked at"
NO_DIGEST = "digests that are open were not looked at"
NOT_LISTENING = "no workflow listens to this type of event"
IF_REACHED = "this is what is decided if the audience of the event reaches the user"


class Hypotheses:
    """Decides about events that did not happen."""

    def __init__(
        self, store: Store, catalogs: CatalogService, gatherer: Gatherer, clock: Clock
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._gatherer = gatherer
        self._clock = clock
        self._planner = Planner(no_account, bytes)

    async def decide(
        self, env: int, incoming: IncomingEvent, user: str, asked: Asked
    ) -> dict[str, Any]:
        """See `Supposing.decide`. InvalidError with a pointer into `/event` or `/change`."""
        now = self._clock.now()
        checked = _below("/event", incoming, now)
        supposed = await _supposed(self._catalogs, env, asked)
        change = Change(asked, supposed, self._catalogs)
        catalog = await self._catalogs.compiled(env)
        current = {one.workflow.key: change.flows(one).new for one in catalog.by_key.values()}
        listening = _listening({**current, **supposed.workflows}, incoming)
        number = (await self._store.names.numbers(env, NameKind.USER, [user])).get(user, 0)
        head = await self._head(env, checked, number, now)
        told: list[dict[str, Any]] = []
        steps: list[StepDecision] = []
        for compiled in listening:
            paused = catalog.paused(compiled.row.number)
            flow = await self._flow(head, compiled, change, paused=paused, now=now)
            facts = await self._facts(env, flow, number, now)
            trace: list[TraceLine] = []
            answers = decide(facts, trace).steps
            steps += answers
            told.append(_workflow(user, incoming.type, flow, answers, trace))
        return {
            "user": user,
            "event_type": incoming.type,
            "verdict": _verdict(steps).value,
            "because": " ".join(str(one["because"]) for one in told) or NOT_LISTENING + ".",
            "workflows": told,
            "decided_at": to_rfc3339(now),
            "reserved": False,
            "notes": _notes(listening),
        }

    async def _head(self, env: int, checked: Draft, user: int, now: int) -> EventHead:
        """The event in numbers; names that nobody ever heard are 0."""
        incoming = checked.incoming
        mentioned = [who for kind, who in checked.mentions if kind in ("user", "reply")]
        users = [*mentioned, *([incoming.actor] if incoming.actor else [])]
        names = self._store.names
        numbers = await names.numbers(env, NameKind.USER, users) if users else {}
        about = await self._number(env, NameKind.TOPIC, incoming.about)
        tenant = await self._number(env, NameKind.TENANT, incoming.tenant)
        return EventHead(
            env=env, id=new_event_id(now, bytes(10)), type=incoming.type, tenant=tenant,
            actor=numbers.get(incoming.actor or "", 0), actor_name=incoming.actor,
            tenant_name=incoming.tenant, about=about, silent=incoming.silent, accepted_at=now,
            expires_at=checked.expires_at, cancelled=False, data=incoming.data,
            mentions=tuple(
                (kind, numbers.get(who, -1) if kind in ("user", "reply") else who)
                for kind, who in checked.mentions
            ),
            ordering_key=None,
        )  # fmt: skip

    async def _number(self, env: int, kind: NameKind, name: str | None) -> int:
        if name is None:
            return 0
        return (await self._store.names.numbers(env, kind, [name])).get(name, 0)

    async def _flow(
        self, head: EventHead, compiled: CompiledWorkflow, change: Change, *, paused: bool, now: int
    ) -> Flow:
        crowd = crowd_of(compiled, head.about)
        shared = await self._gatherer.shared(
            head.env, topics={head.about}, tenants={head.tenant}, actors={head.actor},
            crowds={crowd} if crowd else None,
        )  # fmt: skip
        held = await self._store.caps.defaults(head.env, sorted({0, head.tenant}))
        caps = change.caps(head.tenant, {owner: rules for owner, (_, rules) in held.items()})
        version, rows = shared.defaults[head.tenant]
        shared = Shared(
            chains=shared.chains,
            defaults={head.tenant: (version, change.defaults(rows))},
            actors=shared.actors,
            locales=shared.locales,
            zones=shared.zones,
            caps={head.tenant: caps},
            crowds=shared.crowds,
        )
        return self._gatherer.flow(head, compiled, shared, about=head.about, paused=paused, now=now)

    async def _facts(self, env: int, flow: Flow, user: int, now: int) -> Facts:
        """What is known of the user now, with what the caps would say."""
        found = (await self._gatherer.recipients(env, [user], [flow])) if user else {}
        recipient = found.get(user) or Recipient(user=user, standing=Standing.UNKNOWN)
        recipients = await self._gatherer.in_threads(env, flow, [recipient])
        recipients = await self._gatherer.present(flow, recipients)
        people = await self._gatherer.people(env, [flow], recipients)
        (facts,) = self._planner.facts(flow, recipients, people, now)
        return await self._capped(flow, facts, people.get(user), now)

    async def _capped(self, flow: Flow, facts: Facts, row: UserRow | None, now: int) -> Facts:
        steps = [
            answer.step
            for answer in decide(facts).steps
            if answer.result is Result.SEND and answer.step in flow.caps
        ]
        asked = [asks_of(flow, facts.recipient.user, row, step) for step in steps]
        answers = await self._store.caps.ask(flow.env, [asks for _, asks in asked], now)
        told = {
            step: outcome_of(caps, answer)
            for step, (caps, _), answer in zip(steps, asked, answers, strict=True)
        }
        return msgspec.structs.replace(facts, caps=told)


async def _supposed(catalogs: CatalogService, env: int, asked: Asked) -> Any:
    try:
        return await catalogs.supposed(env, asked.workflows, asked.categories)
    except InvalidError as error:
        raise InvalidError(error.detail, "/change" + error.pointer, error.code) from error


def _below(pointer: str, incoming: IncomingEvent, now: int) -> Draft:
    try:
        return draft(incoming, request_key=None, now=now)
    except InvalidError as error:
        raise InvalidError(error.detail, pointer + error.pointer, error.code) from error


def _listening(
    by_key: dict[str, CompiledWorkflow], incoming: IncomingEvent
) -> list[CompiledWorkflow]:
    if incoming.workflow is not None:
        if incoming.workflow not in by_key:
            detail = f"there is no workflow {incoming.workflow!r}, nor does the change make one"
            raise InvalidError(detail, "/event/workflow")
        return [by_key[incoming.workflow]]
    return [one for one in by_key.values() if one.workflow.on == incoming.type]


def _verdict(steps: list[StepDecision]) -> Verdict:
    if any(step.result in (Result.HOLD, Result.DIGEST) for step in steps):
        return Verdict.WAITING
    sent = sum(step.result is Result.SEND for step in steps)
    if not sent:
        return Verdict.NOT_TOLD
    return Verdict.TOLD if sent == len(steps) else Verdict.PARTLY_TOLD


def _workflow(
    user: str,
    type_: str,
    flow: Flow,
    answers: tuple[StepDecision, ...],
    trace: list[TraceLine],
) -> dict[str, Any]:
    workflow = flow.compiled.workflow
    names = Names(
        user=user,
        event=f"the event {type_}",
        workflow=f"the workflow {workflow.key}",
        category=f"the category {workflow.category}",
        channels={step.index: step.channel for step in workflow.sends},
    )
    return {
        "workflow": workflow.key,
        "because": because(_verdict([*answers]), answers, names),
        "channels": _channels(workflow.steps, answers, trace),
    }


def _channels(
    steps: tuple[Any, ...], answers: tuple[StepDecision, ...], trace: list[TraceLine]
) -> list[dict[str, Any]]:
    by_step = {answer.step: answer for answer in answers}
    entries = []
    for step in steps:
        answer = by_step.get(-1) or by_step.get(step.index)
        if answer is None:
            continue
        entries.append(
            {
                "step": step.index,
                "channel": step.channel.value if isinstance(step, SendStep) else None,
                "result": answer.result.label,
                "reason": answer.reason,
                "gate": str(answer.gate),
                "scope": answer.scope or None,
                "until": None if answer.until is None else to_rfc3339(answer.until),
                "trace": trace_document([one for one in trace if one.step in (-1, step.index)]),
            }
        )
    return entries


def trace_document(trace: list[TraceLine]) -> list[dict[str, Any]]:
    """Lines of a trace as they are told."""
    return [
        {
            "gate": line.gate,
            "verdict": line.verdict,
            "detail": line.detail,
            **({"scope": line.scope} if line.scope else {}),
        }
        for line in trace
    ]


def _notes(listening: list[CompiledWorkflow]) -> list[str]:
    notes = [IF_REACHED, NOT_RESERVED]
    if any(one.workflow.dedupe is not None for one in listening):
        notes.append(NO_DEDUPE)
    if any(isinstance(step, DigestStep) for one in listening for step in one.workflow.steps):
        notes.append(NO_DIGEST)
    return notes
