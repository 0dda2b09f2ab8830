"""Frames of WebSocket (RFC 6455, section 5) as bytes: read on the server's side, written on either.

No extensions: nothing is compressed, so nothing has to be unpacked for strangers.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

import msgspec


class Opcode(IntEnum):
    """Kinds of frames."""

    CONTINUED = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


NORMAL, AWAY, PROTOCOL, UNSUPPORTED, NOT_UTF8, POLICY, TOO_BIG, BROKEN, RESTART, LATER = (
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013,
)  # fmt: skip
"""Close codes."""

TOKEN_ENDED, SLOW_DOWN = 4401, 4429
"""Close codes of our own: fetch a new token and come again; come again much later."""

_SENDABLE = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
_FIN, _RESERVED, _KIND, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x80, 0x7F
_LONGEST_CONTROL = 125
_MOST_PARTS = 64
"""Frames of one message: with its length this bounds the work a message makes."""


class BrokenError(Exception):
    """The other side broke the protocol; `code` is what to close with."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Message(msgspec.Struct, frozen=True):
    """A whole message, or a control frame."""

    kind: Opcode
    data: bytes


class Reader:
    """Puts messages together from what a client sends, each of at most `longest` bytes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._buffer = bytearray()
        self._parts = bytearray()
        self._kind: Opcode | None = None
        self._count = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are whole now, read one after the other as they are taken: the next
        call goes on with what was left. BrokenError for what no client may send.
        """
        self._buffer += data
        return self._messages()

    def _messages(self) -> Iterator[Message]:
        while (frame := self._frame()) is not None:
            message = self._joined(*frame)
            if message is not None:
                yield message

    def _frame(self) -> tuple[bool, Opcode, bytes] | None:
        """The next frame if it is whole: whether it is the last of its message, kind, content."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        kind = _kind_of(first)
        length, at = second & _LENGTH, 2
        if kind >= Opcode.CLOSE and (length > _LONGEST_CONTROL or not first & _FIN):
            raise BrokenError(PROTOCOL, "a control frame is short and whole")
        if not second & _MASKED:
            raise BrokenError(PROTOCOL, "a client masks its frames")
        if length > _LONGEST_CONTROL:
            wide = 2 if length == 126 else 8
            if len(buffer) < at + wide:
                return None
            length = int.from_bytes(buffer[at : at + wide], "big")
            at += wide
        if length + len(self._parts) > self._longest:
            raise BrokenError(TOO_BIG, "the message is too long")
        if len(buffer) < at + 4 + length:
            return None
        mask = bytes(buffer[at : at + 4])
        content = masked(bytes(buffer[at + 4 : at + 4 + length]), mask)
        del buffer[: at + 4 + length]
        return bool(first & _FIN), kind, content

    def _joined(self, last: bool, kind: Opcode, content: bytes) -> Message | None:
        if kind >= Opcode.CLOSE:
            return Message(kind, content)
        if (kind is Opcode.CONTINUED) == (self._kind is None):
            raise BrokenError(PROTOCOL, "a message goes on only after it began, until its end")
        if kind is not Opcode.CONTINUED:
            self._kind = kind
        self._parts += content
        self._count += 1
        if self._count > _MOST_PARTS:
            raise BrokenError(POLICY, "the message comes in too many pieces")
        if not last:
            return None
        whole = Message(self._kind or kind, bytes(self._parts))
        self._kind, self._count = None, 0
        self._parts.clear()
        return whole


def frame_of(kind: Opcode, content: bytes, mask: bytes | None = None) -> bytes:
    """A whole frame; a client masks it with 4 random bytes."""
    length = len(content)
    flag = _MASKED if mask is not None else 0
    if length <= _LONGEST_CONTROL:
        head = bytes((_FIN | kind, flag | length))
    elif length < 1 << 16:
        head = bytes((_FIN | kind, flag | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((_FIN | kind, flag | 127)) + length.to_bytes(8, "big")
    return head + content if mask is None else head + mask + masked(content, mask)


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what fits."""
    content = code.to_bytes(2, "big") + reason.encode()[: _LONGEST_CONTROL - 2]
    return frame_of(Opcode.CLOSE, content)


def code_of(content: bytes) -> int:
    """The code of a close frame (1005: it has none); BrokenError for one that must not be sent."""
    if not content:
        return 1005
    code = int.from_bytes(content[:2], "big")
    if len(content) == 1 or not (code in _SENDABLE or 3000 <= code <= 4999):
        raise BrokenError(PROTOCOL, "no such close code")
    return code


def masked(content: bytes, mask: bytes) -> bytes:
    """Masking and unmasking are the same."""
    length = len(content)
    if not length:
        return content
    repeated = (mask * (length // 4 + 1))[:length]
    whole = int.from_bytes(content, "big") ^ int.from_bytes(repeated, "big")
    return whole.to_bytes(length, "big")


def _kind_of(first: int) -> Opcode:
    if first & _RESERVED:
        raise BrokenError(PROTOCOL, "no extension was agreed on")
    try:
        return Opcode(first & _KIND)
    except ValueError:
        raise BrokenError(PROTOCOL, "no such kind of frame") from None
