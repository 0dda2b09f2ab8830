"""What a user would get: every channel's answer, and the scope that decides it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.documents import NamedScope, named_scope, scope_names
from clarion.api.reading import LONGEST_ID
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.preference import cadence_in, chain_of
from clarion.core.recipient import Mention, Recipient, ScopeKind, Setting
from clarion.core.resolved import Resolved, resolved
from clarion.core.workflow import Category, Channel, Workflow
from clarion.store.contract.catalog import Catalog, CategoryRow, WorkflowRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow


def _asked(what: str) -> Any:
    return QueryParameter(max_length=LONGEST_ID, min_length=1, description=what)


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The event that was asked about, as far as it was named."""

    workflow: str | None = None
    category: str | None = None
    topic: str | None = None
    tenant: str | None = None
    actor: str | None = None


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`state` is `on`, `held` (sent at `until`, or with others) or `off`; `reason` is a code of
    the decision. `alert` is false where the inbox is written without an alert.
    """

    state: str
    reason: str
    scope: NamedScope | None = None
    until: str | None = None
    alert: bool = True


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    """How often digests come, and who said so."""

    value: str
    scope: NamedScope


class ResolvedPreferences(msgspec.Struct, frozen=True, kw_only=True):
    """What the user would get of such an event `at` this instant: `channels` of a plain one,
    `mentioned` of one that mentions the user. `unknown` names the parameters nobody has heard of.
    """

    user: str
    at: str
    asked: Asked
    unknown: list[str]
    versions: dict[str, int]
    cadence: Cadence | None
    channels: dict[str, ChannelAnswer]
    mentioned: dict[str, ChannelAnswer]


_ON = {"state": "on", "reason": "level_all"}
_OFF = {"state": "off", "reason": "channel_off", "scope": {"kind": "category", "id": "social"}}
RESOLVED_EXAMPLE: dict[str, Any] = {
    "user": "u1",
    "at": "2026-01-02T03:04:05.678901Z",
    "asked": {"workflow": "comment-added", "category": "social", "topic": "doc:9"},
    "unknown": [],
    "versions": {"preferences": 3, "defaults": 1},
    "cadence": {"value": "daily", "scope": {"kind": "user"}},
    "channels": {"inbox": _ON, "push": _ON, "email": _OFF},
    "mentioned": {"inbox": _ON, "push": _ON, "email": _OFF},
}


@get(
    "/v1/users/{user:str}/preferences/resolved",
    **route("See what a user would get", refuses=(404,), example=RESOLVED_EXAMPLE, tag="people"),
)
async def get_resolved_preferences(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    workflow: Annotated[str | None, _asked("The workflow that would tell it.")] = None,
    category: Annotated[str | None, _asked("Its category, when no workflow is named.")] = None,
    topic: Annotated[str | None, _asked("What it would be about.")] = None,
    tenant: Annotated[str | None, _asked("The tenant it would happen in.")] = None,
    actor: Annotated[str | None, _asked("The user who would cause it.")] = None,
) -> ResolvedPreferences:
    """Decided by the same code as a real event, now, with the user's own settings, the defaults and
    the places where the user can be reached. Nothing is sent and nothing is written.
    """
    row = await known_user(services, asker.env, user)
    asked = Asked(workflow=workflow, category=category, topic=topic, tenant=tenant, actor=actor)
    return await _Asking(services, asker.env, asked).answer(row)


ROUTES = (get_resolved_preferences,)

_SOME_CATEGORY = Category(key="")


class _Asking:
    """One question, with the numbers of what it names."""

    def __init__(self, services: Services, env: int, asked: Asked) -> None:
        self._services = services
        self._store = services.store
        self._env = env
        self._asked = asked
        self._unknown: list[str] = []

    async def answer(self, user: UserRow) -> ResolvedPreferences:
        now = self._services.clock.now()
        flow = await self._flow()
        event = await self._event()
        recipient = await self._recipient(user.number, event, flow)
        version, defaults = await self._store.people.defaults(
            self._env, event.tenant, topics=event.about_chain
        )
        facts = Facts(event=event, flow=flow, recipient=recipient, defaults=defaults, now=now)
        mentioned = msgspec.structs.replace(recipient, mention=Mention.USER)
        plain = resolved(facts)
        loud = resolved(msgspec.structs.replace(facts, recipient=mentioned))
        cadence = cadence_in(chain_of(facts))
        rows = [answer.row for answers in (plain, loud) for answer in answers.values()]
        names = await self._names([*rows, cadence], event)
        return ResolvedPreferences(
            user=user.id,
            at=when(now) or "",
            asked=msgspec.structs.replace(self._asked, category=flow.category.key or None),
            unknown=self._unknown,
            versions={"preferences": recipient.settings_version, "defaults": version},
            cadence=None
            if cadence is None
            else Cadence(value=cadence.cadence or "", scope=named_scope(cadence, names)),
            channels=_answers(plain, names),
            mentioned=_answers(loud, names),
        )

    async def _names(
        self, rows: list[Setting | None], event: EventFacts
    ) -> dict[tuple[ScopeKind, int], str]:
        keys = {(row.kind, row.scope) for row in rows if row is not None}
        keys |= {(ScopeKind.TOPIC, topic) for topic in event.about_chain}
        return await scope_names(self._store, self._env, keys)

    async def _number(self, kind: NameKind, parameter: str) -> int:
        """The number of what a parameter names; 0 when it is not given or unknown."""
        name: str | None = getattr(self._asked, parameter)
        if name is None:
            return 0
        number = (await self._store.names.numbers(self._env, kind, [name])).get(name, 0)
        if not number:
            self._unknown.append(parameter)
        return number

    async def _flow(self) -> WorkflowFacts:
        """The workflow and category as they are; stand-ins for what is not there."""
        catalog = await self._services.catalogs.current(self._env)
        number = await self._number(NameKind.WORKFLOW, "workflow")
        row = next((row for row in catalog.workflows if row.number == number), None)
        if self._asked.workflow is not None and row is None and number:
            self._unknown.append("workflow")
        if row is None:
            category_number = await self._number(NameKind.CATEGORY, "category")
        else:
            category_number = row.category_number
        category = _category(catalog, category_number)
        if category is None and category_number:
            self._unknown.append("category")
        return WorkflowFacts(
            workflow=_workflow(row, self._asked.workflow),
            category=category.category if category else _SOME_CATEGORY,
            workflow_number=number,
            category_number=category_number,
            paused=row is not None and row.paused,
        )

    async def _event(self) -> EventFacts:
        tenant = await self._number(NameKind.TENANT, "tenant")
        actor = await self._number(NameKind.USER, "actor")
        topic = await self._number(NameKind.TOPIC, "topic")
        chain = await self._store.topics.chain(self._env, topic) if topic else []
        return EventFacts(
            tenant=tenant,
            actor=actor,
            about_chain=tuple(row.number for row in chain) or ((topic,) if topic else ()),
            default_levels={
                row.number: row.default_level for row in chain if row.default_level is not None
            },
            thread=bool(chain) and chain[0].kind == "thread",
            zone=await self._zone(tenant),
        )

    async def _zone(self, tenant: int) -> str | None:
        """The zone of users who have none of their own."""
        found = await self._store.settings.profiles(self._env, [tenant, 0])
        zones = (found[owner].timezone for owner in (tenant, 0) if owner in found)
        return next((zone for zone in zones if zone is not None), None)

    async def _recipient(self, user: int, event: EventFacts, flow: WorkflowFacts) -> Recipient:
        scopes = {
            (int(ScopeKind.USER), 0),
            (int(ScopeKind.WORKFLOW), flow.workflow_number),
            (int(ScopeKind.CATEGORY), flow.category_number),
            (int(ScopeKind.USER_IN_TENANT), event.tenant),
            (int(ScopeKind.ACTOR), event.actor),
            *((int(ScopeKind.TOPIC), topic) for topic in event.about_chain),
        }
        found = await self._store.people.recipients(self._env, [user], sorted(scopes))
        if not event.thread:
            return found[user]
        thread = event.about_chain[0]
        joined = await self._store.topics.subscribed(self._env, [thread], [user])
        return msgspec.structs.replace(found[user], in_thread=(thread, user) in joined)


def _category(catalog: Catalog, number: int) -> CategoryRow | None:
    return next((row for row in catalog.categories if row.number == number), None)


def _workflow(row: WorkflowRow | None, key: str | None) -> Workflow:
    return row.workflow if row is not None else Workflow(key=key or "", on=key or "")


def _answers(
    answers: dict[Channel, Resolved], names: dict[tuple[ScopeKind, int], str]
) -> dict[str, ChannelAnswer]:
    return {
        channel.value: ChannelAnswer(
            state=answer.state.value,
            reason=answer.reason,
            scope=_scope(answer, names),
            until=when(answer.until),
            alert=answer.alert,
        )
        for channel, answer in answers.items()
    }


def _scope(answer: Resolved, names: dict[tuple[ScopeKind, int], str]) -> NamedScope | None:
    if answer.row is not None:
        return named_scope(answer.row, names)
    if not answer.scope:
        return None
    return NamedScope(kind=answer.scope, id=names.get((ScopeKind.TOPIC, answer.topic)))
