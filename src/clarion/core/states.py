"""The closed lists of states and how a notification finds its bucket. Drawn in
docs/subsystems/states.md."""

from __future__ import annotations

from enum import IntEnum


class Bucket(IntEnum):
    """Where a notification stands; exactly one, the first that matches in this order."""

    OPEN = 1
    HELD = 2
    SENT = 3
    DEAD = 4
    SKIPPED = 5


class DeliveryStatus(IntEnum):
    """What became of one message to one destination. Names outside are the lower-case words."""

    READY = 1
    SENDING = 2
    SENT = 3
    DELIVERED = 4
    BOUNCED = 5
    FAILED = 6
    DEAD = 7
    CANCELED = 8
    EXPIRED = 9
    UNKNOWN = 10


OPEN_STATUSES = frozenset({DeliveryStatus.READY, DeliveryStatus.SENDING})
ACCEPTED_STATUSES = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED})
DEAD_STATUSES = frozenset(
    {DeliveryStatus.BOUNCED, DeliveryStatus.FAILED, DeliveryStatus.DEAD, DeliveryStatus.UNKNOWN}
)


def part_of(status: DeliveryStatus) -> Bucket:
    """The bucket a single delivery counts for."""
    if status in OPEN_STATUSES:
        return Bucket.OPEN
    if status in ACCEPTED_STATUSES:
        return Bucket.SENT
    if status in DEAD_STATUSES:
        return Bucket.DEAD
    return Bucket.SKIPPED


def bucket_of(open_parts: int, waiting: int, sent: int, dead: int) -> Bucket:
    """The bucket of a notification from the counts of its parts."""
    if open_parts:
        return Bucket.OPEN
    if waiting:
        return Bucket.HELD
    if sent:
        return Bucket.SENT
    if dead:
        return Bucket.DEAD
    return Bucket.SKIPPED
