"""Gathers what the recipients of an event share, so that they can be decided."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import SECOND
from clarion.core.facts import EventFacts
from clarion.core.recipient import Recipient, ScopeKind, Setting, Standing
from clarion.pipeline import traces
from clarion.pipeline.cap_rules import NONE_SET, UsualCaps
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import Flow
from clarion.pipeline.locales import Locales, profiles_of
from clarion.pipeline.values import event_values, person
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow
from clarion.store.contract.topics import TopicRow


class EventHead(msgspec.Struct, frozen=True, kw_only=True):
    """An event in numbers, as far as its flows need it. `mentions` hold numbers for users and
    replies. `test`: it reserves no dedupe key and uses up no cap. `trace` as in EventWrite; None:
    its decisions are not recorded."""

    env: int
    id: bytes
    type: str
    tenant: int
    actor: int
    actor_name: str | None
    tenant_name: str | None
    about: int
    silent: bool
    accepted_at: int
    expires_at: int | None
    cancelled: bool
    data: dict[str, Any]
    mentions: tuple[tuple[str, Any], ...]
    ordering_key: str | None
    test: bool = False
    trace: str | None = None
    correlation: str | None = None


Crowd = tuple[int, int]
"""A topic, and how many subscribers are not a crowd yet."""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked up once for many flows of one environment."""

    chains: dict[int, list[TopicRow]]
    defaults: dict[int, tuple[int, tuple[Setting, ...]]]
    actors: dict[int, UserRow]
    locales: dict[int, Locales]
    zones: dict[int, str | None] = {}
    caps: dict[int, UsualCaps] = {}
    crowds: frozenset[Crowd] = frozenset()


class Gatherer:
    """Looks up chains, defaults, actors and recipients."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def shared(
        self,
        env: int,
        *,
        topics: set[int],
        tenants: set[int],
        actors: set[int],
        crowds: set[Crowd] | None = None,
    ) -> Shared:
        """Everything that flows with these topics, tenants and actors need. `crowds` are asked
        for their size."""
        chains = {topic: await self._store.topics.chain(env, topic) for topic in topics if topic}
        above = _numbers_of(chains)
        defaults = {
            tenant: await self._store.people.defaults(env, tenant, topics=above)
            for tenant in tenants
        }
        wanted = sorted(actor for actor in actors if actor)
        people = await self._store.people.users_by_number(env, wanted) if wanted else {}
        profiles = await profiles_of(self._store, env, tenants) if tenants else {}
        return Shared(
            chains=chains,
            defaults=defaults,
            actors=people,
            locales={tenant: found.locales for tenant, found in profiles.items()},
            zones={tenant: found.zone for tenant, found in profiles.items()},
            caps={tenant: found.caps for tenant, found in profiles.items()},
            crowds=frozenset(
                [
                    (topic, most)
                    for topic, most in crowds or ()
                    if await self._store.topics.has_more(env, topic, most)
                ]
            ),
        )

    def flow(
        self,
        head: EventHead,
        compiled: CompiledWorkflow,
        shared: Shared,
        *,
        about: int,
        paused: bool,
        now: int,
        gathered: dict[str, Any] | None = None,
    ) -> Flow:
        """The flow of an event under one workflow; `about` is the topic that its scope chain
        starts with. `gathered` are the values of a digest."""
        chain = shared.chains.get(about, [])
        version, defaults = shared.defaults[head.tenant]
        facts = EventFacts(
            tenant=head.tenant,
            actor=head.actor,
            silent=head.silent,
            expires_at=expiry_of(head, compiled),
            cancelled=head.cancelled,
            about_chain=tuple(row.number for row in chain) or ((about,) if about else ()),
            default_levels={
                row.number: row.default_level for row in chain if row.default_level is not None
            },
            thread=bool(chain) and chain[0].kind == "thread",
            zone=shared.zones.get(head.tenant),
            large=crowd_of(compiled, about) in shared.crowds,
        )
        values = event_values(
            event=head.id,
            type_=head.type,
            accepted_at=head.accepted_at,
            data=head.data,
            actor=person(shared.actors.get(head.actor), head.actor_name),
            tenant=head.tenant_name,
            now=now,
        )
        if gathered is not None:
            values |= gathered
        return Flow(
            env=head.env,
            event=head.id,
            compiled=compiled,
            facts=facts,
            paused=paused,
            values=values,
            mentions=head.mentions,
            defaults=defaults,
            defaults_version=version,
            locales=(compiled.workflow.locale, *shared.locales.get(head.tenant, ())),
            ordering_key=head.ordering_key,
            caps=shared.caps.get(head.tenant, NONE_SET),
            now=now,
            test=head.test,
            trace=head.trace,
            correlation=head.correlation,
        )

    async def recipients(
        self, env: int, users: list[int], flows: list[Flow]
    ) -> dict[int, Recipient]:
        """The facts of users, with the settings rows that any of the flows may ask for."""
        if not users:
            return {}
        return await self._store.people.recipients(env, users, sorted(scopes_of(flows)))

    async def in_threads(
        self, env: int, flow: Flow, recipients: list[Recipient]
    ) -> list[Recipient]:
        """Mark who is not subscribed to the thread that the event is about."""
        if not flow.facts.thread:
            return recipients
        thread = flow.facts.about_chain[0]
        users = [recipient.user for recipient in recipients]
        joined = await self._store.topics.subscribed(env, [thread], users)
        return [
            recipient
            if (thread, recipient.user) in joined
            else msgspec.structs.replace(recipient, in_thread=False)
            for recipient in recipients
        ]

    async def present(self, flow: Flow, recipients: list[Recipient]) -> list[Recipient]:
        """Say until when each counts as active, where a step asks for it."""
        if not flow.compiled.asks_presence or not recipients:
            return recipients
        users = [recipient.user for recipient in recipients]
        active = await self._store.presence.active(flow.env, users, flow.now)
        return [
            recipient
            if recipient.user not in active
            else msgspec.structs.replace(recipient, active_until=active[recipient.user])
            for recipient in recipients
        ]

    async def people(
        self, env: int, flows: list[Flow], recipients: list[Recipient]
    ) -> dict[int, UserRow]:
        """The rows of the recipients, when words or conditions ask for them."""
        if not any(flow.needs_people for flow in flows):
            return {}
        users = [r.user for r in recipients if r.standing is Standing.KNOWN]
        return await self._store.people.users_by_number(env, users) if users else {}

    async def names_of(self, env: int, actor: int, tenant: int) -> tuple[str | None, str | None]:
        """Ids of an actor and a tenant."""
        actor_name = await self._directory.name(env, NameKind.USER, actor) if actor else None
        tenant_name = await self._directory.name(env, NameKind.TENANT, tenant) if tenant else None
        return actor_name, tenant_name


def crowd_of(compiled: CompiledWorkflow, about: int) -> Crowd | None:
    """What has to be asked of a topic before it is known whether all of it is pushed to."""
    most = compiled.category.category.push_up_to
    return None if most is None or not about else (about, most)


def _numbers_of(chains: dict[int, list[TopicRow]]) -> set[int]:
    """The topics of chains, also those that are only a name."""
    return {*chains, *(row.number for chain in chains.values() for row in chain)}


def expiry_of(head: EventHead, compiled: CompiledWorkflow) -> int | None:
    """The earlier of the event's and the workflow's expiry."""
    seconds = compiled.workflow.expires_in_seconds
    if seconds is None:
        return head.expires_at
    own = head.accepted_at + seconds * SECOND
    return own if head.expires_at is None else min(own, head.expires_at)


def scopes_of(flows: list[Flow]) -> set[tuple[int, int]]:
    """(kind, scope) of every settings row of a user that may matter."""
    scopes = {(int(ScopeKind.USER), 0)}
    for flow in flows:
        facts, compiled = flow.facts, flow.compiled
        scopes.add((int(ScopeKind.WORKFLOW), compiled.row.number))
        scopes.add((int(ScopeKind.CATEGORY), compiled.category.number))
        scopes.update((int(ScopeKind.TOPIC), topic) for topic in facts.about_chain)
        if facts.tenant:
            scopes.add((int(ScopeKind.USER_IN_TENANT), facts.tenant))
        if facts.actor:
            scopes.add((int(ScopeKind.ACTOR), facts.actor))
    return scopes


async def head_of(event: EventRow, gatherer: Gatherer) -> EventHead:
    """An event read back, as its flows need it."""
    actor_name, tenant_name = await gatherer.names_of(event.env, event.actor, event.tenant)
    return EventHead(
        env=event.env,
        id=event.id,
        type=event.type,
        tenant=event.tenant,
        actor=event.actor,
        actor_name=actor_name,
        tenant_name=tenant_name,
        about=event.about,
        silent=event.silent,
        accepted_at=event.accepted_at,
        expires_at=event.expires_at,
        cancelled=event.cancelled_at is not None,
        data=event.data,
        mentions=tuple((kind, who) for kind, who in event.mentions),
        ordering_key=event.ordering_key,
        test=any(part.get("test") for part in event.audience),
        trace=traces.kept_of(event),
        correlation=event.correlation,
    )
