"""Sums of changes of counts."""

from __future__ import annotations

from collections import defaultdict

CountKey = tuple[int, str, int]
"""(environment, event as hex, kind): kind 0 counts notifications, else deliveries of a channel."""


class Tally:
    """Sums changes of counts per event and kind."""

    def __init__(self) -> None:
        self._rows: defaultdict[CountKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])

    def add(self, env: int, event: str, kind: int, bucket: int, n: int = 1) -> None:
        self._rows[(env, event, kind)][bucket - 1] += n

    def rows(self) -> list[list[int | str]]:
        """Rows of (env, event, kind, open, held, sent, dead, skipped) without those that sum to
        nothing."""
        return [[*key, *sums] for key, sums in self._rows.items() if any(sums)]


def undecided_row(env: int, event: bytes, workflow: int, change: int) -> list[int | str]:
    """A change of how many members of a broadcast are undecided, as a row of counts: of the
    negative number of its workflow for a kind, in the first column."""
    return [env, event.hex(), -workflow, change, 0, 0, 0, 0]
