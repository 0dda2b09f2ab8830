from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.api.cursors import Cursors, derived_key
from clarion.api.problems import RefusedError

CURSORS = Cursors(b"s" * 32)

positions = st.lists(st.integers(-(2**62), 2**62) | st.binary(max_size=20) | st.text(max_size=9))


@given(positions)
def test_a_cursor_leads_back_to_its_position(position: list[int | bytes | str]) -> None:
    sealed = CURSORS.seal({"list": "events"}, position)
    assert CURSORS.open({"list": "events"}, sealed) == position


def test_the_order_of_filters_does_not_matter() -> None:
    sealed = CURSORS.seal({"a": 1, "b": 2}, [7])
    assert CURSORS.open({"b": 2, "a": 1}, sealed) == [7]


def test_a_cursor_of_other_filters_is_refused() -> None:
    sealed = CURSORS.seal({"list": "events", "env": 1}, [7])
    for other in ({"list": "events", "env": 2}, {"list": "captures", "env": 1}):
        with pytest.raises(RefusedError) as caught:
            CURSORS.open(other, sealed)
        assert caught.value.status == 400


def test_a_changed_or_foreign_cursor_is_refused() -> None:
    sealed = CURSORS.seal({}, [7])
    changed = ("B" if sealed[-1] == "A" else "A").join([sealed[:-1], ""])
    foreign = Cursors(b"t" * 32).seal({}, [7])
    for cursor in (changed, foreign, "", "é", "a", sealed[:8]):
        with pytest.raises(RefusedError):
            CURSORS.open({}, cursor)


def test_keys_of_different_purposes_differ() -> None:
    assert derived_key(b"s" * 32, "cursor") != derived_key(b"s" * 32, "user-token")
