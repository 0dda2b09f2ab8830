"""What a user sees: items, counts, marks."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One inbox item with its words (`fields`: title, body, url, image, actions).

    `place` orders the items of an inbox: the sequence number, until the item moves to the top.
    With an `aggregation_key` it tells so many `activities` (events) by so many `actors`, the last
    of them added at `updated_at`; its words are made of its members. Until `snoozed_until` it is
    hidden. `chosen` is the number of the action that was chosen last, from 0. `told_at` and
    `retracted_at` are about the event that was asked for, where one was.
    """

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
    place: int = 0
    aggregation_key: str | None = None
    updated_at: int | None = None
    activities: int = 1
    actors: int = 1
    snoozed_until: int | None = None
    interacted_at: int | None = None
    chosen: int | None = None
    told_at: int | None = None
    retracted_at: int | None = None


class MemberRow(msgspec.Struct, frozen=True, array_like=True):
    """An event that an item tells; `actor` is a user's number, 0 for nobody."""

    event: bytes
    actor: int
    at: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of one (user, tenant) inbox; archived, snoozed and expired items are not counted.
    `seq` is the last number taken, by an item or by a change of one."""

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
        snoozed: str = "exclude",
        workflows: list[int] | None = None,
    ) -> list[ItemRow]:
        """Newest first, place below `before`. status: all|unread|read|unseen|seen; archived and
        snoozed: exclude|include|only; `workflows`: only items of these.
        Expired items are left out."""
        ...

    async def place(self, env: int, user: int, tenant: int, seq: int) -> int:
        """Where an item stands now; its number when there is none."""
        ...

    async def members(
        self, env: int, user: int, items: list[tuple[int, int]], limit: int
    ) -> dict[tuple[int, int], list[MemberRow]]:
        """By (tenant, seq) the newest `limit` events that each tells, newest first."""
        ...

    async def counts(self, env: int, user: int, tenant: int) -> Counts: ...

    async def inboxes(self, env: int, user: int, limit: int) -> dict[int, Counts]:
        """By tenant the user's inboxes that something was ever put in, up to `limit`."""
        ...

    async def mark(
        self,
        env: int,
        user: int,
        tenant: int,
        seqs: list[int],
        mark: str,
        now: int,
        value: int = 0,
    ) -> list[ItemRow]:
        """mark: seen|read|unread|archive|unarchive|snooze|unsnooze|act. The items as they are
        afterwards (missing ones left out). `value` is until when to snooze, or which action was
        chosen. A snoozed item takes no other mark than snooze and unsnooze.
        Repeating changes nothing; read and act imply seen; counters follow in the same
        transaction."""
        ...

    async def mark_all(
        self,
        env: int,
        user: int,
        tenant: int,
        mark: str,
        up_to: int,
        now: int,
        workflows: list[int] | None = None,
    ) -> int:
        """mark: seen|read|archive for all items with place <= up_to (of these workflows); how many
        changed."""
        ...

    async def expire(self, now: int, limit: int) -> list[tuple[int, int]]:
        """Take items past their expiry out of the counts (keeper): environment and user of
        each."""
        ...

    async def wake(self, now: int, limit: int) -> list[tuple[int, int]]:
        """Bring back snoozed items whose time has come, as new ones at the top (keeper):
        environment and user of each."""
        ...

    async def notification_marks(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[ItemRow]:
        """The items of one notification, also those that tell it together with others."""
        ...
