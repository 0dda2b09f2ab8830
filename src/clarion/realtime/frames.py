"""Messages of a live inbox, as server-sent events and for sockets.

Format: WHATWG HTML, "Server-sent events" (fields `event`, `data`, `id`, `retry`, comments).
"""

from __future__ import annotations

from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode

BEAT = b":\n\n"
"""A comment that keeps the connection alive."""


class Frame(msgspec.Struct, frozen=True):
    """A message: its type, its JSON, and the number of the inbox a client may go on from once it
    has it (None: from where it was)."""

    type: str
    data: bytes
    seq: int | None = None

    def event(self) -> bytes:
        """As a server-sent event. JSON holds no raw line break, so it is one line."""
        seq = b"" if self.seq is None else b"id: %d\n" % self.seq
        return b"%sevent: %s\ndata: %s\n\n" % (seq, self.type.encode(), self.data)

    def message(self) -> str:
        """As the message of a socket."""
        seq = "null" if self.seq is None else str(self.seq)
        return f'{{"op":"event","seq":{seq},"type":"{self.type}","data":{self.data.decode()}}}'


def frame(type_: str, data: Any, seq: int | None = None) -> Frame:
    """A message whose data is encoded here, once for all who get it."""
    return Frame(type_, _encode(data), seq)


def retry(milliseconds: int) -> bytes:
    """How long a browser is to wait before it comes again."""
    return b"retry: %d\n\n" % milliseconds
