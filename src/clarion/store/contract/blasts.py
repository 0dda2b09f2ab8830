"""Prepared blasts: an event whose audience was cut beforehand, fired by one flip."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

import msgspec

from clarion.store.contract.events import EventWrite

PARKED = 2**60
"""Added to the due instant of a ready row that is out of sight while its event stands still."""

SOURCE = "blast"


class BlastState(IntEnum):
    """Where a blast stands. What became of a fired one is told by its event."""

    PREPARING = 0
    ARMED = 1
    REFUSED = 2
    FIRED = 3
    CANCELED = 4


class BlastWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A blast to prepare. `asked` is the event as it was asked for without its recipients, `plan`
    an EventWrite whose `tasks` say how the audience is found; both as JSON text. `keys` as of
    EventWrite. `expires_in_seconds` counts from firing."""

    env: int
    name: str
    type: str
    asked: str
    plan: str
    keys: tuple[tuple[str, bytes], ...] = ()
    expires_at: int | None = None
    expires_in_seconds: int | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The number that holds for the keys: of an earlier blast when `replayed`. `mismatch`: a key
    came before with another body, and nothing was written."""

    number: int
    replayed: bool = False
    mismatch: bool = False


class BlastRow(msgspec.Struct, frozen=True, kw_only=True):
    """A blast as it stands. `section` and `cursor` say how far its audience is walked, `tally`
    (JSON text) what was found. `expires_at` of a fired one is when nobody is told any more.
    `parked`: some of its ready rows may be out of sight. `note`: why a planned firing did not
    come."""

    env: int
    number: int
    name: str
    type: str
    state: BlastState
    created_at: int
    updated_at: int
    fence: int
    section: int
    cursor: int
    tally: str
    expires_at: int | None
    expires_in_seconds: int | None
    armed_at: int | None
    fire_at: int | None
    forced: bool
    fired_at: int | None
    event: bytes | None
    paused_at: int | None
    paused_by: str | None
    parked: bool
    expired_at: int | None
    canceled_at: int | None
    ended_at: int | None
    has_cut: bool
    tests: int
    note: str | None


class CutPage(msgspec.Struct, frozen=True, kw_only=True):
    """User numbers of one section, in order."""

    section: int
    users: Sequence[int]


class BlastStore(Protocol):
    """Blasts, and the audiences that were cut for them."""

    async def begin(self, write: BlastWrite, now: int) -> Begun:
        """Number of a new blast in state PREPARING, or of the one that has its key."""
        ...

    async def by_keys(self, env: int, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        """(blast, fingerprint) of the keys that were used."""
        ...

    async def row(self, env: int, blast: int) -> BlastRow | None: ...

    async def rows(self, env: int, before: int | None, limit: int) -> list[BlastRow]:
        """Newest first, those with a number below `before`."""
        ...

    async def plan(self, env: int, blast: int) -> tuple[str, str]:
        """`asked` and `plan` of BlastWrite; NotFoundError when there is no such blast."""
        ...

    async def preparing(self, worker: int, limit: int, now: int) -> list[BlastRow]:
        """Blasts that this worker prepares or nobody does, the least lately worked on first."""
        ...

    async def take(self, row: BlastRow, worker: int, lease: int, now: int) -> int | None:
        """Take a blast in hand for `lease` microseconds: the new fence, None when another worker
        prepares it."""
        ...

    async def save(self, row: BlastRow, pages: Sequence[CutPage], lease: int, now: int) -> bool:
        """One transaction: pages of the cut, how far it is, the lease renewed, and the state when
        it has changed. False on an old fence; then nothing was written."""
        ...

    async def overlapping(
        self, env: int, blast: int, sections: Sequence[int], first: int, last: int
    ) -> set[int]:
        """Users of pages of these sections that reach into the numbers `first` to `last`."""
        ...

    async def cut(
        self, env: int, blast: int, section: int, after: int, limit: int
    ) -> list[tuple[int, list[int]]]:
        """Up to `limit` pages of a section behind the number `after`: the last number of each, and
        all its numbers."""
        ...

    async def last_user(self, env: int) -> int:
        """The highest number of a user."""
        ...

    async def holds(self, env: int, blast: int, user: int) -> bool | None:
        """Whether a user is in the cut; None when it is kept no longer."""
        ...

    async def fire(
        self, env: int, blast: int, event: EventWrite, expires_at: int | None, now: int
    ) -> BlastRow | None:
        """One transaction: the flip from ARMED to FIRED and the event with its tasks. The row as it
        stands afterwards; it holds another event when somebody else was first. None: no such
        blast."""
        ...

    async def schedule(
        self, env: int, blast: int, at: int | None, forced: bool, now: int
    ) -> BlastRow | None:
        """Fire an armed one `at` an instant, or (None) no longer by itself."""
        ...

    async def unschedule(self, env: int, blast: int, note: str, now: int) -> None:
        """It does not fire by itself any more, for the reason in `note`."""
        ...

    async def due(self, now: int, limit: int) -> list[BlastRow]:
        """Armed ones that are to be fired by now."""
        ...

    async def pause(self, env: int, blast: int, by: str, now: int) -> BlastRow | None:
        """Let the event of a fired one stand still; repeating changes nothing."""
        ...

    async def resume(
        self, env: int, blast: int, now: int, *, expired: bool = False
    ) -> BlastRow | None:
        """Let it go on; its tasks are due at once. `expired`: as its time is over."""
        ...

    async def cancel(self, env: int, blast: int, now: int) -> BlastRow | None:
        """Cancel it, and its event as `EventStore.cancel` does. One that has ended stays as it
        is."""
        ...

    async def park(self, env: int, blast: int, limit: int, now: int) -> int:
        """Put up to `limit` ready rows of a paused one out of the sight of those who claim, or take
        them back when it is not paused; how many. When none is left to take back it is not `parked`
        any more."""
        ...

    async def running(self, idle_before: int, limit: int) -> list[BlastRow]:
        """Fired ones that have not ended, not looked at since `idle_before`, the least lately
        first."""
        ...

    async def touch(self, env: int, blast: int, now: int) -> None:
        """It was looked at."""
        ...

    async def end(self, env: int, blast: int, now: int) -> None:
        """All of its event is done."""
        ...

    async def count_test(self, env: int, blast: int) -> None:
        """One more test was sent."""
        ...

    async def delete(self, env: int, blast: int) -> bool:
        """Remove one that was not fired, with all it has; whether it was there."""
        ...

    async def drop_cuts(self, before: int, pages: int) -> int:
        """Remove up to so many pages of cuts of blasts that ended before an instant, and their
        plans (keeper); how many."""
        ...

    async def prune(self, before: int, limit: int) -> int:
        """Forget up to `limit` blasts that ended before an instant (keeper); how many."""
        ...
