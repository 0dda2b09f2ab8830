"""Caps as documents (parsed YAML or JSON) -> rules, and back. Mistakes are noted with a pointer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.core.caps import NO_CAPS, OVER_WORDS, PER_WORDS, CapDefaults, CapRule
from clarion.core.document import Fields, Mistakes, kind_of, one_of, pointer_to
from clarion.core.duration import DAY_SECONDS, format_duration
from clarion.core.workflow import CHANNELS, Channel

LARGEST_LIMIT = 1_000_000
LONGEST_WINDOW_SECONDS = 31 * DAY_SECONDS

EVERY_FIELD = ("limit", "window", "over", "channels", "per", "key")
STEP_FIELDS = ("limit", "window", "over", "per", "key")
"""A send step has one channel."""

CHANNEL_FIELDS = ("limit", "window", "over")
"""Below `caps` the place says whose uses and which channel."""

TOTAL_FIELDS = ("limit", "window", "over", "channels")

_CHANNEL_WORDS = tuple(channel.value for channel in CHANNELS)
_EXAMPLE = "{limit: 3, window: PT1H}"
_WINDOW_EXAMPLE = "window: PT1H"


def read_cap(
    value: Any,
    at: str,
    mistakes: Mistakes,
    *,
    known: tuple[str, ...] = EVERY_FIELD,
    per: str = "user",
) -> CapRule | None:
    """A cap at the pointer `at`; None after a mistake. `known` are the fields that it may have
    there, `per` what it counts where it does not say."""
    if not isinstance(value, Mapping):
        mistakes.note(at, f"the cap is {kind_of(value)}; write e.g. {_EXAMPLE}")
        return None
    before = len(mistakes.found)
    fields = Fields(value, at, known, mistakes, what="the cap")
    rule = CapRule(
        limit=_limit(fields),
        window_seconds=_window(fields),
        over=fields.choice("over", OVER_WORDS, "skip"),
        per=fields.choice("per", PER_WORDS, per) if "per" in known else per,
        channels=_channels(fields) if "channels" in known else (),
        key=fields.text("key", hint="a CEL expression such as data.doc_id"),
    )
    return rule if len(mistakes.found) == before else None


def cap_document(rule: CapRule, known: tuple[str, ...] = EVERY_FIELD) -> dict[str, Any]:
    """The rule as a document that `read_cap` (with the same `known`) makes the same rule of."""
    document: dict[str, Any] = {
        "limit": rule.limit,
        "window": format_duration(rule.window_seconds),
        "over": rule.over,
    }
    if rule.channels and "channels" in known:
        document["channels"] = [channel.value for channel in rule.channels]
    if "per" in known:
        document["per"] = rule.per
    if rule.key is not None and "key" in known:
        document["key"] = rule.key
    return document


def read_cap_defaults(document: Mapping[str, Any], at: str, mistakes: Mistakes) -> CapDefaults:
    """`caps` and `cap_total` of a tenant or of the environment; other fields are not looked at."""
    caps, total = document.get("caps"), document.get("cap_total")
    channels: dict[str, CapRule] = {}
    if caps is not None:
        here = pointer_to(at, "caps")
        fields = Fields(caps, here, (*_CHANNEL_WORDS, "*"), mistakes, what="'caps'")
        for word in (*_CHANNEL_WORDS, "*"):
            if word in fields:
                rule = read_cap(fields.value(word), fields.at(word), mistakes, known=CHANNEL_FIELDS)
                if rule is not None:
                    channels[word] = rule
    if total is None:
        return CapDefaults(channels=channels) if channels else NO_CAPS
    known = pointer_to(at, "cap_total")
    return CapDefaults(
        channels=channels,
        total=read_cap(total, known, mistakes, known=TOTAL_FIELDS, per="tenant"),
    )


def cap_defaults_document(defaults: CapDefaults) -> dict[str, Any]:
    """`caps` and `cap_total`, each only where there is something to say."""
    document: dict[str, Any] = {}
    if defaults.channels:
        document["caps"] = {
            word: cap_document(rule, CHANNEL_FIELDS) for word, rule in defaults.channels.items()
        }
    if defaults.total is not None:
        document["cap_total"] = cap_document(defaults.total, TOTAL_FIELDS)
    return document


def _limit(fields: Fields) -> int:
    if not fields.need("limit", _EXAMPLE):
        return 1
    value = fields.value("limit")
    if value == 0 and isinstance(value, int) and not isinstance(value, bool):
        mend = "to send nothing, switch the channel off or pause the workflow"
        fields.mistakes.note(fields.at("limit"), f"'limit' is 0; {mend}")
        return 1
    return fields.whole("limit", 1, 1, LARGEST_LIMIT)


def _window(fields: Fields) -> int:
    if not fields.need("window", _WINDOW_EXAMPLE):
        return 1
    seconds = fields.seconds("window")
    if seconds is None:
        return 1
    if seconds > LONGEST_WINDOW_SECONDS:
        longest = format_duration(LONGEST_WINDOW_SECONDS)
        said = format_duration(seconds)
        detail = f"'window' is {said}; a cap looks back over at most {longest}"
        fields.mistakes.note(fields.at("window"), detail)
    return seconds


def _channels(fields: Fields) -> tuple[Channel, ...]:
    if "channels" not in fields:
        return ()
    value, at = fields.value("channels"), fields.at("channels")
    if not isinstance(value, list) or not value:
        said = "empty" if isinstance(value, list) else kind_of(value)
        mend = "write a list such as [push], or leave it out for all but the inbox"
        fields.mistakes.note(at, f"'channels' is {said}; {mend}")
        return ()
    words = [
        one_of(word, _CHANNEL_WORDS, _CHANNEL_WORDS[0], pointer_to(at, index), fields.mistakes)
        for index, word in enumerate(value)
    ]
    for index, word in enumerate(words):
        if word in words[:index] and word == value[index]:
            fields.mistakes.note(pointer_to(at, index), f"{word!r} is there twice; write it once")
    return tuple(Channel(word) for word in words)
