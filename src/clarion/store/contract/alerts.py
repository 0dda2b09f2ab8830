"""Alerts: one row an (environment, account, cause) and window, told once."""

from __future__ import annotations

from typing import Protocol

import msgspec

SAMPLE_LIMIT = 5
"""Notifications named by one alert."""


class AlertNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell the operators that is no dead letter. `env` 0 concerns all environments.
    `detail` holds no address, token or body. `sample` are public ids (events or notifications)."""

    env: int
    account: str
    cause: str
    detail: str = ""
    sample: tuple[str, ...] = ()


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """What happened `count` times in the window from `since` to `until`. `resolved`: it was told
    in an earlier window and did not happen in this one (`count` is 0). `told` names the targets
    that have it already, `tries` counts this claim."""

    alert: int
    env: int
    account: str
    cause: str
    resolved: bool
    count: int
    first_at: int
    last_at: int
    since: int
    until: int
    detail: str
    sample: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    tries: int = 0


class AlertStore(Protocol):
    """Windows are gathered one after the other, each by exactly one keeper."""

    async def note(self, notes: list[AlertNote], now: int) -> None:
        """Count into the window that is open."""
        ...

    async def gather(self, window_seconds: int, min_count: int, now: int) -> bool:
        """Close the open window when it is over: dead letters of it become rows where there are at
        least `min_count` of a kind, notes become due, what was told before and did not happen again
        is resolved. Whether another window is over as well."""
        ...

    async def claim(self, lease_seconds: int, limit: int, now: int) -> list[AlertRow]:
        """Rows that are due to be told; nobody else is given them while the lease holds."""
        ...

    async def told(self, alert: int, targets: tuple[str, ...], due: int | None, now: int) -> None:
        """Who has it now; `due` is the next try for the others, None ends it."""
        ...
