"""What was chosen when: preferences as of an instant, and every change of them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, instant_of, page_of, when
from clarion.api.auth import Asker
from clarion.api.choices import Preferences, node_of
from clarion.api.choosing import Choosing
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.documents import NamedScope, named_scope, scope_names
from clarion.api.owners import Owner, a_tenants, a_users, the_environments
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.core.recipient import ScopeKind, Setting
from clarion.errors import NotFoundError
from clarion.store.contract.names import NameKind
from clarion.store.contract.settings import SettingChange

At = Annotated[
    str | None,
    QueryParameter(description="As it was at this instant (RFC 3339, not in the future)."),
]


class PreferenceChange(msgspec.Struct, frozen=True, kw_only=True):
    """One scope that one version changed: its choices before and after, null where there were
    none. Scopes that were changed together share the version. `source` is where it was
    chosen (`preference page`, `unsubscribe link`) or by which key (`key clk_production_AbC...`),
    null of what was changed before that was kept.
    """

    version: int
    at: str
    scope: NamedScope
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str | None


class PreferenceChanges(msgspec.Struct, frozen=True):
    """A page of changes, newest first."""

    data: list[PreferenceChange]
    page_info: PageInfo


CHANGES_EXAMPLE: dict[str, Any] = {
    "data": [
        {
            "version": 2,
            "at": "2026-01-02T03:04:05.678901Z",
            "scope": {"kind": "topic", "id": "doc:9"},
            "before": {"level": "mentions"},
            "after": {"level": "none", "channels": {"push": "off"}},
            "source": "preference page",
        }
    ],
    "page_info": {"has_next": False, "end_cursor": None},
}
_DEFAULTS_EXAMPLE: dict[str, Any] = {"channels": {"sms": "off"}, "cadence": "daily"}


@get(
    "/v1/users/{user:str}/preferences/history",
    **route("List changes of preferences", refuses=(404,), example=CHANGES_EXAMPLE, tag="people"),
)
async def list_preference_changes(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    user: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> PreferenceChanges:
    """Every change of the user's own choices, scope by scope."""
    row = await known_user(services, asker.env, user)
    return await _changes(services, cursors, a_users(asker.env, row.number), after, limit)


@get(
    "/v1/tenants/{tenant:str}/preferences",
    **route(
        "Read a tenant's default preferences",
        refuses=(404,),
        example=_DEFAULTS_EXAMPLE,
        tag="people",
    ),
)
async def get_tenant_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
    at: At = None,
) -> Preferences:
    """What held in the tenant for users who chose nothing, now or `at` a past instant."""
    owner = await _tenant(services, asker.env, tenant)
    return await choosing.document(owner, past_instant(at, services.clock.now()))


@get(
    "/v1/tenants/{tenant:str}/preferences/history",
    **route(
        "List changes of a tenant's default preferences",
        refuses=(404,),
        example=CHANGES_EXAMPLE,
        tag="people",
    ),
)
async def list_tenant_preference_changes(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    tenant: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> PreferenceChanges:
    """Every change of what holds in the tenant; versions are those of all defaults."""
    owner = await _tenant(services, asker.env, tenant)
    return await _changes(services, cursors, owner, after, limit)


@get(
    "/v1/environment/preferences",
    **route("Read default preferences", example=_DEFAULTS_EXAMPLE, tag="people"),
)
async def get_environment_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    at: At = None,
) -> Preferences:
    """What held for users who chose nothing, in whatever tenant, now or `at` a past instant."""
    owner = the_environments(asker.env)
    return await choosing.document(owner, past_instant(at, services.clock.now()))


@get(
    "/v1/environment/preferences/history",
    **route("List changes of default preferences", example=CHANGES_EXAMPLE, tag="people"),
)
async def list_environment_preference_changes(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> PreferenceChanges:
    """Every change of what holds for those who chose nothing."""
    return await _changes(services, cursors, the_environments(asker.env), after, limit)


ROUTES = (
    list_preference_changes,
    get_tenant_preferences,
    list_tenant_preference_changes,
    get_environment_preferences,
    list_environment_preference_changes,
)


def past_instant(text: str | None, now: int) -> int | None:
    """The instant of `at`; RefusedError 400 when it is none, or in the future."""
    instant = instant_of(text, "at")
    if instant is not None and instant > now:
        detail = "at: this instant is still to come; leave it out for what holds now"
        raise RefusedError(400, detail, parameter="at")
    return instant


async def _tenant(services: Services, env: int, tenant: str) -> Owner:
    numbers = await services.store.names.numbers(env, NameKind.TENANT, [tenant])
    if tenant not in numbers:
        raise NotFoundError("there is no tenant with this id; PUT makes one")
    return a_tenants(env, numbers[tenant])


async def _changes(
    services: Services, cursors: Cursors, owner: Owner, after: str | None, limit: int
) -> PreferenceChanges:
    filters = {
        "list": "preference_changes",
        "env": owner.env,
        "owner": [owner.user, int(owner.kind), owner.scope],
    }
    version, kind, scope = cursors.open(filters, after) if after else (0, 0, 0)
    rows = await services.store.settings.changes(
        owner.env,
        owner.user,
        owner.kinds,
        owner.scope if not owner.sections else None,
        (version, kind, scope) if after else None,
        limit + 1,
    )
    shown, info = page_of(
        rows, limit, cursors, filters, lambda row: [row.version, int(row.kind), row.scope]
    )
    names = await scope_names(services.store, owner.env, [(row.kind, row.scope) for row in shown])
    return PreferenceChanges([_told(row, owner.user, names) for row in shown], info)


def _told(
    row: SettingChange, user: int, names: dict[tuple[ScopeKind, int], str]
) -> PreferenceChange:
    return PreferenceChange(
        version=row.version,
        at=when(row.at) or "",
        scope=named_scope(Setting(user, row.kind, row.scope), names),
        before=None if row.before is None else node_of(row.before),
        after=None if row.after is None else node_of(row.after),
        source=row.source or None,
    )
