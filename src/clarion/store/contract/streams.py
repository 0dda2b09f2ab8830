"""What live streams of inboxes read: what changed in an inbox since a number of its own."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec

from clarion.store.contract.inbox import Counts, ItemRow

Inbox = tuple[int, int, int]
"""(environment, user, tenant)."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an inbox stands. `counts.seq` is the number of its last change; new items and changes of
    items take the next numbers. `there` is False for somebody unknown or erased; `behind`: there
    are broadcasts that nobody looked for in this inbox."""

    inbox: Inbox
    there: bool
    counts: Counts
    behind: bool


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An item as it is now, and the number of its last change. `counted` is False for one that is
    over: expired, or told of nothing any more."""

    seq: int
    item: ItemRow
    counted: bool


class Published(NamedTuple):
    """A broadcast: its number, the topic and tenant it went to, and when."""

    seq: int
    topic: int
    tenant: int
    at: int


class StreamStore(Protocol):
    """Reads of many inboxes at once."""

    async def standings(self, inboxes: list[Inbox]) -> dict[Inbox, Standing]:
        """How each of these stands."""
        ...

    async def changes(self, after: dict[Inbox, int]) -> dict[Inbox, list[Change]]:
        """The items of each inbox that changed after a number, each once, in the order of their
        last change. What was removed meanwhile is not told. Ask only for inboxes that are a bounded
        number of changes ahead: each may bring as many items."""
        ...

    async def published(self, env: int, after: int, limit: int) -> list[Published]:
        """The broadcasts of an environment after a number, the oldest first."""
        ...

    async def members(self, env: int, topic: int, at: int, users: list[int]) -> set[int]:
        """Which of these users were subscribed to a topic at an instant."""
        ...

    async def use_tickets(self, tickets: list[tuple[int, int, str, int]]) -> set[str]:
        """Use tickets up: rows of (env, user, ticket, until). Those that nobody used before."""
        ...

    async def prune(self, now: int, limit: int) -> int:
        """Forget used tickets that would not be taken any more anyway (keeper); how many."""
        ...
