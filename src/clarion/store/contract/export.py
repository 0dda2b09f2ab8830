"""All that is kept about one user, read page by page."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

Place = tuple[int, ...]
"""Where a section goes on; its first columns."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Of a notification: contents (step, locale, fields) and deliveries (step, channel's number,
    status, created_at, updated_at)."""

    contents: list[tuple[int, str, dict[str, Any]]] = []
    deliveries: list[tuple[int, int, int, int, int]] = []


class ExportStore(Protocol):
    """What a person may ask for."""

    @property
    def sections(self) -> tuple[str, ...]:
        """Names of what is read with `page`."""
        ...

    async def page(
        self, env: int, user: int, section: str, after: Place | None, limit: int
    ) -> tuple[list[dict[str, Any]], Place | None]:
        """The next rows of a section by column (JSON columns as values, names as numbers), and
        where to go on (None: the end)."""
        ...

    async def stories(
        self, env: int, user: int, keys: list[tuple[bytes, int]]
    ) -> dict[tuple[bytes, int], Story]:
        """Stories of the user's notifications by (event, workflow)."""
        ...

    async def own_events(self, env: int, user: int, events: list[bytes]) -> set[bytes]:
        """Those of the events that named this user and nobody else."""
        ...
