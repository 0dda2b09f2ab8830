"""The retry budget of a lane."""

from __future__ import annotations

import pytest

from clarion.core.workflow import Lane
from clarion.pipeline.retries import Retries
from clarion.testing.clock import START


def test_first_tries_earn_what_retries_spend() -> None:
    budget = Retries(Lane.BULK)
    assert [budget.put_off_seconds(START) for _ in range(11)] == [0] * 10 + [1]
    for _ in range(30):
        budget.first_try()
    assert [budget.put_off_seconds(START) for _ in range(3)] == pytest.approx([0, 0, 1])
