from __future__ import annotations

from typing import Any

import pytest

from clarion.core.worded import plain_name, worded_for
from clarion.core.workflow_reading import category_document, inspect_category, read_category

NAMES = {"en": "Comments", "de": "Kommentare", "pt-BR": "Comentários"}


def test_a_category_is_named_in_one_wording_or_by_locale() -> None:
    one = read_category({"name": " Your\n comments ", "description": "Of others"}, "social")
    assert (one.name, one.description) == ({"": "Your comments"}, {"": "Of others"})
    many = read_category({"name": NAMES}, "social")
    assert many.name == NAMES
    for category in (one, many):
        assert read_category(category_document(category)) == category


@pytest.mark.parametrize(
    "written", ["", 7, {}, {"en": ""}, {"engl!sh": "x"}, {"en": 7}, "x" * 81, "a\x07b", ["x"]]
)
def test_what_is_no_name_is_refused_where_it_stands(written: Any) -> None:
    _, mistakes = inspect_category({"name": written}, "social")
    assert mistakes
    assert all(mistake.pointer.startswith("/name") for mistake in mistakes)


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de-AT", "Kommentare"), ("pt_BR", "Comentários"), ("pt", "Comments"), ("ja", "Comments")],
)
def test_the_nearest_wording_is_read(locale: str, text: str) -> None:
    assert worded_for(NAMES, locale) == text


def test_a_wording_for_all_comes_before_english() -> None:
    assert worded_for({"": "All", "en": "English"}, "fr") == "All"
    assert worded_for({"fr": "Tout"}, "de") == "Tout"
    assert worded_for({}, "de") is None


def test_a_key_is_read_as_words_where_nothing_else_is_known() -> None:
    assert plain_name("order-shipped.v2") == "Order shipped v2"
    assert plain_name("--") == "--"
