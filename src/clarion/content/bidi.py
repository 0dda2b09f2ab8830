"""Texts set apart from the sentence around them when they are written in the other direction.

Unicode's bidirectional algorithm (UAX #9) would else let a name move the words and numbers beside
it. U+2068 (first strong isolate) and U+2069 (pop directional isolate) keep it to itself.
"""

from __future__ import annotations

import re
import unicodedata

FIRST_STRONG, POP = "\u2068", "\u2069"

_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SET_APART = re.compile(f"{FIRST_STRONG}[^\u202a-\u202e\u2066-\u2069]*{POP}")
_LEFT, _RIGHT = frozenset({"L"}), frozenset({"R", "AL"})


def without_controls(text: str) -> str:
    """The text without characters that turn its direction or end an isolate."""
    return _CONTROLS.sub("", text)


def set_apart(text: str, is_rtl: bool) -> str:
    """The text, isolated when it holds letters against the direction of the words around it.

    What is isolated in it already counts for nothing; controls that would reach out of it go.
    """
    around = _SET_APART.sub("", text)
    if _CONTROLS.search(around):
        text = around = without_controls(text)
    if around.isascii() and not is_rtl:
        return text
    against = _LEFT if is_rtl else _RIGHT
    if any(unicodedata.bidirectional(character) in against for character in around):
        return f"{FIRST_STRONG}{text}{POP}"
    return text
