"""The value `digest` of templates and conditions: several events told as one.

Counts are exact; what is listed is a sample, so that a message has a size whatever happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

ACTORS_LIMIT = 10
"""Most actors in `digest.actors`."""

ITEMS_LIMIT = 100
"""Most items in `digest.items`."""

ITEMS_WEIGHT = 2000
"""Most that the items weigh together, in values and 64 characters: a template that loops over them
has to end within its bounds."""

_UNIT_CHARS = 64
_KEY_CHARS = 8


class DigestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a digest as templates are to see it.

    `event` is its public id and `accepted_at` in microseconds UTC. `actor` holds the values of the
    user who caused it: empty for nobody, `{"erased": True}` for one that is no more. `actor_number`
    tells actors apart and is 0 for nobody.
    """

    event: str
    type: str
    accepted_at: int
    data: dict[str, Any]
    actor: dict[str, Any] = {}
    actor_number: int = 0


def digest_values(
    entries: Sequence[DigestEntry],
    *,
    key: str,
    total: int,
    actors_total: int,
    written: Callable[[int], str],
    first_at: int | None = None,
    last_at: int | None = None,
) -> dict[str, Any]:
    """The value `digest`, of entries in any order.

    `total` events by `actors_total` distinct actors (events without an actor count as one actor
    together) were gathered from `first_at` to `last_at` (microseconds UTC); the entries may be only
    the newest of them, and totals below what they show are raised to it. `written` puts an instant
    into words (RFC 3339). Gives `count`, `items` (oldest first, at most 100 and fewer when they are
    large), `actors` (distinct, newest first, at most 10), `actor_count`, `first_at`, `last_at`
    (texts, None without an entry) and `key`.
    """
    newest_first = sorted(entries, key=lambda each: (each.accepted_at, each.event), reverse=True)
    actors: dict[int, dict[str, Any]] = {}
    for entry in newest_first:
        actors.setdefault(entry.actor_number, entry.actor)
    instants = [entry.accepted_at for entry in entries]
    first = min([*instants, *([] if first_at is None else [first_at])], default=None)
    last = max([*instants, *([] if last_at is None else [last_at])], default=None)
    return {
        "key": key,
        "count": max(total, len(entries)),
        "items": _items(newest_first, written),
        "actors": list(actors.values())[:ACTORS_LIMIT],
        "actor_count": max(actors_total, len(actors)),
        "first_at": None if first is None else written(first),
        "last_at": None if last is None else written(last),
    }


def _items(
    newest_first: Sequence[DigestEntry], written: Callable[[int], str]
) -> list[dict[str, Any]]:
    """The newest that fit, but at least one; oldest first."""
    items: list[dict[str, Any]] = []
    left = ITEMS_WEIGHT
    for entry in newest_first[:ITEMS_LIMIT]:
        item = _item(entry, written)
        left -= weight(item)
        if left < 0 and items:
            break
        items.append(item)
    return items[::-1]


def _item(entry: DigestEntry, written: Callable[[int], str]) -> dict[str, Any]:
    at = written(entry.accepted_at)
    event = {"id": entry.event, "type": entry.type, "accepted_at": at}
    return {"event": event, "data": entry.data, "actor": entry.actor}


def weight(value: Any) -> int:
    """How heavy plain data is for a template: its values, and one more for every 64 characters."""
    nodes = chars = 0
    stack = [value]
    while stack:
        part = stack.pop()
        nodes += 1
        if isinstance(part, str):
            chars += len(part)
        elif isinstance(part, dict):
            stack.extend(part.values())
            chars += _KEY_CHARS * len(part)
        elif isinstance(part, list | tuple):
            stack.extend(part)
    return nodes + chars // _UNIT_CHARS
