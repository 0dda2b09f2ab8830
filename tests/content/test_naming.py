from __future__ import annotations

from typing import Any

import pytest

from clarion.content.wording import rules_of
from tests.content.templating import text
from tests.content.test_wording import said


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ({"id": "u1", "name": "Ana"}, "Ana"),
        ("Ana", "Ana"),
        ({"id": "u1"}, "Someone"),
        ({}, "Someone"),
        (None, "Someone"),
        ({"name": "  "}, "Someone"),
        ({"name": "\u202e\x07"}, "Someone"),
        ({"name": 7}, "Someone"),
        ({"erased": True}, "A former member"),
        ({"erased": True, "name": "Ana"}, "A former member"),
        ({"id": "me", "name": "Ana"}, "You"),
        ({"name": " Ana \n Maria\x00 "}, "Ana Maria"),
    ],
)
def test_an_actor_has_a_name_or_a_word_for_it(actor: Any, name: str) -> None:
    assert text("{{ data|names }}", data=[actor], user={"id": "me"}) == name


def test_words_for_a_name_are_small_within_a_sentence() -> None:
    actors = [{"name": "Ana"}, {"name": "Ben"}, {"erased": True}]
    assert text("{{ data|names }}", data=actors) == "Ana, Ben, and a former member"
    for form, sentence in {
        "{names} liked it": "Someone liked it",
        "Liked by {names}": "Liked by someone",
    }.items():
        body = f"{{{{ data|tell(other='{form}', others_other='x') }}}}"
        assert text(body, data=[{}]) == sentence


def test_a_template_may_say_other_words() -> None:
    body = "{{ data|names(someone='a guest', former='(gone)', you='yourself', length=4) }}"
    actors = [{}, {"erased": True}, {"id": "me"}, {"name": "Alexandra"}]
    shown = text(body, data=actors, user={"id": "me"})
    assert shown == "yourself, a guest, (gone), and Ale…"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de-AT", "Jemand"),
        ("pt-BR", "Alguém"),
        ("zh-TW", "某人"),
        ("ja", "誰か"),
        ("sw", "Someone"),
    ],
)
def test_each_locale_has_its_words_or_the_english_ones(locale: str, words: str) -> None:
    assert said(locale, "{{ data|names }}", data=[{}]) == words


def test_traditional_characters_are_kept_apart_from_simplified_ones() -> None:
    traditional, simplified = rules_of("zh-TW"), rules_of("zh")
    assert traditional is not None
    assert simplified is not None
    assert traditional.stand_ins.former != simplified.stand_ins.former


def test_a_name_is_cut_where_its_reader_sees_a_character_end() -> None:
    family = "👨\u200d👩\u200d👧"
    assert text("{{ data|names(length=3) }}", data=[family * 9]) == family * 2 + "…"
    assert len(text("{{ data|names }}", data=["x" * 300_0])) == 40
