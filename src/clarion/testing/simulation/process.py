"""A simulated process: whatever runs in its context lives, freezes and dies with it."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any


class Process:
    """One process of a simulated world. `name` is for people; the flags are the loop's to set.

    `held` are handles that became ready while it was frozen; `tasks` keeps everything that was
    started here alive, so that nothing of a killed process is ever finalised before the world ends.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.frozen = False
        self.held: list[asyncio.Handle] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.killed_at: int | None = None
        self.frozen_spans: list[tuple[int, int]] = []

    @property
    def running(self) -> bool:
        """Neither killed nor frozen."""
        return not (self.dead or self.frozen)

    def __repr__(self) -> str:
        return self.name


PROCESS: ContextVar[Process | None] = ContextVar("simulated process", default=None)
"""The process whose code runs; None is the world outside (clients, vendors, the weather)."""
