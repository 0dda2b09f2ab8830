"""Windows as they are stored."""

from __future__ import annotations

import msgspec

from clarion.core.window import FOREVER, Window


def test_a_window_is_stored_as_days_start_and_end() -> None:
    window = Window((0, 4), 22 * 60, 7 * 60)
    assert msgspec.json.encode(window) == b"[[0,4],1320,420]"
    assert msgspec.json.decode(b"[[0,4],1320,420]", type=Window) == window


def test_for_ever_is_a_number_that_the_store_can_hold() -> None:
    assert FOREVER + 366 * 86_400 * 1_000_000 < 2**63
    assert FOREVER > 253_402_300_800 * 1_000_000  # the year 10000
