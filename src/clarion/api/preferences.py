"""Preferences of users."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.auth import Asker
from clarion.api.choices import Preferences, Warned
from clarion.api.choosing import Choosing
from clarion.api.describing import example_of, route
from clarion.api.owners import a_users
from clarion.api.preference_history import At, past_instant
from clarion.api.services import Services
from clarion.api.users import known_user

PREFERENCES_EXAMPLE: dict[str, Any] = {
    "channels": {"push": "off"},
    "cadence": "daily",
    "pause_until": "2026-01-02T12:00:00.000000Z",
    "quiet_hours": {"windows": [{"days": ["mon", "tue"], "from": "22:00", "until": "07:00"}]},
    "categories": {"social": {"email": "off"}},
    "topics": {"doc:9": {"level": "mentions", "mute_until": "2026-01-02T03:04:05.000000Z"}},
    "actors": {"u7": {"mute_until": "forever"}},
}
PATCH_EXAMPLE: dict[str, Any] = {
    "quiet_hours": {"windows": [{"days": ["mon", "tue"], "from": "22:00", "until": "07:00"}]},
    "pause_for": "PT2H",
    "topics": {"doc:9": {"level": "mentions", "mute_for": "PT8H"}},
    "workflows": {"comment-added": {"email": "off", "cadence": "weekly"}},
}
CHANGED_EXAMPLE: dict[str, Any] = {
    **PREFERENCES_EXAMPLE,
    "workflows": {"comment-added": {"email": "off"}},
    "warnings": [
        {
            "pointer": "/workflows/comment-added",
            "detail": "there is no workflow 'comment-added' (yet), so nothing heeds this; there "
            "is none",
        }
    ],
}


class ChangedPreferences(Preferences, frozen=True, kw_only=True):
    """The choices after a change. `warnings`: what of it was taken and does nothing (yet), such as
    a mute that is over or a workflow that does not exist.
    """

    warnings: list[Warned] | msgspec.UnsetType = msgspec.UNSET


@get(
    "/v1/users/{user:str}/preferences",
    **route("Read preferences", refuses=(404,), example=PREFERENCES_EXAMPLE, tag="people"),
)
async def get_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    at: At = None,
) -> Preferences:
    """What the user chose, now or as it was `at` a past instant; what is missing inherits."""
    row = await known_user(services, asker.env, user)
    return await choosing.document(
        a_users(asker.env, row.number), past_instant(at, services.clock.now())
    )


@patch(
    "/v1/users/{user:str}/preferences",
    **route(
        "Change preferences",
        "admin",
        refuses=(404, 415, 422),
        example=CHANGED_EXAMPLE,
        tag="people",
    ),
)
async def patch_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[Preferences, Body(examples=example_of(PATCH_EXAMPLE))],
) -> ChangedPreferences:
    """A JSON merge patch (RFC 7396): what is missing stays, null removes. Answers what holds
    afterwards, with `warnings` about what was taken and does nothing.
    """
    row = await known_user(services, asker.env, user)
    owner = a_users(asker.env, row.number)
    document, warnings = await choosing.change(
        owner, msgspec.to_builtins(data), source=asker.source
    )
    answer: dict[str, Any] = msgspec.to_builtins(document)
    if warnings:
        answer["warnings"] = msgspec.to_builtins(warnings)
    return msgspec.convert(answer, ChangedPreferences)


ROUTES = (get_preferences, patch_preferences)
