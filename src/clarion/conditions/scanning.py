"""What the CEL engine does not say of an expression: its macros, how they nest, where words stand."""

from __future__ import annotations

import re

import msgspec

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)
      | (?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<word>[A-Za-z_]\w*)
      | (?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})


class Scan(msgspec.Struct, frozen=True):
    """`bound` are the variables of macros; `nesting` how deep macros stand in each other's arguments.

    `growth` counts what can make values larger: additions and entries of literals.
    """

    bound: frozenset[str]
    nesting: int
    growth: int


def scan(source: str) -> Scan:
    """Look at the tokens of an expression that the engine has accepted."""
    words = [m[0] for m in _TOKEN.finditer(source) if m.lastgroup in ("word", "other", "text")]
    bound: set[str] = set()
    opened: list[bool] = []
    nesting = 0
    for at, word in enumerate(words):
        if word == "(":
            is_macro = at > 1 and words[at - 1] in _MACROS and words[at - 2] == "."
            opened.append(is_macro)
            if is_macro:
                bound.add(words[at + 1])
                nesting = max(nesting, sum(opened))
        elif word == ")" and opened:
            opened.pop()
    growth = sum(word in ("+", ",") for word in words)
    return Scan(frozenset(bound), nesting, growth)


def position(source: str, name: str) -> tuple[int, int]:
    """Line and column (from 1) where a word first stands as a name of its own."""
    before = ""
    for match in _TOKEN.finditer(source):
        if match["word"] == name and before != ".":
            start = match.start()
            return source.count("\n", 0, start) + 1, start - source.rfind("\n", 0, start)
        before = match[0]
    return 1, 1
