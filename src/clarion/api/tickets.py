"""Tickets for live streams: what a browser puts into an address where it cannot send a header. Each
opens one stream, within half a minute."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import jwt

from clarion.api.auth import JWT_ALGORITHM, Reader
from clarion.api.cursors import derived_key
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.clock import SECOND

TICKET_SECONDS = 30
LONGEST_TICKET = 1024
NAME_BYTES = 12
AT_ONCE = 500
"""Tickets that one transaction uses up."""
MOST_WAITING = 5_000


class Tickets:
    """Makes tickets, and takes each once. What was used is kept in the store, so that no other
    process takes it again."""

    def __init__(self, services: Services) -> None:
        self._store = services.store.streams
        self._clock = services.clock
        self._chance = services.chance
        self._key = derived_key(services.secret, "stream-ticket")
        self._waiting: list[tuple[tuple[int, int, str, int], asyncio.Future[bool]]] = []
        self._turn = asyncio.Lock()

    def make(self, reader: Reader) -> tuple[str, int]:
        """A ticket for whoever shows a user token, and the instant it ends."""
        seconds = self._clock.now() // SECOND + TICKET_SECONDS
        name = base64.urlsafe_b64encode(self._chance(NAME_BYTES)).decode()
        claims = {
            "sub": reader.user_id,
            "env": reader.env,
            "number": reader.user,
            "tenant": reader.tenant,
            "until": reader.expires_at,
            "jti": name,
            "exp": seconds,
        }
        return jwt.encode(claims, self._key, algorithm=JWT_ALGORITHM), seconds * SECOND

    async def take(self, ticket: str) -> Reader:
        """Who brought the ticket; RefusedError 401 when it is none, ended, or was used before, 503
        when too many wait."""
        claims = self._claims(ticket)
        try:
            until = claims["exp"] * SECOND
            name = claims["jti"]
            reader = Reader(
                claims["env"], claims["number"], claims["tenant"], claims["sub"], claims["until"]
            )
        except (KeyError, TypeError):
            raise _refused() from None
        if until <= self._clock.now():
            raise _refused()
        if len(self._waiting) >= MOST_WAITING:
            raise RefusedError(503, "too many streams begin at once; try again in some seconds")
        if not await self._use((reader.env, reader.user, name, until)):
            raise _refused()
        return reader

    async def _use(self, row: tuple[int, int, str, int]) -> bool:
        """Whether it is used for the first time. Those that come while some are written down are
        the next."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, answer))
        async with self._turn:
            if not answer.done():
                some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._use_some(some)
        return await answer

    async def _use_some(
        self, some: list[tuple[tuple[int, int, str, int], asyncio.Future[bool]]]
    ) -> None:
        try:
            fresh = await self._store.use_tickets([*{row[2]: row for row, _ in some}.values()])
        except Exception as error:  # noqa: BLE001 - told to those who wait
            for _, answer in some:
                if not answer.done():
                    answer.set_exception(error)
            return
        for row, answer in some:
            if not answer.done():
                answer.set_result(row[2] in fresh)
                fresh.discard(row[2])

    def _claims(self, text: str) -> dict[str, Any]:
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        if len(text) > LONGEST_TICKET:
            raise _refused()
        try:
            return jwt.decode(text, self._key, algorithms=[JWT_ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            raise _refused() from None


def _refused() -> RefusedError:
    return RefusedError(
        401, "the ticket is not valid any more; POST /v1/inbox/ticket gives a new one"
    )
