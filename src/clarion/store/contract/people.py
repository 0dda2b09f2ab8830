"""Users, their membership in tenants, devices and destinations, and the facts that `decide`
needs of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

import msgspec

from clarion.core.recipient import Recipient, Setting
from clarion.core.workflow import Channel


class UserWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a user. Fields in `changed` are set (None clears them), others stay.
    `replace`: fields that
    are not in `changed` are cleared (PUT). `version` orders writes: an older one changes
    nothing."""

    id: str
    changed: dict[str, Any]
    replace: bool = False
    version: int | None = None


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user as known now (or at one version)."""

    id: str
    number: int
    version: int
    at: int
    source_version: int | None = None
    locale: str | None = None
    timezone: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    roles: tuple[str, ...] = ()
    data: dict[str, Any] = {}
    tenants: tuple[str, ...] = ()
    settings_version: int = 0
    consents_version: int = 0


class Alike(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Users who are the same to `decide`, in number order. `recipient` holds the facts of the first
    one; `destinations` are those of all, of each user as many as the first one has and in the
    order of his."""

    recipient: Recipient
    users: list[int]
    destinations: list[int]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a write of a user: `applied` is False when a newer version was already there."""

    id: str
    number: int
    version: int
    applied: bool
    created: bool


class Spoken(msgspec.Struct, frozen=True):
    """A user's own locale from an instant on; None where none was chosen."""

    at: int
    locale: str | None


class DeviceWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A push token of a user's device; a token belongs to one user, so this moves it."""

    user: str
    token: str
    platform: str
    app: str = ""
    keys: dict[str, str] = {}


class DestinationRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages of a channel go; `user` 0 is nobody's (an FCM topic). `suppression` is the
    number of what keeps messages from its address."""

    number: int
    user: int
    channel: Channel
    platform: str
    app: str
    address: str
    keys: dict[str, str]
    confirmed_at: int
    disabled_at: int | None = None
    disabled_reason: str | None = None
    suppression: int | None = None


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """Receipt of an erasure: rows removed by kind (of `consents`: emptied of whatever says who it
    was), what was kept on purpose, and when."""

    removed: dict[str, int]
    at: int
    kept: dict[str, int] = {}


class PeopleStore(Protocol):
    """Users and where to reach them."""

    async def write_users(self, env: int, writes: list[UserWrite], now: int) -> list[Written]:
        """Upsert users in the order given; e-mail and phone become destinations. Names are
        minted."""
        ...

    async def users(self, env: int, ids: list[str]) -> dict[str, UserRow]:
        """Users that exist (not the erased), by id."""
        ...

    async def users_by_number(self, env: int, numbers: list[int]) -> dict[int, UserRow]:
        """Users that exist, by number (for rendering)."""
        ...

    async def changed_since(self, env: int, since: dict[int, int]) -> set[int]:
        """Those of the users (number -> instant) whose settings or consents changed at that instant
        or later."""
        ...

    async def erase(self, env: int, user: str, now: int) -> Erased | None:
        """Delete addresses, tokens, history, settings, inbox, personal content and the name;
        counts and suppressions stay.
        Open deliveries of the user become canceled. None when nobody has this id."""
        ...

    async def finish_erasures(self, before: int, limit: int) -> int:
        """Remove what is left of users whose erasure began before this instant and is not done:
        states said so, or it broke off. How many were finished."""
        ...

    async def write_devices(self, env: int, writes: list[DeviceWrite], now: int) -> list[int]:
        """Numbers of the destinations. Users at first sight are created."""
        ...

    async def remove_device(self, env: int, user: str, token: str, now: int) -> bool: ...

    async def confirm_address(
        self, env: int, user: int, channel: Channel, address: str, now: int
    ) -> bool:
        """Switch an e-mail address or phone number of the user on again, whatever its provider
        said of it; False when the user never had it."""
        ...

    async def endpoint(
        self, env: int, channel: Channel, platform: str, address: str, now: int
    ) -> int:
        """Number of nobody's destination (user 0), made at first sight."""
        ...

    async def destinations(self, env: int, user: int) -> list[DestinationRow]:
        """All destinations of a user, the disabled too."""
        ...

    async def destinations_by_number(
        self, env: int, numbers: list[int]
    ) -> dict[int, DestinationRow]: ...

    async def holders(self, env: int, address: str, limit: int) -> list[int]:
        """Numbers of the users who have this e-mail address, phone number or device token, in
        whatever way it is written."""
        ...

    async def join(self, env: int, tenant: str, user: str, member: bool, now: int) -> None:
        """Make a user a member of a tenant, or end it. Both names are minted."""
        ...

    async def recipients(
        self, env: int, users: list[int], scopes: list[tuple[int, int]]
    ) -> dict[int, Recipient]:
        """The facts of users: standing, versions, live destinations by channel, and of their
        settings the rows
        of `scopes` ((kind, scope) pairs), of their consents those about the categories among
        `scopes` and about all. Suppressed destinations are left out. Numbers without a user row are
        UNKNOWN. `topic`, `mention` and `in_thread` stay at their defaults."""
        ...

    async def alike(self, env: int, users: list[int], scopes: list[tuple[int, int]]) -> list[Alike]:
        """Those of the users who are known, chose nothing at these scopes, said nothing about
        consent and have no suppressed address, gathered by all that is the same of them. Others
        are in none. `roles` and what `recipients` leaves out stay at their defaults."""
        ...

    async def recipient_at(
        self, env: int, user: int, user_version: int, settings_version: int
    ) -> Recipient:
        """The facts of one user as they were at two versions (all settings rows; destinations as
        now; no consents, which a decision keeps itself)."""
        ...

    async def locales(self, env: int, users: list[int]) -> dict[int, list[Spoken]]:
        """By user every change of the own locale, oldest first; none of who was erased."""
        ...

    async def defaults(
        self, env: int, tenant: int, version: int | None = None, *, topics: Collection[int] = ()
    ) -> tuple[int, tuple[Setting, ...]]:
        """Version and rows of the environment, its workflows and categories, these topics and one
        tenant (user 0), now or as they were at a version."""
        ...
