"""What a prepared blast comes to: counts, ranges to walk, and how soon it can be done. Pure."""

from __future__ import annotations

import math

import msgspec

from clarion.core.quota import SECOND, Quota

RANGE_RECIPIENTS = 5_000
"""So many recipients a range at least: a small audience is walked by one task."""

MOST_RANGES = 64


class Section(msgspec.Struct, kw_only=True):
    """One way in which a workflow finds its audience. `ends` are the last numbers of ranges of
    about `step` recipients; behind the last one is the rest, of `rest` recipients."""

    recipients: int = 0
    step: int = RANGE_RECIPIENTS
    rest: int = 0
    ends: list[int] = []

    def add(self, last: int, count: int) -> None:
        """`count` more recipients, the last of them with the number `last`."""
        self.recipients += count
        self.rest += count
        if self.rest >= self.step:
            self.ends = [*self.ends, last]
            self.rest = 0
        if len(self.ends) > MOST_RANGES:
            # Every second end goes; what was behind the last one that stays is the rest again.
            odd = len(self.ends) % 2
            self.ends = self.ends[1::2]
            self.rest += self.step * odd
            self.step *= 2

    def ranges(self, hi: int) -> list[tuple[int, int]]:
        """(first, last) of the ranges, which together reach from 1 to `hi`."""
        if not self.recipients:
            return []
        ends = [*(self.ends if self.rest else self.ends[:-1]), hi]
        return [(before + 1, last) for before, last in zip([0, *ends[:-1]], ends, strict=True)]


class ChannelTally(msgspec.Struct, kw_only=True):
    """Of one channel: who would be sent something now, to how many destinations, who would be held
    or gathered first, and who not, by reason."""

    recipients: int = 0
    destinations: int = 0
    held: int = 0
    gathered: int = 0
    skipped: dict[str, int] = {}


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries for one account in one lane, and how long they take at least: `seconds` after
    they are fired, None where no quota was set. `ahead`: what waited there already."""

    channel: str
    lane: int
    account: str
    deliveries: int
    ahead: int = 0
    rate_per_second: float | None = None
    seconds: float | None = None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a blast from being fired, or may: in words, and where."""

    detail: str
    workflow: str | None = None
    step: int | None = None
    channel: str | None = None
    locale: str | None = None
    account: str | None = None


class Tried(msgspec.Struct, kw_only=True):
    """How often the words of a step were tried in a locale, and how often there were none, or some
    that miss what they name. `personal`: what is missed is the user's, not the event's."""

    times: int = 0
    failed: int = 0
    detail: str = ""
    personal: bool = False


class Tally(msgspec.Struct, kw_only=True):
    """All that was found while an audience was cut. `skipped` are those told on no channel, by
    reason; `accounts` counts deliveries by `channel/lane/account`, `tried` the words by
    `workflow/step/locale`. `expires_in_seconds`: after firing, the first expiry of any workflow.
    `share`: about how much of the audience was walked."""

    sections: list[Section] = []
    recipients: int = 0
    told: int = 0
    skipped: dict[str, int] = {}
    channels: dict[str, ChannelTally] = {}
    accounts: dict[str, int] = {}
    tried: dict[str, Tried] = {}
    queues: list[Queue] = []
    problems: list[Trouble] = []
    warnings: list[Trouble] = []
    workflows: list[str] = []
    lanes: list[int] = []
    expires_in_seconds: int | None = None
    share: float = 0.0

    @property
    def seconds(self) -> float | None:
        """How long the slowest queue takes at least; None when none has a bound."""
        known = [queue.seconds for queue in self.queues if queue.seconds is not None]
        return max(known, default=None)

    def finish_of(self, channel: str) -> float | None:
        """How long a channel takes at least; None when one of its accounts has no quota."""
        found = [queue.seconds for queue in self.queues if queue.channel == channel]
        if not found or any(seconds is None for seconds in found):
            return None
        return max(seconds for seconds in found if seconds is not None)


def one_more(counts: dict[str, int], name: str, n: int = 1) -> None:
    """Add to a count."""
    counts[name] = counts.get(name, 0) + n


def takes_nothing(quota: Quota | None) -> bool:
    """Whether nothing ever leaves by this quota."""
    return quota is not None and not (quota.rate_per_second > 0 and quota.burst > 0)


def earliest_seconds(deliveries: int, ahead: int, quota: Quota | None, lane: int) -> float | None:
    """How long so many deliveries take at least, behind those that wait `ahead`: all tokens that
    the lane may find are there, and the lanes above use none. None without a quota; infinite when
    it lets nothing through."""
    if quota is None:
        return None
    if takes_nothing(quota):
        return math.inf
    return max(0, deliveries + ahead - max(quota.depth(lane), 0)) / quota.rate_per_second


def expiry_at(fired_at: int, expires_at: int | None, expires_in_seconds: int | None) -> int | None:
    """The earlier of an instant and a time after firing."""
    ends = [] if expires_at is None else [expires_at]
    if expires_in_seconds is not None:
        ends.append(fired_at + expires_in_seconds * SECOND)
    return min(ends, default=None)
