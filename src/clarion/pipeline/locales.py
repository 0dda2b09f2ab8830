"""Which locales stand in for that of a user who has none."""

from __future__ import annotations

from clarion.store.contract import Store

Locales = tuple[str | None, ...]
"""Wanted locales in their order; None where nothing was chosen."""


async def default_locales(store: Store, env: int, tenants: set[int]) -> dict[int, Locales]:
    """By tenant (0: none) its own locale, then the environment's, in one look-up for all."""
    profiles = await store.settings.profiles(env, sorted(tenants | {0}))
    chosen = {tenant: profile.locale for tenant, profile in profiles.items()}
    return {tenant: (chosen.get(tenant), chosen.get(0)) for tenant in tenants}
