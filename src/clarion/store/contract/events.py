"""Events: accepted once, read back, cancelled."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from clarion.store.contract.broadcasts import BroadcastWrite
from clarion.store.contract.work import PageWrite, TaskWrite


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in place of an event's `page`, `tasks` and `recipients` when an earlier event
    of its ordering key is still being expanded: all of it as tasks, which then wait for that
    one."""

    tasks: tuple[TaskWrite, ...]
    recipients: tuple[int, ...]


class EventWrite(msgspec.Struct, frozen=True, kw_only=True):
    """An event to accept, with everything that is written in the same transaction.

    `broadcasts` are parts that their members decide when they look.

    `keys`: idempotency keys, each with the hash of what must be the same on a repeat. `data` is
    JSON text.
    `workflows`: (workflow, version, category, category version, lane). `recipients`: numbers of
    named users
    when they are too many for `page`. `tasks` are what is left to fan out, `page` what is
    decided already. `trace` is its place in a trace (`TraceContext.kept`), None where nothing is
    recorded.
    """

    env: int
    id: bytes
    type: str
    tenant: int
    actor: int
    about: int
    silent: bool
    accepted_at: int
    expires_at: int | None
    correlation: str | None
    cancellation: str | None
    ordering_key: str | None
    mentions: str
    audience: str
    data: str
    lane: int
    keys: tuple[tuple[str, bytes], ...] = ()
    tags: dict[str, str] = {}
    workflows: tuple[tuple[int, int, int, int, int], ...] = ()
    recipients: tuple[int, ...] = ()
    tasks: tuple[TaskWrite, ...] = ()
    broadcasts: tuple[BroadcastWrite, ...] = ()
    page: PageWrite | None = None
    behind: Behind | None = None
    trace: str | None = None


class Acceptance(msgspec.Struct, frozen=True):
    """`event` is the id that holds for the key: the first one's when `replayed`. `mismatch`: the
    key came
    before with another fingerprint, and nothing was written."""

    event: bytes
    replayed: bool = False
    mismatch: bool = False


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands. `workflows` as in EventWrite. `expanding`: fan-out tasks not done
    yet. `data_kept` is False once the payload was forgotten; `data` is empty then. While it has a
    `paused_at` it stands still: nothing of it is decided or handed to a provider. `trace` as in
    EventWrite."""

    env: int
    id: bytes
    type: str
    tenant: int
    actor: int
    about: int
    silent: bool
    accepted_at: int
    expires_at: int | None
    correlation: str | None
    cancellation: str | None
    ordering_key: str | None
    cancelled_at: int | None
    expanding: int
    mentions: list[Any]
    audience: list[dict[str, Any]]
    data: dict[str, Any]
    tags: dict[str, str]
    workflows: tuple[tuple[int, int, int, int, int], ...]
    data_kept: bool = True
    paused_at: int | None = None
    trace: str | None = None


class EventCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications by bucket; the same shape counts the deliveries of a channel. `undecided` are
    members of broadcasts, as far as they are counted, who are not decided."""

    open: int = 0
    held: int = 0
    sent: int = 0
    dead: int = 0
    skipped: int = 0
    undecided: int = 0


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the event list; `before` is the last id of the page before."""

    type: str | None = None
    tag: tuple[str, str] | None = None
    correlation: str | None = None
    since: int | None = None
    before: bytes | None = None
    limit: int = 50


class EventStore(Protocol):
    """The ledger's head."""

    async def accept_many(self, events: list[EventWrite], now: int) -> list[Acceptance]:
        """Write all in one transaction, answers in the order given; returns after the commit."""
        ...

    async def by_keys(self, env: int, keys: list[str]) -> dict[str, tuple[bytes, bytes]]:
        """(event, fingerprint) of the idempotency keys that were used."""
        ...

    async def rows(self, env: int, events: list[bytes]) -> dict[bytes, EventRow]:
        """Whole events by id."""
        ...

    async def counts(self, env: int, event: bytes) -> dict[int, EventCounts]:
        """Counts by kind: 0 for notifications, else the channel's number."""
        ...

    async def search(self, env: int, query: EventQuery) -> list[EventRow]:
        """Newest first, one more than the limit when there are more."""
        ...

    async def cancel(
        self, env: int, events: list[bytes], cancellation_key: str | None, now: int
    ) -> list[bytes]:
        """Mark the events (by id or by key) cancelled and end their ready deliveries as
        canceled; those that
        are being sent go on. Ids of the events that exist; repeating changes nothing."""
        ...

    async def prune_orders(self, before: int, limit: int) -> int:
        """Forget up to `limit` counters of ordering keys that gave no number since `before` and
        have nothing left to expand (keeper); how many."""
        ...

    async def fold_counts(self, limit: int) -> int:
        """Fold delta rows into the counts (keeper); how many rows."""
        ...
