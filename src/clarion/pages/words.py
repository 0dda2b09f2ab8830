"""What the pages say, in the locale of whoever reads."""

from __future__ import annotations

import re
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from clarion.content.bidi import without_controls

LOCALES = ("en", "de", "fr", "es", "ar", "ja")
"""The locales with words of their own; the first is for everybody else."""

RIGHT_TO_LEFT = frozenset({"ar"})
LOWERED = frozenset({"en", "fr", "es"})
"""Where a name that is no proper one begins small within a sentence."""

FOLDER = Path(__file__).parent / "words"
MOST_WANTED = 20
_SECOND = 1_000_000
_WANTED = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)


class Words:
    """The texts of one locale. Calling it fills a text in; what is filled in is set apart, so that
    a name in another script does not turn the sentence around."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.direction = "rtl" if locale in RIGHT_TO_LEFT else "ltr"
        text = (FOLDER / f"{locale}.json").read_text("utf-8")
        self._texts = msgspec.json.decode(text, type=dict[str, str])

    def __call__(self, key: str, **values: str) -> str:
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", f"\u2068{without_controls(value)}\u2069")
        return text

    def amid(self, key: str) -> str:
        """A name as it stands inside a sentence."""
        text = self._texts[key]
        return text[:1].lower() + text[1:] if self.locale in LOWERED else text

    def instant(self, at: int, zone: ZoneInfo) -> str:
        """An instant in microseconds as a date and time in the zone."""
        from babel.dates import format_date, format_time

        moment = datetime.fromtimestamp(at // _SECOND, zone)
        day = format_date(moment, "long", locale=self.locale)
        return f"{day}, {format_time(moment, 'short', locale=self.locale)}"

    def clock(self, minute: int) -> str:
        """A minute of the day."""
        from babel.dates import format_time

        return format_time(time(minute // 60, minute % 60), "short", locale=self.locale)

    def days(self) -> list[str]:
        """Short names of the days, Monday first."""
        from babel.dates import get_day_names

        names = get_day_names("abbreviated", "stand-alone", self.locale)
        return [names[day] for day in range(7)]


@lru_cache(maxsize=len(LOCALES))
def words_of(locale: str) -> Words:
    """The words of one of LOCALES."""
    return Words(locale)


def words_for(user_locale: str | None, accepted: str) -> Words:
    """The words for a user's own locale, else for the best of an `Accept-Language` header."""
    for wanted in (user_locale or "", *_wanted(accepted)):
        known = wanted.replace("_", "-").partition("-")[0].lower()
        if known in LOCALES:
            return words_of(known)
    return words_of(LOCALES[0])


def _wanted(accepted: str) -> list[str]:
    """Languages of an `Accept-Language` header (RFC 9110), the dearest first."""
    found: list[tuple[float, int, str]] = []
    for part in accepted.split(",")[:MOST_WANTED]:
        match = _WANTED.fullmatch(part)
        if match and float(match[2] or 1) > 0:
            found.append((-float(match[2] or 1), len(found), match[1]))
    return [name for *_, name in sorted(found)]
