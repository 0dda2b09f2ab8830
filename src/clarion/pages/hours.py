"""Pauses and quiet hours: how the page shows them, and what its forms say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.preference import chain_of, pause_in, quiet_in
from clarion.core.recipient import FOREVER, ScopeKind
from clarion.core.schedule import instant_of, local_day
from clarion.core.schedule_reading import DAYS, windows_document
from clarion.core.window import Window
from clarion.errors import InvalidError
from clarion.pages.forms import Form
from clarion.pages.seen import Seen
from clarion.pages.words import Words

MORNING_MINUTE = 8 * 60
ROWS_OFFERED = 1
"""Empty windows in the form, beside those there are."""

MOST_ROWS = 28
MODES = ("usual", "none", "own")
_DAY_NUMBERS = frozenset("0123456")


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """One window in the form: days by index from Monday, times as `22:00`; "" for none."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    start: str = ""
    end: str = ""


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Quiet hours as they stand: one of MODES, the user's windows, and in words what is usual."""

    mode: str
    windows: tuple[Hours, ...]
    usual: str


def quiet_of(seen: Seen, words: Words) -> Quiet:
    """What the user chose, or what is usual where the user chose nothing."""
    own = seen.row(ScopeKind.USER)
    chosen = own.quiet if own is not None else None
    usual = quiet_in(chain_of(msgspec.structs.replace(seen, recipient=_without(seen)).facts()))
    mode = "usual" if chosen is None else "own" if chosen else "none"
    windows = tuple(_hours(entry) for entry in windows_document(chosen or ()))
    empty = min(ROWS_OFFERED, MOST_ROWS - len(windows))
    return Quiet(
        mode=mode,
        windows=(*windows, *(Hours() for _ in range(max(empty, 0)))),
        usual=_in_words(usual.quiet or (), words) if usual is not None else "",
    )


def quiet_patch(form: Form) -> dict[str, Any]:
    """A form of quiet hours as a patch; rows without times are left out. InvalidError for a mode
    that there is not, and for a window with one time or no day."""
    mode = form.one("mode")
    if mode not in MODES:
        raise InvalidError("choose what kind of quiet hours", "/mode")
    if mode != "own":
        return {"quiet_hours": None if mode == "usual" else {"windows": []}}
    windows = []
    for index in range(MOST_ROWS):
        start, end = form.one(f"from.{index}"), form.one(f"until.{index}")
        days = [DAYS[int(day)] for day in form.every(f"days.{index}") if day in _DAY_NUMBERS]
        if not start and not end:
            continue
        if not days:
            raise InvalidError("a window has no days", "/windows")
        windows.append({"days": days, "from": start, "until": end})
    return {"quiet_hours": {"windows": windows}}


def pause_words(seen: Seen, words: Words) -> str:
    """Until when everything is paused; "" when nothing is."""
    row = pause_in(chain_of(seen.facts()), seen.now)
    if row is None or row.pause_until is None:
        return ""
    if row.pause_until >= FOREVER:
        return words("pause_forever")
    return words("pause_now", until=words.instant(row.pause_until, seen.zone))


def pause_patch(form: Form, seen: Seen) -> dict[str, Any]:
    """A form of a pause as a patch; InvalidError for a date that is none or not to come."""
    how = form.one("how")
    today = local_day(seen.now, seen.zone)
    if how == "resume":
        return {"pause_until": None}
    if how == "hour":
        return {"pause_for": "PT1H"}
    if how == "tomorrow":
        return {"pause_until": _morning(today + timedelta(days=1), seen)}
    try:
        day = date.fromisoformat(form.one("date"))
    except ValueError:
        raise InvalidError("choose a date", "/date") from None
    if how != "date" or not today < day <= today + timedelta(days=3660):
        raise InvalidError("choose a date to come", "/date")
    return {"pause_until": _morning(day, seen)}


def tomorrow(seen: Seen) -> str:
    """The first date until which one can pause."""
    return (local_day(seen.now, seen.zone) + timedelta(days=1)).isoformat()


def _morning(day: date, seen: Seen) -> str:
    return to_rfc3339(instant_of(day, MORNING_MINUTE, seen.zone))


def _without(seen: Seen) -> Any:
    return msgspec.structs.replace(seen.recipient, settings=())


def _hours(entry: dict[str, Any]) -> Hours:
    days = tuple(DAYS.index(day) for day in entry.get("days", DAYS))
    return Hours(days=days, start=entry["from"], end=entry["until"])


def _in_words(windows: tuple[Window, ...], words: Words) -> str:
    names = words.days()
    parts = []
    for window in windows:
        days = "" if len(window.days) == len(DAYS) else " ".join(names[day] for day in window.days)
        times = f"{words.clock(window.start % 1440)} \u2013 {words.clock(window.end % 1440)}"
        parts.append(f"{days} {times}".strip())
    return ", ".join(parts) or words("quiet_none")
