"""What was used of caps, and the caps that tenants and the environment set."""

from __future__ import annotations

from typing import Protocol

from clarion.core.caps import CapAnswer, CapAsk, CapDefaults


class CapStore(Protocol):
    """Counters hold under concurrency: whoever reserves waits for who reserves the same."""

    async def reserve(
        self, env: int, groups: list[list[CapAsk]], now: int, urgency: int = 0
    ) -> list[list[CapAnswer]]:
        """Reserve for each group (one step of one recipient under its caps) in turn: all of it is
        counted, or nothing. The same holder is granted again without being counted again, while it
        is among the last uses of an exact counter. `urgency` is the number of the lane."""
        ...

    async def ask(self, env: int, groups: list[list[CapAsk]], now: int) -> list[list[CapAnswer]]:
        """What `reserve` would answer; nothing is counted."""
        ...

    async def prune(self, now: int, limit: int) -> int:
        """Remove counters of which nothing counts any more (keeper); how many."""
        ...

    async def write_defaults(
        self, env: int, tenant: int, defaults: CapDefaults, known: int, now: int
    ) -> int | None:
        """Set the caps of a tenant (0: of the environment) under a new version of the environment's
        defaults, which is returned. `known` is the version of the caps that were changed (0: there
        were none); None, and nothing is written, when somebody changed them since."""
        ...

    async def defaults(
        self, env: int, tenants: list[int], version: int | None = None
    ) -> dict[int, tuple[int, CapDefaults]]:
        """Caps of tenants (0: of the environment) with the version at which they were set, now or
        as they were at a version of the environment's defaults; who never had any is missing."""
        ...
