"""The names that templates and conditions see: user, actor, data, event, tenant, inbox, now."""

from __future__ import annotations

from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.ids import event_name
from clarion.store.contract.people import UserRow

SAMPLE_LINKS = {
    "unsubscribe_url": "https://clarion.example/u/preview",
    "preferences_url": "https://clarion.example/p/preview",
}
"""In a preview or a trial, which is sent to nobody."""

NOTHING_SEEN = {"seen": False, "read": False}


def event_values(
    *,
    event: bytes,
    type_: str,
    accepted_at: int,
    data: dict[str, Any],
    actor: dict[str, Any],
    tenant: str | None,
    now: int,
) -> dict[str, Any]:
    """What is the same for all recipients of an event."""
    return {
        "event": {
            "id": event_name(event),
            "type": type_,
            "accepted_at": to_rfc3339(accepted_at),
        },
        "data": data,
        "actor": actor,
        "tenant": {"id": tenant} if tenant else {},
        "now": to_rfc3339(now),
    }


def person(row: UserRow | None, id_: str | None = None) -> dict[str, Any]:
    """A user as templates see it; without a row only the id, when there is one."""
    if row is None:
        return {"id": id_} if id_ else {}
    values: dict[str, Any] = {"id": row.id, "data": row.data, "roles": list(row.roles)}
    for field in ("name", "email", "phone", "locale", "timezone"):
        value = getattr(row, field)
        if value is not None:
            values[field] = value
    return values


def preview_values(
    row: UserRow | None, data: dict[str, Any], type_: str, now: int
) -> dict[str, Any]:
    """Values of a preview: the user also stands for the actor unless the data says otherwise."""
    values = event_values(
        event=bytes(16), type_=type_, accepted_at=now, data=data, actor=person(row), tenant=None,
        now=now,
    )  # fmt: skip
    return {**values, **SAMPLE_LINKS, "user": person(row)}
