"""Weekly windows as written, and as records."""

from __future__ import annotations

from typing import Any

from clarion.core.document import Mistakes, pointer_to
from clarion.core.recipient import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_windows(value: Any, at: str, mistakes: Mistakes) -> tuple[Window, ...]:
    """A list of windows -> records; what is wrong is noted."""
    if not isinstance(value, list):
        mistakes.note(at, "write a list of windows")
        return ()
    found = []
    for index, item in enumerate(value):
        try:
            days = tuple(sorted(DAYS.index(day) for day in item["days"]))
            found.append(Window(days, _minute(item["from"]), _minute(item["until"])))
        except (KeyError, ValueError, TypeError):
            mistakes.note(pointer_to(at, index), "write days, from and until")
    return tuple(found)


def windows_document(windows: tuple[Window, ...]) -> list[dict[str, Any]]:
    """The reverse of `read_windows`."""
    return [
        {
            "days": [DAYS[day] for day in window.days],
            "from": f"{window.start // 60:02}:{window.start % 60:02}",
            "until": f"{window.end // 60:02}:{window.end % 60:02}",
        }
        for window in windows
    ]


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
