"""The text part of a mail, made from its HTML: links with their address, lists, no styles."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from html.parser import HTMLParser

_SILENT = frozenset({"head", "style", "script", "template", "noscript", "svg"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "area", "source", "wbr"})
_BLOCKS = frozenset(
    {"div", "section", "article", "header", "footer", "main", "table", "tr", "form", "address"}
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre"})
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_GAPS = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_TRAILING = re.compile(r"[ \t]+(?=\n)")
_HIDDEN = re.compile(r"display\s*:\s*none")


class TagPart(Enum):
    """What a template tag does: shows a value, opens a loop or branch, or ends one."""

    VALUE = 1
    OPENING = 2
    END = 3


def text_from_html(
    html: str, comment: Callable[[str], tuple[str, TagPart] | None] = lambda _: None
) -> str:
    """HTML as plain text.

    `comment` says what stands for a comment, if anything: a text, and which part of a template
    tag it is.
    """
    maker = _TextMaker(comment)
    maker.feed(html)
    maker.close()
    return tidy("".join(maker.out))


def tidy(text: str) -> str:
    """At most one empty line in a row, none at the ends, no spaces at the ends of lines."""
    return _GAPS.sub("\n\n", _TRAILING.sub("", text)).strip()


class _TextMaker(HTMLParser):
    def __init__(self, comment: Callable[[str], tuple[str, TagPart] | None]) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._comment = comment
        self._breaks = 0
        self._started = False
        self._space = False
        self._silent: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._silent or tag in _SILENT or _HIDDEN.search(given.get("style", "")):
            if tag not in _VOID:
                self._silent.append(tag)
            return
        self._separate(tag)
        if tag == "li":
            self._write("- ")
            self._space = False
        elif tag == "hr":
            self._break(2)
            self._write("---")
            self._break(2)
        elif tag == "img" and given.get("alt", "").strip():
            self.handle_data(given["alt"])
        elif tag == "a":
            self._links.append((given.get("href", ""), len(self.out)))

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag not in _VOID:
            self._separate(tag)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        text = _SPACES.sub(" ", data)
        if text.startswith(" "):
            self._space = True
        if text.strip():
            self._write(text.strip())
            self._space = text.endswith(" ")

    def handle_comment(self, data: str) -> None:
        if self._silent or (stands_for := self._comment(data)) is None:
            return
        text, part = stands_for
        if part is TagPart.VALUE:
            self._write(text)
            return
        # Breaks before a loop belong before it; those at the end of its body to what comes next.
        if part is TagPart.OPENING:
            self._flush()
        self.out.append(text)
        self._started = True

    def _separate(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._break(2)
        elif tag == "br":
            self._break(min(self._breaks + 1, 2))
        elif tag in _BLOCKS or tag == "li":
            self._break(1)
        elif tag in ("td", "th"):
            self._space = True

    def _break(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)
        self._space = False

    def _write(self, text: str) -> None:
        self._flush()
        self.out.append(text)
        self._started = True

    def _flush(self) -> None:
        if self._breaks:
            self.out.append("\n" * self._breaks)
        elif self._space and self._started:
            self.out.append(" ")
        self._breaks, self._space = 0, False

    def _end_link(self, href: str, start: int) -> None:
        shown = "".join(self.out[start:]).strip()
        href = href.strip()
        if href and not href.startswith("#") and href.removeprefix("mailto:") != shown:
            self._write(f" ({href})" if shown and not self._breaks else f"({href})")
