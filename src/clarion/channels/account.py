"""How an account fares: a line in the log when that turns, and one while single destinations do not
take what goes to them."""

from __future__ import annotations

from clarion.channels.conduct import Conducted
from clarion.clock import SECOND
from clarion.core.delivery import About, OutcomeClass
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
"""Outcomes that somebody may have to mend; the others are an answer to one message or address."""

SAID_AGAIN_SECONDS = 60
CALM_SECONDS = 5

_log = logger("account")


class _Count:
    """Troubles of one kind since the last line, which is at most one a minute."""

    def __init__(self) -> None:
        self.count = 0
        self.said_at: int | None = None

    def is_due(self, now: int) -> bool:
        """One more; whether it is time for a line."""
        self.count += 1
        return self.said_at is None or now - self.said_at >= SAID_AGAIN_SECONDS * SECOND

    def said(self, now: int) -> None:
        """A line was written."""
        self.count, self.said_at = 0, now


class AccountState:
    """What the log says of an account. What is about one destination or message is no word about
    the account: the others are sent as before."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._whole = _Count()
        self._single = _Count()
        self._troubled_at: int | None = None

    def observe(self, attempt: Conducted, now: int) -> None:
        """One attempt, at an instant in microseconds."""
        if attempt.outcome in TROUBLE and attempt.about is About.ACCOUNT:
            self._note_trouble(attempt.outcome.value, attempt.code, now)
        elif attempt.outcome in TROUBLE:
            self._note_single(attempt, now)
        elif attempt.outcome is OutcomeClass.ACCEPTED and self._whole.said_at is not None:
            self._note_calm(now)

    def _note_trouble(self, kind: str, code: str, now: int) -> None:
        self._troubled_at = now
        if self._whole.is_due(now):
            _log.warning(
                "account %s does not take messages: %s (%s), %d since the last line",
                self.name, kind, code, self._whole.count,
            )  # fmt: skip
            self._whole.said(now)

    def _note_single(self, attempt: Conducted, now: int) -> None:
        if self._single.is_due(now):
            _log.warning(
                "single %ss of account %s fail: %s (%s), %d since the last line; the others do not "
                "wait for them",
                attempt.about.value, self.name, attempt.outcome.value, attempt.code,
                self._single.count,
            )  # fmt: skip
            self._single.said(now)

    def _note_calm(self, now: int) -> None:
        """Trouble is over when something was accepted and nothing was refused for a while."""
        if self._troubled_at is not None and now - self._troubled_at >= CALM_SECONDS * SECOND:
            _log.warning("account %s takes messages again", self.name)
            self._whole = _Count()
