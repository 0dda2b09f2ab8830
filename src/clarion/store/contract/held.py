"""Work that waits: held steps, and digests with what they gather."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.work import PageWrite

STEP, WINDOW = 1, 2
"""Kinds of waiting rows: a step of the notification itself, the window of a digest."""

DIGEST_TYPE = "clarion.digest"
"""The type of the event that a digest is told as."""

ENTRIES_SHOWN = 100
"""So many entries of a digest are read, the newest; counts are of all."""


WINDOWS_COUNTED = 100_000
"""So many open digests are counted."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed waiting row. `n` numbers the decision that comes next; `first` up to before `last`
    are the steps to decide; `gates` held the first of them so far. For a window `event` is the id
    of the digest."""

    env: int
    event: bytes
    workflow: int
    user: int
    step: int
    n: int
    first: int
    last: int
    kind: int
    gates: tuple[str, ...]
    lane: int
    tenant: int
    due: int
    fence: int
    crashes: int


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a held row: the encoded DecisionRecord, and by how much the parts of
    its notification change (the wait itself is taken off by the store)."""

    held: Held
    decided: str
    at: int
    open: int = 0
    waiting: int = 0
    sent: int = 0
    dead: int = 0


class DigestEntryRow(msgspec.Struct, frozen=True, array_like=True):
    """An event that a digest gathered; `mention` is how it mentioned the user."""

    event: bytes
    actor: int
    mention: str
    at: int


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """A digest with exact counts and its newest entries, newest first. `pinned` is (workflow,
    version, category, category version, lane) as of its opening."""

    env: int
    id: bytes
    user: int
    tenant: int
    step: int
    key: str
    about: int
    pinned: tuple[int, int, int, int, int]
    opened_at: int
    closed_at: int | None
    due: int = 0
    count: int = 0
    actor_count: int = 0
    first_at: int = 0
    last_at: int = 0
    entries: tuple[DigestEntryRow, ...] = ()


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """What a notification still waits for; `digest` is the id of the digest that it waits in."""

    step: int
    due: int
    gates: tuple[str, ...]
    kind: int
    digest: bytes | None = None


class Context(msgspec.Struct, frozen=True):
    """What became of a notification while a step of it waited: whether all of its inbox items (of
    a digest: all items of what it gathered) were seen or read. `topic` is the one that the user was
    reached by."""

    topic: int = 0
    seen: bool = False
    read: bool = False


class HeldStore(Protocol):
    """Claims as of other work: under a lease and with a fence."""

    async def claim(self, lane: int, worker: int, limit: int, now: int) -> list[Held]:
        """Rows of a lane that are due; each claim raises fence and crash count. What was in hand at
        a death is claimed alone."""
        ...

    async def reclaim(self, lane: int, worker: int) -> list[Held]:
        """Rows that the worker holds without knowing it, as the answer to its claim was lost."""
        ...

    async def next_due(self, lane: int) -> int | None:
        """When the next row of the lane is due."""
        ...

    async def postpone(self, held: list[Held], due: int) -> None:
        """Give back until `due`; the claim counts as no crash."""
        ...

    async def give_back(self, held: list[Held], due: int) -> None:
        """Give back until `due`, after a failure that counts as a crash."""
        ...

    async def put_aside(self, held: list[Held], now: int) -> None:
        """Nobody claims these until they are taken up."""
        ...

    async def aside(self, env: int, wanted: DeadLetterFilter) -> int:
        """How many rows that were put aside a redrive takes up."""
        ...

    async def take_up(self, env: int, wanted: DeadLetterFilter, now: int) -> list[int]:
        """Let what was put aside (by event, workflow and tenant of the filter) be claimed again;
        the lanes, one entry a row."""
        ...

    async def contexts(self, held: list[Held]) -> dict[tuple[bytes, int, int], Context]:
        """By (event, workflow, user); a window that closes has none of its own yet."""
        ...

    async def close(self, digests: list[tuple[int, bytes]], now: int) -> dict[bytes, Digest]:
        """Close digests (environment, id), so that nothing joins them any more; closing again
        changes nothing and answers the same."""
        ...

    async def digests(self, env: int, digests: list[bytes]) -> dict[bytes, Digest]:
        """Digests as they stand, open or closed."""
        ...

    async def resume(
        self, resumed: list[Resumed], page: PageWrite, digests: list[Digest], now: int
    ) -> int:
        """One transaction: what was decided about held rows, and what follows. Rows whose fence is
        old are left out with all that is theirs; how many were not. `digests` are those of the
        windows among them; their notifications stand on the page."""
        ...

    async def decisions(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[tuple[int, int, int, str]]:
        """(step, n, at, encoded record) of later decisions about a notification, in order."""
        ...

    async def waits(self, env: int, event: bytes, workflow: int, user: int) -> list[Wait]:
        """What a notification still waits for; also the digests that it was told by."""
        ...

    async def dues(
        self, env: int, notifications: list[tuple[bytes, int, int]]
    ) -> dict[tuple[bytes, int, int], int]:
        """By (event, workflow, user) when the next of what a notification waits for is due, also as
        part of a digest; those that wait for nothing are missing."""
        ...

    async def open_windows(self) -> int:
        """Digests that still gather, of all environments, counted up to WINDOWS_COUNTED."""
        ...

    async def rescue(self, dead: list[int]) -> int:
        """Let others claim what dead workers held; how many rows."""
        ...
