"""An incoming event checked and taken apart, before any name is looked up."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from clarion.clock import SECOND, from_rfc3339
from clarion.core.duration import parse_duration
from clarion.core.event import IncomingEvent, IncomingMention, IncomingRecipient
from clarion.core.ids import OWN_ID, REQUEST_ID
from clarion.core.preference_words import check_locale, check_zone
from clarion.errors import InvalidError
from clarion.store.contract.people import UserWrite

NAME_LIMIT = 256
TAG_LIMIT = 32
RECIPIENT_FORMS = "an id, {id}, {topic}, {all: true} or {fcm_topic}"

_canonical = msgspec.json.Encoder(order="sorted").encode


class Audience(msgspec.Struct, kw_only=True):
    """Whom an event is for: named users, topics with exceptions, everybody, FCM topics."""

    users: list[str] = []
    topics: list[tuple[str, tuple[str, ...]]] = []
    everyone: bool = False
    everyone_except: tuple[str, ...] = ()
    fcm_topics: list[str] = []

    @property
    def empty(self) -> bool:
        return not (self.users or self.topics or self.everyone or self.fcm_topics)


class Draft(msgspec.Struct, kw_only=True):
    """A checked event. `audience` is None when the workflow says who hears of it. `keys` as in
    EventWrite. `test`: it reserves no dedupe key and uses up no cap. `trace` as in EventWrite."""

    incoming: IncomingEvent
    expires_at: int | None
    audience: Audience | None
    inline: list[UserWrite]
    mentions: list[tuple[str, str]]
    keys: tuple[tuple[str, bytes], ...]
    test: bool = False
    trace: str | None = None


def draft(incoming: IncomingEvent, *, request_key: tuple[str, bytes] | None, now: int) -> Draft:
    """Check an event's own sense; InvalidError with a pointer says what to mend."""
    _check_names(incoming)
    audience, inline = _audience(incoming)
    keys: list[tuple[str, bytes]] = []
    if incoming.id is not None:
        keys.append((OWN_ID + incoming.id, hashlib.sha256(_canonical(incoming)).digest()))
    if request_key is not None:
        keys.append((REQUEST_ID + request_key[0], request_key[1]))
    return Draft(
        incoming=incoming,
        expires_at=_expiry(incoming, now),
        audience=audience,
        inline=inline,
        mentions=_mentions(incoming),
        keys=tuple(keys),
    )


def check_name(text: str, pointer: str) -> None:
    """Ids and keys: 1 to 256 characters, none of them a control character."""
    if not text or len(text) > NAME_LIMIT:
        raise InvalidError(f"give 1 to {NAME_LIMIT} characters", pointer)
    if not text.isprintable():
        raise InvalidError("control characters and line breaks are not allowed here", pointer)


def _check_names(incoming: IncomingEvent) -> None:
    check_name(incoming.type, "/type")
    for field, value in (
        ("id", incoming.id),
        ("actor", incoming.actor),
        ("tenant", incoming.tenant),
        ("workflow", incoming.workflow),
        ("about", incoming.about),
        ("correlation_id", incoming.correlation_id),
        ("cancellation_key", incoming.cancellation_key),
        ("ordering_key", incoming.ordering_key),
    ):
        if value is not None:
            check_name(value, f"/{field}")
    if len(incoming.tags) > TAG_LIMIT:
        raise InvalidError(f"give at most {TAG_LIMIT} tags", "/tags")
    for key, value in incoming.tags.items():
        check_name(key, f"/tags/{key}")
        check_name(value, f"/tags/{key}")


def _expiry(incoming: IncomingEvent, now: int) -> int | None:
    found = []
    if incoming.expires_in is not None:
        found.append(now + parse_duration(incoming.expires_in, "/expires_in") * SECOND)
    if incoming.expires_at is not None:
        try:
            found.append(from_rfc3339(incoming.expires_at))
        except ValueError:
            raise InvalidError(
                "write the instant as RFC 3339, e.g. 2026-01-02T03:04:05Z", "/expires_at"
            ) from None
    return min(found, default=None)


def _audience(incoming: IncomingEvent) -> tuple[Audience | None, list[UserWrite]]:
    if incoming.recipients is None:
        return None, []
    audience = Audience()
    inline: list[UserWrite] = []
    seen: set[str] = set()
    for place, entry in enumerate(incoming.recipients):
        pointer = f"/recipients/{place}"
        if isinstance(entry, str):
            check_name(entry, pointer)
            user: str | None = entry
        else:
            user = _recipient(entry, pointer, audience, inline)
        if user is not None and user not in seen:
            seen.add(user)
            audience.users.append(user)
    return audience, inline


def _recipient(
    entry: IncomingRecipient, pointer: str, audience: Audience, inline: list[UserWrite]
) -> str | None:
    """Sort one object into the audience; the id when it is a user."""
    named = [
        entry.id is not None,
        entry.topic is not None,
        entry.all is True,
        bool(entry.fcm_topic),
    ]
    if sum(named) != 1:
        raise InvalidError(f"a recipient is {RECIPIENT_FORMS}", pointer)
    changed = _profile(entry, pointer)
    if entry.id is None and changed:
        raise InvalidError("only a recipient with an id has a profile", pointer)
    for excepted in entry.except_:
        check_name(excepted, f"{pointer}/except")
    if entry.topic is not None:
        check_name(entry.topic, f"{pointer}/topic")
        found = (entry.topic, tuple(entry.except_))
        if found not in audience.topics:
            audience.topics.append(found)
    elif entry.all:
        audience.everyone = True
        audience.everyone_except = tuple(entry.except_)
    elif entry.fcm_topic:
        check_name(entry.fcm_topic, f"{pointer}/fcm_topic")
        if entry.fcm_topic not in audience.fcm_topics:
            audience.fcm_topics.append(entry.fcm_topic)
    elif entry.id is not None:
        check_name(entry.id, f"{pointer}/id")
        inline.append(UserWrite(id=entry.id, changed=changed))
        return entry.id
    return None


def _profile(entry: IncomingRecipient, pointer: str) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for field in ("email", "phone", "locale", "timezone", "name", "data"):
        value = getattr(entry, field)
        if value is not None:
            if isinstance(value, str):
                check_name(value, f"{pointer}/{field}")
            changed[field] = value
    if "timezone" in changed:
        check_zone(changed["timezone"], f"{pointer}/timezone")
    if "locale" in changed:
        check_locale(changed["locale"], f"{pointer}/locale")
    return changed


def _mentions(incoming: IncomingEvent) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for place, entry in enumerate(incoming.mentions):
        pointer = f"/mentions/{place}"
        if isinstance(entry, IncomingMention):
            if (entry.role is None) == (entry.reply is None):
                raise InvalidError(
                    "a mention is an id, {role}, {reply} or the word everyone", pointer
                )
            kind, who = ("role", entry.role) if entry.role else ("reply", entry.reply)
            check_name(who or "", pointer)
            found.append((kind, who or ""))
        elif entry == "everyone":
            found.append(("everyone", ""))
        else:
            check_name(entry, pointer)
            found.append(("user", entry))
    return found
