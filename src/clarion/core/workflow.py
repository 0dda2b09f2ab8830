"""What to do about a type of event: workflows, their steps and categories, as frozen records.

Files and requests are turned into these records by `clarion.core.workflow_reading`; templates
and conditions
stay source text here, and are compiled in `clarion.content` and `clarion.conditions`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

import msgspec


class Channel(StrEnum):
    """A kind of way to a person."""

    INBOX = "inbox"
    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    WEBHOOK = "webhook"


CHANNELS: tuple[Channel, ...] = tuple(Channel)
"""Channels in the order of their numbers in the store (the number is the index + 1)."""

CHANNEL_NUMBER: dict[Channel, int] = {channel: i + 1 for i, channel in enumerate(CHANNELS)}


class Lane(IntEnum):
    """How urgent; the smaller the number, the more urgent. Lanes share nothing that can be
    exhausted."""

    CRITICAL = 0
    TRANSACTIONAL = 1
    SOCIAL = 2
    BULK = 3

    @property
    def label(self) -> str:
        """The name outside: `critical`, `transactional`, `social`, `bulk`."""
        return self.name.lower()


class Rollout(StrEnum):
    """`off` skips, `shadow` decides but sends nothing, `on` sends."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class OnUnknown(StrEnum):
    """What to do when a provider may or may not have taken a message."""

    AT_LEAST_ONCE = "at_least_once"
    AT_MOST_ONCE = "at_most_once"


class InDoubt(StrEnum):
    """What becomes of messages that waited when a backup was taken, and may have been sent since:
    as `on_unknown` of their category says, all are sent (again), or none is."""

    POLICY = "policy"
    RESEND = "resend"
    DROP = "drop"


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A class of workflow. `deadline_seconds` bounds the retries of a delivery; None: no bound
    of its own."""

    key: str
    lane: Lane = Lane.TRANSACTIONAL
    mandatory: bool = False
    quiet_hours: str = "respect"
    consent: str = "none"
    on_unknown: dict[str, OnUnknown] = {}
    attempts: int = 4
    deadline_seconds: int | None = None

    def policy(self, channel: Channel) -> OnUnknown:
        """What to do after an ambiguous outcome on a channel (`*` is any); at least once when
        unsaid."""
        fallback = self.on_unknown.get("*", OnUnknown.AT_LEAST_ONCE)
        return self.on_unknown.get(channel.value, fallback)


BUILT_IN_CATEGORIES: tuple[Category, ...] = (
    Category(key="security", lane=Lane.CRITICAL, mandatory=True, quiet_hours="ignore"),
    Category(key="transactional", lane=Lane.TRANSACTIONAL),
    Category(key="social", lane=Lane.SOCIAL),
    Category(key="marketing", lane=Lane.BULK, consent="required"),
)


class Dedupe(msgspec.Struct, frozen=True):
    """At most one notification per user and value of `key` (CEL) within the window."""

    key: str
    window_seconds: int


class SendStep(msgspec.Struct, frozen=True, kw_only=True):
    """Send on one channel. `template` maps a locale ("" = default) to the fields of the channel
    (source text).

    `index` is the position of the step in the file, from 0. `when` is a CEL condition or None.
    """

    index: int
    channel: Channel
    when: str | None = None
    template: dict[str, dict[str, Any]] = {}


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about the events of type `on`.

    `partials` holds the sources of template files it uses, by name; `document` is what its
    author wrote.
    """

    key: str
    on: str
    category: str = "transactional"
    audience: str | None = None
    dedupe: Dedupe | None = None
    expires_in_seconds: int | None = None
    rollout: Rollout = Rollout.ON
    locale: str | None = None
    steps: tuple[SendStep, ...] = ()
    partials: dict[str, str] = {}
    document: dict[str, Any] = {}
