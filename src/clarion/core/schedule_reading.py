"""Windows, zones and the timing of digests as documents -> records, and back.

Reading is strict: every mistake has a JSON pointer, says what is wrong and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cronsim import CronSim, CronSimError

from clarion.core.digest import CADENCES, DAILY, WEEKLY, DigestTiming
from clarion.core.document import Fields, Mistakes, kind_of, one_of, pointer_to
from clarion.core.duration import format_duration
from clarion.core.schedule import DAY_MINUTES
from clarion.core.suggestion import did_you_mean
from clarion.core.window import Window

MOST_WINDOWS = 28
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMING_KEYS = ("window", "max", "sliding", "cron", "cadence", "default", "at", "day", "lead")
"""Keys of a digest step that say when; whoever reads the step adds its own."""

_WAYS = ("window", "cron", "cadence")
_USER = "user"
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_LONGEST_CRON = 100
_CRON_FIELDS = 5
_CRON_EXAMPLE = 'cron: "0 9 * * 1-5" (minute, hour, day of month, month, day of week)'
_CRON_SEEN = datetime(2025, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=366)
_EVERY_DAY = tuple(range(7))
_WEEK_MINUTES = 7 * DAY_MINUTES


def read_windows(
    value: Any, at: str, mistakes: Mistakes, *, quiet: bool = True
) -> tuple[Window, ...]:
    """`[{"days": ["mon"], "from": "22:00", "until": "07:00"}]` -> windows, in their order.

    Days are those on which a window begins; without them it begins on every day. `quiet`: the
    windows close, so none are fine and the whole week is refused; else they open, and one at least
    is needed. What is mistaken is left out.
    """
    example = '[{"from": "22:00", "until": "07:00"}]'
    if not isinstance(value, list):
        mistakes.note(at, f"{kind_of(value)} stands here; write a list of windows, e.g. {example}")
        return ()
    if len(value) > MOST_WINDOWS:
        mistakes.note(at, f"{len(value)} windows are too many; write at most {MOST_WINDOWS}")
        return ()
    if not value and not quiet:
        mistakes.note(at, f"the list is empty, so nothing would ever be sent; write e.g. {example}")
    found: dict[Window, int] = {}
    for index, item in enumerate(value):
        window = _window(item, pointer_to(at, index), mistakes)
        if window in found:
            same = pointer_to(at, found[window])
            mistakes.note(pointer_to(at, index), f"the window is the same as {same}; remove it")
        elif window is not None:
            found[window] = index
    if quiet and _closes_the_week(tuple(found)):
        mend = "leave some time open, or switch the channels off"
        mistakes.note(
            at, f"together the windows close the whole week, so nothing could ever be told; {mend}"
        )
    return tuple(found)


def windows_document(windows: tuple[Window, ...]) -> list[dict[str, Any]]:
    """Windows as a document that `read_windows` makes windows of the same times of."""
    document = []
    for window in windows:
        for part in _parts(window):
            times = {"from": format_minute(part.start), "until": format_minute(part.end)}
            days = [DAYS[day] for day in part.days]
            document.append(times if len(days) == len(DAYS) else {"days": days, **times})
    return document


def read_timing(fields: Fields) -> DigestTiming | None:
    """The timing among the fields of a digest step (known keys: TIMING_KEYS and more); None after
    a mistake without which there is no telling when.

    `{window: PT10M}`, `{window: PT10M, max: PT1H, sliding: true}`, `{cron: "0 9 * * *"}`,
    `{cadence: weekly, day: fri, at: "16:00"}` or `{cadence: user, default: daily}`; each with
    `lead: true` as well.
    """
    ways = [way for way in _WAYS if way in fields]
    if not ways:
        fields.mistakes.note(
            fields.pointer, "nothing says when the digest is told; write e.g. window: PT10M"
        )
    for way in ways[1:]:
        fields.mistakes.note(
            fields.at(way), f"{way!r} stands beside {ways[0]!r}; write one of them"
        )
    _check_pairs(fields)
    if len(ways) != 1:
        return None
    read = {"window": _windowed, "cron": _by_cron, "cadence": _by_cadence}[ways[0]]
    return read(fields, fields.flag("lead", False))


def timing_document(timing: DigestTiming) -> dict[str, Any]:
    """The timing as keys of a digest step; read again they are the same."""
    document: dict[str, Any] = {}
    if timing.window_seconds is not None:
        document["window"] = format_duration(timing.window_seconds)
    if timing.most_seconds is not None:
        document |= {"max": format_duration(timing.most_seconds), "sliding": True}
    if timing.cron is not None:
        document["cron"] = timing.cron
    if timing.cadence is not None:
        named = {"cadence": _USER, "default": timing.cadence}
        document |= named if timing.by_user else {"cadence": timing.cadence}
        document["at"] = format_minute(timing.minute)
        document["day"] = DAYS[timing.weekday]
    if not _may_have_day(timing.cadence, by_user=timing.by_user):
        document.pop("day", None)
    if not _may_have_time(timing.cadence, by_user=timing.by_user):
        document.pop("at", None)
    return {**document, "lead": True} if timing.lead else document


def format_minute(minute: int) -> str:
    """A minute of the day, 0 to 1440 -> `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _window(value: Any, at: str, mistakes: Mistakes) -> Window | None:
    fields = Fields(value, at, ("days", "from", "until"), mistakes, what="the window")
    if not isinstance(value, Mapping):
        return None
    both = [fields.need("from", 'from: "22:00"'), fields.need("until", 'until: "07:00"')]
    days = _days(fields) if "days" in fields else _EVERY_DAY
    start, end = _minute(fields, "from"), _minute(fields, "until")
    if start == DAY_MINUTES:
        mistakes.note(fields.at("from"), "a window begins before 24:00; write 00:00 and the day")
        return None
    if not all(both) or start is None or end is None or not days:
        return None
    if start == end:
        mend = "for a whole day write from 00:00 until 24:00, else remove the window"
        mistakes.note(fields.at("until"), f"'until' is the same as 'from'; {mend}")
        return None
    # Midnight has two spellings and one record.
    return Window(days, start, end or DAY_MINUTES)


def _days(fields: Fields) -> tuple[int, ...]:
    """The days in the order of the week; none after a mistake."""
    value, at = fields.value("days"), fields.at("days")
    mend = 'write e.g. ["mon", "tue"], or leave \'days\' out for every day'
    if not isinstance(value, list) or not value:
        said = "empty" if isinstance(value, list) else kind_of(value)
        fields.mistakes.note(at, f"'days' is {said}; {mend}")
        return ()
    found: list[int] = []
    for index, word in enumerate(value):
        day = _day(word, pointer_to(at, index), fields.mistakes)
        if day in found:
            fields.mistakes.note(pointer_to(at, index), f"{word!r} is there twice; remove one")
        elif day is not None:
            found.append(day)
    return tuple(sorted(found))


def _day(word: Any, at: str, mistakes: Mistakes) -> int | None:
    if isinstance(word, str) and word not in DAYS and word[:3].lower() in DAYS:
        mend = did_you_mean(word[:3], DAYS)
        mistakes.note(at, f"{word[:40]!r} is not a day here; {mend}")
        return None
    name = one_of(word, DAYS, "", at, mistakes)
    return DAYS.index(name) if name else None


def _minute(fields: Fields, name: str) -> int | None:
    """A time of the day in minutes, 0 to 1440."""
    if name not in fields:
        return None
    value = fields.value(name)
    if isinstance(value, str) and _TIME.fullmatch(value):
        return int(value[:2]) * 60 + int(value[3:])
    fields.mistakes.note(fields.at(name), f"{name!r} is {_said(value)}; {_mend_time(value)}")
    return None


def _said(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else kind_of(value)


def _mend_time(value: Any) -> str:
    # A YAML 1.1 parser reads a bare 22:00 as a number to the base of 60.
    if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= DAY_MINUTES:
        return f'did you mean "{format_minute(value)}"? Put the time in quotes'
    if isinstance(value, str) and _TIME.fullmatch(f"0{value}"):
        return f"did you mean '0{value}'?"
    return 'write hours and minutes from "00:00" to "24:00", in quotes'


def _closes_the_week(windows: tuple[Window, ...]) -> bool:
    spans = sorted(
        (day * DAY_MINUTES + shift + w.start, day * DAY_MINUTES + shift + w.start + _length(w))
        for w in windows
        for day in w.days
        for shift in (-_WEEK_MINUTES, 0)
    )
    reached = 0
    for begin, end in spans:
        if begin > reached:
            break
        reached = max(reached, end)
    return reached >= _WEEK_MINUTES


def _length(window: Window) -> int:
    return window.end - window.start + (DAY_MINUTES if window.end <= window.start else 0)


def _parts(window: Window) -> tuple[Window, ...]:
    """The window without the form in which both times are the same: that one is two."""
    if window.start != window.end:
        return (window,)
    until_midnight = Window(window.days, window.start, DAY_MINUTES)
    if not window.start:
        return (until_midnight,)
    next_days = tuple(sorted((day + 1) % 7 for day in window.days))
    return until_midnight, Window(next_days, 0, window.end)


def _check_pairs(fields: Fields) -> None:
    """Note keys that say nothing without another one."""
    _needs(fields, "sliding", "window" in fields, "window: PT10M")
    _needs(fields, "max", fields.value("sliding") is True, "sliding: true")
    chosen, usual = fields.value("cadence"), fields.value("default")
    by_user = chosen == _USER
    _needs(fields, "default", by_user, "cadence: user")
    said = usual if by_user else chosen
    if "cadence" in fields and said not in CADENCES:
        return  # a mistake of its own, or the default, which is daily
    _needs(fields, "at", _may_have_time(said, by_user=by_user), "cadence: daily")
    _needs(fields, "day", _may_have_day(said, by_user=by_user), "cadence: weekly")


def _needs(fields: Fields, name: str, there: bool, other: str) -> None:
    if name in fields and not there:
        fields.mistakes.note(
            fields.at(name), f"{name!r} means nothing without {other}; add that, or remove {name!r}"
        )


def _may_have_time(cadence: str | None, *, by_user: bool) -> bool:
    return by_user or cadence in (DAILY, WEEKLY)


def _may_have_day(cadence: str | None, *, by_user: bool) -> bool:
    return by_user or cadence == WEEKLY


def _windowed(fields: Fields, lead: bool) -> DigestTiming | None:
    window = fields.seconds("window")
    if not fields.flag("sliding", False):
        return DigestTiming(window_seconds=window, lead=lead) if window else None
    fields.need("max", "max: PT1H, so that a digest which is joined again and again ends")
    most = fields.seconds("max")
    if not window or not most:
        return None
    if most <= window:
        mend = f"write more than {format_duration(window)}, or remove 'sliding' and 'max'"
        fields.mistakes.note(fields.at("max"), f"'max' is not longer than 'window'; {mend}")
        return None
    return DigestTiming(window_seconds=window, most_seconds=most, lead=lead)


def _by_cron(fields: Fields, lead: bool) -> DigestTiming | None:
    cron = fields.text("cron", hint=_CRON_EXAMPLE)
    if cron is None:
        return None
    wrong = _wrong_with(cron)
    if wrong:
        fields.mistakes.note(fields.at("cron"), f"{cron[:40]!r} {wrong}, e.g. {_CRON_EXAMPLE}")
        return None
    return DigestTiming(cron=" ".join(cron.split()), lead=lead)


def _wrong_with(cron: str) -> str:
    """What is wrong with a cron expression and how to mend it; empty when nothing is."""
    count = len(cron.split())
    if count != _CRON_FIELDS:
        return f"has {count} field{'s' * (count != 1)}; write five"
    if len(cron) > _LONGEST_CRON:
        return f"is longer than {_LONGEST_CRON} characters; write it in short"
    try:
        fires = next(CronSim(cron, _CRON_SEEN), None)
    except CronSimError as error:
        return f"is not a cron expression ({str(error).lower()}); write five fields"
    if fires is None or fires - _CRON_SEEN > _YEAR:
        return "fires less than once a year; write one that does"
    return ""


def _by_cadence(fields: Fields, lead: bool) -> DigestTiming | None:
    found = len(fields.mistakes.found)
    cadence = fields.choice("cadence", (_USER, *CADENCES[1:]), DAILY)
    by_user = cadence == _USER
    if by_user:
        cadence = fields.choice("default", CADENCES, DAILY)
    minute = _minute(fields, "at") if "at" in fields else DigestTiming().minute
    if minute == DAY_MINUTES:
        fields.mistakes.note(fields.at("at"), "a day ends before 24:00; write 00:00")
    weekday = _day(fields.value("day"), fields.at("day"), fields.mistakes) if "day" in fields else 0
    if len(fields.mistakes.found) > found or minute is None or weekday is None:
        return None
    return DigestTiming(cadence=cadence, by_user=by_user, minute=minute, weekday=weekday, lead=lead)
