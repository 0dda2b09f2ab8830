"""Links that open something for one user without a login: sealed, and read again by whoever holds
the secret.

A link names everything by number, so it holds no personal data, and a user who comes back after an
erasure has another number. The token is the body in front of 16 bytes of HMAC-SHA256 under a key of
its purpose, as base64url.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from enum import IntEnum
from typing import Any

import msgspec

from clarion.core.channel import CHANNEL_NUMBER, CHANNELS, Channel

SEAL_BYTES = 16
LONGEST_TOKEN = 256
LINK_NAMES = frozenset({"unsubscribe_url", "preferences_url"})
"""What templates call the links of the message they are for."""

_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{20,{LONGEST_TOKEN}}}")


class Purpose(IntEnum):
    """What a link opens; each purpose has a key of its own."""

    PREFERENCES = 1
    UNSUBSCRIBE = 2

    @property
    def folder(self) -> str:
        """Where the page is: below `/p/` or `/u/`."""
        return "p" if self is Purpose.PREFERENCES else "u"


class Link(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a link is about, in numbers. `tenant`, `workflow` and `topic` 0: none. `channel` is the
    number of a channel, 0 for none. `expires_at` in microseconds; 0: it does not expire."""

    env: int
    user: int
    tenant: int = 0
    expires_at: int = 0
    category: int = 0
    channel: int = 0
    workflow: int = 0
    topic: int = 0

    def holds(self, now: int) -> bool:
        """Whether it has not expired."""
        return not self.expires_at or now < self.expires_at

    @property
    def on(self) -> Channel | None:
        """Its channel."""
        return next((one for one in CHANNELS if CHANNEL_NUMBER[one] == self.channel), None)


class Links:
    """Makes and reads links. `public_url` is how browsers reach the server, `secrets` are those
    under which links are sealed: the first seals, any of them opens."""

    def __init__(self, public_url: str, secrets: tuple[bytes, ...]) -> None:
        self.public_url = public_url.rstrip("/")
        folders = "|".join(purpose.folder for purpose in Purpose)
        self._own = re.compile(f"({re.escape(self.public_url)}/(?:{folders})/){_TOKEN.pattern}")
        self._keys = {
            purpose: tuple(
                hmac.digest(secret, f"link-{purpose.folder}".encode(), hashlib.sha256)
                for secret in secrets
            )
            for purpose in Purpose
        }

    def url(self, purpose: Purpose, link: Link) -> str:
        """The address to give to the user."""
        return f"{self.public_url}/{purpose.folder}/{self.token(purpose, link)}"

    def token(self, purpose: Purpose, link: Link) -> str:
        """A link as the last part of its address; the same link gives the same token."""
        body = msgspec.msgpack.encode(link)
        seal = _seal(self._keys[purpose][0], body)
        return base64.urlsafe_b64encode(body + seal).decode().rstrip("=")

    def read(self, purpose: Purpose, token: str) -> Link | None:
        """The link, expired or not; None when we did not seal it for this purpose."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            whole = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except binascii.Error:
            return None
        if base64.urlsafe_b64encode(whole).decode().rstrip("=") != token:
            return None  # bits that mean nothing: another spelling of a link
        body, seal = whole[:-SEAL_BYTES], whole[-SEAL_BYTES:]
        known = [hmac.compare_digest(seal, _seal(key, body)) for key in self._keys[purpose]]
        return msgspec.msgpack.decode(body, type=Link) if any(known) else None

    def masked(self, value: Any) -> Any:
        """A copy of plain data in which links of ours open nothing any more: for those who may read
        what was sent, and not act for whom it was sent to."""
        if isinstance(value, str):
            return self._own.sub(r"\1***", value)
        if isinstance(value, dict):
            return {name: self.masked(entry) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(entry) for entry in value]
        return value


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:SEAL_BYTES]
