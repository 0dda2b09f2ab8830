"""Broadcasts: inbox sends to a topic that are stored once and decided when their members look."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.core.recipient import Recipient
from clarion.store.contract.work import PageWrite, Task

COUNTED = 2**62
"""The cursor of a broadcast whose members are all counted."""

SOURCE = "broadcast"
"""What a task is called that counts the members of a broadcast."""


WRITTEN, BROADCAST = "written", "broadcast"
"""The forms of an event, as they are called outside."""


class BroadcastWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast of an event, accepted with it and published at the instant of that. `excepted`
    are users, `defaults_version` is that of the tenants' and the environment's choices."""

    topic: int
    tenant: int
    workflow: int
    step: int
    lane: int
    expires_at: int | None
    defaults_version: int
    excepted: tuple[int, ...] = ()


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast. `seq` numbers those of an environment in the order in which they became visible.
    Members are who was subscribed to the topic at `published_at` and is not excepted; those with a
    number up to `cursor` are counted."""

    env: int
    seq: int
    topic: int
    tenant: int
    event: bytes
    workflow: int
    step: int
    lane: int
    published_at: int
    expires_at: int | None
    defaults_version: int
    excepted: tuple[int, ...]
    cursor: int

    @property
    def counted(self) -> bool:
        """Whether it is known how many members there are."""
        return self.cursor >= COUNTED

    def is_over(self, now: int) -> bool:
        """Whether its expiry has passed: who did not look until then is not told any more."""
        return self.expires_at is not None and self.expires_at <= now


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What users are members of: the broadcasts by number, and for each user the numbers of those
    that are the user's, in their order; all up to number `reached` of the user were looked at."""

    reached: dict[int, int]
    broadcasts: dict[int, Broadcast]
    members: dict[int, list[int]]


class LookWrite(msgspec.Struct, frozen=True, kw_only=True):
    """What looks of users come to: the rows of broadcasts that were decided, those of each inbox in
    the order of their instants, and for each user how far the inbox was and is decided (`markers`:
    before, now). Nobody of the page is missing in `markers`, and who is `alike` has one row."""

    env: int
    tenant: int
    markers: dict[int, tuple[int, int]]
    page: PageWrite


class BroadcastStore(Protocol):
    """Broadcasts and how far each inbox has decided them."""

    async def forms(self, env: int, topics: list[int]) -> dict[int, str]:
        """What topics say of themselves: `always` or `never`; who leaves it open is missing."""
        ...

    async def newest(self, env: int) -> int:
        """The number of the newest broadcast; 0: there never was one."""
        ...

    async def behind(self, env: int, users: list[int], tenant: int) -> tuple[int, dict[int, int]]:
        """The number of the newest broadcast, and how far the inboxes are decided that have not
        reached it. One cheap read."""
        ...

    async def after(
        self, env: int, tenant: int, markers: dict[int, int], newest: int, limit: int
    ) -> Found:
        """What users are members of among the broadcasts after their `markers` up to `newest`,
        `limit` of them at most for each."""
        ...

    async def of_event(self, env: int, event: bytes) -> list[Broadcast]:
        """The broadcasts of an event, one a workflow at most."""
        ...

    async def spans(self, env: int, topic: int, user: int) -> list[tuple[int, int | None]]:
        """When a user was subscribed to a topic: (since, until), in order; None: still."""
        ...

    async def recipients(
        self, env: int, asked: list[tuple[int, int]]
    ) -> dict[tuple[int, int], Recipient]:
        """The facts of users by (user, instant), with all settings rows and consents as they were
        then. Without destinations, which no inbox item needs."""
        ...

    async def write(self, look: LookWrite) -> set[int]:
        """Write the rows of those that nobody decided meanwhile, in one transaction. Items stand
        among the others of the inbox where their instants belong. Users of whom nothing was
        written, as their inbox changed meanwhile; ask again for these."""
        ...

    async def count(self, task: Task, limit: int) -> tuple[int, bool]:
        """Count the next members of the broadcast that a task is about, at most `limit`: how many
        there were, and whether it was the end (then the task is done). LostLeaseError on an old
        fence."""
        ...
