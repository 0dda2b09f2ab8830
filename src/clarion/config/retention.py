"""The table `[retention]`: for how many days each kind of data is kept."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.config import values
from clarion.config.asking import Answers
from clarion.config.given import Given
from clarion.config.problem import Problem
from clarion.core.retention import CONTENT_DAYS, KINDS, LONGEST_DAYS, RetentionDays, outlives
from clarion.core.suggestion import did_you_mean

OF_ENVIRONMENT = tuple(f"retention_{kind}" for kind in KINDS)
"""The same settings in the environment: CLARION_RETENTION_CONTENT_DAYS, ..."""

WHOLE = "notifications_days"

DEFAULT_DAYS = 90


def read_retention(
    by_file: Mapping[tuple[str, ...], Given], answers: Answers, problems: list[Problem]
) -> RetentionDays:
    """The table as a record, the environment's settings first. A kind that is not named is kept for
    `retention_days`, content for 30 days if that is less."""
    whole = by_file.get(("retention",))
    if whole is not None and not isinstance(whole.value, Mapping):
        problems.append(whole.problem("is not a table; write [retention] with its settings below"))
    table = {
        path[1]: given for path, given in by_file.items() if path[:1] == ("retention",) and path[1:]
    }
    for name, given in table.items():
        if name not in KINDS:
            problems.append(given.problem(f"is not a setting; {did_you_mean(name, KINDS)}"))
    usual = answers.ask("retention_days", _days_of, DEFAULT_DAYS)
    in_file = Answers(table, problems)

    def ask(kind: str) -> int | None:
        of_file = in_file.ask(kind, _days_of, None)
        return answers.ask(f"retention_{kind}", _days_of, of_file)

    asked = {kind: ask(kind) for kind in KINDS}
    longest = asked[WHOLE]
    longest = usual if longest is None else longest
    named = {kind: days for kind, days in asked.items() if days is not None}
    for kind, own in named.items():
        if outlives(own, longest):
            problems.append(_too_long(answers.given(f"retention_{kind}") or table[kind], longest))
    days = dict.fromkeys(KINDS, usual)
    days["content_days"] = min(usual, CONTENT_DAYS)
    return RetentionDays(**(days | named | {WHOLE: longest})).shortened({})


def _days_of(given: Given) -> int:
    return values.whole_of(given, 0, LONGEST_DAYS)


def _too_long(given: Given, longest: int) -> Problem:
    said = "for ever" if given.value in (0, "0") else f"for {given.value} days"
    return given.problem(
        f"keeps {said} what belongs to notifications that are kept for {longest}; "
        f"write {longest} or less, or raise {WHOLE}"
    )
