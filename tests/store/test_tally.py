"""Sums of changes of counts."""

from __future__ import annotations

from clarion.core.states import Bucket
from clarion.store.sql.tally import Tally


def test_changes_of_one_event_and_kind_are_summed() -> None:
    tally = Tally()
    tally.add(1, "aa", 0, Bucket.OPEN, 3)
    tally.add(1, "aa", 0, Bucket.OPEN, -1)
    tally.add(1, "aa", 0, Bucket.SENT)
    tally.add(1, "aa", 2, Bucket.SKIPPED)
    tally.add(2, "aa", 0, Bucket.HELD)
    assert tally.rows() == [
        [1, "aa", 0, 2, 0, 1, 0, 0],
        [1, "aa", 2, 0, 0, 0, 0, 1],
        [2, "aa", 0, 0, 1, 0, 0, 0],
    ]


def test_what_sums_to_nothing_is_no_row() -> None:
    tally = Tally()
    tally.add(1, "aa", 0, Bucket.HELD)
    tally.add(1, "aa", 0, Bucket.HELD, -1)
    assert tally.rows() == []
