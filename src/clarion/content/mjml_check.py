"""What the MJML engine does not say: which element is unknown, unclosed or too deep, and where."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from clarion.content import bounds
from clarion.content.place import Place
from clarion.core.suggestion import suggestion

ELEMENTS = frozenset(
    f"mj-{name}"
    for name in (
        *("accordion", "accordion-element", "accordion-text", "accordion-title", "all"),
        *("attributes", "body", "breakpoint", "button", "carousel", "carousel-image", "class"),
        *("column", "divider", "font", "group", "head", "hero", "html-attribute"),
        *("html-attributes", "image", "navbar", "navbar-link", "preview", "raw", "section"),
        *("selector", "social", "social-element", "spacer", "style", "table", "text", "title"),
        "wrapper",
    )
)
"""Elements of MJML 4; `mj-include` is missing on purpose, layouts are written with `extends`."""

_TAG = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_OPENING = re.compile(r"<[A-Za-z]")
_VOID = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


def check_nesting(source: str, limit: int, place: Place, xml: bool = False) -> None:
    """Refuse markup that has more elements, or nests deeper, than the engines can take."""
    if len(_OPENING.findall(source)) > bounds.TAGS_LIMIT:
        raise place.error(f"more than {bounds.TAGS_LIMIT} elements; make it shorter")
    depth = _Depth(limit, xml)
    depth.feed(source)
    depth.close()
    if depth.too_deep_at is not None:
        problem = f"elements nest over {limit} deep; close what is open, or make it flatter"
        raise place.error(problem, depth.too_deep_at)


class _Depth(HTMLParser):
    def __init__(self, limit: int, xml: bool) -> None:
        super().__init__()
        self.too_deep_at: int | None = None
        self._limit = limit
        self._xml = xml
        self._open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID or self.too_deep_at is not None:
            return
        self._open.append(tag)
        if len(self._open) > self._limit:
            self.too_deep_at = self.getpos()[0]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In HTML the slash of <div/> means nothing: the element stays open.
        if not self._xml:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass


def check_mjml(source: str, place: Place) -> None:
    """Refuse unknown and unclosed MJML elements with their line."""
    check_nesting(source, bounds.MJML_DEPTH, place, xml=True)
    opened: list[tuple[str, int]] = []
    for match in _TAG.finditer(source):
        name = match["name"]
        if name is None or not (name == "mjml" or name.startswith("mj-")):
            continue
        line = _line(source, match)
        if name == "mj-include":
            raise place.error("<mj-include> is not available; use `extends` and `block`", line)
        if name != "mjml" and name not in ELEMENTS:
            known = suggestion(name, ELEMENTS)
            raise place.error(f"unknown MJML element <{name}>{known}", line)
        if match["end"]:
            if not opened or opened[-1][0] != name:
                raise place.error(f"</{name}> closes nothing{_still_open(opened)}", line)
            opened.pop()
        elif not match["rest"].rstrip().endswith("/"):
            opened.append((name, line))
    if opened:
        raise place.error(f"<{opened[-1][0]}> is not closed", opened[-1][1])


def _still_open(opened: list[tuple[str, int]]) -> str:
    return f"; <{opened[-1][0]}> of line {opened[-1][1]} is still open" if opened else ""


def _line(source: str, match: re.Match[str]) -> int:
    return source.count("\n", 0, match.start()) + 1
