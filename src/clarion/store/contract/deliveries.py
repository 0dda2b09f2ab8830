"""Deliveries: claimed with a fence, finished in batches, dead ones kept."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.clock import SECOND
from clarion.core.delivery import DeliveryKey, Outcome
from clarion.core.states import DeliveryStatus
from clarion.store.contract.work import ContentWrite


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this worker sends now. `attempts` were made before; `crashes` includes
    this claim. `account` is the one it was given to."""

    seq: int
    fence: int
    key: DeliveryKey
    attempts: int
    crashes: int
    tenant: int
    account: str
    expires_at: int | None
    created_at: int


class Finish(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a claimed delivery. READY with `due` is a retry; any other status is an end.

    `attempted` is False when nothing was tried (expired, cancelled, quarantined): then no
    attempt is counted.
    `cause` makes it a dead letter. `disable` switches the destination off when it was confirmed
    before
    `started_at`. `crashes` is the crash count that a retry keeps.
    """

    claim: Claim
    status: DeliveryStatus
    outcome: Outcome | None = None
    attempted: bool = True
    started_at: int = 0
    ms: int = 0
    due: int | None = None
    cause: str | None = None
    disable: bool = False
    content: ContentWrite | None = None
    crashes: int = 0


class DeadLetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up."""

    key: DeliveryKey
    cause: str
    account: str
    at: int
    attempts: int
    outcome: str | None
    code: str | None
    detail: str | None


class LaneRow(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits in a lane: ready deliveries, tasks, and the oldest instant due."""

    lane: int
    ready: int = 0
    sending: int = 0
    tasks: int = 0
    oldest_due: int | None = None

    @property
    def depth(self) -> int:
        """All that is not at its end."""
        return self.ready + self.sending + self.tasks

    def oldest_age_seconds(self, now: int) -> float:
        """How long the oldest work that is due has waited; 0 when none is due."""
        return 0.0 if self.oldest_due is None else max(0, now - self.oldest_due) / SECOND


class DeliveryStore(Protocol):
    """The small hot queue, and what it leaves in the ledger."""

    async def claim(
        self, lane: int, account: str, worker: int, limit: int, now: int
    ) -> list[Claim]:
        """Due rows of one (lane, account): claim, `sending`, fence and crash count in one
        update."""
        ...

    async def next_due(self, lane: int, account: str) -> int | None:
        """When the next ready row of the (lane, account) is due."""
        ...

    async def contents(
        self, keys: list[DeliveryKey]
    ) -> dict[tuple[bytes, int, int, str, int], str]:
        """Content kept for the steps of these deliveries, by (event, workflow, step, locale,
        user or 0)."""
        ...

    async def finish(self, finishes: list[Finish], worker: int, now: int) -> int:
        """One transaction: end states or retries, buckets and counts, attempts, dead letters,
        captures,
        content, disabled destinations. Old fences are left out. How many counted."""
        ...

    async def forgotten(
        self, lane: int, account: str, worker: int, known: list[int]
    ) -> list[Claim]:
        """Rows that a worker holds without knowing it: the answer to its claim never came. `known`
        are the numbers (`Claim.seq`) of those it knows. Their fence is raised."""
        ...

    async def stranded(self, dead: list[int], limit: int) -> list[Claim]:
        """Rows left in `sending` by dead workers, under a new fence; the same again until they are
        finished."""
        ...

    async def dead_letters(
        self, env: int, *, cause: str | None, channel: int | None, before: int | None, limit: int
    ) -> list[DeadLetterRow]:
        """Newest first."""
        ...

    async def lanes(self, now: int) -> list[LaneRow]: ...
