"""The pictures of the documents: all of them shown, none too large to be fetched with a page."""

from __future__ import annotations

import re

import pytest

from tests.browser.built import WEB
from tests.browser.gallery import PAGE, named, page
from tests.browser.pictures import FOLDER, LARGEST_BYTES

TEXT = PAGE.read_text("utf-8")
LARGEST_SET_BYTES = 8_000_000
PAGES = re.findall(r"page\('([^']+)'", (WEB / "dashboard" / "src" / "pages.ts").read_text("utf-8"))
ONE_OF_MANY = {
    "/notifications/:id": "notification",
    "/events/:id": "event",
    "/people/:id": "person",
    "/topics/:key": "topic",
    "/what-if/:id": "simulation",
    "/workflows/:key": "workflow",
    "/workflows/:key/words": "words",
    "/templates/:name": "template",
    "/blasts/:id": "blast-armed",
}
"""What a page of one thing is called; other pages are called as their address."""

OTHERS = (
    "sign-in",
    "inbox",
    "inbox-closed",
    "inbox-toast",
    "inbox-page",
    "inbox-rtl",
    "preference-page",
    "unsubscribe",
    "unsubscribed",
)
TAILS = ("light", "dark", "light-phone", "dark-phone")


@pytest.mark.parametrize("name", [*(ONE_OF_MANY.get(one) or named(one) for one in PAGES), *OTHERS])
def test_every_page_has_its_pictures(name: str) -> None:
    missing = [tail for tail in TAILS if not (FOLDER / f"{name}-{tail}.png").is_file()]
    assert missing == [], "take them: make screenshots"


def test_every_picture_is_shown_and_every_shown_one_is_there() -> None:
    shown = set(re.findall(r'"screenshots/([\w-]+\.png)"', TEXT))
    assert shown == {path.name for path in FOLDER.glob("*.png")}


def test_the_page_is_as_it_was_written_from_the_pictures() -> None:
    assert page() == TEXT


def test_every_picture_has_its_dark_one() -> None:
    names = {path.name for path in FOLDER.glob("*.png")}
    light = {name for name in names if "-light" in name}
    assert names == light | {name.replace("-light", "-dark") for name in light}


def test_no_picture_is_large_nor_are_all_of_them() -> None:
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > LARGEST_BYTES]
    assert large == []
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < LARGEST_SET_BYTES


def test_every_picture_is_told_in_words() -> None:
    assert re.findall(r"<img(?![^>]*\balt=\"[^\"]+\")[^>]*>", TEXT) == []
