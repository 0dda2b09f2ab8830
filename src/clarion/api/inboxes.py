"""The inboxes of a user, for whoever is asked what stands on somebody's bell."""

from __future__ import annotations

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.entries import COUNTS_EXAMPLE
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.store.contract.names import NameKind

MOST = 200
"""Inboxes of a user that are told."""


class InboxAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An inbox with its numbers: items that are neither archived, snoozed nor expired, and of them
    those unread and unseen. `tenant` is null for the user's own, which no tenant has."""

    tenant: str | None
    total: int
    unread: int
    unseen: int


class Inboxes(msgspec.Struct, frozen=True):
    """The user's own inbox first, then those in tenants."""

    data: list[InboxAnswer]


@get(
    "/v1/users/{user:str}/inboxes",
    **route(
        "List a user's inboxes",
        refuses=(404,),
        tag="people",
        example={"data": [{"tenant": None, **COUNTS_EXAMPLE}]},
    ),
)
async def list_inboxes(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> Inboxes:
    """Those that something was ever put in, up to 200. Broadcasts that the user has not looked at
    are not counted yet.
    """
    row = await known_user(services, asker.env, user)
    found = await services.store.inbox.inboxes(asker.env, row.number, MOST)
    tenants = [tenant for tenant in found if tenant]
    names = await services.store.names.names(asker.env, NameKind.TENANT, tenants)
    return Inboxes(
        [
            InboxAnswer(
                tenant=names.get(tenant),
                total=counts.total,
                unread=counts.unread,
                unseen=counts.unseen,
            )
            for tenant, counts in found.items()
            if not tenant or tenant in names
        ]
    )


ROUTES = (list_inboxes,)
