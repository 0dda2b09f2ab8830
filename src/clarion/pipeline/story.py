"""What happened to a notification, told from its rows in the order of time."""

from __future__ import annotations

from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.delivery import OutcomeClass
from clarion.core.ids import delivery_name
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Channel
from clarion.store.contract.events import EventRow
from clarion.store.contract.inbox import ItemRow
from clarion.store.contract.ledger import AttemptRow, DeliveryRow, NotificationRow

CHANNEL_WORDS = {
    Channel.INBOX: "inbox item",
    Channel.PUSH: "push",
    Channel.EMAIL: "e-mail",
    Channel.SMS: "SMS",
    Channel.CHAT: "chat message",
    Channel.WEBHOOK: "webhook",
}

OUTCOME_WORDS = {
    OutcomeClass.ACCEPTED: "the provider took it",
    OutcomeClass.RETRY: "the provider had a passing problem",
    OutcomeClass.RETRY_AFTER: "the provider asked to slow down",
    OutcomeClass.PERMANENT: "the provider refused the message for good",
    OutcomeClass.DESTINATION_INVALID: "the address or device is no longer valid",
    OutcomeClass.OPTED_OUT: "the recipient opted out at the provider",
    OutcomeClass.CREDENTIAL: "the provider refused our credentials",
    OutcomeClass.CONFIG: "the sender or endpoint is not set up right",
    OutcomeClass.AMBIGUOUS: "no answer came, so it may or may not have arrived",
}

END_WORDS = {
    DeliveryStatus.FAILED: "could not be delivered",
    DeliveryStatus.BOUNCED: "bounced",
    DeliveryStatus.DEAD: "was given up after the last try",
    DeliveryStatus.UNKNOWN: "may or may not have arrived",
    DeliveryStatus.CANCELED: "was canceled before it was sent",
    DeliveryStatus.EXPIRED: "expired before it could be sent",
}


def delivery_story(row: DeliveryRow) -> dict[str, Any]:
    """A delivery as the API shows it; no address, no token."""
    return {
        "id": delivery_name(row.key),
        "step": row.key.step,
        "channel": row.key.channel.value,
        "status": DeliveryStatus(row.status).name.lower(),
        "account": row.account,
        "attempts": row.attempts,
        "outcome": row.outcome,
        "code": row.code or None,
        "detail": row.detail or None,
        "provider_id": row.provider_id,
        "created_at": to_rfc3339(row.created_at),
        "updated_at": to_rfc3339(row.updated_at),
        "next_try_at": to_rfc3339(row.next_due) if row.next_due else None,
    }


def delivery_words(row: DeliveryRow) -> str:
    """A sentence about a delivery that was not accepted; empty for one that is only waiting its
    turn."""
    thing = f"The {CHANNEL_WORDS[row.key.channel]}"
    status = DeliveryStatus(row.status)
    if status in END_WORDS:
        reason = f": {_outcome(row.outcome, row.code)}" if row.outcome else ""
        return f"{thing} {END_WORDS[status]}{reason}."
    if row.attempts and row.next_due:
        again = to_rfc3339(row.next_due)[:19].replace("T", " ")
        return f"{thing} will be tried again at {again} UTC: {_outcome(row.outcome, row.code)}."
    return f"{thing} is on its way."


def timeline(
    event: EventRow,
    row: NotificationRow,
    deliveries: list[DeliveryRow],
    attempts: list[AttemptRow],
    items: list[ItemRow],
) -> list[dict[str, Any]]:
    """Entries of {at, what, ...}, oldest first."""
    entries: list[tuple[int, dict[str, Any]]] = [
        (event.accepted_at, {"what": "accepted", "type": event.type}),
        (
            row.decided.at,
            {
                "what": "decided",
                "steps": [
                    {"step": s.step, "result": s.result.label, "reason": s.reason}
                    for s in row.decided.steps
                ],
            },
        ),
    ]
    if event.cancelled_at is not None:
        entries.append((event.cancelled_at, {"what": "cancelled"}))
    entries.extend((attempt.at, _attempt(attempt)) for attempt in attempts)
    for delivery in deliveries:
        entries.extend(_delivery(delivery))
    for item in items:
        entries.extend(_item(item))
    entries.sort(key=lambda entry: entry[0])
    return [{"at": to_rfc3339(at), **entry} for at, entry in entries]


def _attempt(row: AttemptRow) -> dict[str, Any]:
    return {
        "what": "attempt",
        "delivery": delivery_name(row.key),
        "channel": row.key.channel.value,
        "n": row.n,
        "account": row.account,
        "outcome": row.outcome,
        "code": row.code or None,
        "detail": row.detail or None,
        "ms": row.ms,
    }


def _delivery(row: DeliveryRow) -> list[tuple[int, dict[str, Any]]]:
    common = {"delivery": delivery_name(row.key), "channel": row.key.channel.value}
    entries: list[tuple[int, dict[str, Any]]] = [(row.created_at, {"what": "queued", **common})]
    status = DeliveryStatus(row.status)
    if status not in (DeliveryStatus.READY, DeliveryStatus.SENDING):
        entries.append(
            (
                row.updated_at,
                {
                    "what": status.name.lower(),
                    **common,
                    "attempts": row.attempts,
                    "outcome": row.outcome,
                    "provider_id": row.provider_id,
                    "ms": row.ms,
                },
            )
        )
    return entries


def _item(row: ItemRow) -> list[tuple[int, dict[str, Any]]]:
    marks = (
        (row.created_at, "in the inbox"),
        (row.seen_at, "seen"),
        (row.read_at, "read"),
        (row.archived_at, "archived"),
    )
    return [(at, {"what": what, "channel": "inbox"}) for at, what in marks if at is not None]


def _outcome(outcome: str | None, code: str | None) -> str:
    words = OUTCOME_WORDS[OutcomeClass(outcome)] if outcome else "it was not tried"
    return f"{words} ({code})" if code else words
