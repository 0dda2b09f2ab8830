"""The ledger read back: notifications with their story, captures, and the audit of the counts."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from clarion.core.decision import DecisionRecord
from clarion.core.delivery import DeliveryKey
from clarion.store.contract.events import EventCounts


class NotificationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with what was decided first. `bucket` as in core.states."""

    env: int
    event: bytes
    workflow: int
    user: int
    tenant: int
    bucket: int
    decided: DecisionRecord


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with its last attempt."""

    key: DeliveryKey
    status: int
    account: str
    lane: int
    attempts: int
    created_at: int
    updated_at: int
    expires_at: int | None = None
    provider_id: str | None = None
    outcome: str | None = None
    code: str | None = None
    detail: str | None = None
    ms: int | None = None
    next_due: int | None = None


NotificationKey = tuple[bytes, int, int]
"""(event, workflow, user)."""


class Counted(msgspec.Struct, frozen=True):
    """Deliveries of a step that are alike: status, and what the last try said; made and changed
    between `since` and `until`."""

    step: int
    status: int
    count: int
    outcome: str | None = None
    code: str | None = None
    since: int = 0
    until: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a notification. `items` are steps, and whether they ring; `locales` are
    theirs by step; `waits` are (step, kind); `digests` are ids by step; `later` are the later
    decisions (n, record) in order."""

    deliveries: list[Counted] = []
    items: dict[int, bool] = {}
    locales: dict[int, str] = {}
    waits: list[tuple[int, int]] = []
    digests: dict[int, bytes] = {}
    later: list[tuple[int, DecisionRecord]] = []


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier attempt of a delivery."""

    key: DeliveryKey
    n: int
    account: str
    at: int
    ms: int
    outcome: str
    code: str
    detail: str


class CaptureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the capture provider kept."""

    id: int
    key: DeliveryKey
    account: str
    at: int
    body: dict[str, Any]


class NotificationQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters; numbers instead of names. `q_user`, `q_tag`, `q_text` come from the free search
    field (any of
    them may match). `before` is the (event, workflow, user) of the last row seen. `status` is a
    bucket or, as
    `delivery_status`, the status of any delivery; `given_up`: any delivery bounced, failed, died
    or ended as unknown."""

    user: int | None = None
    event: bytes | None = None
    workflow: int | None = None
    channel: int | None = None
    bucket: int | None = None
    delivery_status: int | None = None
    given_up: bool = False
    reason: str | None = None
    correlation: str | None = None
    tag: tuple[str, str] | None = None
    tag_value: str | None = None
    provider_id: str | None = None
    tenant: int | None = None
    since: int | None = None
    until: int | None = None
    before: tuple[bytes, int, int] | None = None
    limit: int = 50


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Rows newest first; the page may be short while `cursor` says where to go on (None: the
    end)."""

    rows: list[NotificationRow]
    cursor: tuple[bytes, int, int] | None


class Imbalance(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the audit found: counts that differ from the rows."""

    env: int
    event: bytes
    what: str
    counted: int
    found: int


class FlowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How the notifications of a workflow's `events` stand, of those accepted since an instant
    (microseconds). `whole`: `since` is what was asked; else there were too many events, and it is
    how far back was counted."""

    since: int
    whole: bool
    events: int
    counts: EventCounts


class LedgerStore(Protocol):
    """Reads for support staff and operators."""

    async def search(self, env: int, query: NotificationQuery) -> NotificationPage:
        """Looks at a bounded number of rows a page (2,000)."""
        ...

    async def notification(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> NotificationRow | None: ...

    async def of_event(self, env: int, event: bytes, user: int) -> list[NotificationRow]:
        """The notifications of one user for one event, over all workflows."""
        ...

    async def notifications(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, NotificationRow]:
        """Those that exist."""
        ...

    async def standings(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, Standing]:
        """What there is of each, for lists; one that is missing has nothing."""
        ...

    async def titles(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, dict[tuple[int, str], str]]:
        """Of the words that are kept under each key (user 0: for all users of a locale) the title,
        subject or text by (step, locale), at most its first 400 characters."""
        ...

    async def dedupe_holder(self, env: int, workflow: int, user: int, key: str) -> bytes | None:
        """The event that holds a dedupe key, until its window is over."""
        ...

    async def deliveries(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> tuple[list[DeliveryRow], list[AttemptRow]]: ...

    async def contents(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> dict[tuple[int, str], dict[str, Any]]:
        """Rendered fields by (step, locale) that this user's messages can have had: a delivery does
        not keep its locale, so what is shared by all users comes in all of them."""
        ...

    async def flow_counts(self, env: int, workflow: int, since: int) -> FlowCounts:
        """How the notifications of a workflow stand since an instant, newest events first, of a
        bounded number (20,000 flows of the environment)."""
        ...

    async def captures(
        self, env: int, *, user: int | None, before: int | None, limit: int
    ) -> list[CaptureRow]:
        """Newest first."""
        ...

    async def audit(self, env: int | None, after: tuple[int, bytes], limit: int) -> AuditPage:
        """Recount a page of events from their rows."""
        ...


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events checked with what was found; `cursor` is where to go on (None: the end)."""

    events: int
    notifications: int
    found: list[Imbalance]
    cursor: tuple[int, bytes] | None
