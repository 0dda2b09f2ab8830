"""How an account fares: what it answered since the start, and a line in the log when that turns."""

from __future__ import annotations

from typing import Any

from clarion.channels.conduct import Conducted
from clarion.clock import SECOND, to_rfc3339
from clarion.core.delivery import OutcomeClass
from clarion.telemetry import logger

TROUBLE = frozenset(
    {
        OutcomeClass.RETRY,
        OutcomeClass.RETRY_AFTER,
        OutcomeClass.CREDENTIAL,
        OutcomeClass.CONFIG,
        OutcomeClass.AMBIGUOUS,
    }
)
"""Outcomes that say something of the account; the others are about one message or address."""

SAID_AGAIN_SECONDS = 60
CALM_SECONDS = 5

_log = logger("account")


class AccountState:
    """What `GET /v1/providers` and the log say of an account."""

    def __init__(self, name: str, kind: str, channels: list[str], slots: int) -> None:
        self.name = name
        self.kind = kind
        self.channels = channels
        self.slots = slots
        self.outcomes: dict[str, int] = {}
        self.last_error: dict[str, str] | None = None
        self._trouble = 0
        self._troubled_at: int | None = None
        self._said_at: int | None = None

    def observe(self, attempt: Conducted, now: int) -> None:
        kind = attempt.outcome.value
        self.outcomes[kind] = self.outcomes.get(kind, 0) + 1
        if kind != "accepted":
            self.last_error = {"outcome": kind, "code": attempt.code, "at": to_rfc3339(now)}
        if attempt.outcome in TROUBLE:
            self._note_trouble(kind, attempt.code, now)
        elif attempt.outcome is OutcomeClass.ACCEPTED and self._said_at is not None:
            self._note_calm(now)

    def _note_trouble(self, kind: str, code: str, now: int) -> None:
        self._trouble += 1
        self._troubled_at = now
        if self._said_at is None or now - self._said_at >= SAID_AGAIN_SECONDS * SECOND:
            _log.warning(
                "account %s does not take messages: %s (%s), %d since the last line",
                self.name, kind, code, self._trouble,
            )  # fmt: skip
            self._trouble, self._said_at = 0, now

    def _note_calm(self, now: int) -> None:
        """Trouble is over when something was accepted and nothing was refused for a while."""
        if self._troubled_at is not None and now - self._troubled_at >= CALM_SECONDS * SECOND:
            _log.warning("account %s takes messages again", self.name)
            self._trouble, self._said_at = 0, None

    def document(self) -> dict[str, Any]:
        return {
            "account": self.name,
            "kind": self.kind,
            "channels": self.channels,
            "in_flight_limit": self.slots,
            "outcomes": dict(self.outcomes),
            "last_error": self.last_error,
        }
