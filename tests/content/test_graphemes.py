from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.content.graphemes import clusters, cut

FAMILY = "👨\u200d👩\u200d👧"
THUMB = "👍🏽"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        (FAMILY + "x", [FAMILY, "x"]),
        (THUMB + THUMB, [THUMB, THUMB]),
        (SCOTLAND + "x", [SCOTLAND, "x"]),
        ("🇩🇪🇫🇷🇦", ["🇩🇪", "🇫🇷", "🇦"]),
        ("x🇩🇪y", ["x", "🇩🇪", "y"]),
        ("क्षि", ["क्षि"]),
        ("नमस्ते", ["न", "म", "स्ते"]),
        ("กำ", ["กำ"]),
        ("", []),
    ],
)
def test_a_cluster_is_what_a_reader_counts_as_one(text: str, expected: list[str]) -> None:
    assert list(clusters(text)) == expected


def test_a_text_is_cut_between_characters_of_the_reader() -> None:
    assert cut(FAMILY * 5, 3) == FAMILY * 2 + "…"
    assert cut("🇩🇪🇫🇷🇦🇹", 2) == "🇩🇪…"
    assert cut("Ana Maria", 5) == "Ana…"
    assert cut("Ana", 3) == "Ana"


def test_marks_without_end_are_cut_off() -> None:
    assert len(cut("Z" + "\u0335" * 5000 + "ana", 10)) < 50


@given(st.text(), st.integers(1, 20))
def test_clusters_make_up_the_text_and_a_cut_keeps_the_length(text: str, length: int) -> None:
    assert "".join(clusters(text)) == text
    assert len(list(clusters(cut(text, length)))) <= length
