"""Every status counts for one bucket, and a notification is in the first that matches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.states import (
    ACCEPTED_STATUSES,
    DEAD_STATUSES,
    OPEN_STATUSES,
    Bucket,
    DeliveryStatus,
    bucket_of,
    part_of,
)


def test_no_status_is_in_two_groups() -> None:
    groups = (OPEN_STATUSES, ACCEPTED_STATUSES, DEAD_STATUSES)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize(
    ("status", "bucket"),
    [
        (DeliveryStatus.READY, Bucket.OPEN),
        (DeliveryStatus.SENDING, Bucket.OPEN),
        (DeliveryStatus.SENT, Bucket.SENT),
        (DeliveryStatus.DELIVERED, Bucket.SENT),
        (DeliveryStatus.BOUNCED, Bucket.DEAD),
        (DeliveryStatus.FAILED, Bucket.DEAD),
        (DeliveryStatus.DEAD, Bucket.DEAD),
        (DeliveryStatus.UNKNOWN, Bucket.DEAD),
        (DeliveryStatus.CANCELED, Bucket.SKIPPED),
        (DeliveryStatus.EXPIRED, Bucket.SKIPPED),
    ],
)
def test_a_delivery_counts_for_the_bucket_of_its_status(
    status: DeliveryStatus, bucket: Bucket
) -> None:
    assert part_of(status) is bucket


def test_no_delivery_waits() -> None:
    assert Bucket.HELD not in {part_of(status) for status in DeliveryStatus}


@given(st.tuples(*[st.integers(0, 2)] * 4))
def test_the_first_bucket_that_has_a_part_wins(counts: tuple[int, int, int, int]) -> None:
    in_order = (Bucket.OPEN, Bucket.HELD, Bucket.SENT, Bucket.DEAD)
    filled = [bucket for bucket, count in zip(in_order, counts, strict=True) if count]
    assert bucket_of(*counts) is (filled[0] if filled else Bucket.SKIPPED)
