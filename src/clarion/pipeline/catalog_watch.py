"""Sees what other processes change in the catalogue: within a second, or at once when it rings."""

from __future__ import annotations

from clarion.bus.contract import Bus
from clarion.pipeline.catalogs import CatalogService
from clarion.store.contract import Store

DOORBELL = "catalog"
LOOK_SECONDS = 1.0


class CatalogWatch:
    """Forgets the compiled catalogue of an environment whose stamp has moved."""

    def __init__(self, store: Store, catalogs: CatalogService, bus: Bus) -> None:
        self._store = store
        self._catalogs = catalogs
        self._stamps: dict[int, int] = {}
        catalogs.announce = lambda: bus.ring(DOORBELL)

    async def step(self, rang: bool) -> float:
        """Look once; seconds to wait before the next look."""
        found = await self._store.catalog.stamps()
        for env, stamp in found.items():
            if self._stamps.get(env) != stamp:
                self._catalogs.forget(env)
        self._stamps = found
        return LOOK_SECONDS
