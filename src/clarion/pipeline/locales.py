"""What stands in for the locale and the zone of a user who has none."""

from __future__ import annotations

import msgspec

from clarion.core.caps import NO_CAPS
from clarion.pipeline.cap_rules import UsualCaps
from clarion.store.contract import Store
from clarion.store.contract.settings import Profile

Locales = tuple[str | None, ...]
"""Wanted locales in their order; None where nothing was chosen."""


class Usual(msgspec.Struct, frozen=True):
    """What holds for the users of a tenant who have nothing of their own."""

    locales: Locales
    zone: str | None
    caps: UsualCaps


async def profiles_of(store: Store, env: int, tenants: set[int]) -> dict[int, Usual]:
    """By tenant (0: none) what is usual there, else in the environment, in one look-up for all."""
    wanted = sorted(tenants | {0})
    profiles = await store.settings.profiles(env, wanted)
    caps = await store.caps.defaults(env, wanted)
    of_all = profiles.get(0, Profile())
    _, caps_of_all = caps.get(0, (0, NO_CAPS))
    found = {}
    for tenant in tenants:
        own = profiles.get(tenant, Profile())
        _, own_caps = caps.get(tenant, (0, NO_CAPS))
        found[tenant] = Usual(
            (own.locale, of_all.locale),
            own.timezone or of_all.timezone,
            UsualCaps(own_caps if tenant else NO_CAPS, caps_of_all),
        )
    return found


async def default_locales(store: Store, env: int, tenants: set[int]) -> dict[int, Locales]:
    """By tenant (0: none) its own locale, then the environment's, in one look-up for all."""
    profiles = await store.settings.profiles(env, sorted(tenants | {0}))
    chosen = {tenant: profile.locale for tenant, profile in profiles.items()}
    return {tenant: (chosen.get(tenant), chosen.get(0)) for tenant in tenants}
