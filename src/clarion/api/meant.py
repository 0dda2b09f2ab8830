"""What a client probably meant: the decoder's message, with the names or values there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from clarion.core.suggestion import did_you_mean

_PLACE = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<field>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `(?P<word>[^`]*)`")
_NO_VALUE = re.compile(r"Invalid enum value '(?P<word>.*)'$")

_EXAMPLES = {
    "recipients": 'a list: ["ana", {"topic": "doc:9"}]',
    "mentions": 'a list: ["ana", {"role": "ops"}]',
    "data": 'an object: {"order": "1000"}',
    "tags": 'an object of texts: {"order": "1000"}',
}
"""Fields of events, as they are written."""


def with_suggestion(message: str, body: Any) -> str:
    """A message of msgspec about a body of this type, ending with what may stand there instead.

    The message itself when nothing can be said.
    """
    place = _PLACE.search(message)
    plain = message[: place.start()] if place else message
    if example := _example(plain, place["path"] if place else ""):
        return f"{plain}; write {example}{place[0] if place else ''}"
    unknown, no_value = _UNKNOWN.search(plain), _NO_VALUE.search(plain)
    if body is None or not (unknown or no_value):
        return message
    types = _types_at(body, place["path"] if place else "")
    found = unknown or no_value
    options = [*(_fields(types) if unknown else _values(types))]
    if found is None or not options:
        return message
    return f"{plain}; {did_you_mean(found['word'], options)}{place[0] if place else ''}"


def _example(plain: str, path: str) -> str:
    """What the field looks like that holds a value of another kind; nothing where nobody asks."""
    fields = [step["field"] for step in _STEP.finditer(path) if step["field"]]
    return _EXAMPLES.get(fields[-1], "") if fields and "`, got `" in plain else ""


def _types_at(body: Any, path: str) -> list[inspect.Type]:
    types = _alternatives(_looked_into(body))
    for step in _STEP.finditer(path):
        types = [
            inner for kind in types for part in _below(kind, step) for inner in _alternatives(part)
        ]
    return types


@lru_cache(maxsize=64)
def _looked_into(body: Any) -> inspect.Type:
    return inspect.type_info(body)


def _alternatives(kind: inspect.Type) -> list[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        return _alternatives(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [inner for part in kind.types for inner in _alternatives(part)]
    return [kind]


def _below(kind: inspect.Type, step: re.Match[str]) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.StructType) and step["field"]:
        yield from (field.type for field in kind.fields if field.encode_name == step["field"])
    elif isinstance(kind, inspect.ListType) and step["index"]:
        yield kind.item_type
    elif isinstance(kind, inspect.DictType) and step["index"] == "...":
        yield kind.value_type


def _fields(types: list[inspect.Type]) -> Iterator[str]:
    for kind in types:
        if isinstance(kind, inspect.StructType):
            yield from (field.encode_name for field in kind.fields)


def _values(types: list[inspect.Type]) -> Iterator[str]:
    for kind in types:
        if isinstance(kind, inspect.LiteralType):
            yield from map(str, kind.values)
        elif isinstance(kind, inspect.EnumType):
            yield from (str(msgspec.to_builtins(member)) for member in kind.cls)
        elif isinstance(kind, inspect.DictType):  # the place of a mapping is told for its keys
            yield from _values(_alternatives(kind.key_type))
