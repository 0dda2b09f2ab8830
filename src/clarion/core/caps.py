"""Stand-in."""

from __future__ import annotations

import msgspec


class CapRule(msgspec.Struct, frozen=True):
    limit: int
    window_seconds: int
    over: str = "skip"
    per: str = "user"
    channels: tuple[str, ...] = ()
    key: str | None = None
