"""The end of an error's sentence: which known name was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 36
_LOOKED_AT = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most like the word, whatever its case; None when none is near."""
    lowered = {name.lower(): name for name in sorted(known)}
    near = difflib.get_close_matches(word[:_LOOKED_AT].lower(), lowered, 1)
    return lowered[near[0]] if near else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean `upper`?`, or the list of known names when none is near, or nothing.

    For names of an expression or a template; it follows a sentence.
    """
    names = sorted(known)
    near = nearest(word, names)
    if near:
        return f"; did you mean `{near}`?"
    return "; known: " + ", ".join(names) if names and len(names) <= _LISTED else ""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`did you mean 'key'?`, else all options in their order; a half sentence after a semicolon.

    For keys and values of a document, which stand in quotes.
    """
    known = [str(option) for option in options]
    near = nearest(word, known)
    if near:
        return f"did you mean {near!r}?"
    return "it is one of " + ", ".join(known) if known else "there is none"
