from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.content.bidi import FIRST_STRONG, POP, set_apart, without_controls


@pytest.mark.parametrize(
    ("text", "is_rtl", "is_isolated"),
    [
        ("Ana", False, False),
        ("Ana", True, True),
        ("שלום", False, True),
        ("שלום", True, False),
        ("أحمد", False, True),
        ("Łukasz", False, False),
        ("Ana שלום", False, True),
        ("123!", True, False),
        ("", True, False),
        ("田中", True, True),
        (f"{FIRST_STRONG}Ana{POP} שלום", True, False),
        (f"{FIRST_STRONG}שלום{POP} Ana", False, False),
    ],
)
def test_only_what_runs_against_the_text_is_isolated(
    text: str, is_rtl: bool, is_isolated: bool
) -> None:
    expected = f"{FIRST_STRONG}{text}{POP}" if is_isolated else text
    assert set_apart(text, is_rtl) == expected


@pytest.mark.parametrize("hostile", ["\u202eAna", "Ana\u2069", "\u2067Ana", "\u2069\u2068Ana"])
def test_a_text_cannot_turn_what_stands_around_it(hostile: str) -> None:
    assert set_apart(hostile, is_rtl=False) == "Ana"
    assert set_apart(hostile, is_rtl=True) == f"{FIRST_STRONG}Ana{POP}"


@given(st.text(alphabet="Aאa1 \u2068\u2069\u202e\u2066\u202c"), st.booleans())
def test_isolates_are_always_closed(text: str, is_rtl: bool) -> None:
    depth = 0
    for character in set_apart(text, is_rtl):
        depth += {FIRST_STRONG: 1, POP: -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    bare = without_controls(set_apart(text, is_rtl))
    assert bare == without_controls(text)
