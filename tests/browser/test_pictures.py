"""The pictures of the documents: all of them shown, none too large to be fetched with a page."""

from __future__ import annotations

import re

from tests.browser.gallery import PAGE, page
from tests.browser.pictures import FOLDER, LARGEST_BYTES

TEXT = PAGE.read_text("utf-8")


def test_every_picture_is_shown_and_every_shown_one_is_there() -> None:
    shown = set(re.findall(r'"screenshots/([\w-]+\.png)"', TEXT))
    assert shown == {path.name for path in FOLDER.glob("*.png")}


def test_the_page_is_as_it_was_written_from_the_pictures() -> None:
    assert page() == TEXT


def test_every_picture_has_its_dark_one() -> None:
    names = {path.name for path in FOLDER.glob("*.png")}
    light = {name for name in names if "-light" in name}
    assert names == light | {name.replace("-light", "-dark") for name in light}


def test_no_picture_is_large() -> None:
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > LARGEST_BYTES]
    assert large == []


def test_every_picture_is_told_in_words() -> None:
    assert re.findall(r"<img(?![^>]*\balt=\"[^\"]+\")[^>]*>", TEXT) == []
