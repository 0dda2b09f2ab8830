"""How an account fares: a line in the log when that turns."""

from __future__ import annotations

from clarion.channels.conduct import Conducted
from clarion.clock import SECOND
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
    """What the log says of an account."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._trouble = 0
        self._troubled_at: int | None = None
        self._said_at: int | None = None

    def observe(self, attempt: Conducted, now: int) -> None:
        """One attempt, at an instant in microseconds."""
        if attempt.outcome in TROUBLE:
            self._note_trouble(attempt.outcome.value, attempt.code, now)
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
