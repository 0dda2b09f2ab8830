"""Caps: at most so many uses in any window of a length. Pure: time is an argument.

What is kept of a counter is a log. For a limit up to EXACT_LIMIT it holds instants and holders
of the last `limit` uses, which is exact: any half-open window of that length holds no more. A
holder that asks again (after a crash) moves its use to that instant.
For larger ones it holds counts in buckets of a sixtieth of the window, and the oldest bucket that
the window touches counts whole: never too many, at times a sixtieth of a window too careful.

Both stay within the limit when the clock steps back. A use that would lie a whole window or more in
the future was written by a clock that was wrong, and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from clarion.core.channel import Channel

EXACT_LIMIT = 100
"""Up to this limit the log is exact, and a holder is counted once."""

BUCKETS = 60
"""Buckets in a window, where the log is not exact."""

OVER_WORDS = ("skip", "digest", "hold")
"""What a rule does with what is too much, the most definite first."""

PER_WORDS = ("user", "tenant", "all")
"""Whose uses are counted together."""


class CapRule(msgspec.Struct, frozen=True, kw_only=True):
    """At most `limit` uses in any window. `over` is one of OVER_WORDS, `per` one of PER_WORDS.

    `channels` are those it is about; none: all but the inbox. `key` (CEL) counts each value apart.
    """

    limit: int
    window_seconds: int
    over: str = "skip"
    per: str = "user"
    channels: tuple[Channel, ...] = ()
    key: str | None = None


class CapDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """Caps of a tenant or of the environment: `channels` (a channel's word, or `*` for each that is
    not named) for every user and channel, `total` for all messages of a tenant."""

    channels: dict[str, CapRule] = {}
    total: CapRule | None = None


NO_CAPS = CapDefaults()


class CapScope(IntEnum):
    """What a counter belongs to; the numbers are stored."""

    USER_CHANNEL = 1
    CATEGORY = 2
    WORKFLOW = 3
    TENANT = 4
    STEP = 5


Counter = tuple[int, int, int, int, int, str]
"""(user, scope, number, tenant, channel, key): whose uses are counted together."""


class CapAsk(msgspec.Struct, frozen=True, gc=False):
    """One use of one counter. `number` is that of the category, workflow or tenant of the scope, or
    0; `user`, `channel` and `tenant` are 0 where they do not matter; `key` is text of any length.

    `window_us` are microseconds. `holder` is who uses it, as a number below 2**63 that is the same
    whenever the same step asks again; 0 is nobody, who is counted every time.
    """

    scope: CapScope
    number: int
    user: int
    channel: int
    key: str
    limit: int
    window_us: int
    holder: int
    tenant: int = 0

    @property
    def counter(self) -> Counter:
        """What the use is counted under."""
        return (self.user, int(self.scope), self.number, self.tenant, self.channel, self.key)


class CapAnswer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`used` uses lie in the window, this one included if it was granted. `frees_at` is the instant
    from which one more fits; the instant of asking, if it does at once."""

    granted: bool
    used: int
    frees_at: int


class CapLog(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`width` 0: `uses` are (instant, holder), else (bucket, count), a bucket being `width`
    microseconds; ascending."""

    width: int = 0
    uses: tuple[tuple[int, int], ...] = ()


EMPTY = CapLog()


def admit(
    log: CapLog, now: int, limit: int, window_us: int, holder: int
) -> tuple[CapLog, CapAnswer]:
    """Count one more use if it fits; the log is the same object where nothing is to be written."""
    if limit > EXACT_LIMIT:
        return _admit_counted(log, now, limit, window_us)
    return _admit_exactly(log, now, limit, window_us, holder)


def admit_all(
    logs: dict[Counter, CapLog], groups: Iterable[Sequence[CapAsk]], now: int
) -> list[list[CapAnswer]]:
    """Ask for each group in turn: all of it is counted, or nothing. `logs` (missing: empty) holds
    what is counted afterwards. The answers of a group that was refused say what would have fitted.
    """
    answers = []
    for group in groups:
        after: dict[Counter, CapLog] = {}
        told = []
        for ask in group:
            counter = ask.counter
            log = after.get(counter) or logs.get(counter, EMPTY)
            log, answer = admit(log, now, ask.limit, ask.window_us, ask.holder)
            after[counter] = log
            told.append(answer)
        if all(answer.granted for answer in told):
            logs.update(after)
        answers.append(told)
    return answers


def _admit_exactly(
    log: CapLog, now: int, limit: int, window_us: int, holder: int
) -> tuple[CapLog, CapAnswer]:
    """A holder that asks again uses it from now on: what it asked for before may never have come to
    anything, and what it decides now counts from now."""
    uses = [use for use in _as_uses(log, limit) if use[0] < now + window_us]
    counted = [at for at, _ in uses if at > now - window_us]
    if holder and any(mine == holder and at >= now for at, mine in uses):
        return log, CapAnswer(True, len(counted), _frees(counted, limit, window_us, now))
    kept = [(at, mine) for at, mine in uses if not holder or mine != holder]
    counted = [at for at, _ in kept if at > now - window_us]
    if len(counted) >= limit:
        return log, CapAnswer(False, len(counted), _frees(counted, limit, window_us, now))
    at = max(now, kept[-1][0]) if kept else now
    counted.append(at)
    after = CapLog(0, (*kept, (at, holder))[-limit:])
    return after, CapAnswer(True, len(counted), _frees(counted, limit, window_us, now))


def _frees(counted: list[int], limit: int, window_us: int, now: int) -> int:
    over = len(counted) - limit
    return now if over < 0 else counted[over] + window_us


def _admit_counted(log: CapLog, now: int, limit: int, window_us: int) -> tuple[CapLog, CapAnswer]:
    width = -(-window_us // BUCKETS)
    first = (now - window_us + 1) // width
    # The window before is kept as well: the clock may step back into it.
    kept = [
        (bucket, count)
        for bucket, count in _as_counts(log, width)
        if bucket >= first - BUCKETS and bucket * width < now + window_us
    ]
    used = sum(count for bucket, count in kept if bucket >= first)
    granted = used < limit
    if granted:
        bucket = max(now // width, kept[-1][0]) if kept else now // width
        before = kept.pop()[1] if kept and kept[-1][0] == bucket else 0
        kept.append((bucket, before + 1))
        used += 1
        log = CapLog(width, tuple(kept))
    frees_at, over = now, used - limit
    for bucket, count in kept:
        if over >= 0 and bucket >= first:
            over -= count
            frees_at = (bucket + 1) * width + window_us - 1
    return log, CapAnswer(granted, used, frees_at)


def _as_uses(log: CapLog, limit: int) -> Sequence[tuple[int, int]]:
    """Counts of a rule that was larger become uses at the end of their buckets, held by nobody."""
    if not log.width:
        return log.uses
    ends = [
        ((bucket + 1) * log.width - 1, 0)
        for bucket, count in log.uses
        for _ in range(min(count, limit))
    ]
    return ends[-limit:]


def _as_counts(log: CapLog, width: int) -> Iterable[tuple[int, int]]:
    """Uses, or counts of another width, in buckets of this width; never earlier than they were."""
    if log.width == width:
        return log.uses
    counts: dict[int, int] = {}
    for at, count in log.uses:
        end, uses = ((at + 1) * log.width - 1, count) if log.width else (at, 1)
        counts[end // width] = counts.get(end // width, 0) + uses
    return sorted(counts.items())
