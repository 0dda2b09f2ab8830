"""Template tags hidden from the MJML and CSS engines, and put back into what they make.

MJML and CSS inlining are done once per template, with its tags standing in the HTML as comments
(between elements and in text) or as plain words (inside attributes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from clarion.content.html_text import TagPart
from clarion.content.inheritance import tokens
from clarion.content.place import Place

_ENDING = re.compile(r"\{%[-+]?\s*end")
_OPENING = re.compile(r"<(/?)([A-Za-z][\w:-]*)")
_PLAIN_TEXT = frozenset({"title", "mj-title", "mj-preview", "textarea"})
_CLOSED_TO_TAGS = {
    "style": "put the value into a style attribute",
    "mj-style": "put the value into an attribute of the element",
    "script": "mail shows no scripts; remove it",
}


class Tag(msgspec.Struct):
    """One template tag: exact text, line, whether it shows (`{{ }}`), whether it stands in text."""

    text: str
    line: int
    shows: bool
    in_text: bool = False

    @property
    def part(self) -> TagPart:
        """Whether it shows a value, opens a loop or branch, or ends one."""
        if self.shows:
            return TagPart.VALUE
        return TagPart.END if _ENDING.match(self.text) else TagPart.OPENING


class HiddenTags:
    """A source whose tags are hidden. `source` is what the engines get."""

    def __init__(self, source: str, place: Place) -> None:
        self._place = place
        self._word = _unused_word(source)
        self._mark = re.compile(rf"<!--{self._word}(\d+)x-->|{self._word}(\d+)x")
        self.tags: list[Tag] = []
        markup = _Markup()
        out: list[str] = []
        for piece in _pieces(source, place):
            if isinstance(piece, str):
                markup.feed(piece)
                out.append(piece)
            else:
                out.append(self._hide(piece, markup))
        self.source = "".join(out)

    def restore(self, made: str) -> str:
        """What an engine made, with the tags back; InvalidError where it lost or moved one."""
        found = [int(m[1] or m[2]) for m in self._mark.finditer(made)]
        for number in sorted(set(range(len(self.tags))) - set(found)):
            tag = self.tags[number]
            shown = " ".join(tag.text.split())[:60]
            problem = f"`{shown}` stands where it would be lost; move it into text or an attribute"
            raise self._place.error(problem, tag.line)
        self._check_order(found)
        return self.show(made)

    def settle_in_tables(self, made: str) -> str:
        """Move tags at the start of a table into the `tbody` that an engine put around its rows.

        Else a loop over rows would open the body once per row.
        """
        start = re.compile(rf"(<table[^>]*>\s*)((?:<!--{self._word}\d+x-->\s*)+)<tbody>")
        return start.sub(r"\1<tbody>\2", made)

    def show(self, made: str) -> str:
        """Put the tags back into a text that may hold only some of them."""
        return self._mark.sub(lambda m: self.tags[int(m[1] or m[2])].text, made)

    def comment(self, data: str) -> tuple[str, TagPart] | None:
        """What stands for an HTML comment in the text part: the tag it hides, still as a word."""
        match = self._mark.fullmatch(data)
        return (data, self.tags[int(match[2])].part) if match and match[2] else None

    def _hide(self, tag: Tag, markup: _Markup) -> str:
        number = len(self.tags)
        self.tags.append(tag)
        word = f"{self._word}{number}x"
        if markup.mode == "text":
            if markup.element in _CLOSED_TO_TAGS:
                mend = _CLOSED_TO_TAGS[markup.element]
                raise self._place.error(f"a tag stands in <{markup.element}>: {mend}", tag.line)
            if markup.element in _PLAIN_TEXT:
                return word
            tag.in_text = True
            return f"<!--{word}-->"
        if markup.mode == "tag":
            mend = 'put the tag inside quotes, as in href="{{ data.url }}"'
            raise self._place.error(f"a template tag stands inside an HTML tag: {mend}", tag.line)
        return word

    def _check_order(self, found: list[int]) -> None:
        blocks = [n for n in found if self.tags[n].in_text and not self.tags[n].shows]
        for before, after in pairwise(blocks):
            if after <= before:
                tag = self.tags[after]
                problem = f"`{tag.text.strip()}` would end up elsewhere in the HTML"
                raise self._place.error(f"{problem}; put it around whole elements", tag.line)


def _unused_word(source: str) -> str:
    word = "clx"
    while word in source:
        word += "q"
    return word


def _pieces(source: str, place: Place) -> Iterator[str | Tag]:
    tag: list[str] = []
    line = 0
    for number, kind, text in tokens(source, place):
        if kind in ("raw_begin", "raw_end"):
            raise place.error("`raw` is not available in HTML and MJML", number)
        if kind in ("block_begin", "variable_begin", "comment_begin"):
            tag, line = [text], number
        elif kind in ("block_end", "variable_end"):
            yield Tag("".join((*tag, text)), line, kind == "variable_end")
            tag = []
        elif kind == "comment_end":
            tag = []
        elif tag:
            tag.append(text)
        else:
            yield text


class _Markup:
    """Where in HTML or MJML one stands: `mode` is text, tag, quoted or comment."""

    def __init__(self) -> None:
        self.mode = "text"
        self.element = ""
        self._end = ""
        self._opened = ""

    def feed(self, piece: str) -> None:
        """Move on over markup without template tags in it."""
        at = 0
        while at < len(piece):
            at = getattr(self, f"_{self.mode}")(piece, at)

    def _text(self, piece: str, at: int) -> int:
        start = piece.find("<", at)
        if start < 0:
            return len(piece)
        if piece.startswith("<!--", start):
            self.mode, self._end = "comment", "-->"
            return start + 4
        match = _OPENING.match(piece, start)
        if match is None:
            return start + 1
        name = match[2].lower()
        if self.element in _CLOSED_TO_TAGS and not (match[1] and name == self.element):
            return match.end()
        self.mode, self._opened = "tag", "" if match[1] else name
        return match.end()

    def _tag(self, piece: str, at: int) -> int:
        match = re.compile(r"[\"'>]").search(piece, at)
        if match is None:
            return len(piece)
        if match[0] == ">":
            closed = piece[match.start() - 1 : match.start()] == "/"
            self.mode, self.element = "text", "" if closed else self._opened
        else:
            self.mode, self._end = "quoted", match[0]
        return match.end()

    def _quoted(self, piece: str, at: int) -> int:
        return self._until_end(piece, at, "tag")

    def _comment(self, piece: str, at: int) -> int:
        return self._until_end(piece, at, "text")

    def _until_end(self, piece: str, at: int, mode: str) -> int:
        end = piece.find(self._end, at)
        if end < 0:
            return len(piece)
        self.mode = mode
        return end + len(self._end)
