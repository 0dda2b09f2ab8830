"""What the CEL engine does not say of an expression: its macros, how they nest, its patterns."""

from __future__ import annotations

import re

import msgspec

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)
      | (?P<raw>[bB]?[rR][bB]?(?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n]*"|'[^'\n]*'))
      | (?P<text>[bB]?(?:\"\"\"(?:\\.|.)*?\"\"\"|'''(?:\\.|.)*?'''
                       |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<word>[A-Za-z_]\w*)
      | (?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})


class Scan(msgspec.Struct, frozen=True):
    """`bound` are the variables of macros; `nesting` says how deep macros stand in each other.

    `growth` counts what can make values larger: additions and entries of literals. `patterns` are
    the arguments of `matches` as they are written, None for one that is no text or in a macro.
    """

    bound: frozenset[str]
    nesting: int
    growth: int
    patterns: tuple[str | None, ...]


def scan(source: str) -> Scan:
    """Look at the tokens of an expression that the engine has accepted."""
    found = [(m.lastgroup, m[0]) for m in _TOKEN.finditer(source) if m.lastgroup != "comment"]
    words = [*(text for _, text in found), "", "", ""]
    bound: set[str] = set()
    opened: list[bool] = []
    patterns: list[str | None] = []
    nesting = 0
    for at, (kind, word) in enumerate(found):
        if word == "(":
            is_macro = at > 1 and words[at - 1] in _MACROS and words[at - 2] == "."
            opened.append(is_macro)
            if is_macro:
                bound.add(words[at + 1])
                nesting = max(nesting, sum(opened))
        elif word == ")" and opened:
            opened.pop()
        elif word == "matches" and kind == "word" and words[at + 1] == "(":
            literal = found[at + 2][0] in ("raw", "text") and words[at + 3] == ")"
            patterns.append(words[at + 2] if literal and not any(opened) else None)
    growth = sum(word in ("+", ",") for word in words)
    return Scan(frozenset(bound), nesting, growth, tuple(patterns))


def position(source: str, name: str) -> tuple[int, int]:
    """Line and column (from 1) where a word first stands as a name of its own, else as a member."""
    before, member = "", 0
    for match in _TOKEN.finditer(source):
        if match["word"] == name:
            if before != ".":
                return _line_and_column(source, match.start())
            member = member or match.start()
        before = match[0]
    return _line_and_column(source, member)


def _line_and_column(source: str, at: int) -> tuple[int, int]:
    return source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)
