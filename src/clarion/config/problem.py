"""What is wrong with settings or files, and where."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clarion.errors import SettingsError


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing to mend. `line` counts from 1; 0 when no line can be named. Holds no secret."""

    file: str
    line: int
    detail: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.detail}"


def refuse(problems: Iterable[Problem]) -> None:
    """SettingsError with one line per problem, ordered by file and line; nothing when none."""
    listed = sorted(set(problems))
    if listed:
        raise SettingsError("\n".join(map(str, listed)))
