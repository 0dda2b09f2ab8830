"""What a story is made of: people, events, and what has to come of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a name. `device` is a push token; one that starts with `dead-` is dead.
    `agreed`: to offers by e-mail."""

    id: str
    name: str
    device: str | None = None
    locale: str | None = None
    timezone: str | None = None
    preferences: dict[str, Any] | None = None
    agreed: bool = False


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """An event, sent so long after the one before it. `label` says in a word what it is."""

    label: str
    event: dict[str, Any]
    after_seconds: float = 0.0


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What has to come of an act for one user.

    The verdict, and a reason that has to be among the channels' ("": any).
    """

    label: str
    user: str
    verdict: str
    reason: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many recipients of an event have to be sent to, skipped and held; how many messages have
    to go out by channel, where that is told."""

    label: str
    sent: int
    skipped: int
    held: int = 0
    messages: dict[str, int] = {}


class Sight(StrEnum):
    """What is looked at after an act: how the user's badge grew, what a digest told, what waits."""

    BADGE = "badge"
    DIGEST = "digest"
    WAIT = "wait"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at, for which event and user. `says` has to be part of what is seen."""

    sight: Sight
    label: str
    user: str
    says: str


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A scene in words, what is sent, and what has to come of it.

    `timed` names events whose latency is told beside that of the first. The first
    `together` events are sent in one request. `reading` stretches the pause before the first event.
    """

    title: str
    scene: str
    sends: tuple[Send, ...]
    expected: tuple[Expected, ...]
    tallies: tuple[Tally, ...] = ()
    timed: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()
    together: int = 0
    reading: float = 1.0
