"""YAML and JSON files as documents that remember on which line everything stands.

YAML is read with the plain types of JSON: `true`, `false`, `null`, numbers; all else is text. So
`on`, `off` and `yes` stay words, dates and numbers with leading zeros stay text, and nothing is
built from tags.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import msgspec
import yaml

from clarion.config.problem import Problem
from clarion.core.document import pointer_to

_STR, _MAP, _SEQ = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_BOOL, _NULL = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"


_TOO_DEEP = "nested too deeply; write it flatter"


class Document(msgspec.Struct, frozen=True):
    """A parsed file: its value, and the line (from 1) of each part by JSON pointer."""

    value: Any
    lines: dict[str, int]

    def line(self, pointer: str) -> int:
        """The line of what a pointer names, or of the nearest thing around it."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def parse_document(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """YAML or (when the name ends in `.json`) JSON -> its document, or what is wrong with it."""
    if file.endswith(".json"):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            return None, [Problem(file, error.lineno, f"not JSON: {error.msg}")]
        except RecursionError:
            return None, [Problem(file, 1, _TOO_DEEP)]
        # Proven JSON holds tabs only between tokens, where YAML would not have them.
        text = _PAIR.sub(_joined, text.replace("\t", " "))
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(error, file)]
    except yaml.YAMLError:
        return None, [Problem(file, 1, "not YAML: a character that may not stand in YAML")]
    except RecursionError:
        return None, [Problem(file, 1, _TOO_DEEP)]
    if node is None:
        return None, [Problem(file, 1, "the file is empty; write something in it or remove it")]
    builder = _Builder(file)
    value = builder.build(node, "")
    return Document(value, builder.lines), builder.problems


class _Loader(yaml.SafeLoader):
    """Composes nodes; aliases are refused, so that no document is larger than its file."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases are not read; write the value out",
                event.start_mark,
            )  # fmt: skip
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    (_BOOL, r"true|false", "tf"),
    (_NULL, r"null|~|", ["n", "~", ""]),
    (_INT, r"-?(0|[1-9][0-9]*)", "-0123456789"),
    (_FLOAT, r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), list(_first))


class _Builder:
    """Turns nodes into plain values and notes lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._file = file

    def build(self, node: yaml.Node, pointer: str) -> Any:
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == _MAP:
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode) and node.tag == _SEQ:
            return [self.build(child, pointer_to(pointer, i)) for i, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        return self._wrong(node, f"the tag {node.tag!r} is not read; remove it")

    def _mapping(self, node: yaml.MappingNode, pointer: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != _STR:
                self._wrong(key_node, _not_a_key(key))
                continue
            at = pointer_to(pointer, key)
            if key in values:
                first = f"it stands first on line {self.lines[at]}; keep one of the two"
                self._wrong(key_node, f"the key {key!r} comes twice: {first}")
                continue
            self.lines[at] = key_node.start_mark.line + 1
            values[key] = self.build(value_node, at)
        return values

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.tag == _STR:
            if _HALF.search(text):
                return self._wrong(node, "half a character (a lone surrogate); write it whole")
            return text
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return text == "true"
        if node.tag == _INT and len(text) < 20:
            return int(text)
        if node.tag == _FLOAT and math.isfinite(float(text)):
            return float(text)
        if node.tag in (_INT, _FLOAT):
            return self._wrong(node, "the number is too long; write it in quotes")
        return self._wrong(node, f"the tag {node.tag!r} is not read; remove it")

    def _wrong(self, node: yaml.Node, detail: str) -> None:
        self.problems.append(Problem(self._file, node.start_mark.line + 1, detail))


_HALF = re.compile("[\ud800-\udfff]")
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


def _joined(match: re.Match[str]) -> str:
    # JSON writes a character beyond U+FFFF as two halves, YAML as one escape.
    pair = bytes.fromhex(match[2] + match[3]).decode("utf-16-be")
    return f"{match[1]}\\U{ord(pair):08x}"


def _not_a_key(key: object) -> str:
    if isinstance(key, str):
        return f'the key {key} is not text; write it in quotes: "{key}"'
    return "a key is not text; a value that starts with '{{' needs quotes around it"


def _syntax(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = error.problem or "cannot be read"
    if "\\t" in what:
        what = "a tab stands where only spaces may; indent with spaces"
    elif "mapping values are not allowed" in what:
        what = "a ':' too many; put text that holds ': ' in quotes"
    elif "another document" in what:
        what = "a second document ('---') starts; keep one per file"
    elif "cannot start any token" in what:
        what += "; put the text in quotes"
    elif "end" in what and "stream" in what:
        what = "something is not closed: a quote, a bracket or a brace"
        mark = error.context_mark or mark
    return Problem(file, mark.line + 1 if mark else 1, f"not YAML: {what}")
