"""Bodies and ids as they come in: decoded once, bounded, refused with a pointer to the mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec

from clarion.api.problems import RefusedError, from_decoder
from clarion.core.event import IncomingEvent, IncomingMention, IncomingRecipient

T = TypeVar("T")

LONGEST_ID = 256
"""Characters of an id, a key or a name."""

LONGEST_ADDRESS = 4096
"""Characters of a device's token or endpoint, which also stand in addresses."""

DEEPEST = 32
"""Levels of objects and lists inside each other."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the words around them: what shows an id would lie."""


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw, at: str = "") -> T:
    """Decode a JSON body; RefusedError 400 with a pointer (below `at`) when it is not what it
    should be.
    """
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise from_decoder(_better(error, raw), at, decoder.type) from None


def _better(error: Exception, raw: bytes | msgspec.Raw) -> Exception:
    """What is no UTF-8 is told as such, whatever the decoder stumbled over first."""
    try:
        bytes(raw).decode()
    except UnicodeDecodeError as encoding:
        return encoding
    return error


def check_id(text: str, pointer: str, *, longest: int = LONGEST_ID, may_turn: bool = False) -> str:
    """The text itself when it can be an id: not blank, no control characters, at most `longest`
    characters. A person's name, which is theirs to choose, `may_turn` the direction of the text:
    whoever shows it takes that out.
    """
    if len(text) <= longest and text.isprintable() and not text.isspace() and text:
        return text
    if not text or text.isspace():
        raise RefusedError(400, "it is empty; give it a value or leave it out", pointer=pointer)
    if len(text) > longest:
        raise RefusedError(400, f"it is longer than {longest} characters", pointer=pointer)
    if _CONTROL.search(text):
        raise RefusedError(400, "it holds a control character; remove it", pointer=pointer)
    if not may_turn and _TURNING.search(text):
        detail = "it holds a character that turns the direction of the text; remove it"
        raise RefusedError(400, detail, pointer=pointer)
    return text


def check_ids(texts: Iterable[str], pointer: str) -> None:
    """Each of a list, with its index in the pointer."""
    for index, text in enumerate(texts):
        check_id(text, f"{pointer}/{index}")


def check_texts(values: Mapping[str, Any], names: Iterable[str], pointer: str) -> None:
    """The fields of these names, as far as they are given."""
    for name in names:
        text = values.get(name)
        if isinstance(text, str):
            check_id(text, f"{pointer}/{name}", may_turn=name == "name")


def check_depth(value: Any, pointer: str, *, levels: int = DEEPEST) -> None:
    """Refuse values nested deeper than `levels`."""
    if levels == 0:
        raise RefusedError(
            400, f"it is nested deeper than {DEEPEST} levels; flatten it", pointer=pointer
        )
    if isinstance(value, dict):
        for inner in value.values():
            check_depth(inner, pointer, levels=levels - 1)
    elif isinstance(value, list):
        for inner in value:
            check_depth(inner, pointer, levels=levels - 1)


def path_id(segment: str, parameter: str, *, longest: int = LONGEST_ID) -> str:
    """A path segment as it was sent (percent-encoded) -> the id; RefusedError 400 when it can be
    none.
    """
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "the address is not UTF-8", parameter=parameter) from None
    try:
        return check_id(text, "", longest=longest)
    except RefusedError as refusal:
        raise RefusedError(400, f"{parameter}: {refusal.detail}", parameter=parameter) from None


_EVENT_IDS = (
    "id",
    "actor",
    "tenant",
    "workflow",
    "about",
    "correlation_id",
    "cancellation_key",
    "ordering_key",
)
_PERSON_TEXTS = ("id", "email", "phone", "locale", "timezone", "name", "topic", "fcm_topic")


def check_event(event: IncomingEvent, size_of: bytes | memoryview, at: str = "") -> IncomingEvent:
    """The event itself when all its ids can be ids; `size_of` is the JSON it came from."""
    check_id(event.type, at + "/type")
    for name, text in zip(_EVENT_IDS, _ids_of(event), strict=True):
        if text is not None:
            check_id(text, f"{at}/{name}")
    if event.recipients is not None:
        _check_recipients(event.recipients, at + "/recipients")
    if event.mentions:
        _check_mentions(event.mentions, at + "/mentions")
    for key, value in event.tags.items():
        check_id(key, at + "/tags")
        check_id(value, f"{at}/tags/{key}")
    raw = bytes(size_of)
    if raw.count(b"{") + raw.count(b"[") > DEEPEST:
        check_depth(event.data, at + "/data")
    return event


def _ids_of(event: IncomingEvent) -> tuple[str | None, ...]:
    """In the order of _EVENT_IDS; asked for every event, so without a look-up by name."""
    return (
        event.id, event.actor, event.tenant, event.workflow, event.about, event.correlation_id,
        event.cancellation_key, event.ordering_key,
    )  # fmt: skip


def _check_recipients(recipients: list[str | IncomingRecipient], at: str) -> None:
    for index, recipient in enumerate(recipients):
        if isinstance(recipient, str):
            check_id(recipient, f"{at}/{index}")
            continue
        for name in _PERSON_TEXTS:
            text = getattr(recipient, name)
            if text is not None:
                check_id(text, f"{at}/{index}/{name}", may_turn=name == "name")
        check_ids(recipient.except_, f"{at}/{index}/except")
        if recipient.data is not None:
            check_depth(recipient.data, f"{at}/{index}/data")


def _check_mentions(mentions: list[str | IncomingMention], at: str) -> None:
    for index, mention in enumerate(mentions):
        texts = (mention,) if isinstance(mention, str) else (mention.role, mention.reply)
        for text in texts:
            if text is not None:
                check_id(text, f"{at}/{index}")
