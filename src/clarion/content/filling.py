"""Filling a compiled template with values: warnings for what is missing, and the last checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from clarion.content.engine import Template, UndefinedError, find, missing
from clarion.content.fields import (
    HEADERS,
    INBOX_CHARS,
    LABEL_CHARS,
    LINKS,
    ONE_LINE,
    is_safe_link,
    is_safe_picture,
)
from clarion.content.html_text import tidy
from clarion.content.place import Place
from clarion.core.suggestion import suggestion
from clarion.core.workflow import Channel

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LINKED = frozenset({Channel.INBOX, Channel.PUSH})
_NOTHING_WHEN_EMPTY = frozenset({"from", "reply_to", "collapse_key", *LINKS})

_LINK_RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "url": (is_safe_link, "links are http, https, mailto or start with /"),
    "image": (is_safe_picture, "pictures have a whole address with https"),
}


class Leaf:
    """A text of a template. `typed`: its value keeps its type. `tidied`: gaps in it are closed.
    `remade`: it was made from another text, so that its lines are not those of the author.
    """

    __slots__ = ("remade", "template", "tidied", "typed")

    def __init__(
        self, template: Template, *, typed: bool = False, tidied: bool = False, remade: bool = False
    ) -> None:
        self.template = template
        self.typed = typed
        self.tidied = tidied
        self.remade = remade


class Filling:
    """One rendering: the values, how heavy they are, and what was found missing so far."""

    def __init__(self, values: dict[str, Any], weight: int, strict: bool) -> None:
        self._values = values
        self._weight = weight
        self._strict = strict
        self.warnings: dict[str, None] = {}

    def fill(self, part: Any) -> Any:
        """The part with every leaf in it rendered."""
        if isinstance(part, Leaf):
            return self._leaf(part)
        if isinstance(part, dict):
            return {name: self.fill(inner) for name, inner in part.items()}
        if isinstance(part, list):
            return [self.fill(inner) for inner in part]
        return part

    def warn(self, warning: str) -> None:
        """Note something once."""
        self.warnings[warning] = None

    def _leaf(self, leaf: Leaf) -> Any:
        try:
            made = self._render(leaf, lenient=False)
        except UndefinedError as gap:
            self._missing(leaf, [gap.path], gap.line)
            made = self._leniently(leaf)
        else:
            if leaf.template.reading.forgiving:
                self._missing(leaf, ())
        return tidy(made) if leaf.tidied else made

    def _render(self, leaf: Leaf, lenient: bool) -> Any:
        if leaf.typed:
            return leaf.template.value(self._values, self._weight, lenient)
        return leaf.template.text(self._values, self._weight, lenient)

    def _leniently(self, leaf: Leaf) -> Any:
        try:
            return self._render(leaf, lenient=True)
        except UndefinedError as gap:
            # Arithmetic on what is missing has no answer: the whole text stays empty.
            self._missing(leaf, [gap.path], gap.line)
            return None if leaf.typed else ""

    def _missing(self, leaf: Leaf, met: Iterable[str], line: int | None = None) -> None:
        if leaf.remade:
            line = None
        gaps = dict.fromkeys((*met, *missing(self._values, leaf.template.reading.certain)))
        for path in gaps:
            if self._strict:
                near = _near(self._values, path)
                raise leaf.template.place.error(f"`{path}` is not set{near}", line)
            self.warn(f"{path} is not set")


def _near(values: dict[str, Any], path: str) -> str:
    *parents, last = path.split(".")
    found, beside = find(values, tuple(parents))
    if not parents or not found or not isinstance(beside, dict):
        return "; send it, or write a default: {{ data.name|default('there') }}"
    near = suggestion(last, [key for key in beside if isinstance(key, str)][:100])
    return near if near.startswith("; did") else "; send it, or give it a default"


def finish(channel: Channel, fields: dict[str, Any], filling: Filling, place: Place) -> None:
    """Check what the values made of headers and links, cut what is too long for an inbox, and drop
    what is empty.
    """
    for name in ONE_LINE & fields.keys():
        fields[name] = " ".join(fields[name].split())
    if channel is Channel.EMAIL:
        for name in HEADERS & fields.keys():
            fields[name] = _header(fields[name], place.within(name))
    if channel in _LINKED:
        _check_links(fields, filling)
        if "actions" in fields:
            fields["actions"] = [a for a in fields["actions"] if _check_links(a, filling)]
    if channel is Channel.INBOX:
        _shorten(fields, filling)
    for name in _NOTHING_WHEN_EMPTY & fields.keys():
        if fields[name] == "" and channel is not Channel.WEBHOOK:
            del fields[name]


def _header(value: str, place: Place) -> str:
    value = value.strip()
    if _CONTROLS.search(value):
        raise place.error("a value holds a line break; it becomes a mail header, so send one line")
    return value


def _shorten(fields: dict[str, Any], filling: Filling) -> None:
    for name, most in INBOX_CHARS.items():
        if name in fields:
            fields[name] = _cut(fields[name], most, name, filling)
    for action in fields.get("actions", ()):
        if isinstance(action.get("label"), str):
            action["label"] = _cut(action["label"], LABEL_CHARS, "label", filling)


def _cut(text: str, most: int, name: str, filling: Filling) -> str:
    if len(text) <= most:
        return text
    filling.warn(f"{name} is cut to {most} characters")
    return text[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _check_links(fields: dict[str, Any], filling: Filling) -> bool:
    """Drop links that are none; False when one was dropped."""
    kept = True
    for name in LINKS & fields.keys():
        fields[name] = str(fields[name]).strip()
        is_safe, told = _LINK_RULES[name]
        if fields[name] and not is_safe(fields[name]):
            del fields[name]
            kept = False
            filling.warn(f"{name} is dropped: {told}")
    return kept
