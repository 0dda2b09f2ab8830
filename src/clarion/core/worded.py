"""Short texts that people read, in one wording or one for each locale: names of categories."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from clarion.core.document import Fields, kind_of, pointer_to
from clarion.core.preference_words import check_locale
from clarion.errors import InvalidError

LONGEST_NAME = 80
LONGEST_DESCRIPTION = 300
MOST_LOCALES = 100

Worded = dict[str, str]
"""Texts by locale; "" is the one for all others."""


def read_worded(fields: Fields, name: str, longest: int) -> Worded:
    """A field that is a text, or a mapping of locales to texts; {} when it is missing or wrong."""
    if name not in fields:
        return {}
    value, at = fields.value(name), fields.at(name)
    entries = value if isinstance(value, Mapping) else {"": value}
    if not 0 < len(entries) <= MOST_LOCALES:
        fields.mistakes.note(at, f"{name!r} has {len(entries)} locales; write 1 to {MOST_LOCALES}")
        return {}
    found: Worded = {}
    for locale, text in entries.items():
        place = pointer_to(at, str(locale)) if isinstance(value, Mapping) else at
        if mistake := _mistake(name, locale, text, longest, mapped=isinstance(value, Mapping)):
            fields.mistakes.note(place, mistake)
        else:
            found[str(locale)] = " ".join(text.split())
    return found


def worded_document(worded: Worded) -> Any:
    """The reverse of `read_worded`."""
    return worded[""] if set(worded) == {""} else dict(worded)


def worded_for(worded: Worded, locale: str) -> str | None:
    """The text for a locale: its own, that of its language, that for all, English, any; None when
    there is none at all."""
    spelled = {known.replace("_", "-").lower(): text for known, text in worded.items()}
    wanted = locale.replace("_", "-").lower()
    while wanted:
        if wanted in spelled:
            return spelled[wanted]
        wanted = wanted.rpartition("-")[0]
    return spelled.get("") or spelled.get("en") or next(iter(spelled.values()), None)


def plain_name(key: str) -> str:
    """A key as somebody might read it where nothing better is known: `order-shipped` -> `Order
    shipped`."""
    words = " ".join(key.replace("-", " ").replace("_", " ").replace(".", " ").split())
    return words[:1].upper() + words[1:] if words else key


def _mistake(name: str, locale: Any, text: Any, longest: int, *, mapped: bool) -> str:
    if mapped and locale != "":
        try:
            check_locale(str(locale), "")
        except InvalidError as error:
            return error.detail
    if not isinstance(text, str) or not text.strip():
        said = "empty" if isinstance(text, str) else kind_of(text)
        return f"{name!r} is {said}; write a text, or one for each locale as in en: Comments"
    if len(text) > longest:
        return f"{name!r} has {len(text)} characters; write at most {longest}"
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n" for letter in text):
        return f"{name!r} holds control characters; remove them"
    return ""
