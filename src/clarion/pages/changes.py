"""What the forms of the preference page say, as changes of preferences and of consents.

A form tells what it showed (`was`) beside what is wanted, so that only what a person changed is
written: what was left alone goes on to follow the defaults.
"""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.api.services import Services
from clarion.core.law import last_said
from clarion.core.recipient import ScopeKind
from clarion.core.workflow import Channel
from clarion.errors import InvalidError
from clarion.pages.cards import CADENCES, Card, Switch
from clarion.pages.forms import Form
from clarion.pages.seen import Seen
from clarion.pages.topics import LEVELS, SHOWN_AT_ONCE
from clarion.store.contract.names import NameKind

MUTES: dict[str, dict[str, Any]] = {
    "1h": {"mute_for": "PT1H"},
    "8h": {"mute_for": "PT8H"},
    "1w": {"mute_for": "P7D"},
    "forever": {"mute_until": "forever"},
    "end": {"mute_until": None},
}


class Changes(msgspec.Struct, kw_only=True):
    """A patch of preferences, what is granted and objected to, and the topics to leave by key."""

    patch: dict[str, Any] = {}
    granted: list[tuple[int, Channel]] = []
    objected: list[tuple[int, Channel]] = []
    left: list[str] = []


def switched(form: Form, seen: Seen, cards: list[Card]) -> Changes:
    """The switches, cadences and the level that were changed; those that cannot be are not."""
    changes = Changes(patch=_level(form))
    was, on = set(form.every("was")), set(form.every("on"))
    categories: dict[str, dict[str, Any]] = {}
    for card in cards:
        node: dict[str, Any] = {}
        for switch in () if card.locked else card.switches:
            wanted = switch.name in on
            if f"{switch.name}.{int(wanted)}" not in was and _was_shown(switch, was):
                _turn(changes, node, seen, card, switch.channel, wanted)
        node |= _cadence(form, card)
        if node:
            categories[card.row.category.key] = node
    if categories:
        changes.patch["categories"] = categories
    return changes


async def topics_changed(form: Form, seen: Seen, services: Services) -> Changes:
    """Levels, mutes and leavings of topics that the user follows."""
    env, user = seen.link.env, seen.link.user
    shown = [int(text) for text in form.every("topic")[:SHOWN_AT_ONCE] if _is_number(text)]
    store = services.store
    held = {topic for topic, _ in await store.topics.subscribed(env, shown, [user])}
    names = await store.names.names(env, NameKind.TOPIC, held)
    changes, nodes = Changes(), {}
    for number, key in sorted(names.items()):
        if form.has(f"leave.{number}"):
            changes.left.append(key)
            continue
        node: dict[str, Any] = {}
        level, before = form.one(f"level.{number}"), form.one(f"was.{number}")
        if level != before and level in ("", *LEVELS):
            node["level"] = level or None
        node |= MUTES.get(form.one(f"mute.{number}"), {})
        if node:
            nodes[key] = node
    if nodes:
        changes.patch["topics"] = nodes
    return changes


async def exception_removed(form: Form, seen: Seen, services: Services) -> Changes:
    """One switch of a workflow or topic that follows its category again."""
    kind, number, channel = [*form.one("remove").split("."), "", "", ""][:3]
    if kind not in ("workflow", "topic") or not _is_number(number) or channel not in list(Channel):
        raise InvalidError("there is no such exception", "/remove")
    names_of = NameKind.WORKFLOW if kind == "workflow" else NameKind.TOPIC
    names = await services.store.names.names(seen.link.env, names_of, [int(number)])
    if int(number) not in names:
        return Changes()
    node = {channel: None} if kind == "workflow" else {"channels": {channel: None}}
    return Changes(patch={f"{kind}s": {names[int(number)]: node}})


async def heard_again(form: Form, seen: Seen, services: Services) -> Changes:
    """The end of a mute of a person."""
    text = form.one("hear")
    row = seen.row(ScopeKind.ACTOR, int(text)) if _is_number(text) else None
    if row is None:
        return Changes()
    names = await services.store.names.names(seen.link.env, NameKind.USER, [row.scope])
    return Changes(patch={"actors": dict.fromkeys(names.values())})


def _turn(
    changes: Changes,
    node: dict[str, Any],
    seen: Seen,
    card: Card,
    channel: Channel,
    wanted: bool,
) -> None:
    """Turn one switch. Where a category needs consent, the switch is the consent; an objection is
    taken back by switching on."""
    number, category = card.row.number, card.row.category
    about = [row for row in seen.recipient.consents if row.purpose in (0, number)]
    said = last_said(about, channel)
    asks = category.consent == "required" and channel is not Channel.INBOX
    if not wanted:
        if asks:
            changes.objected.append((number, channel))
        else:
            node[channel.value] = "off"
        return
    node[channel.value] = "on"
    if (said is not None and not said.granted) or (asks and said is None):
        changes.granted.append((number, channel))
    own = seen.row(ScopeKind.CATEGORY, number)
    if own is not None and own.level is not None:
        node["level"] = None
    if own is not None and own.mute_until is not None:
        node["mute_until"] = None


def _was_shown(switch: Switch, was: set[str]) -> bool:
    return f"{switch.name}.0" in was or f"{switch.name}.1" in was


def _cadence(form: Form, card: Card) -> dict[str, Any]:
    name = f"cadence.{card.row.number}"
    wanted = form.one(name)
    if card.cadence is None or not form.has(name) or wanted not in ("", *CADENCES):
        return {}
    return {} if wanted == form.one(f"was.{name}") else {"cadence": wanted or None}


def _level(form: Form) -> dict[str, Any]:
    wanted = form.one("level")
    if not form.has("level") or wanted == form.one("was.level") or wanted not in ("", *LEVELS):
        return {}
    return {"level": wanted or None}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
