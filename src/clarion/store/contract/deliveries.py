"""Deliveries: claimed with a fence, finished in batches, dead ones kept."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.clock import SECOND
from clarion.core.delivery import DeliveryKey, Outcome
from clarion.core.states import DeliveryStatus
from clarion.store.contract.work import ContentWrite


class Claim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A delivery that this worker sends now. `attempts` were used up before; `crashes` includes
    this claim. `account` is the one it was given to. `ordered`: others of its ordering key wait for
    its end. `before` counts the tries that use up none: those before the delivery was redriven, and
    those in which the provider said "later" (None: there was none). `created_at` is the instant of
    the redrive where there was one. `silent`: sent without a sound."""

    seq: int
    fence: int
    key: DeliveryKey
    attempts: int
    crashes: int
    tenant: int
    account: str
    expires_at: int | None
    created_at: int
    ordered: bool = False
    before: int | None = None
    silent: bool = False

    @property
    def made(self) -> int:
        """All tries made before this one."""
        return self.attempts + (self.before or 0)


class DecisionWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A step was decided again, as decision number `n`: the encoded DecisionRecord."""

    n: int
    at: int
    decided: str


class Finish(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a claimed delivery. READY with `due` is a retry; any other status is an end.

    `attempted` is False when nothing was tried (expired, cancelled, quarantined): then no
    try is kept. `counted` is False when the try used up none of the attempts.
    `cause` makes it a dead letter. `disable` switches the destination off when it was confirmed
    before
    `started_at`. `crashes` is the crash count that a retry keeps. `bound` rows stay with their
    account from then on. `decided` is why a step that was to be sent no longer is.
    """

    claim: Claim
    status: DeliveryStatus
    outcome: Outcome | None = None
    attempted: bool = True
    counted: bool = True
    started_at: int = 0
    ms: int = 0
    due: int | None = None
    cause: str | None = None
    disable: bool = False
    content: ContentWrite | None = None
    crashes: int = 0
    bound: bool = False
    decided: DecisionWrite | None = None


class Diversion(msgspec.Struct, frozen=True, kw_only=True):
    """Due rows of one lane and account that go to another account: of these environments (numbers)
    and, when `platforms` names any, to destinations of these. `limit`: rows at most."""

    lane: int
    source: str
    target: str
    envs: tuple[int, ...]
    platforms: tuple[str, ...] = ()
    limit: int = 200


HELD_COUNTED = 100_000
"""So many held rows of a lane are counted."""


class LaneRow(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits in a lane: ready deliveries, tasks, and the oldest instant due; beside it
    what is held (counted up to HELD_COUNTED), and when the first of that is due."""

    lane: int
    ready: int = 0
    sending: int = 0
    tasks: int = 0
    oldest_due: int | None = None
    held: int = 0
    held_due: int | None = None

    @property
    def depth(self) -> int:
        """All that is not at its end and not held."""
        return self.ready + self.sending + self.tasks

    def oldest_age_seconds(self, now: int) -> float:
        """How long the oldest work that is due has waited; 0 when none is due."""
        return _seconds_since(self.oldest_due, now)

    def held_overdue_seconds(self, now: int) -> float:
        """How long ago the first of what is held was due; 0 when none is."""
        return _seconds_since(self.held_due, now)


def _seconds_since(due: int | None, now: int) -> float:
    return 0.0 if due is None else max(0, now - due) / SECOND


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries of one event that wait for one account, and what waits there with them: `depth`
    rows of the (lane, account), counted up to a bound. `due` is when the last of the event's may go
    at the earliest. `channel` is the channel's number."""

    channel: int
    lane: int
    account: str
    depth: int
    due: int


class DeliveryStore(Protocol):
    """The small hot queue, and what it leaves in the ledger."""

    async def claim(
        self, lane: int, account: str, worker: int, limit: int, now: int
    ) -> list[Claim]:
        """Due rows of one (lane, account): claim, `sending`, fence and crash count in one update.
        Tenants (of all environments) take turns, each claim goes on where the last one ended. A row
        behind another one of its ordering key and destination is not claimed. Of rows that
        were in flight at a death a worker holds one at a time."""
        ...

    async def reclaim(
        self, lane: int, account: str, worker: int, known: list[int], limit: int
    ) -> list[Claim]:
        """Rows that the worker holds without knowing it, as the answer to its claim was lost: all
        but those with a known `seq`. They get a new fence; no crash is counted."""
        ...

    async def next_due(self, lane: int, account: str) -> int | None:
        """When the next ready row of the (lane, account) is due."""
        ...

    async def due(self, lane: int, account: str, limit: int, now: int) -> int:
        """How many ready rows of the (lane, account) are due, counted up to `limit`."""
        ...

    async def divert(self, diversion: Diversion, now: int) -> int:
        """Hand due rows that nobody has claimed over to another account; how many. They keep their
        attempts; bound ones stay."""
        ...

    async def contents(
        self, keys: list[DeliveryKey]
    ) -> dict[tuple[bytes, int, int, str, int], str]:
        """Content kept for the steps of these deliveries, by (event, workflow, step, locale,
        user or 0)."""
        ...

    async def finish(
        self, finishes: list[Finish], worker: int, now: int, lane: int | None = None
    ) -> int:
        """One transaction: end states or retries, buckets and counts, attempts, dead letters,
        captures,
        content, disabled destinations. Old fences are left out. How many counted. `lane`: all are
        of it, and no more urgent than it is."""
        ...

    async def stranded(self, dead: list[int], limit: int) -> list[Claim]:
        """Rows left in `sending` by dead workers, with a new fence; they stay in the name of the
        dead until they are finished, so that asking again answers them again."""
        ...

    async def ahead(self, env: int, event: bytes) -> list[Ahead]:
        """Where deliveries of an event wait; nothing when none does."""
        ...

    async def depth(self, lane: int, account: str, limit: int) -> int:
        """Rows of the (lane, account) that wait or are being sent, counted up to `limit`; those of
        events that stand still are left out."""
        ...

    async def lanes(self, now: int) -> list[LaneRow]: ...
