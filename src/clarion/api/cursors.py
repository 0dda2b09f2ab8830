"""Where a list goes on: opaque, sealed, and bound to the filters it was made with."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec

from clarion.api.problems import RefusedError
from clarion.api.services import Services

SEAL_BYTES = 12


def derived_key(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose only (HMAC-SHA256 of the purpose under the secret)."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)


class Cursors:
    """Seals positions. A position is a list of numbers, texts and bytes; filters are what the list
    was asked for.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = derived_key(secret, "cursor")

    def seal(self, filters: dict[str, Any], position: list[Any]) -> str:
        """Position -> text for `end_cursor`."""
        body = msgspec.msgpack.encode(position)
        return base64.urlsafe_b64encode(self._seal(filters, body) + body).decode().rstrip("=")

    def open(self, filters: dict[str, Any], cursor: str) -> list[Any]:
        """The position; RefusedError 400 when the cursor is none of ours or belongs to other
        filters.
        """
        try:
            whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            whole = b""
        seal, body = whole[:SEAL_BYTES], whole[SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(filters, body)):
            raise RefusedError(
                400,
                "the cursor belongs to a list with other filters; start again without `after`",
                parameter="after",
            )
        return msgspec.msgpack.decode(body, type=list[Any])

    def _seal(self, filters: dict[str, Any], body: bytes) -> bytes:
        asked = msgspec.json.encode(filters, order="deterministic")
        text = len(asked).to_bytes(4, "big") + asked + body
        return hmac.digest(self._key, text, hashlib.sha256)[:SEAL_BYTES]


def cursors_of(services: Services) -> Cursors:
    """The cursors of this installation."""
    return Cursors(services.secret)
