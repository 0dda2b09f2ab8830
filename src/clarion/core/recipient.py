"""The facts about a person that `decide` sees: numbers, versions and switches, never an address
or a name."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from clarion.core.window import FOREVER as FOREVER
from clarion.core.window import Window as Window
from clarion.core.workflow import Channel


class ScopeKind(IntEnum):
    """Where a setting holds. The chain, most specific first, is: topic (the event's `about`,
    then its parents),
    workflow, category, user in tenant, user, tenant, environment. ACTOR rows mute a person and
    stand apart."""

    TOPIC = 1
    WORKFLOW = 2
    CATEGORY = 3
    USER_IN_TENANT = 4
    USER = 5
    TENANT = 6
    ENVIRONMENT = 7
    ACTOR = 8

    @property
    def label(self) -> str:
        return self.name.lower()


class Level(StrEnum):
    """How much a person wants to hear from a scope."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


class Setting(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """One scope's choices. `mute_until`: instant in microseconds, FOREVER, or None for not muted.

    `suppress` holds "everyone" and/or "roles". `channels` maps a channel to on (True) or off
    (False); what is
    missing inherits. `scope` is the number of the topic, workflow, category, tenant or actor (0
    for user and
    environment). `user` is 0 for rows of the tenant and the environment.
    """

    user: int
    kind: ScopeKind
    scope: int
    level: Level | None = None
    mute_until: int | None = None
    suppress: tuple[str, ...] = ()
    channels: dict[Channel, bool] = {}
    quiet: tuple[Window, ...] | None = None
    pause_until: int | None = None
    cadence: str | None = None


class Consent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a person last said about one purpose (the number of a category; 0: all of them) on one
    channel (None: all of them): `granted` or taken back."""

    purpose: int
    channel: Channel | None
    granted: bool


class Standing(IntEnum):
    """Whether the user exists."""

    KNOWN = 1
    UNKNOWN = 2
    ERASED = 3
    NOBODY = 4
    """The reserved user 0: an endpoint or provider-side topic; no preferences apply."""


class Mention(StrEnum):
    """How an event mentions a person."""

    NONE = ""
    USER = "user"
    REPLY = "reply"
    ROLE = "role"
    EVERYONE = "everyone"


class Recipient(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A user considered for one event, as known now.

    `settings`: this user's own rows that can matter for the event (any order). `destinations`:
    numbers of the
    live destinations by channel, `platforms` the platform of those that have one. `topic`:
    number of the topic that the user was reached by, 0 when named.
    """

    user: int
    standing: Standing = Standing.KNOWN
    user_version: int = 0
    settings_version: int = 0
    locale: str | None = None
    zone: str | None = None
    roles: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    destinations: dict[Channel, tuple[int, ...]] = {}
    platforms: dict[int, str] = {}
    topic: int = 0
    mention: Mention = Mention.NONE
    in_thread: bool = True
    consents: tuple[Consent, ...] = ()
    suppressed: frozenset[Channel] = frozenset()
    """Channels on which every live address of the user is on the suppression list."""

    active_until: int = 0
    """Until when the user counts as active at a desktop; 0: not active."""
