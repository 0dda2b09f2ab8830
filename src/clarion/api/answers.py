"""Shapes that answers share: pages of lists, and instants as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import QueryParameter

from clarion.api.cursors import Cursors
from clarion.api.problems import RefusedError
from clarion.clock import from_rfc3339, to_rfc3339

T = TypeVar("T")

PAGE_LIMIT = 50
LARGEST_PAGE = 200
PAGE_BYTES = 4 * 1024 * 1024
"""About the most that the texts of a page hold: rows that are large make it shorter."""

Limit = Annotated[
    int,
    QueryParameter(ge=1, le=LARGEST_PAGE, description="Rows a page.", required=False),
]
After = Annotated[
    str | None,
    QueryParameter(
        max_length=2048, description="`end_cursor` of the page before, with the same filters."
    ),
]
Since = Annotated[str | None, QueryParameter(description="Only what is not older (RFC 3339).")]


class PageInfo(msgspec.Struct, frozen=True):
    """Whether the list goes on, and where (`end_cursor` is for `after`)."""

    has_next: bool
    end_cursor: str | None = None


def when(instant: int | None) -> str | None:
    """Microseconds UTC -> RFC 3339, None stays None."""
    return None if instant is None else to_rfc3339(instant)


def instant_of(text: str | None, parameter: str) -> int | None:
    """RFC 3339 of a query -> microseconds UTC; RefusedError 400 when it is none."""
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = f"{parameter}: write it with an offset, as in 2026-01-02T03:04:05Z"
        raise RefusedError(400, detail, parameter=parameter) from None


def page_of(
    rows: Sequence[T],
    limit: int,
    cursors: Cursors,
    filters: dict[str, Any],
    position: Callable[[T], list[Any]],
    content: Callable[[T], Any] | None = None,
) -> tuple[Sequence[T], PageInfo]:
    """Cut rows (up to one more than `limit`) into a page and what `page_info` says of it. With the
    `content` of a row, which anybody may have made large, the page has about PAGE_BYTES of it.
    """
    shown = rows[:limit]
    if content is not None:
        shown = shown[: _fitting(shown, content)]
    if len(rows) <= len(shown) or not shown:
        return shown, PageInfo(False)
    return shown, PageInfo(True, cursors.seal(filters, position(shown[-1])))


def _fitting(rows: Sequence[T], content: Callable[[T], Any]) -> int:
    """How many rows fit into a page; one does."""
    room = PAGE_BYTES
    for count, row in enumerate(rows):
        room -= len(msgspec.json.encode(content(row)))
        if room < 0:
            return max(count, 1)
    return len(rows)
