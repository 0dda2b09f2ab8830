"""Instants as text and back."""

from __future__ import annotations

import pytest

from clarion.clock import SECOND, from_rfc3339, to_rfc3339


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.500000Z"],
)
def test_an_instant_is_written_as_it_was_read(text: str) -> None:
    assert to_rfc3339(from_rfc3339(text)).replace(".000000Z", "Z") == text


def test_fractions_before_the_epoch_count_backwards() -> None:
    assert from_rfc3339("1969-12-31T23:59:59.500000Z") == -SECOND // 2


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_an_offset_that_leaves_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        from_rfc3339(text)
