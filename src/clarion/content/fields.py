"""Which fields the template of each channel has, and what their values must be like."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clarion.content.place import Place
from clarion.core.suggestion import suggestion
from clarion.core.workflow import Channel


class FieldSet(msgspec.Struct, frozen=True):
    """The fields of a channel. Of each group in `required` at least one must be there.

    `typed`: single outputs keep their type there (a number stays a number). `nested`: mappings or
    lists; every other field is one text.
    """

    names: frozenset[str]
    required: tuple[tuple[str, ...], ...]
    typed: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()


HEADERS = frozenset({"subject", "from", "reply_to"})
"""Fields that become mail headers: a line break in them would start another header."""

ONE_LINE = frozenset({"title"})
LINKS = frozenset({"url", "image"})

INBOX_CHARS = {"title": 500, "body": 8_000}
"""Most of an item's texts that is kept: lists of a hundred items are read at once."""

LABEL_CHARS = 100
"""Most of the label of an action that is kept."""

LINK_CHARS = 4096
"""Longest link."""

_PUSH = {"title", "body", "image", "url", "data", "collapse_key", "ttl", "priority"}

FIELD_SETS: dict[Channel, FieldSet] = {
    Channel.INBOX: FieldSet(
        frozenset({"title", "body", "url", "image", "actions"}),
        (("title",),),
        nested=frozenset({"actions"}),
    ),
    Channel.PUSH: FieldSet(
        frozenset(_PUSH | {"android", "apns"}),
        (("title", "body", "data"),),
        typed=frozenset({"android", "apns", "ttl"}),
        nested=frozenset({"data", "android", "apns"}),
    ),
    Channel.EMAIL: FieldSet(
        frozenset({"subject", "body", "text", "from", "reply_to"}), (("subject",), ("body",))
    ),
    Channel.SMS: FieldSet(frozenset({"body"}), (("body",),)),
    Channel.CHAT: FieldSet(frozenset({"body"}), (("body",),)),
    Channel.WEBHOOK: FieldSet(
        frozenset({"url", "body", "type"}),
        (("url",),),
        typed=frozenset({"body"}),
        nested=frozenset({"body"}),
    ),
}

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069\\]")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})


def check_fields(channel: Channel, fields: dict[str, Any], place: Place) -> None:
    """Refuse unknown, missing and misshapen fields of one locale; `place` is the whole template."""
    known = FIELD_SETS[channel]
    for name, value in fields.items():
        here = place.within(name)
        if name not in known.names:
            text = f"a template of {channel.value} has no such field{suggestion(name, known.names)}"
            raise here.error(text)
        if name in known.nested:
            _check_nested(channel, name, value, here)
        elif isinstance(value, dict | list | tuple) or (value is None):
            raise here.error("it must be a text")
    for group in known.required:
        if not any(fields.get(name) for name in group):
            said = " or ".join(f"`{name}`" for name in group)
            raise place.error(f"a template of {channel.value} needs {said}; add it")


def _check_nested(channel: Channel, name: str, value: Any, here: Place) -> None:
    if name == "actions":
        if not isinstance(value, list | tuple) or not all(isinstance(a, dict) for a in value):
            raise here.error("it must be a list of mappings, e.g. [{label: Open, url: /orders}]")
    elif channel is Channel.WEBHOOK:
        if not isinstance(value, dict | list | tuple | str):
            raise here.error("it must be a mapping")
    elif not isinstance(value, dict):
        raise here.error("it must be a mapping of names to values")


def is_safe_link(link: str) -> bool:
    """Whether a link is http, https, mailto or a path on the same site (`/orders/1`), and does not
    disguise where it leads: no name in front of the host, nothing that turns its direction.
    """
    if len(link) > LINK_CHARS or _UNSAFE.search(link):
        return False
    if link.startswith("/"):
        return not link.startswith("//")
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    if parts.scheme not in _SAFE_SCHEMES:
        return False
    if parts.scheme == "mailto":
        return bool(parts.path)
    return bool(parts.hostname) and "@" not in parts.netloc


def is_safe_picture(link: str) -> bool:
    """Whether a picture may be fetched without being asked for: https, and not by a path, which
    would be one on the reader's own site, with the reader's cookies.
    """
    return link[:6].lower() == "https:" and is_safe_link(link)
