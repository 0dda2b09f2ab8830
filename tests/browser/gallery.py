"""Writes docs/screenshots.md from the pictures: `python -m tests.browser.gallery`."""

from __future__ import annotations

from tests.browser.built import ROOT
from tests.browser.pictures import FOLDER

PAGE = ROOT / "docs" / "screenshots.md"
HEAD = """# What it looks like

Pages as the browser tests saw them, taken by `make screenshots`; each follows your colours.
"""
PARTS = {
    "Where people meet it": ("inbox", "preference-page", "unsubscribe", "broken-link"),
    "What happened": (
        "capture",
        "activity",
        "notification",
        "event",
        "people",
        "person",
        "topic",
        "what-if",
        "simulation",
    ),
    "What is sent": ("workflow", "words", "template", "blast"),
}
REST = "Running it"
WIDTHS = {"": 600, "-phone": 174}
"""Pixels, so that both are of one height and side by side."""


def named(path: str) -> str:
    """What a page of the dashboard is called: `/blasts/new` -> blasts-new; `/` -> overview."""
    return path.strip("/").replace("/", "-") or "overview"


def names() -> list[str]:
    """What was pictured, without its tail: `inbox`, `sign-in`."""
    return sorted(path.name.removesuffix("-light.png") for path in FOLDER.glob("*-light.png"))


def part_of(name: str) -> str:
    """The heading that a picture stands under."""
    found = (part for part, starts in PARTS.items() if name.startswith(starts))
    return next(found, REST)


def shown(name: str, tail: str = "") -> str:
    """One picture in the colours of the reader."""
    words = name.replace("-", " ").capitalize() + (" on a phone" if tail else "")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" '
        f'srcset="screenshots/{name}-dark{tail}.png">'
        f'<img src="screenshots/{name}-light{tail}.png" alt="{words}" width="{WIDTHS[tail]}">'
        "</picture>"
    )


def page() -> str:
    """The document."""
    lines = [HEAD]
    for part in (*PARTS, REST):
        mine = [name for name in names() if part_of(name) == part]
        lines += [f"## {part}\n"] * bool(mine)
        for name in mine:
            lines.append(f"### {name.replace('-', ' ').capitalize()}\n")
            tails = [tail for tail in WIDTHS if (FOLDER / f"{name}-light{tail}.png").exists()]
            lines.append("\n".join(shown(name, tail) for tail in tails) + "\n")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
