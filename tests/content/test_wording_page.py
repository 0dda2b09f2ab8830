"""The page about wording shows what templates really say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.content.templating import text
from tests.content.test_wording import said, without_isolates

PAGE = (Path(__file__).parents[2] / "docs/how-to/write-wording.md").read_text("utf-8")
TEMPLATES: dict[str, str] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
NAMES = ["Ana", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hope", "Ida", "Jon"]
COUNTS = (1, 3, 4, 23)


def row(locale: str) -> str:
    """The row of the page's table for a locale."""
    actors = [{"id": name, "name": name} for name in NAMES]
    cells = [
        said(locale, TEMPLATES[locale], digest={"actors": actors[:count], "actor_count": count})
        for count in COUNTS
    ]
    return without_isolates(f"| {' | '.join([locale, *cells])} |")


@pytest.mark.parametrize("locale", TEMPLATES)
def test_the_table_of_the_page_is_what_its_templates_say(locale: str) -> None:
    assert row(locale) in PAGE


def test_the_short_examples_of_the_page_work() -> None:
    plural, commented = (
        body.strip() for body in re.findall(r"```jinja\n(.*?)```", PAGE, re.DOTALL)
    )
    assert text(plural, digest={"count": 1200}) == "1,200 likes"
    digest = {"count": 4, "actors": [{"name": "Ana"}]}
    assert text(commented, digest=digest) == "Ana commented 4 times"
