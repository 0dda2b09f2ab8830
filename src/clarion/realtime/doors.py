"""Who may open a live connection: whose token or ticket is good, from an allowed page, while there
is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from litestar.types import Scope

from clarion.api.auth import Keyring, Reader
from clarion.api.origins import Origins, header
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.api.tickets import Tickets
from clarion.store.contract.streams import Inbox

LONGEST_QUERY = 4096
STRANGERS_SHARE = 4
"""One in so many connections may be a socket of somebody who did not say yet who it is."""


class FullError(Exception):
    """There are too many connections; `whose` says of whom."""

    def __init__(self, whose: str) -> None:
        super().__init__(whose)
        self.whose = whose


class Doors:
    """Lets connections in and counts them."""

    def __init__(self, services: Services) -> None:
        self._most = services.inbox_connections
        self._most_of_one = services.inbox_connections_per_user
        self._origins = Origins(services.inbox_origins)
        self._keyring = Keyring(services)
        self._tickets = Tickets(services)
        self._open = self._strangers = 0
        self._by_user: Counter[tuple[int, int]] = Counter()
        self.shut = False

    def check_origin(self, scope: Scope) -> None:
        """RefusedError 403 for a page of a site that is not allowed."""
        if not self._origins.allow(scope):
            raise RefusedError(
                403, "pages of this site may not read inboxes here; see the setting inbox_origins"
            )

    def headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """What lets an allowed page read the answer."""
        return self._origins.headers(scope)

    async def reader_of(self, scope: Scope) -> Reader:
        """Who asks, by the header or by a ticket in the address; RefusedError 401."""
        ticket = asked(scope).get("ticket")
        if ticket is not None:
            return await self._tickets.take(ticket)
        return self._keyring.reader(header(scope, b"authorization") or None)

    async def reader_by(self, token: str | None, ticket: str | None) -> Reader:
        """Who asks in the first message of a socket; RefusedError 401."""
        if ticket is not None:
            return await self._tickets.take(ticket)
        return self._keyring.reader(None if token is None else f"Bearer {token}")

    @contextmanager
    def stranger(self) -> Iterator[None]:
        """Count a socket until it is known whose it is; FullError when too many are not known."""
        if self._strangers >= max(1, self._most // STRANGERS_SHARE):
            raise FullError("process")
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    def enter(self, inbox: Inbox) -> None:
        """Count a connection in; FullError when there is no room, or while the process stops."""
        user = inbox[:2]
        if self.shut:
            raise FullError("stopping")
        if self._open >= self._most:
            raise FullError("process")
        if self._by_user[user] >= self._most_of_one:
            raise FullError("user")
        self._open += 1
        self._by_user[user] += 1

    def leave(self, inbox: Inbox) -> None:
        """Count it out."""
        user = inbox[:2]
        self._open -= 1
        self._by_user[user] -= 1
        if not self._by_user[user]:
            del self._by_user[user]


def asked(scope: Scope) -> dict[str, str]:
    """The query of an address, the last value of each name."""
    raw = scope["query_string"][:LONGEST_QUERY].decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(raw, max_num_fields=16).items()}


def number_of(text: str | None) -> int | None:
    """Where a client wants to go on; a number that no inbox has when it is none, so that it is told
    to begin again."""
    if not text:
        return None
    plain = text.isascii() and text.isdigit() and len(text) <= 18
    return int(text) if plain else -1
