"""Asking for settings by name, so that one odd value does not hide the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from clarion.config import values
from clarion.config.given import Given
from clarion.config.problem import Problem

Read = TypeVar("Read")
Fallback = TypeVar("Fallback")


class Answers:
    """Asks for settings by name; an odd value is noted and the default goes on."""

    def __init__(self, table: Mapping[str, Given], problems: list[Problem]) -> None:
        self._table = table
        self._problems = problems

    def ask(self, name: str, read: Callable[[Given], Read], default: Fallback) -> Read | Fallback:
        given = self._table.get(name)
        if given is None:
            return default
        try:
            return read(given)
        except values.OddError as odd:
            self._problems.append(given.problem(str(odd)))
            return default

    def given(self, name: str) -> Given | None:
        """The setting as it was given; None where it was not."""
        return self._table.get(name)
