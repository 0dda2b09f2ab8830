"""Preferences as a document, and as the rows of settings that the decision reads."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from clarion.api.problems import FieldError, RefusedError
from clarion.clock import SECOND, from_rfc3339, to_rfc3339
from clarion.core.document import Mistakes
from clarion.core.duration import parse_duration
from clarion.core.recipient import FOREVER, Level, ScopeKind, Setting, Window
from clarion.core.schedule_reading import read_windows, windows_document
from clarion.core.workflow import CHANNELS, Channel
from clarion.errors import InvalidError

Unset = msgspec.UnsetType
UNSET = msgspec.UNSET

LevelWord = Literal["all", "mentions", "none", "inherit"]
Switch = Literal["on", "off", "inherit"]
Flag = Literal["everyone", "roles"]
Cadence = Literal["instant", "hourly", "daily", "weekly"]
ChannelWord = Literal["inbox", "push", "email", "sms", "chat", "webhook"]

FOREVER_WORD = "forever"

Node = dict[str, Any]
"""One scope's choices in a document: `level`, `mute_until`, `suppress`, `channels` and so on."""

_ENDS = {"mute_for": "mute_until", "pause_for": "pause_until"}
"""Durations that a patch may name, and the instants they write."""

_CHANNEL_WORDS = frozenset(channel.value for channel in CHANNELS)


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was accepted and does nothing (yet): where, and why."""

    pointer: str
    detail: str


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weekly windows in the user's own wall time: `{"days": ["mon"], "from": "22:00", "until":
    "07:00"}`, each beginning on its days. An empty list is no quiet hours at all; without
    `windows` they are inherited.
    """

    windows: list[dict[str, Any]] | Unset | None = UNSET


class ScopePreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices at one scope. `mute_until` is an instant or `forever`; `mute_for` (ISO 8601, such as
    PT8H) writes it from now on. `cadence` is how often digests come. What is missing inherits. In a
    PATCH, null removes.
    """

    level: LevelWord | Unset | None = UNSET
    mute_until: str | Unset | None = UNSET
    mute_for: str | Unset | None = UNSET
    suppress: list[Flag] | Unset | None = UNSET
    channels: dict[ChannelWord, Switch | None] | Unset | None = UNSET
    cadence: Cadence | Unset | None = UNSET


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
    mute_for: str | Unset | None = UNSET
    suppress: list[Flag] | Unset | None = UNSET
    cadence: Cadence | Unset | None = UNSET


class ActorPreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Muting a person: nothing that this user does is told."""

    mute_until: str | Unset | None = UNSET
    mute_for: str | Unset | None = UNSET


class AccountPreferences(ScopePreferences, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices that hold everywhere, or in a whole tenant. `pause_until` (an instant or `forever`;
    `pause_for` writes it from now on) is do-not-disturb: the inbox fills silently, the rest waits.
    """

    pause_until: str | Unset | None = UNSET
    pause_for: str | Unset | None = UNSET
    quiet_hours: QuietHours | Unset | None = UNSET


class Preferences(AccountPreferences, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices at all scopes; those at the top hold everywhere."""

    categories: dict[str, SwitchPreferences | None] | Unset | None = UNSET
    workflows: dict[str, SwitchPreferences | None] | Unset | None = UNSET
    topics: dict[str, ScopePreferences | None] | Unset | None = UNSET
    actors: dict[str, ActorPreferences | None] | Unset | None = UNSET
    tenants: dict[str, AccountPreferences | None] | Unset | None = UNSET


SECTIONS: dict[str, ScopeKind] = {
    "categories": ScopeKind.CATEGORY,
    "workflows": ScopeKind.WORKFLOW,
    "topics": ScopeKind.TOPIC,
    "actors": ScopeKind.ACTOR,
    "tenants": ScopeKind.USER_IN_TENANT,
}
"""Members of the document that hold scopes by name."""

SWITCH_SECTIONS = frozenset({"categories", "workflows"})


def top_of(patch: dict[str, Any]) -> Node:
    """The choices at the top of a document, without its sections."""
    return {name: value for name, value in patch.items() if name not in SECTIONS}


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
        node["mute_until"] = _end_written(setting.mute_until)
    if setting.suppress:
        node["suppress"] = list(setting.suppress)
    if setting.channels:
        node["channels"] = {c.value: "on" if on else "off" for c, on in setting.channels.items()}
    if setting.pause_until is not None:
        node["pause_until"] = _end_written(setting.pause_until)
    if setting.quiet is not None:
        node["quiet_hours"] = {"windows": windows_document(setting.quiet)}
    if setting.cadence is not None:
        node["cadence"] = setting.cadence
    return node


def settled(patch: Node, now: int, at: str) -> tuple[Node, list[Warned]]:
    """A patch of one scope with its durations as instants, and what it says in vain.

    InvalidError below `at` for a duration that is none, or one beside the instant it writes.
    """
    node = {name: value for name, value in patch.items() if name not in _ENDS}
    warnings: list[Warned] = []
    for duration, end in _ENDS.items():
        text = patch.get(duration)
        if text is not None:
            if node.get(end) is not None:
                detail = f"{duration!r} and {end!r} contradict each other; write one of them"
                raise InvalidError(detail, f"{at}/{duration}")
            seconds = parse_duration(text, f"{at}/{duration}")
            node[end] = to_rfc3339(now + seconds * SECOND)
        until = _end_read(node.get(end), f"{at}/{end}")
        if until is not None and until <= now:
            detail = "this instant has passed, so it holds nothing back; null removes it"
            warnings.append(Warned(pointer=f"{at}/{end}", detail=detail))
    return node, warnings


def setting_of(user: int, kind: ScopeKind, scope: int, node: Node, at: str) -> Setting | None:
    """A node -> its row (None when it chooses nothing); InvalidError below `at`, RefusedError with
    all mistakes of the quiet hours.
    """
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
        mute_until=_end_read(node.get("mute_until"), at + "/mute_until"),
        suppress=tuple(dict.fromkeys(node.get("suppress") or ())),
        channels=channels,
        quiet=_quiet_read(node.get("quiet_hours"), at + "/quiet_hours/windows"),
        pause_until=_end_read(node.get("pause_until"), at + "/pause_until"),
        cadence=node.get("cadence"),
    )
    return setting if node_of(setting) else None


def _quiet_read(written: dict[str, Any] | None, at: str) -> tuple[Window, ...] | None:
    windows = (written or {}).get("windows")
    if windows is None:
        return None
    mistakes = Mistakes()
    quiet = read_windows(windows, at, mistakes)
    if mistakes.found:
        raise _all_of(mistakes)
    return quiet


def _all_of(mistakes: Mistakes) -> RefusedError:
    refusal = RefusedError(422, mistakes.found[0].detail)
    refusal.errors = [FieldError(pointer=m.pointer, detail=m.detail) for m in mistakes.found]
    return refusal


def _end_written(instant: int) -> str:
    return FOREVER_WORD if instant >= FOREVER else to_rfc3339(instant)


def _end_read(text: str | None, pointer: str) -> int | None:
    if text is None:
        return None
    if text == FOREVER_WORD:
        return FOREVER
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write an instant with an offset, as in 2026-01-02T03:04:05Z, or forever"
        raise InvalidError(detail, pointer) from None
