"""Which of a template's locales a person is told in (RFC 4647 section 3.4, lookup)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache


def best_locale(available: Sequence[str], wanted: Iterable[str | None]) -> str:
    """The first of the wanted locales that is there, shortened step by step (de-AT -> de).

    Else "" (the default) when there, else the first available. Case and `_` for `-` do not matter.
    """
    return _best(tuple(available), tuple(wanted))


@lru_cache(maxsize=4096)
def _best(available: tuple[str, ...], wanted: tuple[str | None, ...]) -> str:
    by_tag = {_tag(locale): locale for locale in available}
    for wish in wanted:
        tag = _tag(wish or "")
        while tag:
            if tag in by_tag:
                return by_tag[tag]
            tag = tag.rpartition("-")[0]
    return by_tag.get("", available[0])


def _tag(locale: str) -> str:
    # A POSIX name such as de_AT.UTF-8 or sr@latin carries more than the tag.
    return locale.replace("_", "-").split(".")[0].split("@")[0].strip().lower()
