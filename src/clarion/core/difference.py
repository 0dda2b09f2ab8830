"""What a change makes of recorded decisions: the difference of one notification, and the tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from clarion.core.decision import Result
from clarion.core.replay_case import NONE, Outcome, Place

_SEND, _HOLD = Result.SEND.label, Result.HOLD.label
_DIGEST, _SKIP = Result.DIGEST.label, Result.SKIP.label

_NOTHING: Mapping[str, int] = {}

MOST_REASONS = 1000
"""Lines of a tally by reason; what comes later counts in the channels alone."""


class Line(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One send of a notification: then and under the change."""

    channel: str
    before: Outcome
    after: Outcome

    @property
    def known(self) -> bool:
        """Whether the records tell what the change makes of it."""
        return self.after.known

    @property
    def changed(self) -> bool:
        """Whether the change makes another of it, for certain."""
        return self.known and self.before != self.after

    @property
    def gained(self) -> bool:
        """Whether it is sent only under the change."""
        return self.known and self.after.ends == _SEND != self.before.ends

    @property
    def lost(self) -> bool:
        """Whether it is not sent any more."""
        return self.known and self.before.ends == _SEND != self.after.ends


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One notification: all its sends, those that differ, and what was not taken as recorded.
    `unknown`: none is known to differ, and of one nobody can tell."""

    lines: tuple[Line, ...]
    changed: tuple[Line, ...]
    gains: bool
    loses: bool
    unknown: bool = False
    missing: dict[str, int] = {}
    simulated: dict[str, int] = {}


class ChannelCounts(msgspec.Struct, kw_only=True):
    """Sends of a channel. Sent: in the end. Held, digested: at first. Skipped: in the end. Those
    that are not known under the change count as nothing else there."""

    sent_before: int = 0
    sent_after: int = 0
    gained: int = 0
    lost: int = 0
    held_before: int = 0
    held_after: int = 0
    digested_before: int = 0
    digested_after: int = 0
    skipped_before: int = 0
    skipped_after: int = 0
    not_known: int = 0


Reasons = tuple[str, str, str, str, str]
"""Channel, result and reason then, result and reason under the change."""


class Tally(msgspec.Struct, kw_only=True):
    """The counts of a simulation as they stand, as they are saved with its cursor."""

    decisions: int = 0
    changed: int = 0
    not_known: int = 0
    users_gaining: int = 0
    users_losing: int = 0
    by_channel: dict[str, ChannelCounts] = {}
    by_reason: list[tuple[Reasons, int]] = []
    missing: dict[str, int] = {}
    simulated: dict[str, int] = {}
    examples: int = 0

    def add(self, found: Iterable[tuple[Difference, int]]) -> None:
        """So many notifications of each difference."""
        reasons: Counter[Reasons] = Counter(dict(self.by_reason))
        for difference, count in found:
            self.decisions += count
            if difference.missing or difference.simulated:
                self.note(difference.missing, difference.simulated, count)
            self.changed += count if difference.changed else 0
            self.not_known += count if difference.unknown else 0
            for line in difference.lines:
                self._count(line, count)
            for line in difference.changed:
                key = reasons_of(line)
                if key in reasons or len(reasons) < MOST_REASONS:
                    reasons[key] += count
        self.by_reason = sorted(reasons.items())

    def note(
        self, missing: Mapping[str, int], simulated: Mapping[str, int], times: int = 1
    ) -> None:
        """Facts that were not known, and how often something was simulated."""
        self.missing = _more(self.missing, missing, times)
        self.simulated = _more(self.simulated, simulated, times)

    def _count(self, line: Line, n: int) -> None:
        counts = self.by_channel.get(line.channel)
        if counts is None:
            self.by_channel[line.channel] = counts = ChannelCounts()
            self.by_channel = dict(sorted(self.by_channel.items()))
        before, after = line.before, line.after
        counts.sent_before += n * (before.ends == _SEND)
        counts.held_before += n * (before.result == _HOLD)
        counts.digested_before += n * (before.result == _DIGEST)
        counts.skipped_before += n * (before.ends == _SKIP)
        if not line.known:
            counts.not_known += n
            return
        counts.gained += n * line.gained
        counts.lost += n * line.lost
        counts.sent_after += n * (after.ends == _SEND)
        counts.held_after += n * (after.result == _HOLD)
        counts.digested_after += n * (after.result == _DIGEST)
        counts.skipped_after += n * (after.ends == _SKIP)


def difference_of(
    before: Mapping[Place, Outcome],
    after: Mapping[Place, Outcome],
    missing: Mapping[str, int] = _NOTHING,
    simulated: Mapping[str, int] = _NOTHING,
) -> Difference:
    """The sends of both sides, in the order of channels."""
    places = sorted({*before, *after})
    lines = tuple(
        [Line(place[0], before.get(place, NONE), after.get(place, NONE)) for place in places]
    )
    changed = tuple([line for line in lines if line.changed])
    return Difference(
        lines=lines,
        changed=changed,
        unknown=not changed and not all(line.known for line in lines),
        gains=any(line.gained for line in lines),
        loses=any(line.lost for line in lines),
        missing=dict(missing),
        simulated=dict(simulated),
    )


def _more(counts: dict[str, int], found: Mapping[str, int], times: int) -> dict[str, int]:
    if not found:
        return counts
    sums = Counter(counts)
    for name, count in found.items():
        sums[name] += count * times
    return dict(sorted(sums.items()))


def reasons_of(line: Line) -> Reasons:
    """What a changed send is grouped by."""
    before, after = line.before, line.after
    return line.channel, before.result, before.reason, after.result, after.reason


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """An outcome as it is told: `result`, `reason`, and `ends` where it ended otherwise."""
    told: dict[str, Any] = {"result": outcome.result, "reason": outcome.reason or None}
    if outcome.ends != outcome.result:
        told["ends"] = outcome.ends
    return told
