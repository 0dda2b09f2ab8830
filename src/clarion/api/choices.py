"""Preferences as a document, and as the rows of settings that the decision reads."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from clarion.clock import from_rfc3339, to_rfc3339
from clarion.core.recipient import FOREVER, Level, ScopeKind, Setting
from clarion.core.workflow import CHANNELS, Channel
from clarion.errors import InvalidError

Unset = msgspec.UnsetType
UNSET = msgspec.UNSET

LevelWord = Literal["all", "mentions", "none", "inherit"]
Switch = Literal["on", "off", "inherit"]
Flag = Literal["everyone", "roles"]
ChannelWord = Literal["inbox", "push", "email", "sms", "chat", "webhook"]

FOREVER_WORD = "forever"

Node = dict[str, Any]
"""One scope's choices in a document: `level`, `mute_until`, `suppress`, `channels`."""

_CHANNEL_WORDS = frozenset(channel.value for channel in CHANNELS)


class ScopePreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices at one scope. `mute_until` is an instant or `forever`; what is missing inherits. In a
    PATCH, null removes.
    """

    level: LevelWord | Unset | None = UNSET
    mute_until: str | Unset | None = UNSET
    suppress: list[Flag] | Unset | None = UNSET
    channels: dict[ChannelWord, Switch | None] | Unset | None = UNSET


class SwitchPreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices for a category or a workflow, with the channels at the top: `{"email": "off"}`."""

    inbox: Switch | Unset | None = UNSET
    push: Switch | Unset | None = UNSET
    email: Switch | Unset | None = UNSET
    sms: Switch | Unset | None = UNSET
    chat: Switch | Unset | None = UNSET
    webhook: Switch | Unset | None = UNSET
    level: LevelWord | Unset | None = UNSET
    mute_until: str | Unset | None = UNSET
    suppress: list[Flag] | Unset | None = UNSET


class ActorPreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Muting a person: nothing that this user does is told."""

    mute_until: str | Unset | None = UNSET


class Preferences(ScopePreferences, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices at all scopes; those at the top hold everywhere. `pause_until` and `quiet_hours` are
    refused by this version.
    """

    categories: dict[str, SwitchPreferences | None] | Unset | None = UNSET
    workflows: dict[str, SwitchPreferences | None] | Unset | None = UNSET
    topics: dict[str, ScopePreferences | None] | Unset | None = UNSET
    actors: dict[str, ActorPreferences | None] | Unset | None = UNSET
    tenants: dict[str, ScopePreferences | None] | Unset | None = UNSET
    pause_until: str | Unset | None = UNSET
    quiet_hours: dict[str, Any] | Unset | None = UNSET


LATER_FIELDS = ("pause_until", "quiet_hours")

SECTIONS: dict[str, ScopeKind] = {
    "categories": ScopeKind.CATEGORY,
    "workflows": ScopeKind.WORKFLOW,
    "topics": ScopeKind.TOPIC,
    "actors": ScopeKind.ACTOR,
    "tenants": ScopeKind.USER_IN_TENANT,
}
"""Members of the document that hold scopes by name."""

SWITCH_SECTIONS = frozenset({"categories", "workflows"})


def refuse_later(patch: dict[str, Any], at: str) -> None:
    """InvalidError for choices that this version would not act on."""
    for name in LATER_FIELDS:
        if patch.get(name) is not None:
            detail = f"{name!r} comes with a later version; leave it out, as nothing would heed it"
            raise InvalidError(detail, f"{at}/{name}", code="not-yet")


def top_of(patch: dict[str, Any]) -> Node:
    """The choices at the top of a document, without its sections."""
    return {n: v for n, v in patch.items() if n not in SECTIONS and n not in LATER_FIELDS}


def node_from(section: str, written: dict[str, Any]) -> Node:
    """A scope as written in a section -> its node (channels of categories and workflows stand at
    the top).
    """
    if section not in SWITCH_SECTIONS:
        return written
    node = {name: value for name, value in written.items() if name not in _CHANNEL_WORDS}
    switches = {name: value for name, value in written.items() if name in _CHANNEL_WORDS}
    return {**node, "channels": switches} if switches else node


def written_as(section: str, node: Node) -> dict[str, Any]:
    """The reverse of `node_from`."""
    if section not in SWITCH_SECTIONS:
        return node
    rest = {name: value for name, value in node.items() if name != "channels"}
    return {**node.get("channels", {}), **rest}


def node_of(setting: Setting) -> Node:
    """A row -> its node."""
    node: Node = {}
    if setting.level is not None:
        node["level"] = setting.level.value
    if setting.mute_until is not None:
        forever = setting.mute_until >= FOREVER
        node["mute_until"] = FOREVER_WORD if forever else to_rfc3339(setting.mute_until)
    if setting.suppress:
        node["suppress"] = list(setting.suppress)
    if setting.channels:
        node["channels"] = {c.value: "on" if on else "off" for c, on in setting.channels.items()}
    return node


def setting_of(user: int, kind: ScopeKind, scope: int, node: Node, at: str) -> Setting | None:
    """A node -> its row (None when it chooses nothing); InvalidError below `at`."""
    level = node.get("level")
    channels = {
        Channel(name): switch == "on"
        for name, switch in (node.get("channels") or {}).items()
        if switch in ("on", "off")
    }
    setting = Setting(
        user=user,
        kind=kind,
        scope=scope,
        level=Level(level) if level not in (None, "inherit") else None,
        mute_until=_mute(node.get("mute_until"), at + "/mute_until"),
        suppress=tuple(dict.fromkeys(node.get("suppress") or ())),
        channels=channels,
    )
    return setting if node_of(setting) else None


def _mute(text: str | None, pointer: str) -> int | None:
    if text is None:
        return None
    if text == FOREVER_WORD:
        return FOREVER
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write an instant with an offset, as in 2026-01-02T03:04:05Z, or forever"
        raise InvalidError(detail, pointer) from None
