"""What is told of a store that is away: where it stands is for administrators and the log."""

from __future__ import annotations

import logging

from clarion.api.auth import Asker
from clarion.clock import Clock
from clarion.errors import OverloadError, UnavailableError

STORE_AWAY = "the store cannot be reached or written now; send it again later"
SILENT_SECONDS = 60.0
"""The same trouble is logged again after this long: anybody can ask again and again."""

_LOG = logging.getLogger("clarion.api")


class Discretion:
    """Takes what is not for everybody out of errors."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logged: tuple[str, float] | None = None

    def told(self, error: Exception, asker: object) -> Exception:
        """The error itself, or for a trouble of the store and whoever shows no key with scope
        `admin` one without its details."""
        if not isinstance(error, UnavailableError) or isinstance(error, OverloadError):
            return error
        self._log(str(error))
        if isinstance(asker, Asker) and "admin" in asker.scopes:
            return error
        return UnavailableError(STORE_AWAY, error.retry_after_seconds)

    def _log(self, text: str) -> None:
        now = self._clock.monotonic_seconds()
        if self._logged is None or self._logged[0] != text or now >= self._logged[1]:
            self._logged = (text, now + SILENT_SECONDS)
            _LOG.warning("requests are answered 503: %s", text)
