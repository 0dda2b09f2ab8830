"""Preferences of users."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.auth import Asker
from clarion.api.choices import Preferences
from clarion.api.choosing import Choosing, a_users
from clarion.api.describing import example_of, route
from clarion.api.services import Services
from clarion.api.users import known_user

PREFERENCES_EXAMPLE = {
    "channels": {"push": "off"},
    "categories": {"social": {"email": "off"}},
    "topics": {"doc:9": {"level": "mentions", "mute_until": "2026-01-02T03:04:05Z"}},
    "actors": {"u7": {"mute_until": "forever"}},
}


@get(
    "/v1/users/{user:str}/preferences",
    **route("Read preferences", refuses=(404,), example=PREFERENCES_EXAMPLE, tag="people"),
)
async def get_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
) -> Preferences:
    """What the user chose; what is missing inherits."""
    row = await known_user(services, asker.env, user)
    return await choosing.document(a_users(asker.env, row.number))


@patch(
    "/v1/users/{user:str}/preferences",
    **route(
        "Change preferences",
        "admin",
        refuses=(404, 415, 422),
        example=PREFERENCES_EXAMPLE,
        tag="people",
    ),
)
async def patch_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[Preferences, Body(examples=example_of(PREFERENCES_EXAMPLE))],
) -> Preferences:
    """A JSON merge patch (RFC 7396): what is missing stays, null removes. Answers what holds
    afterwards.
    """
    row = await known_user(services, asker.env, user)
    return await choosing.change(a_users(asker.env, row.number), msgspec.to_builtins(data))


ROUTES = (get_preferences, patch_preferences)
