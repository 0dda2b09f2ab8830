"""Tenants and the environment: membership, and the defaults of those who chose nothing."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.auth import Asker
from clarion.api.capping import Capping, CapsPatch
from clarion.api.choices import Preferences, Warned
from clarion.api.choosing import Choosing
from clarion.api.describing import example_of, route
from clarion.api.owners import Owner, a_tenants, the_environments
from clarion.api.services import Services
from clarion.core.document import pointer_to
from clarion.core.preference_words import check_locale, check_zone
from clarion.core.retention import KINDS, LONGEST_DAYS, RetentionDays, outlives
from clarion.core.suggestion import did_you_mean
from clarion.errors import InvalidError, NotFoundError
from clarion.store.contract.names import NameKind
from clarion.store.contract.settings import Profile

Unset = msgspec.UnsetType


class DefaultsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Defaults. `locale` (BCP 47) chooses the words and `timezone` (IANA) the quiet hours of users
    who have none. `caps` bound what every user is sent on a channel (`*`: on each that is not
    named), `cap_total` what a tenant sends in all: `limit` (1 to 1,000,000) in any `window`
    (ISO 8601, up to P31D), and what happens `over` it (`skip`, `hold` or `digest`).
    """

    preferences: Preferences | Unset | None = msgspec.UNSET
    timezone: str | Unset | None = msgspec.UNSET
    locale: str | Unset | None = msgspec.UNSET
    caps: dict[str, Any] | Unset | None = msgspec.UNSET
    cap_total: dict[str, Any] | Unset | None = msgspec.UNSET


class DefaultsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults that hold now. `warnings`: what a change says in vain."""

    id: str
    preferences: Preferences
    timezone: str | None = None
    locale: str | None = None
    caps: dict[str, dict[str, Any]] = {}
    cap_total: dict[str, Any] | None = None
    warnings: list[Warned] | Unset = msgspec.UNSET


DEFAULTS = {
    "preferences": {
        "channels": {"sms": "off"},
        "cadence": "daily",
        "quiet_hours": {"windows": [{"days": ["sat", "sun"], "from": "22:00", "until": "09:00"}]},
    },
    "timezone": "Europe/Vienna",
    "locale": "de-AT",
    "caps": {"push": {"limit": 3, "window": "PT1H", "over": "hold"}},
    "cap_total": {"limit": 10_000, "window": "PT1H", "over": "skip", "channels": ["sms"]},
}
DEFAULTS_ANSWER = {"id": "acme", **DEFAULTS}
ENVIRONMENT_ANSWER = {**DEFAULTS_ANSWER, "id": "default", "retention": {"content_days": 7}}
_Body = Annotated[DefaultsBody, Body(examples=example_of(DEFAULTS))]


class EnvironmentBody(DefaultsBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Defaults, and `retention`: for how many days the environment keeps each kind of data where
    that is less than the server does; null takes a kind, or all of it, back.
    """

    retention: dict[str, int | None] | Unset | None = msgspec.UNSET


class EnvironmentAnswer(DefaultsAnswer, frozen=True, kw_only=True):
    """The defaults that hold now, and for how many days each kind of data is kept."""

    retention: RetentionDays


_EnvironmentBody = Annotated[
    EnvironmentBody, Body(examples=example_of({**DEFAULTS, "retention": {"content_days": 7}}))
]


@put(
    "/v1/tenants/{tenant:str}/users/{user:str}",
    status_code=204,
    **route("Add a member", "admin", tag="people"),
)
async def put_member(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
    user: FromPath[str],
) -> None:
    """Makes the user a member of the tenant. Repeating is harmless."""
    await services.store.people.join(asker.env, tenant, user, True, services.clock.now())


@delete(
    "/v1/tenants/{tenant:str}/users/{user:str}",
    status_code=204,
    **route("Remove a member", "admin", tag="people"),
)
async def delete_member(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
    user: FromPath[str],
) -> None:
    """Ends the membership. Repeating is harmless."""
    await services.store.people.join(asker.env, tenant, user, False, services.clock.now())


@get(
    "/v1/tenants/{tenant:str}",
    **route("Read a tenant's defaults", refuses=(404,), tag="people", example=DEFAULTS_ANSWER),
)
async def get_tenant(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
) -> DefaultsAnswer:
    """What holds in the tenant for users who chose nothing."""
    numbers = await services.store.names.numbers(asker.env, NameKind.TENANT, [tenant])
    if tenant not in numbers:
        raise NotFoundError("there is no tenant with this id; PUT makes one")
    return await _answer(services, choosing, a_tenants(asker.env, numbers[tenant]), tenant)


@put(
    "/v1/tenants/{tenant:str}",
    **route(
        "Replace a tenant's defaults",
        "admin",
        tag="people",
        refuses=(415, 422),
        example=DEFAULTS_ANSWER,
    ),
)
async def put_tenant(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
    data: _Body,
) -> DefaultsAnswer:
    """Makes the tenant when it is new."""
    owner = await _tenant(services, asker.env, tenant)
    return await _write(services, choosing, owner, tenant, data, asker, replace=True)


@patch(
    "/v1/tenants/{tenant:str}",
    **route(
        "Change a tenant's defaults",
        "admin",
        tag="people",
        refuses=(415, 422),
        example=DEFAULTS_ANSWER,
    ),
)
async def patch_tenant(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    tenant: FromPath[str],
    data: _Body,
) -> DefaultsAnswer:
    """A JSON merge patch (RFC 7396)."""
    owner = await _tenant(services, asker.env, tenant)
    return await _write(services, choosing, owner, tenant, data, asker, replace=False)


@get(
    "/v1/environment",
    **route(
        "Read the environment's defaults",
        tag="people",
        example=ENVIRONMENT_ANSWER,
    ),
)
async def get_environment(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
) -> EnvironmentAnswer:
    """What holds for users who chose nothing, in whatever tenant."""
    answer = await _answer(services, choosing, the_environments(asker.env), asker.environment)
    return await _with_retention(services, asker.env, answer, {})


@put(
    "/v1/environment",
    **route(
        "Replace the environment's defaults",
        "admin",
        tag="people",
        refuses=(415, 422),
        example=ENVIRONMENT_ANSWER,
    ),
)
async def put_environment(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    data: _EnvironmentBody,
) -> EnvironmentAnswer:
    """The environment is the one of the key."""
    return await _write_environment(services, choosing, asker, data, replace=True)


@patch(
    "/v1/environment",
    **route(
        "Change the environment's defaults",
        "admin",
        tag="people",
        refuses=(415, 422),
        example=ENVIRONMENT_ANSWER,
    ),
)
async def patch_environment(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    data: _EnvironmentBody,
) -> EnvironmentAnswer:
    """A JSON merge patch (RFC 7396)."""
    return await _write_environment(services, choosing, asker, data, replace=False)


ROUTES = (
    put_member,
    delete_member,
    get_tenant,
    put_tenant,
    patch_tenant,
    get_environment,
    put_environment,
    patch_environment,
)


async def _tenant(services: Services, env: int, tenant: str) -> Owner:
    minted = await services.store.names.mint(env, NameKind.TENANT, [tenant])
    return a_tenants(env, minted[tenant])


async def _answer(
    services: Services, choosing: Choosing, owner: Owner, name: str
) -> DefaultsAnswer:
    caps = await Capping(services).document(owner.env, owner.scope)
    profile = await _profile(services, owner, {})
    return _told(name, await choosing.document(owner), profile, caps, [])


async def _write(
    services: Services,
    choosing: Choosing,
    owner: Owner,
    name: str,
    data: DefaultsBody,
    asker: Asker,
    *,
    replace: bool,
) -> DefaultsAnswer:
    changed = _changed(data, replace=replace)
    warnings: list[Warned] = []
    capping, patch_of_caps = Capping(services), CapsPatch.of(data.caps, data.cap_total)
    await capping.check(owner.env, owner.scope, patch_of_caps, replace=replace)
    if data.preferences is msgspec.UNSET and not replace:
        document = await choosing.document(owner)
    else:
        given = data.preferences
        whole = given is None or given is msgspec.UNSET
        patch_: dict[str, Any] = {} if whole else msgspec.to_builtins(given)
        document, warnings = await choosing.change(
            owner, patch_, replace=replace or whole, at="/preferences", source=asker.source
        )
    profile = await _profile(services, owner, changed)
    caps = await capping.change(owner.env, owner.scope, patch_of_caps, replace=replace)
    return _told(name, document, profile, caps, warnings)


async def _write_environment(
    services: Services, choosing: Choosing, asker: Asker, data: EnvironmentBody, *, replace: bool
) -> EnvironmentAnswer:
    changed = _shortened(services.retention, data.retention, replace=replace)
    owner = the_environments(asker.env)
    answer = await _write(
        services, choosing, owner, asker.environment, data, asker, replace=replace
    )
    return await _with_retention(services, asker.env, answer, changed)


async def _with_retention(
    services: Services, env: int, answer: DefaultsAnswer, changed: dict[str, int | None]
) -> EnvironmentAnswer:
    """What holds once the changes, if there are any, are written."""
    shorter = await services.store.retention.override(env, changed)
    return EnvironmentAnswer(
        **msgspec.structs.asdict(answer), retention=services.retention.shortened(shorter)
    )


def _shortened(
    days: RetentionDays, given: dict[str, int | None] | Unset | None, *, replace: bool
) -> dict[str, int | None]:
    """Days by kind to write; with `replace` what is not given is taken back. InvalidError for a
    kind that is not there, and for days that are more than the server's."""
    if given is msgspec.UNSET or given is None:
        return dict.fromkeys(KINDS) if replace or given is None else {}
    changed: dict[str, int | None] = dict.fromkeys(KINDS) if replace else {}
    for kind, own in given.items():
        pointer = pointer_to("/retention", kind)
        if kind not in KINDS:
            detail = f"there is no kind {kind[:40]!r}; {did_you_mean(kind, KINDS)}"
            raise InvalidError(detail, pointer)
        if own is not None and not 1 <= own <= LONGEST_DAYS:
            raise InvalidError(f"write a number of days from 1 to {LONGEST_DAYS}", pointer)
        if own is not None and outlives(own, getattr(days, kind)):
            least = getattr(days, kind)
            detail = f"an environment may only keep less than the server, which keeps {least} days"
            raise InvalidError(f"{detail}; raise the server's setting, or write fewer", pointer)
        changed[kind] = own
    return changed


async def _profile(services: Services, owner: Owner, changed: dict[str, str | None]) -> Profile:
    """What holds once the changes, if there are any, are written."""
    settings = services.store.settings
    if changed:
        return await settings.write_profile(owner.env, owner.scope, changed)
    return (await settings.profiles(owner.env, [owner.scope])).get(owner.scope, Profile())


def _told(
    name: str,
    document: Preferences,
    profile: Profile,
    caps: dict[str, Any],
    warnings: list[Warned],
) -> DefaultsAnswer:
    return DefaultsAnswer(
        id=name,
        preferences=document,
        timezone=profile.timezone,
        locale=profile.locale,
        warnings=warnings or msgspec.UNSET,
        **caps,
    )


def _changed(data: DefaultsBody, *, replace: bool) -> dict[str, str | None]:
    """The zone and locale to write; with `replace` what is not given is cleared."""
    changed: dict[str, str | None] = dict.fromkeys(("timezone", "locale")) if replace else {}
    if data.timezone is not msgspec.UNSET:
        changed["timezone"] = data.timezone
    if data.locale is not msgspec.UNSET:
        changed["locale"] = data.locale
    if changed.get("timezone") is not None:
        check_zone(str(changed["timezone"]), "/timezone")
    if changed.get("locale") is not None:
        check_locale(str(changed["locale"]), "/locale")
    return changed
