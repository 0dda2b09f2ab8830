"""Sorted numbers as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.number_pages import packed, unpacked


@given(st.sets(st.integers(0, 2**62)))
def test_numbers_come_back_as_they_were(numbers: set[int]) -> None:
    assert unpacked(packed(sorted(numbers))) == sorted(numbers)


def test_neighbours_take_a_byte_each() -> None:
    assert len(packed(range(1, 501))) == 500


@pytest.mark.parametrize("numbers", [[2, 1], [1, 1], [-1]])
def test_what_does_not_ascend_is_refused(numbers: list[int]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        packed(numbers)
