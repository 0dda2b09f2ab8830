"""Checks of the words people give about themselves: zones and locales."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import available_timezones

from clarion.core.suggestion import nearest
from clarion.errors import InvalidError

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Names of all IANA zones known here."""
    return frozenset(available_timezones())


def check_zone(name: str, pointer: str) -> None:
    """InvalidError with a suggestion when there is no such IANA zone."""
    if name not in zones():
        # `EST` or `Etc/GMT+1` for `CEST` or `GMT+1` would be some other time of day.
        near = nearest(name, (zone for zone in zones() if "/" in zone and zone[:4] != "Etc/"))
        hint = f"; did you mean {near!r}?" if near else "; write it as Europe/Vienna"
        raise InvalidError(f"{name!r} is not an IANA time zone{hint}", pointer)


def check_locale(tag: str, pointer: str) -> None:
    """InvalidError when the text has not the form of a locale tag."""
    if not _LOCALE.fullmatch(tag):
        raise InvalidError(f"{tag!r} is not a locale; write it as en, de-AT or pt-BR", pointer)
