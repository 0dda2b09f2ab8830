"""Environments, API keys and the store's own secrets."""

from __future__ import annotations

from typing import Protocol

import msgspec


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as shown to people: `hint` are its first characters, never the key.
    `rate_per_second` and `burst` bound the events it may send; None: as the settings say."""

    environment: str
    env: int
    hint: str
    scope: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    rate_per_second: int | None = None
    burst: int | None = None


class KeyStore(Protocol):
    """Keys and codes are kept as SHA-256; an environment exists from its first key on."""

    async def create(
        self,
        environment: str,
        key_hash: bytes,
        hint: str,
        scope: str,
        now: int,
        expires_at: int | None,
        *,
        rate_per_second: int | None = None,
        burst: int | None = None,
    ) -> KeyRow:
        """Repeating with the same hash is harmless (the scope and limits given last hold)."""
        ...

    async def find(self, key_hash: bytes) -> KeyRow | None:
        """The key with this hash, also when revoked or expired (the caller judges by its clock)."""
        ...

    async def list(self) -> list[KeyRow]: ...

    async def revoke(self, hint: str, now: int, env: int | None = None) -> int:
        """How many keys with this hint were revoked; with `env`, of that environment only."""
        ...

    async def keep_code(
        self, environment: str, code_hash: bytes, scope: str, now: int, expires_at: int
    ) -> None:
        """Keep a code that gives a key with this scope, once, in an environment that exists.
        Forgets codes that nobody used in time, and keys of sign-ins that ended a month ago."""
        ...

    async def take_code(self, code_hash: bytes, now: int) -> tuple[str, str] | None:
        """The environment and the scope of a code, which is used up; None for one that is not
        known, over, or was used."""
        ...

    async def secret(self, name: str, fresh: bytes) -> bytes:
        """The secret of this name; the fresh one is kept when there was none."""
        ...

    async def environments(self) -> dict[str, int]:
        """Numbers of all environments by name."""
        ...
