"""What an act is looked at for besides its counts, each recounted by the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.cli.demo.act import Act, Look, Sight
from clarion.cli.demo.stage import Stage


class Seen(msgspec.Struct, kw_only=True):
    """Sentences about what was seen, what was seen otherwise than told, and the events that
    digests were told as."""

    notes: list[str] = []
    misses: list[str] = []
    told_as: dict[str, dict[str, Any]] = {}


async def badges(stage: Stage, act: Act) -> dict[str, int]:
    """Unread items of everybody whose badge is looked at after the act: user -> number."""
    users = [look.user for look in act.looks if look.sight is Sight.BADGE]
    return {user: await stage.unread(user) for user in users}


async def looked(
    stage: Stage, looks: Sequence[Look], events: Mapping[str, str], before: Mapping[str, int]
) -> Seen:
    """Everything that an act is looked at for; `before` is what `badges` said before it."""
    seen = Seen()
    for look in looks:
        event = events[look.label]
        if look.sight is Sight.BADGE:
            note = await _badge(stage, look.user, event, before[look.user])
        elif look.sight is Sight.DIGEST:
            note = await _digest(stage, look.user, event, seen)
        else:
            note = await _wait(stage, look.user, event)
        seen.notes.append(note)
        if look.says not in note:
            seen.misses.append(f"{look.user} ({look.label}): expected {look.says!r} in {note!r}")
    return seen


async def _badge(stage: Stage, user: str, event: str, before: int) -> str:
    more = await stage.unread(user) - before
    pushes = [row for row in await stage.captured(user, "push") if row["event_id"] == event]
    return f"{user.title()}'s badge: {more} unread, {len(pushes)} pushes."


async def _digest(stage: Stage, user: str, event: str, seen: Seen) -> str:
    answer = await stage.why(event, user)
    found = [row["digest"] for row in answer["channels"] if row.get("digest")]
    if not found:
        return f"{user.title()}: no digest."
    digest = found[0]
    seen.told_as[digest["id"]] = await stage.stands(digest["id"])
    told = [
        row["message"]["content"]["title"]
        for row in await stage.captured(user, "push")
        if row["event_id"] == digest["id"]
    ]
    words = ", ".join(f"“{title}”" for title in told)
    return f"{digest['count']} events, {len(told)} push to {user.title()}: {words}."


async def _wait(stage: Stage, user: str, event: str) -> str:
    answer = await stage.why(event, user)
    return " ".join(wait["next"] for wait in answer["waits"])
