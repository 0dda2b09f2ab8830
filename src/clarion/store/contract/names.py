"""Numbers inside, names outside."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Protocol


class NameKind(IntEnum):
    """What a name names. Numbers run per environment and kind from 1; 0 is none (and nobody)."""

    USER = 1
    TOPIC = 2
    TENANT = 3
    WORKFLOW = 4
    CATEGORY = 5
    DESTINATION = 6
    """Only numbers; destinations have no names."""

    SUPPRESSION = 7
    """Only numbers."""


class NameStore(Protocol):
    """Names and their numbers. A number is never given twice; erasing a user deletes the name."""

    async def numbers(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        """Numbers of the names that have one."""
        ...

    async def mint(self, env: int, kind: NameKind, names: Iterable[str]) -> dict[str, int]:
        """Numbers of all names; those at first sight get the next ones."""
        ...

    async def names(self, env: int, kind: NameKind, numbers: Iterable[int]) -> dict[int, str]:
        """Names of the numbers that still have one."""
        ...

    async def beginning(
        self, env: int, kind: NameKind, prefix: str, after: str | None, limit: int
    ) -> list[tuple[str, int]]:
        """(name, number) of names that begin with `prefix` and come behind `after`, in the order of
        their code points."""
        ...
