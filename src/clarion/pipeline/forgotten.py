"""Decisions that are kept no longer: what can still be said of their notifications."""

from __future__ import annotations

from collections.abc import Collection

from clarion.core.decision import DecisionRecord
from clarion.core.plain_words import Verdict
from clarion.core.states import Bucket

NO_DECIDER = 0
"""The version of the decider in a record of which only the instant is left."""

WORDS = {
    Bucket.OPEN: "it is on its way",
    Bucket.HELD: "it waits",
    Bucket.SENT: "it was sent",
    Bucket.DEAD: "it could not be delivered",
    Bucket.SKIPPED: "nothing was sent",
}


def is_forgotten(record: DecisionRecord) -> bool:
    """Whether the decision's retention is over."""
    return record.decider == NO_DECIDER


def verdict_without(buckets: Collection[int], *, unsure: bool = False) -> Verdict:
    """One word from where the notifications stand, as there are no decisions to tell. `unsure`: a
    message may or may not have arrived."""
    if {Bucket.OPEN, Bucket.HELD} & set(buckets):
        return Verdict.WAITING
    if Bucket.SENT in buckets:
        return Verdict.TOLD
    return Verdict.NOT_KNOWN if unsure else Verdict.NOT_TOLD


def words_without(user: str, bucket: int) -> str:
    """Why this cannot be answered any more, and what is known."""
    return (
        f"Why this was decided for {user} is kept no longer (retention of decisions); "
        f"of the notification it is known that {WORDS[Bucket(bucket)]}."
    )
