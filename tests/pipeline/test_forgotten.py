from __future__ import annotations

import pytest

from clarion.core.plain_words import Verdict
from clarion.core.states import Bucket
from clarion.pipeline.forgotten import verdict_without, words_without


@pytest.mark.parametrize(
    ("buckets", "verdict"),
    [
        ([Bucket.SENT, Bucket.SKIPPED], Verdict.TOLD),
        ([Bucket.SENT, Bucket.OPEN], Verdict.WAITING),
        ([Bucket.HELD], Verdict.WAITING),
        ([Bucket.DEAD, Bucket.SKIPPED], Verdict.NOT_TOLD),
    ],
)
def test_the_verdict_follows_where_the_notifications_stand(
    buckets: list[Bucket], verdict: Verdict
) -> None:
    assert verdict_without(buckets) is verdict


@pytest.mark.parametrize("bucket", list(Bucket))
def test_every_bucket_can_be_told_in_words(bucket: Bucket) -> None:
    assert "kept no longer" in words_without("ada", bucket)
