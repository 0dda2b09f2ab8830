"""Who is active at a desktop: told by a server, or by the user's own client every minute or so."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from litestar import delete, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker, Reader
from clarion.api.describing import example_of, inbox_route, route
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.clock import SECOND
from clarion.core.duration import parse_duration
from clarion.errors import InvalidError, NotFoundError
from clarion.store.contract import Store

LONGEST_SECONDS = 15 * 60
"""Who does not say again within this time that they are there counts as away."""


class PresenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The user is active for so long (ISO 8601, up to PT15M). Nothing waits for somebody who is
    active elsewhere than at a desktop: then nothing is kept.
    """

    active_for: str
    desktop: bool = True


class PresenceAnswer(msgspec.Struct, frozen=True):
    """Until when the user counts as active; of several desktops the longest counts."""

    active_until: str | None


class _Batch:
    """Presences that are written together. `held` is None until that is done."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], int] = {}
        self.held: dict[tuple[int, int], int] | None = None


class Presences:
    """Writes presences in batches: those that come while one is written are the next."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open = _Batch()
        self._turn = asyncio.Lock()

    async def write(self, env: int, user: int, until: int) -> int | None:
        """Until when the user counts as active; None when there is no such user."""
        batch, key = self._open, (env, user)
        batch.rows[key] = max(until, batch.rows.get(key, 0))
        async with self._turn:
            if batch.held is None:
                if batch is self._open:
                    self._open = _Batch()
                batch.held = await self._store.presence.write(
                    [(*key_, at) for key_, at in batch.rows.items()]
                )
        return batch.held.get(key)


EXAMPLE = {"active_until": "2026-01-02T03:05:05.678901Z"}
_Body = Annotated[PresenceBody, Body(examples=example_of({"active_for": "PT1M", "desktop": True}))]


@put(
    "/v1/users/{user:str}/presence",
    **route(
        "Say that a user is active", "admin", refuses=(404, 415, 422), example=EXAMPLE, tag="people"
    ),
)
async def put_presence(
    services: NamedDependency[Services],
    presences: NamedDependency[Presences],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: _Body,
) -> PresenceAnswer:
    """Steps that ask for it wait while the user is active at a desktop. Say it again before it
    ends.
    """
    row = await known_user(services, asker.env, user)
    return await _active(services, presences, asker.env, row.number, data)


@delete(
    "/v1/users/{user:str}/presence",
    status_code=204,
    **route("Say that a user is away", "admin", refuses=(404,), tag="people"),
)
async def delete_presence(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> None:
    """At all desktops. Repeating is harmless."""
    row = await known_user(services, asker.env, user)
    await services.store.presence.clear(asker.env, row.number)


@put(
    "/v1/inbox/presence",
    **inbox_route("Say that you are active", refuses=(404, 415, 422), example=EXAMPLE),
)
async def put_own_presence(
    services: NamedDependency[Services],
    presences: NamedDependency[Presences],
    reader: NamedDependency[Reader],
    data: _Body,
) -> PresenceAnswer:
    """Steps that ask for it wait while you are active at a desktop. Say it again before it ends."""
    return await _active(services, presences, reader.env, reader.user, data)


@delete(
    "/v1/inbox/presence",
    status_code=204,
    **inbox_route("Say that you are away"),
)
async def delete_own_presence(
    services: NamedDependency[Services], reader: NamedDependency[Reader]
) -> None:
    """At all desktops. Repeating is harmless."""
    await services.store.presence.clear(reader.env, reader.user)


OWN_ROUTES = (put_own_presence, delete_own_presence)
ROUTES = (put_presence, delete_presence, *OWN_ROUTES)


async def _active(
    services: Services, presences: Presences, env: int, user: int, data: PresenceBody
) -> PresenceAnswer:
    seconds = parse_duration(data.active_for, "/active_for")
    if seconds > LONGEST_SECONDS:
        mend = "at most PT15M counts; say it again before that ends"
        raise InvalidError(
            f"the duration {data.active_for[:40]!r} is too long: {mend}", "/active_for"
        )
    now = services.clock.now()
    if not data.desktop:
        held = await services.store.presence.active(env, [user], now)
        return PresenceAnswer(when(held.get(user)))
    until = await presences.write(env, user, now + seconds * SECOND)
    if until is None:
        raise NotFoundError("there is no such user any more")
    return PresenceAnswer(when(until))
