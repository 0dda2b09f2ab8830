from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clarion.pages.words import FOLDER, LOCALES, words_for, words_of

NOON = 1_767_268_800_000_000  # 2026-01-01T12:00:00Z
GAP = re.compile(r"\{\w+\}")


def texts(locale: str) -> dict[str, str]:
    return msgspec.json.decode((FOLDER / f"{locale}.json").read_bytes(), type=dict[str, str])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_says_everything(locale: str) -> None:
    found, english = texts(locale), texts("en")
    assert list(found) == list(english)
    for key, text in found.items():
        assert text.strip(), key
        assert set(GAP.findall(text)) == set(GAP.findall(english[key])), key


@pytest.mark.parametrize(
    ("user_locale", "accepted", "locale"),
    [
        ("de-AT", "fr", "de"),
        (None, "fr-CA, en;q=0.8", "fr"),
        (None, "en;q=0.2, es;q=0.9", "es"),
        (None, "it, ja;q=0.3", "ja"),
        ("it", "ar", "ar"),
        (None, "de;q=0", "en"),
        (None, "x" * 5_000 + ";;q=,,", "en"),
        (None, "", "en"),
    ],
)
def test_the_users_locale_comes_before_the_browsers(
    user_locale: str | None, accepted: str, locale: str
) -> None:
    assert words_for(user_locale, accepted).locale == locale


def test_names_are_set_apart_in_a_sentence() -> None:
    assert words_of("ar").direction == "rtl"
    assert words_of("en")("for_name", name="{until}") == "For \u2068{until}\u2069"


def test_a_name_turns_no_sentence() -> None:
    assert words_of("en")("for_name", name="\u202eana\u2069 x") == "For \u2068ana x\u2069"


def test_instants_are_told_in_the_zone_and_the_locale() -> None:
    assert words_of("de").instant(NOON, ZoneInfo("Europe/Vienna")) == "1. Januar 2026, 13:00"
    assert words_of("en").days()[0] == "Mon"
