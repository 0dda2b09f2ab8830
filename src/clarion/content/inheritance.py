"""Layouts: a template that extends others becomes one flat source, its blocks filled in.

Done on the source so that what is checked, and what MJML and CSS inlining see, is the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

from clarion.content import bounds
from clarion.content.place import Place
from clarion.core.suggestion import suggestion

Token = tuple[int, str, str]
"""Line, kind and exact text; the texts of all tokens make up the source."""

_LAYOUT_WORDS = re.compile(r"\{%[-+]?\s*(extends|block)\b")
_SPACE = frozenset({"whitespace"})
_LEXER = Environment(autoescape=False).lexer  # noqa: S701 (it only cuts a source into tokens)


class _Block(msgspec.Struct):
    name: str
    line: int
    parts: list[_Part]


class _Super(msgspec.Struct):
    line: int


_Part = str | _Block | _Super


class _File(msgspec.Struct):
    place: Place
    parts: list[_Part]
    blocks: dict[str, _Block]
    parent: str | None = None


def tokens(source: str, place: Place) -> list[Token]:
    """Cut a source into tokens; InvalidError where it is not a template."""
    try:
        return list(_LEXER.tokeniter(source, None))
    except TemplateSyntaxError as mistake:
        raise place.error(mistake.message or "not a template", mistake.lineno) from None


def flatten(
    source: str, partials: Mapping[str, str], place: Place
) -> tuple[str, list[tuple[str, Place]]]:
    """The source with its layouts filled in, and the sources it is made of (itself first)."""
    if not _LAYOUT_WORDS.search(source):
        return source, [(source, place)]
    files = _chain(source, partials, place)
    definitions: dict[str, list[_Block]] = {}
    for file in files:
        for name, block in file.blocks.items():
            definitions.setdefault(name, []).append(block)
    writer = _Writer(definitions, place)
    writer.write(files[-1].parts, ())
    made_of = [(source, place), *((partials[f.place.file], f.place) for f in files[1:])]
    return "".join(writer.out), made_of


def _chain(source: str, partials: Mapping[str, str], place: Place) -> list[_File]:
    files = [_read(source, place)]
    names: list[str] = []
    while (name := files[-1].parent) is not None:
        here = files[-1].place
        if name not in partials:
            raise here.error(f"there is no template file `{name}`{suggestion(name, partials)}")
        if name in names:
            raise here.error(f"layouts extend each other in a circle through `{name}`")
        names.append(name)
        if len(names) > bounds.LAYOUT_DEPTH:
            raise here.error(f"more than {bounds.LAYOUT_DEPTH} layouts extend each other")
        if len(partials[name]) > bounds.SOURCE_CHARS:
            raise here.error(f"the layout `{name}` is over {bounds.SOURCE_CHARS} characters")
        files.append(_read(partials[name], place.in_file(name)))
    return files


def _read(source: str, place: Place) -> _File:
    return _Reader(place).read(tokens(source, place))


class _Reader:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.file = _File(place, [], {})
        self.open: list[_Block] = []

    def read(self, stream: list[Token]) -> _File:
        tag: list[Token] = []
        for token in stream:
            kind = token[1]
            if tag or kind in ("block_begin", "variable_begin"):
                tag.append(token)
                if kind in ("block_end", "variable_end"):
                    self._tag(tag)
                    tag = []
            else:
                self._put(token[2])
        if self.open:
            left = self.open[-1]
            raise self.place.error(f"the block `{left.name}` is not closed", left.line)
        return self.file

    def _put(self, part: _Part) -> None:
        (self.open[-1].parts if self.open else self.file.parts).append(part)

    def _tag(self, tag: list[Token]) -> None:
        line = tag[0][0]
        words = [text for _, kind, text in tag[1:-1] if kind not in _SPACE]
        if words == ["super", "(", ")"] and tag[0][1] == "variable_begin":
            self._super(line)
        elif tag[0][1] == "variable_begin" or not words:
            self._put("".join(text for _, _, text in tag))
        elif words[0] == "extends":
            self._extends(words[1:], line)
        elif words[0] == "block":
            self._block(words[1:], line)
        elif words[0] == "endblock":
            self._end(line)
        else:
            self._put("".join(text for _, _, text in tag))

    def _super(self, line: int) -> None:
        if not self.open:
            raise self.place.error("super() stands outside of a block", line)
        self._put(_Super(line))

    def _extends(self, words: list[str], line: int) -> None:
        if len(words) != 1 or words[0][0] not in "\"'":
            raise self.place.error("write the layout's name: {% extends 'layout.mjml' %}", line)
        if self.file.parent is not None or self.open:
            raise self.place.error("`extends` stands once, outside of blocks", line)
        self.file.parent = words[0][1:-1]

    def _block(self, words: list[str], line: int) -> None:
        if len(words) != 1:
            raise self.place.error("a block is written {% block name %}", line)
        name = words[0]
        if name in self.file.blocks:
            raise self.place.error(f"the block `{name}` is there twice", line)
        block = _Block(name, line, [])
        self.file.blocks[name] = block
        self._put(block)
        self.open.append(block)

    def _end(self, line: int) -> None:
        if not self.open:
            raise self.place.error("`endblock` without a block", line)
        self.open.pop()


class _Writer:
    def __init__(self, definitions: dict[str, list[_Block]], place: Place) -> None:
        self.definitions = definitions
        self.place = place
        self.out: list[str] = []
        self.size = 0

    def write(self, parts: list[Any], within: tuple[tuple[str, int], ...]) -> None:
        for part in parts:
            if isinstance(part, str):
                self._text(part)
            elif isinstance(part, _Super):
                name, level = within[-1]
                self._definition(name, level + 1, within)
            else:
                self._definition(part.name, 0, within)

    def _text(self, text: str) -> None:
        self.size += len(text)
        if self.size > bounds.SOURCE_CHARS:
            raise self.place.error(f"with its layouts it is over {bounds.SOURCE_CHARS} characters")
        self.out.append(text)

    def _definition(self, name: str, level: int, within: tuple[tuple[str, int], ...]) -> None:
        known = self.definitions[name]
        if level >= len(known):
            return
        if (name, level) in within or len(within) > bounds.STATEMENT_DEPTH:
            raise self.place.error(f"the block `{name}` holds itself, or nests too deeply")
        self.size += 16  # an empty block costs too, so that repeats of `super()` end
        self.write(known[level].parts, (*within, (name, level)))
