"""Filters of templates: those of the engine that cannot grow what they get, and our own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clarion.content import bounds

OF_THE_ENGINE = frozenset(
    {"abs", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "int", "items"}
    | {"join", "last", "length", "lower", "round", "title", "trim", "upper", "urlencode"}
)
"""Filters taken as they are; none gives back more than a small multiple of what it got."""

TESTS = frozenset(
    {"boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge"}
    | {"greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping"}
    | {"ne", "none", "number", "odd", "sameas", "sequence", "string", "true", "undefined", "upper"}
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIRECTIVES = frozenset("YmdHMSyBbAajpIZz%")
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def truncate(value: Any, length: int = 255, end: str = "…") -> str:
    """The first `length` characters of a text, `end` included when something was cut off."""
    text = "" if value is None else str(value)
    if len(text) <= length:
        return text
    return text[: max(0, int(length) - len(end))].rstrip() + end


def date(value: Any, pattern: str = "%Y-%m-%d", zone: str | None = None) -> str:
    """An instant (RFC 3339 text or microseconds UTC) in a zone, by strftime's directives.

    What is no instant gives an empty text; an unknown zone counts as UTC.
    """
    moment = moment_of(value)
    if moment is None:
        return ""
    try:
        return moment.astimezone(zone_of(zone)).strftime(pattern)
    except (OverflowError, ValueError):  # the zone moves it out of the calendar
        return ""


def bad_directive(pattern: str) -> str | None:
    """The first directive that `date` does not know (a width could ask for gigabytes)."""
    found = (match[1] for match in _DIRECTIVE.finditer(pattern))
    return next((f"%{letter}" for letter in found if letter not in _DIRECTIVES or not letter), None)


OWN: dict[str, Callable[..., str]] = {"truncate": truncate, "date": date}
WORDED = frozenset({"names", "tell", "plural", "number", "time", "datetime"})
"""Filters that need the locale of the template: see `clarion.content.wording`."""

STYLES = ("short", "medium", "long", "full")
"""Ways a locale writes a date or a time."""

FILTERS = OF_THE_ENGINE | OWN.keys() | WORDED
FORGIVING = frozenset({"e", "escape"} | OWN.keys() | WORDED)
"""Filters that take what is undefined for nothing."""


def moment_of(value: Any) -> datetime | None:
    """The instant that RFC 3339 text or microseconds UTC stand for; None when there is none."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return _EPOCH + timedelta(microseconds=value)
        if isinstance(value, str) and len(value) <= bounds.LITERAL_CHARS:
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return None


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of an IANA name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        return ZoneInfo("UTC")
