"""Accounts as all processes know them: breaker, pause, quota, and what each process reports."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from clarion.core.breaker import BreakerState
from clarion.core.quota import Quota

PROCESS = ""
"""In the place of an account's name: what a process says of itself."""


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """The shared state of an account. `term` goes up with each turn of the breaker, `holder` is
    the worker that turned it last (while probing: who makes the probe). Nothing leaves before
    `paused_until`; `full_at` is when the quota's bucket is full again (microseconds)."""

    account: str
    state: BreakerState = BreakerState()
    term: int = 0
    holder: int = 0
    paused_until: int = 0
    full_at: int = 0


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of a breaker by a worker that knows its state of term `known`."""

    account: str
    known: int
    state: BreakerState
    holder: int


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor asked for nothing `until` an instant. With a quota its bucket holds no more than
    the upper lanes' reserve then."""

    account: str
    until: int
    quota: Quota | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens that are the asker's, and how long until there are more for its lane."""

    tokens: int
    wait_seconds: float = 0.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one process says of an account: sends under way now, how many may be, a lane; outcomes
    by class since its start, and of these (`apart`) the ones that were the trouble of one
    destination or message; the last errors, newest last (`outcome`, `code`, `about`, `at`). Under
    the name PROCESS `outcomes` are numbers of the process's own, by name."""

    account: str
    in_flight: int
    limit: int
    outcomes: dict[str, int]
    errors: list[dict[str, Any]]
    apart: dict[str, int] = {}
    worker: int = 0
    at: int = 0


class AccountStore(Protocol):
    """Everything here is by the account's name, over all environments."""

    async def states(self) -> list[AccountRow]:
        """All accounts that ever turned, paused or leased."""
        ...

    async def turn(self, turns: list[Turn], now: int) -> list[AccountRow]:
        """Turn breakers. Each holds only if nobody turned it since the term its worker knew, and
        raises the term by one. The rows as they stand then, in the order given."""
        ...

    async def pause(self, pauses: list[Pause], now: int) -> None:
        """Pause accounts; a longer pause stays."""
        ...

    async def lease(self, account: str, quota: Quota, lane: int, wanted: int, now: int) -> Tokens:
        """Take tokens out of the bucket that all processes share."""
        ...

    async def report(self, worker: int, reports: list[Report], now: int) -> None:
        """Replace what the worker said of these accounts; what nobody renewed for an hour goes."""
        ...

    async def reports(self, since: int) -> list[Report]:
        """What workers said at or after `since`."""
        ...
