"""Pages of lists."""

from __future__ import annotations

from typing import Any

from clarion.api.answers import PAGE_BYTES, page_of
from clarion.api.cursors import Cursors


def page(sizes: list[int], limit: int) -> tuple[list[int], bool]:
    """The places of the rows on a page, and whether it goes on."""
    rows: list[dict[str, Any]] = [{"n": n, "text": "x" * size} for n, size in enumerate(sizes)]
    cursors = Cursors(b"a secret of thirty-two bytes....")
    shown, info = page_of(rows, limit, cursors, {}, lambda row: [row["n"]], lambda row: row["text"])
    end = cursors.open({}, info.end_cursor)[0] if info.end_cursor else None
    assert end in (None, shown[-1]["n"])
    return [row["n"] for row in shown], info.has_next


def test_a_page_of_large_rows_is_shorter_and_goes_on() -> None:
    half = PAGE_BYTES // 2 - 10
    assert page([half] * 5, 10) == ([0, 1], True)
    assert page([1] * 5, 10) == ([0, 1, 2, 3, 4], False)
    assert page([1] * 5, 4) == ([0, 1, 2, 3], True)


def test_one_row_fits_however_large_it_is() -> None:
    assert page([2 * PAGE_BYTES, 1], 10) == ([0], True)
    assert page([2 * PAGE_BYTES], 10) == ([0], False)
