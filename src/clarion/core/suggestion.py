"""The end of an error's sentence: which known name was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean `upper`?`, or the list of known names when none is near, or nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(word[:100].lower(), names, 1, 0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    if not names or len(names) > _LISTED * 3:
        return ""
    return "; known: " + ", ".join(names)
