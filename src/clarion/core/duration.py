"""Durations as ISO 8601 text (`PT10M`, `P1D`, `P2W`) and whole seconds."""

from __future__ import annotations

import re

from clarion.errors import InvalidError

DAY_SECONDS = 86_400
LONGEST_SECONDS = 366 * DAY_SECONDS

_UNIT_SECONDS = {"w": 7 * DAY_SECONDS, "d": DAY_SECONDS, "h": 3600, "m": 60, "s": 1}
_WEEKS = re.compile(r"P(?P<w>[0-9]{1,9})W")
_CLOCK = re.compile(
    r"P(?!$)(?:(?P<d>[0-9]{1,9})D)?"
    r"(?:T(?!$)(?:(?P<h>[0-9]{1,9})H)?(?:(?P<m>[0-9]{1,9})M)?(?:(?P<s>[0-9]{1,9})S)?)?"
)
_CALENDAR = re.compile(r"P[0-9]+[YM].*|P[0-9]+Y[0-9]+M.*")
_EVERYDAY = re.compile(r"([0-9]{1,9})\s*([smhdw])[a-z]*", re.IGNORECASE)


def parse_duration(text: str, pointer: str = "") -> int:
    """ISO 8601 duration -> whole seconds, more than 0 and at most 366 days.

    Weeks stand alone (`P2W`). Months and years have no fixed length and are refused, as are
    fractions. InvalidError at `pointer` then, with a suggestion where one can be made.
    """
    match = _WEEKS.fullmatch(text) or _CLOCK.fullmatch(text)
    if match is None:
        raise InvalidError(f"{text[:40]!r} is not a duration; {_mend(text)}", pointer)
    seconds = sum(int(n) * _UNIT_SECONDS[unit] for unit, n in match.groupdict().items() if n)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise InvalidError(
            f"the duration {text!r} is out of range; it is more than 0 and at most P366D", pointer
        )
    return seconds


def format_duration(seconds: int) -> str:
    """Whole seconds (> 0) -> the shortest ISO 8601 text in days, hours, minutes and seconds."""
    days, rest = divmod(seconds, DAY_SECONDS)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    return f"P{days}D" * bool(days) + ("T" if days else "PT") * bool(clock) + clock


def _mend(text: str) -> str:
    if _WEEKS.fullmatch(text.upper()) or _CLOCK.fullmatch(text.upper()):
        return f"did you mean {text.upper()}?"
    if _CALENDAR.fullmatch(text.upper()):
        return "months and years have no fixed length, write days, e.g. P30D"
    if everyday := _EVERYDAY.fullmatch(text.strip()):
        amount, unit = everyday[1], everyday[2].upper()
        return f"did you mean {'P' if unit in 'DW' else 'PT'}{amount}{unit}?"
    return "write it as in PT30S, PT10M, PT24H, P7D or P2W"
