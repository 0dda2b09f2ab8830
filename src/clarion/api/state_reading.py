"""States of entities as they come in -> what the replica keeps of them. Each is read on its own, so
that one mistake refuses one state."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from clarion.api.choices import Preferences
from clarion.api.choosing import Choosing
from clarion.api.owners import a_users
from clarion.api.problems import RefusedError
from clarion.api.reading import check_depth, check_id, decoded
from clarion.api.topics import TopicBody
from clarion.api.users import UserBody, user_write, version_of
from clarion.clock import from_rfc3339
from clarion.errors import InvalidError
from clarion.store.contract.replica import GONE, EntityKind, StateWrite

T = TypeVar("T")
EntityWord = Literal["user", "topic", "subscription", "tenant_member", "preferences"]


class StateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an entity is from a version on. `id` is a text, or an object where the entity is a pair;
    `state` null says that it is deleted."""

    entity: EntityWord
    id: msgspec.Raw
    version: int | str
    state: msgspec.Raw
    at: str | None = None


class SubscriptionId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user on a topic."""

    topic: str
    user: str


class MemberId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user in a tenant."""

    tenant: str
    user: str


class NoFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pair that is there has nothing more to say."""


_STATE = msgspec.json.Decoder(StateBody)
_TEXT = msgspec.json.Decoder(str)
_SUBSCRIPTION = msgspec.json.Decoder(SubscriptionId)
_MEMBER = msgspec.json.Decoder(MemberId)
_USER = msgspec.json.Decoder(UserBody)
_TOPIC = msgspec.json.Decoder(TopicBody)
_PREFERENCES = msgspec.json.Decoder(Preferences)
_NO_FIELDS = msgspec.json.Decoder(NoFields)


async def read_state(choosing: Choosing, env: int, raw: msgspec.Raw, at: str) -> StateWrite:
    """One state; RefusedError or InvalidError with a pointer below `at`. The names that preferences
    speak of get their numbers here."""
    body = decoded(_STATE, raw, at)
    kind = EntityKind[body.entity.upper()]
    id_, user = _named(kind, body.id, at + "/id")
    here = at + "/state"
    return StateWrite(
        kind=kind,
        version=_version(body.version, at + "/version"),
        body=await _kept(choosing, env, kind, id_, body.state, here),
        id=id_,
        user_id=user,
        source_at=_instant(body.at, at + "/at"),
    )


def _version(given: int | str, pointer: str) -> int:
    version = version_of(given, pointer) or 0
    if version < 0:
        raise InvalidError("an instant that orders versions is from 1970 on", pointer)
    return version


def _named(kind: EntityKind, raw: msgspec.Raw, at: str) -> tuple[str, str]:
    """(topic or tenant, user), "" where there is none."""
    if kind is EntityKind.SUBSCRIPTION:
        subscription = decoded(_SUBSCRIPTION, raw, at)
        topic = check_id(subscription.topic, at + "/topic")
        return topic, check_id(subscription.user, at + "/user")
    if kind is EntityKind.TENANT_MEMBER:
        member = decoded(_MEMBER, raw, at)
        return check_id(member.tenant, at + "/tenant"), check_id(member.user, at + "/user")
    name = check_id(decoded(_TEXT, raw, at), at)
    return (name, "") if kind is EntityKind.TOPIC else ("", name)


async def _kept(
    choosing: Choosing, env: int, kind: EntityKind, id_: str, raw: msgspec.Raw, at: str
) -> str:
    """What the replica keeps of a state, as `StateWrite.body` tells."""
    if bytes(raw).strip() == b"null":
        return GONE
    if kind is EntityKind.USER:
        return _text(_user_fields(raw, at))
    if kind is EntityKind.TOPIC:
        return _text(_topic_values(id_, raw, at))
    if kind is EntityKind.PREFERENCES:
        chosen: dict[str, Any] = msgspec.to_builtins(decoded(_PREFERENCES, raw, at))
        return _text(await choosing.rows_of(a_users(env, 0), chosen, at))
    decoded(_NO_FIELDS, raw, at)
    return "{}"


def _user_fields(raw: msgspec.Raw, at: str) -> dict[str, Any]:
    user = decoded(_USER, raw, at)
    if user.version is not None:
        detail = "the version stands beside the state; remove it here"
        raise RefusedError(400, detail, pointer=at + "/version")
    return user_write("", user, at=at).changed


def _topic_values(key: str, raw: msgspec.Raw, at: str) -> list[Any]:
    topic = decoded(_TOPIC, raw, at)
    if topic.parent is not None:
        check_id(topic.parent, at + "/parent")
        if topic.parent == key:
            raise InvalidError("a topic cannot be its own parent; leave it out", at + "/parent")
    check_depth(topic.data, at + "/data")
    return [topic.parent, topic.kind, topic.default_level, topic.data]


def _instant(text: str | None, pointer: str) -> int | None:
    try:
        return None if text is None else from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write an instant with an offset, as in 2026-01-02T03:04:05Z"
        raise RefusedError(400, detail, pointer=pointer) from None


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
