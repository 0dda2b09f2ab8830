"""What became of deliveries, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.delivery import OutcomeClass
from clarion.core.ids import delivery_name
from clarion.core.masked import masked
from clarion.core.states import ACCEPTED_STATUSES, DeliveryStatus
from clarion.core.workflow import Channel
from clarion.store.contract.ledger import AttemptRow, DeliveryRow
from clarion.store.contract.people import DestinationRow

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

CODE_WORDS = {
    "render_failed": "the template did not work with the event's data",
    "worker_died": "the server stopped, or its store was away, before the outcome was kept, so it "
    "may or may not have arrived",
    "restored": "the store was restored from a backup, so it may or may not have been sent since",
    "provider_error": "something in this server went wrong",
    "blocked": "the address is one that must not be called",
}
"""Codes of our own: not the provider's doing."""

CAPTURED = "captured"
"""The code of a message that was kept instead of being sent."""

STOPPED = frozenset({DeliveryStatus.CANCELED, DeliveryStatus.EXPIRED})
"""Ended by something else than the last try."""

END_WORDS = {
    DeliveryStatus.FAILED: "could not be delivered",
    DeliveryStatus.BOUNCED: "bounced",
    DeliveryStatus.DEAD: "was given up after the last try",
    DeliveryStatus.UNKNOWN: "may or may not have arrived",
    DeliveryStatus.CANCELED: "was canceled before it was sent",
    DeliveryStatus.EXPIRED: "expired before it could be sent",
}


def delivery_story(row: DeliveryRow, to: DestinationRow | None = None) -> dict[str, Any]:
    """A delivery as the API shows it, with what is left of the address when it is masked."""
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
        "destination": None if to is None else _destination(to),
    }


def _destination(to: DestinationRow) -> dict[str, Any]:
    """Where it went, as it is known today."""
    return {
        "platform": to.platform or None,
        "app": to.app or None,
        "address": masked(to.channel, to.address),
        "disabled_at": None if to.disabled_at is None else to_rfc3339(to.disabled_at),
    }


def deliveries_words(rows: list[DeliveryRow]) -> list[str]:
    """Sentences about deliveries that reached nobody (yet), those to several devices together."""
    steps: dict[tuple[int, int, Channel], list[DeliveryRow]] = {}
    for row in rows:
        steps.setdefault((row.key.workflow, row.key.step, row.key.channel), []).append(row)
    return [
        f"The {CHANNEL_WORDS[channel]}{_to(count, len(mine))} {became}."
        for (_, _, channel), mine in steps.items()
        for became, count in Counter(map(_became, mine)).items()
        if became
    ]


def repeats_words(rows: list[DeliveryRow], attempts: Sequence[AttemptRow]) -> list[str]:
    """Sentences about what was taken after a try that nobody answered: it may be there twice."""
    doubtful = {one.key for one in attempts if one.outcome == OutcomeClass.AMBIGUOUS}
    steps: dict[tuple[int, int, Channel], list[DeliveryRow]] = {}
    for row in rows:
        steps.setdefault((row.key.workflow, row.key.step, row.key.channel), []).append(row)
    return [
        f"The {CHANNEL_WORDS[channel]}{_to(count, len(mine))} may have come twice: an earlier try"
        " got no answer, so it may have arrived as well as the one that the provider took."
        for (_, _, channel), mine in steps.items()
        if (count := sum(taken(row) and row.key in doubtful for row in mine))
    ]


def _to(count: int, of: int) -> str:
    if of == 1:
        return ""
    return f" to each of {of} devices" if count == of else f" to {count} of {of} devices"


def taken(row: DeliveryRow) -> bool:
    """Whether a provider took it; what was only captured went to none."""
    return row.status in ACCEPTED_STATUSES and row.code != CAPTURED


def _became(row: DeliveryRow) -> str:
    """What became of a delivery; empty when a provider took it."""
    status = DeliveryStatus(row.status)
    if status in ACCEPTED_STATUSES:
        return "" if taken(row) else f"was only kept here and went to nobody ({CAPTURED})"
    if status in STOPPED:
        tried = f" (the last try: {outcome_words(row.outcome, row.code)})" if row.outcome else ""
        return END_WORDS[status] + tried
    if status in END_WORDS:
        return END_WORDS[status] + (
            f": {outcome_words(row.outcome, row.code)}" if row.outcome else ""
        )
    if row.attempts and row.next_due:
        again = to_rfc3339(row.next_due)[:19].replace("T", " ")
        return f"will be tried again at {again} UTC: {outcome_words(row.outcome, row.code)}"
    return "is on its way"


def outcome_words(outcome: str | None, code: str | None) -> str:
    """What a provider said, or what kept us from asking it."""
    words = OUTCOME_WORDS[OutcomeClass(outcome)] if outcome else "it was not tried"
    words = CODE_WORDS.get(code or "", words)
    return f"{words} ({code})" if code else words
