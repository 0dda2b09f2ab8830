"""Dead letters: found by filter, redriven in batches that survive a crash, closed by a success."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.core.delivery import DeliveryKey
from clarion.core.workflow import CHANNEL_NUMBER
from clarion.store.contract.deliveries import Finish

UNDECIDABLE = "undecidable"
"""Cause of a recipient whose decision failed; there was nothing to try."""

PUT_ASIDE = "put_aside"
"""Cause under which tasks that were put aside are counted and redriven."""

Position = tuple[int, bytes, int, int, int, int, int]
"""Where a list of dead letters stands: (at, event, workflow, user, step, channel, destination)."""


class DeadLetterFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which dead letters; None is any. Numbers stand for names, `channel` is its number. A `cause`
    that ends in `*` is the beginning of one. `since` is included, `until` is not (microseconds).
    `redriven`: True those that were redriven, False those that were not; None all that are not
    closed."""

    cause: str | None = None
    channel: int | None = None
    account: str | None = None
    workflow: int | None = None
    event: bytes | None = None
    user: int | None = None
    tenant: int | None = None
    since: int | None = None
    until: int | None = None
    redriven: bool | None = None

    @property
    def frees_work(self) -> bool:
        """Whether a redrive takes up work that was put aside. It has no channel, account or user,
        and is of no cause but its own."""
        other = (self.channel, self.account, self.user, self.since, self.until, self.redriven)
        return self.cause in (None, PUT_ASIDE) and all(value is None for value in other)

    def frees(self, task: PutAside) -> bool:
        """Whether a redrive takes up the task."""
        return (
            self.frees_work
            and self.event in (None, task.event)
            and self.workflow in (None, task.workflow)
            and self.tenant in (None, task.tenant)
        )


class DeadLetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up. `status` is the delivery's number now, 0 where it is no more.
    `redriven_at` is set while it is on its way again, `closed_at` once that came to a good end."""

    key: DeliveryKey
    cause: str
    account: str
    at: int
    status: int
    attempts: int
    outcome: str | None
    code: str | None
    detail: str | None
    redriven_at: int | None = None
    closed_at: int | None = None

    @property
    def position(self) -> Position:
        """Its place in the list."""
        key = self.key
        channel = CHANNEL_NUMBER[key.channel]
        return (self.at, key.event, key.workflow, key.user, key.step, channel, key.destination)


class DeadLetterPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; may be short while `cursor` says where to go on (None: the end)."""

    rows: list[DeadLetterRow]
    cursor: Position | None


class CauseCount(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one cause, channel (its number) and account. `redriven` of them are on their
    way again. `first_at` and `last_at` in microseconds."""

    cause: str
    channel: int
    account: str
    count: int
    redriven: int
    first_at: int
    last_at: int


class Redriven(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the dead letters that a redrive met. `ready`: on their way again. `again`:
    recipients to be decided again. `expired`: too late, ended as that. The others stay as they
    were: their event was canceled, their user erased, their destination disabled, or the recipient
    had opted out."""

    ready: int = 0
    again: int = 0
    expired: int = 0
    canceled: int = 0
    erased: int = 0
    disabled: int = 0
    opted_out: int = 0

    @property
    def moved(self) -> int:
        """Those that go on."""
        return self.ready + self.again

    @property
    def met(self) -> int:
        """All of them."""
        return sum(getattr(self, name) for name in self.__struct_fields__)

    def since(self, before: Redriven) -> list[tuple[str, int]]:
        """What came on top, by word."""
        grown = [
            (name, getattr(self, name) - getattr(before, name)) for name in self.__struct_fields__
        ]
        return [(name, count) for name, count in grown if count > 0]

    def plus(self, other: Redriven) -> Redriven:
        """The sums."""
        return Redriven(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )


class RedriveRow(msgspec.Struct, frozen=True, kw_only=True):
    """A redrive by filter. It takes what was dead when it began, oldest first; `cursor` is where
    the next batch goes on. `next_due` is when the next row becomes due: rows follow each other at
    `rate_per_second`. `finished_at` is None while it is under way. `error` says why it ended
    before its time; it holds nothing of the filter."""

    redrive: int
    env: int
    filter: DeadLetterFilter
    rate_per_second: int
    created_at: int
    next_due: int
    cursor: Position | None = None
    done: Redriven = Redriven()
    updated_at: int = 0
    finished_at: int | None = None
    error: str | None = None


class Rerouting(msgspec.Struct, frozen=True, kw_only=True):
    """Where redriven deliveries go: to their old account while it is one of `accounts`, else to the
    route of their (channel number, platform), else to the first of that channel ("" is any
    platform)."""

    accounts: frozenset[str]
    routes: dict[tuple[int, str], str]

    def of(self, account: str, channel: int, platform: str) -> str:
        """The account for a delivery."""
        if account in self.accounts:
            return account
        return self.routes.get((channel, platform)) or self.routes.get((channel, ""), account)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a redrive: how the redrive stands after it, and the doorbells to ring."""

    row: RedriveRow
    rings: frozenset[str] = frozenset()


class PutAside(msgspec.Struct, frozen=True, kw_only=True):
    """A fan-out task that was put aside. `cursor` is the last user number that was decided."""

    task: int
    env: int
    event: bytes
    workflow: int
    lane: int
    tenant: int
    source: str
    scope: int
    cursor: int
    crashes: int
    at: int


class DeadLetterStore(Protocol):
    """What was given up, and how it is taken up again."""

    async def search(
        self, env: int, wanted: DeadLetterFilter, after: Position | None, limit: int
    ) -> DeadLetterPage:
        """Looks at a bounded number of rows a page (5,000)."""
        ...

    async def causes(
        self, env: int, wanted: DeadLetterFilter, newest: int
    ) -> tuple[list[CauseCount], bool]:
        """Counts among the `newest` dead letters, the most frequent first, and whether these are
        all there are."""
        ...

    async def survey(
        self, env: int, wanted: DeadLetterFilter, after: Position | None, now: int
    ) -> tuple[Redriven, Position | None]:
        """What a redrive of the next 1,000 rows would come to, oldest first, and where to go on
        (None: the end). Changes nothing."""
        ...

    async def begin_redrive(
        self, env: int, wanted: DeadLetterFilter, rate_per_second: int, now: int
    ) -> RedriveRow:
        """A redrive that is durable and has moved nothing yet. A filter that cannot be searched by
        leaves nothing behind."""
        ...

    async def redrive(self, redrive: int, rerouting: Rerouting, now: int) -> Batch:
        """The next batch (up to 1,000 rows) in one transaction: deliveries ready with fresh
        attempts, buckets and counts, dead letters marked, the moved cursor. One that ended stays
        as it is."""
        ...

    async def fail_redrive(self, redrive: int, error: str, now: int) -> RedriveRow | None:
        """End a redrive that cannot go on, with the reason; None when it had ended before."""
        ...

    async def redrives(self, env: int, before: int | None, limit: int) -> list[RedriveRow]:
        """Redrives of an environment with numbers below `before` (None: any), newest first."""
        ...

    async def redrive_of(self, env: int, redrive: int) -> RedriveRow | None:
        """The redrive of that number."""
        ...

    async def open_redrives(self, limit: int) -> list[RedriveRow]:
        """Redrives under way in all environments; whose rows are used up first is first."""
        ...

    async def prune_redrives(self, before: int, limit: int) -> int:
        """Forget redrives that ended up to the instant `before`, looking at the oldest `limit`.
        How many went."""
        ...

    async def settle_late(self, finishes: list[Finish], now: int) -> int:
        """Accepted outcomes whose claim was over, of deliveries that are unknown: sent after all,
        with their dead letters closed. How many; those of any other status are left out."""
        ...

    async def put_aside(self, env: int, event: bytes | None = None) -> list[PutAside]:
        """Tasks that were put aside, newest first, at most 1,000."""
        ...

    async def take_up(self, env: int, wanted: DeadLetterFilter, now: int) -> list[int]:
        """Let the tasks that were put aside (by event, workflow and tenant of the filter) be
        claimed again; their lanes, one entry a task."""
        ...
