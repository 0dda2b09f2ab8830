"""Inserts of many rows with their values bound, a block of rows a statement.

A statement that reads its rows from `json_each(?)` is written once for any number of them. Where it
looks at each row by itself, the same is asked of `values (?, ?), (?, ?), ...`: nothing is put into
JSON and found in it again, which costs more than the insert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

BLOCK_ROWS = (250, 50, 10, 1)
"""Statements are kept by their number of rows, so there are only these."""

BLOCK_VALUES = 7000
"""Most values a statement binds; a longer one would not be kept by the driver."""

_SOURCE = "from json_each(?)"
_CELL = re.compile(r"\bvalue ->> (\d+)")
_WHOLE = re.compile(r"\b(?:group by|order by|returning|over|value|key|json_each)\b|\?\d")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class Flat:
    """An insert that looks at each row by itself."""

    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after
        self._places = before.count("?")

    def blocks(
        self, parameters: Sequence[Any], rows: Sequence[Any]
    ) -> Iterator[tuple[str, list[Any]]]:
        """Statements with what they bind. `parameters` are those beside the rows, in order; rows
        are lists, tuples or array-like structs of one width."""
        cells: Sequence[Sequence[Any]] = rows
        if isinstance(rows[0], msgspec.Struct):
            cells = [msgspec.structs.astuple(row) for row in rows]
        width = len(cells[0])
        before, after = parameters[: self._places], parameters[self._places :]
        start = 0
        for size in BLOCK_ROWS:
            if size * width > BLOCK_VALUES and size > 1:
                continue
            while len(cells) - start >= size:
                bound = chain.from_iterable(cells[start : start + size])
                yield self._sql(width, size), [*before, *bound, *after]
                start += size

    @lru_cache(maxsize=16)  # noqa: B019 - there is one for each statement, and they stay
    def _sql(self, width: int, count: int) -> str:
        row = f"({', '.join('?' * width)})"
        return f"{self._before}from (values {', '.join([row] * count)}){self._after}"


def flat_of(sql: str) -> Flat | None:
    """None for a statement that is no insert, or that sees its rows as a whole."""
    sql = _COMMENT.sub("", sql).lstrip()
    before, found, after = sql.partition(_SOURCE)
    if not sql.startswith("insert into ") or not found:
        return None
    head, select, cells = before.partition("select")
    cells = _CELL.sub(_column, cells)
    if _WHOLE.search(cells) or "select" in cells or not select:
        return None
    conflict, clause, rest = after.partition("on conflict")
    conflict = _CELL.sub(_column, conflict)
    if _WHOLE.search(conflict) or re.search(r"\?\d|\breturning\b", rest):
        return None
    return Flat(head + select + cells, conflict + clause + rest)


def _column(cell: re.Match[str]) -> str:
    return f"column{int(cell[1]) + 1}"
