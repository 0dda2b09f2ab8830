"""What a user sees: items, counts, marks."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One inbox item with its words (`fields`: title, body, url, image, actions)."""

    tenant: int
    seq: int
    event: bytes
    workflow: int
    step: int
    fields: dict[str, Any]
    alert: bool
    created_at: int
    expires_at: int | None
    seen_at: int | None
    read_at: int | None
    archived_at: int | None
    version: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of one (user, tenant) inbox; archived and expired items are not counted."""

    seq: int = 0
    total: int = 0
    unread: int = 0
    unseen: int = 0


class InboxStore(Protocol):
    """Inboxes are per (user, tenant); tenant 0 is the one of events without a tenant."""

    async def page(
        self,
        env: int,
        user: int,
        tenant: int,
        *,
        status: str,
        archived: str,
        before: int | None,
        limit: int,
        now: int,
    ) -> list[ItemRow]:
        """Newest first, seq below `before`. status: all|unread|read|unseen|seen; archived:
        exclude|include|only.
        Expired items are left out."""
        ...

    async def counts(self, env: int, user: int, tenant: int) -> Counts: ...

    async def mark(
        self, env: int, user: int, tenant: int, seqs: list[int], mark: str, now: int
    ) -> list[ItemRow]:
        """mark: seen|read|unread|archive|unarchive. The items as they are afterwards (missing
        ones left out).
        Repeating changes nothing; read implies seen; counters follow in the same transaction."""
        ...

    async def mark_all(
        self, env: int, user: int, tenant: int, mark: str, up_to: int, now: int
    ) -> int:
        """mark: seen|read|archive for all items with seq <= up_to; how many changed."""
        ...

    async def expire(self, now: int, limit: int) -> int:
        """Take items past their expiry out of the counts (keeper); how many."""
        ...

    async def notification_marks(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[ItemRow]:
        """The items of one notification (for conditions and the timeline)."""
        ...
