"""JSON texts in columns, and numbers of channels."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.workflow import CHANNEL_NUMBER, CHANNELS, Channel

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder()


def text_json(value: Any) -> str:
    """A plain value (or array-like structs) -> JSON text."""
    return _ENCODER.encode(value).decode()


def plain(text: str) -> Any:
    """JSON text -> plain value."""
    return _DECODER.decode(text)


def channel_of(number: int) -> Channel:
    """Number in the store -> channel."""
    return CHANNELS[number - 1]


def number_of(channel: Channel) -> int:
    """Channel -> number in the store."""
    return CHANNEL_NUMBER[channel]
