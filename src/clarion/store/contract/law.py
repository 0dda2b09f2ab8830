"""What people agreed to and took back, and the addresses that nothing may be sent to."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from clarion.core.workflow import Channel


class ConsentWrite(msgspec.Struct, frozen=True, kw_only=True):
    """Something a user said. `purpose` is the number of a category (0: all of them), `channel`
    None is all of them. `source` is where it was said, `wording` the version of the words that
    were shown in `locale`, `by` who or what said it (a name, an IP address)."""

    purpose: int
    channel: Channel | None
    granted: bool
    source: str = ""
    wording: str | None = None
    locale: str | None = None
    by: str | None = None
    evidence: dict[str, Any] = {}


class ConsentRow(ConsentWrite, frozen=True, kw_only=True):
    """An entry of a user's ledger; `version` counts his entries from 1 on."""

    version: int
    at: int


class SuppressionWrite(msgspec.Struct, frozen=True, kw_only=True):
    """An address that nothing may be sent to, until an instant or for good (None). `reason` is a
    code and names nobody."""

    channel: Channel
    address: str
    reason: str
    until: int | None = None


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """A suppressed address, which it does not hold: `hash_prefix` are the first hex digits of its
    keyed hash. `number` is given once per environment."""

    number: int
    channel: Channel
    hash_prefix: str
    reason: str
    at: int
    until: int | None = None


class LawStore(Protocol):
    """Consents are appended, never changed. Suppressions are kept by the HMAC-SHA256 of the
    address under a secret of the store, so they outlive the user and say nothing of who it was."""

    async def append_consents(
        self, env: int, user: int, writes: list[ConsentWrite], now: int
    ) -> int:
        """Append in the order given; the version of the last. NotFoundError when the user does
        not exist."""
        ...

    async def consents(self, env: int, user: int) -> list[ConsentRow]:
        """The last entry on each purpose and channel."""
        ...

    async def consent_history(
        self, env: int, user: int, *, before: int | None = None, limit: int
    ) -> list[ConsentRow]:
        """Entries newest first, below a version."""
        ...

    async def suppress(
        self, env: int, writes: list[SuppressionWrite], now: int, fresh: bytes
    ) -> list[Suppression]:
        """How each address stands afterwards: of two suppressions the one that lasts longer holds.
        Destinations with these addresses get nothing from now on. `fresh` (32 random bytes) is the
        secret when the store has none yet."""
        ...

    async def suppression(self, env: int, channel: Channel, address: str) -> Suppression | None:
        """Whether an address is suppressed."""
        ...

    async def suppressions(
        self,
        env: int,
        *,
        channel: Channel | None = None,
        reason: str | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[Suppression]:
        """Newest first, below a number."""
        ...

    async def lift(self, env: int, channel: Channel, address: str) -> bool:
        """Take an address off the list; False when it is not on it."""
        ...

    async def lift_number(self, env: int, number: int) -> bool:
        """Take what has this number off the list; False when nothing has."""
        ...

    async def lift_ended(self, now: int, limit: int) -> int:
        """Take off what ended by now, in all environments; how many."""
        ...
