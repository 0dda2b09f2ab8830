"""Writes docs/screenshots.md from the pictures: `python -m tests.browser.gallery`."""

from __future__ import annotations

from tests.browser.built import ROOT
from tests.browser.pictures import FOLDER

PAGE = ROOT / "docs" / "screenshots.md"
HEAD = """# What it looks like

Pages as the browser tests saw them, taken by `make screenshots`; each follows your colours.
"""
PARTS = {
    "Where people meet it": ("inbox", "inbox-rtl", "preference-page", "unsubscribe"),
    "What happened": ("capture", "activity", "notification", "event", "person", "simulation"),
    "What is sent": ("workflow", "words", "templates", "blast"),
}
REST = "Running it"
PHONE_WIDTH = 300


def names() -> list[str]:
    """What was pictured, without its tail: `inbox`, `sign-in`."""
    return sorted(path.name.removesuffix("-light.png") for path in FOLDER.glob("*-light.png"))


def part_of(name: str) -> str:
    """The heading that a picture stands under."""
    found = (part for part, starts in PARTS.items() if name.startswith(starts))
    return next(found, REST)


def shown(name: str, tail: str = "", width: int | None = None) -> str:
    """One picture in the colours of the reader."""
    words = name.replace("-", " ").capitalize() + (" on a phone" if tail else "")
    size = f' width="{width}"' if width else ""
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" '
        f'srcset="screenshots/{name}-dark{tail}.png">'
        f'<img src="screenshots/{name}-light{tail}.png" alt="{words}"{size}></picture>\n'
    )


def page() -> str:
    """The document."""
    lines = [HEAD]
    for part in (*PARTS, REST):
        mine = [name for name in names() if part_of(name) == part]
        lines += [f"## {part}\n"] * bool(mine)
        for name in mine:
            lines.append(f"### {name.replace('-', ' ').capitalize()}\n")
            lines.append(shown(name))
            if (FOLDER / f"{name}-light-phone.png").exists():
                lines.append(shown(name, "-phone", PHONE_WIDTH))
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
