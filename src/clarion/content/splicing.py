"""Templates of nothing but text and plain names, put together without the engine.

Most titles and links are such. What is out of the ordinary (a value that is not there, no text,
or too much of it) is left to the engine, whose answer is the same.
"""

from __future__ import annotations

import re
from typing import Any

from clarion.content import bounds

_NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*\}\}")
_MARKS = ("{{", "{%", "{#", "}}", "%}", "#}")
_LARGEST = 2**63
_WORDS = frozenset({"true", "false", "none", "True", "False", "None", "self", "loop"})


class Splice:
    """Texts, and the paths of the values between them."""

    def __init__(self, texts: list[str], paths: list[tuple[str, ...]]) -> None:
        self._first = texts[0]
        self._rest = tuple(zip(paths, texts[1:], strict=True))

    def fill(self, values: dict[str, Any]) -> str | None:
        """The text with the values in it; None: the engine has to say."""
        made = [self._first]
        for path, text in self._rest:
            value: Any = values
            for key in path:
                if not isinstance(value, dict) or key not in value:
                    return None
                value = value[key]
            kind = type(value)
            if kind is int and -_LARGEST < value < _LARGEST:
                value = str(value)
            elif kind is not str:
                return None
            made.append(value)
            made.append(text)
        filled = "".join(made)
        return filled if len(filled) <= bounds.OUTPUT_CHARS else None


def splice_of(source: str) -> Splice | None:
    """None for a template that does more than to name values."""
    parts = _NAME.split(source.removesuffix("\n"))
    texts, names = parts[::2], parts[1::2]
    if any(mark in text for text in texts for mark in _MARKS):
        return None
    paths = [tuple(name.split(".")) for name in names]
    if any(path[0] in _WORDS for path in paths):
        return None
    return Splice(texts, paths)
