"""Erasing a user: what says who it was goes, the ledger's numbers and counts stay."""

from __future__ import annotations

from typing import Any

from clarion.core.states import Bucket, bucket_of
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import Erased
from clarion.store.sqlite.codec import rows_json
from clarion.store.sqlite.connection import Row, Tx
from clarion.store.sqlite.names import numbers_of

_REMOVED = {
    "history": "people/erase_user_history",
    "destinations": "people/erase_destination",
    "settings": "people/erase_setting",
    "setting_history": "people/erase_setting_history",
    "subscriptions": "people/erase_subscription",
    "memberships": "people/erase_tenant_member",
    "items": "people/erase_item",
    "inboxes": "people/erase_inbox_counter",
    "contents": "people/erase_content",
    "captures": "people/erase_capture",
}
_BUCKETS = tuple(Bucket)
_NOTIFICATIONS = 0


def erase(tx: Tx, env: int, name: str, now: int) -> Erased | None:
    """Erase who has this name; None when nobody has it. `deliveries` counts the canceled ones."""
    user = numbers_of(tx, env, NameKind.USER, [name]).get(name)
    if user is None:
        return None
    removed = {"deliveries": _cancel_ready(tx, env, user, now)}
    for kind, query in _REMOVED.items():
        removed[kind] = tx.run(query, env, user)
    tx.run("people/erase_user", env, user, now)
    tx.run("names/delete_name", env, NameKind.USER, name)
    return Erased(removed=removed, at=now)


def _cancel_ready(tx: Tx, env: int, user: int, now: int) -> int:
    """End what is ready to be sent; what is being sent right now is settled as usual."""
    ready = tx.rows("people/select_ready", env, user)
    if not ready:
        return 0
    tx.run("people/delete_ready", rows_json([row[0] for row in ready]))
    tx.run("people/cancel_deliveries", now, rows_json(ready), env, user)
    deltas = [
        (event, channel, *_move(Bucket.OPEN, Bucket.SKIPPED))
        for _, event, _, _, channel, _ in ready
    ]
    deltas += _close_notifications(tx, env, user, ready)
    tx.run("people/insert_deltas", env, rows_json(deltas))
    return len(ready)


def _close_notifications(tx: Tx, env: int, user: int, ready: list[Row]) -> list[tuple[Any, ...]]:
    closed: dict[tuple[str, int], int] = {}
    for _, event, workflow, _, _, _ in ready:
        closed[event, workflow] = closed.get((event, workflow), 0) + 1
    changed = []
    deltas = []
    for row in tx.rows("people/select_parts", rows_json(list(closed)), env, user):
        event, workflow, old, opened, waiting, sent, dead = row
        left = opened - closed[event, workflow]
        new = bucket_of(left, waiting, sent, dead)
        changed.append((event, workflow, new, left))
        if new != old:
            deltas.append((event, _NOTIFICATIONS, *_move(Bucket(old), new)))
    tx.run("people/update_parts", rows_json(changed), env, user)
    return deltas


def _move(old: Bucket, new: Bucket) -> list[int]:
    """Change of the five counts when one thing goes from a bucket to another."""
    return [(bucket == new) - (bucket == old) for bucket in _BUCKETS]
