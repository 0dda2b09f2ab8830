"""Topics, their parents, and who is subscribed."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec


class TopicRow(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as known now. `parent` is a topic's number (0: none). `kind` is `topic` or
    `thread`. `broadcast` says in which form its inbox items go: `auto`, `always`, `never`."""

    number: int
    key: str
    parent: int = 0
    parent_key: str | None = None
    kind: str = "topic"
    default_level: str | None = None
    data: dict[str, Any] = {}
    version: int = 0
    subscribers: int | None = None
    broadcast: str = "auto"


class Stay(msgspec.Struct, frozen=True):
    """The last time a user was subscribed to a topic: from `since` until before `until` (None:
    still is). `ended_at`: when the topic was deleted."""

    since: int
    until: int | None
    ended_at: int | None


class TopicStore(Protocol):
    """Named sets of subscribers."""

    async def put(
        self,
        env: int,
        key: str,
        *,
        parent: str | None,
        kind: str,
        default_level: str | None,
        data: dict[str, Any],
        now: int,
        broadcast: str = "auto",
    ) -> TopicRow:
        """Make or replace. InvalidError when the parent would close a circle or is deeper than
        8."""
        ...

    async def topic(self, env: int, key: str) -> TopicRow | None:
        """One topic with its number of subscribers."""
        ...

    async def page(self, env: int, after: int, limit: int) -> list[TopicRow]:
        """Topics with a number above `after`, in number order, without counts."""
        ...

    async def beginning(
        self, env: int, prefix: str, after: str | None, limit: int
    ) -> tuple[list[TopicRow], str | None]:
        """Topics whose key begins with `prefix` and comes behind `after`, in the order of keys,
        without counts; and the last key that was looked at, None at the end. A page may be
        short."""
        ...

    async def delete(self, env: int, key: str, now: int) -> bool:
        """End the topic and all its subscriptions."""
        ...

    async def chain(self, env: int, topic: int, at: int | None = None) -> list[TopicRow]:
        """The topic and its parents, nearest first (only those that exist; a bare number gives a
        bare row), now or as they were at an instant."""
        ...

    async def subscribe(
        self, env: int, key: str, add: list[str], remove: list[str], now: int
    ) -> tuple[int, int]:
        """(added, removed). The topic and users' names are made at first sight; repeating is
        harmless."""
        ...

    async def subscribers(
        self, env: int, topic: int, after: int, limit: int
    ) -> list[tuple[int, int]]:
        """(user, since) of current subscribers with a number above `after`, in number order."""
        ...

    async def subscriptions(
        self, env: int, user: int, after: int, limit: int
    ) -> list[tuple[int, int]]:
        """(topic, since) of a user's current subscriptions to topics with a number above `after`,
        in number order."""
        ...

    async def has_more(self, env: int, topic: int, most: int) -> bool:
        """Whether a topic has more subscribers than `most`; costs no more than counting to it."""
        ...

    async def subscribed(
        self, env: int, topics: list[int], users: list[int]
    ) -> set[tuple[int, int]]:
        """(topic, user) pairs that are subscribed now."""
        ...

    async def stay(self, env: int, topic: int, user: int) -> Stay | None:
        """The last subscription of a user to a topic; None when there never was one."""
        ...
