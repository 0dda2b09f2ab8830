"""Keeps the store's idea of its own sizes true, by which it plans."""

from __future__ import annotations

from clarion.store.contract import Store

IDLE_SECONDS = 10.0
"""The most that plans made for an empty table are kept to, on the first day and at midnight."""


class Surveyor:
    """Has tables counted again that grew a lot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self, rang: bool) -> float:
        """Once around; seconds to wait before the next."""
        await self._store.survey()
        return IDLE_SECONDS
