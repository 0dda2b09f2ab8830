"""Cutting texts where a reader sees the end of a character (after UAX #29, grapheme clusters).

Without the tables of the annex this joins a little more than it does, and never less where a
cut would show: after a joiner or a virama there is no boundary at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_JOINERS = frozenset("\u200c\u200d")
_CLUSTER_CHARS = 32
"""Most code points of a cluster that are kept: marks piled up without end are no name (UAX #15
knows no text with more than 30 in a row)."""


def clusters(text: str) -> Iterator[str]:
    """What a reader counts as the characters of a text in NFC, in order."""
    start = flags = 0
    for at in range(1, len(text) + 1):
        flags = flags + 1 if _is_flag_letter(text[at - 1]) else 0
        if at == len(text) or _is_boundary(text[at - 1], text[at], flags):
            yield text[start:at]
            start = at
            flags = 0


def cut(text: str, length: int, end: str = "…") -> str:
    """At most `length` of a text's characters, `end` being the last when something was cut off.

    The text comes back in NFC.
    """
    kept: list[str] = []
    # A text that long is cut anyway, and only its beginning has to be looked at.
    for cluster in clusters(unicodedata.normalize("NFC", text[: (length + 2) * _CLUSTER_CHARS])):
        if len(kept) == length:
            return "".join(kept[: max(0, length - len(end))]).rstrip() + end
        kept.append(cluster[:_CLUSTER_CHARS])
    return "".join(kept)


def _is_boundary(before: str, after: str, flags: int) -> bool:
    if after in _JOINERS or _extends(after) or before == "\u200d":
        return False
    if flags and _is_flag_letter(after):
        return flags % 2 == 0
    is_virama = unicodedata.combining(before) == 9
    return not (is_virama and unicodedata.category(after) == "Lo")


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags of flags such as Scotland's
        or character in "\u0e33\u0eb3\uff9e\uff9f"  # AM of Thai and Lao; marks of half-width kana
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
