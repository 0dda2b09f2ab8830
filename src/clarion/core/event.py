"""What happened: the event as it comes in, and its id."""

from __future__ import annotations

from typing import Any

import msgspec

EVENT_LIMIT_BYTES = 1024 * 1024
BATCH_LIMIT_BYTES = 5 * 1024 * 1024
BATCH_LIMIT_EVENTS = 1000
INLINE_RECIPIENTS = 100
"""Up to this many named users an event is decided in the transaction that accepts it."""


class IncomingRecipient(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One entry of `recipients` that is not a plain id: a user inline, a topic, everybody, or an
    FCM topic."""

    id: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    timezone: str | None = None
    name: str | None = None
    data: dict[str, Any] | None = None
    topic: str | None = None
    all: bool | None = None
    fcm_topic: str | None = None
    except_: list[str] = msgspec.field(name="except", default_factory=list)


class IncomingMention(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One entry of `mentions` that is not a plain id or `everyone`."""

    role: str | None = None
    reply: str | None = None


class IncomingEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The body of `POST /v1/events`. Durations are ISO 8601 (`PT5M`), instants RFC 3339."""

    type: str
    id: str | None = None
    data: dict[str, Any] = {}
    recipients: list[str | IncomingRecipient] | None = None
    actor: str | None = None
    tenant: str | None = None
    workflow: str | None = None
    about: str | None = None
    mentions: list[str | IncomingMention] = []
    silent: bool = False
    expires_in: str | None = None
    expires_at: str | None = None
    correlation_id: str | None = None
    cancellation_key: str | None = None
    ordering_key: str | None = None
    tags: dict[str, str] = {}
