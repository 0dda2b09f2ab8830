"""Every error that crosses a room, split by what the caller must do about it.

The text of an error says what is wrong and how to mend it; it never holds an address, a token or
a body.
"""

from __future__ import annotations


class ClarionError(Exception):
    """Root of all errors of Clarion; catch it to catch them all."""


class InvalidError(ClarionError):
    """The request or file can never succeed as it is: mend it, then repeat it.

    `pointer` is a JSON pointer into the request (or "" when the whole is meant).
    """

    def __init__(self, detail: str, pointer: str = "", code: str = "validation") -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.code = code


class NotFoundError(ClarionError):
    """The thing named does not exist in this environment: check the name."""


class ConflictError(ClarionError):
    """The same request is still running elsewhere: repeat it a moment later."""


class StandingError(ClarionError):
    """It cannot be done as the thing stands: look at it, then ask for something else."""


class MismatchError(ClarionError):
    """An idempotency key came again with another body: use a new key."""


class TooLargeError(ClarionError):
    """The request is over a documented limit: split it."""


class UnavailableError(ClarionError):
    """The store cannot take writes now (full, locked, broken); nothing was accepted: retry
    later."""

    def __init__(self, detail: str, retry_after_seconds: int = 5) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class OverloadError(UnavailableError):
    """A bounded queue is full; nothing was accepted: retry after the time given.

    `policy` names the bound (quoted in the RateLimit fields), `quota` is how much it allows; 0 when
    there is nothing to tell.
    """

    def __init__(
        self, detail: str, retry_after_seconds: int = 5, *, policy: str = "", quota: int = 0
    ) -> None:
        super().__init__(detail, retry_after_seconds)
        self.policy = policy
        self.quota = quota


class SettingsError(ClarionError):
    """Settings or workspace files are wrong: mend them and start again."""


class LostLeaseError(ClarionError):
    """The work was taken over by another worker: drop what is in hand, nothing was written."""
