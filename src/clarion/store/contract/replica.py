"""What the application says its users, topics, subscriptions, members and preferences are: of each
entity the newest version, kept until it is applied."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Protocol

import msgspec

GONE = "null"
"""Body of an entity that is deleted."""

NEWEST_FIRST = (2**62, "ff" * 16)
"""Before the first of the failed."""


class EntityKind(IntEnum):
    """What an entity is."""

    USER = 1
    TOPIC = 2
    SUBSCRIPTION = 3
    TENANT_MEMBER = 4
    PREFERENCES = 5

    @property
    def label(self) -> str:
        """The word of the API."""
        return self.name.lower()


class StateWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an entity as it came in.

    `id` is the key of a topic or a tenant, `user_id` the id of a user; "" where the kind has none.
    `body` is JSON: of a user its fields; of a topic [parent, kind, default_level, data]; of
    preferences the rows of Setting under user 0; of the others {}; GONE when it is deleted.
    `source_at` is when the source says it became so, or None.
    """

    kind: EntityKind
    version: int
    body: str
    id: str = ""
    user_id: str = ""
    source_at: int | None = None


class StateClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an entity in hand. `entity` stands for kind, id and user_id (hex)."""

    env: int
    entity: str
    kind: EntityKind
    id: str
    user_id: str
    version: int
    body: str
    accepted_at: int
    fence: int
    crashes: int

    @property
    def gone(self) -> bool:
        """Whether the entity is deleted."""
        return self.body == GONE


class Applied(StrEnum):
    """What became of a claim. LOST: it is in other hands. UNFINISHED: a topic was ended, its
    subscriptions were not; end them, then say `finish`."""

    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"
    LOST = "lost"
    UNFINISHED = "unfinished"


class StateDepth(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of entity has waiting, in hand and failed, over all environments; `oldest` is
    since when the oldest of what is not applied has waited (None: nothing does)."""

    kind: EntityKind
    waiting: int = 0
    in_hand: int = 0
    failed: int = 0
    oldest: int | None = None

    @property
    def depth(self) -> int:
        """What is not applied yet, without the failed."""
        return self.waiting + self.in_hand

    def oldest_age_seconds(self, now: int) -> float:
        """How long the oldest has waited."""
        return 0.0 if self.oldest is None else max(now - self.oldest, 0) / 1_000_000


class FailedState(msgspec.Struct, frozen=True, kw_only=True):
    """A version that could not be applied, and why."""

    kind: EntityKind
    id: str
    user_id: str
    version: int
    source_at: int | None
    accepted_at: int
    failed_at: int
    detail: str
    entity: str


class ReplicaStore(Protocol):
    """The queue of states, and the versions that were applied."""

    async def accept(self, env: int, writes: list[StateWrite], now: int) -> list[bool]:
        """Whether each version is the newest known of its entity and now waits; an older one, or
        the same again, changes nothing. In the order given, committed in pieces."""
        ...

    async def depths(self) -> list[StateDepth]:
        """Every kind, over all environments; walks all that waits."""
        ...

    async def claim(self, worker: int, limit: int, now: int) -> list[StateClaim]:
        """The oldest that wait, in the order in which they came; an entity is in one hand at a
        time. One that was in hand at several deaths comes alone."""
        ...

    async def apply(self, claims: list[StateClaim], now: int) -> list[tuple[Applied, str]]:
        """Write claims of one environment and one kind where their nouns write, in one
        transaction; what became of each, and why one failed. A newer version that came meanwhile
        waits from then on."""
        ...

    async def finish(self, claims: list[StateClaim]) -> None:
        """Claims of one environment that were left UNFINISHED are applied."""
        ...

    async def fail(self, claims: list[StateClaim], detail: str, now: int) -> None:
        """Put claims of one environment aside, to be seen, until a newer version comes."""
        ...

    async def give_back(self, worker: int) -> int:
        """Let others claim what the worker holds; the claims count as no crash. How many."""
        ...

    async def rescue(self, dead: list[int]) -> int:
        """Let others claim what dead workers hold; how many."""
        ...

    async def failed(
        self, env: int, limit: int, before: tuple[int, str] = NEWEST_FIRST
    ) -> list[FailedState]:
        """What failed, newest first, behind (failed_at, entity)."""
        ...
