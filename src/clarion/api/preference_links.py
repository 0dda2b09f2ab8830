"""Links to a user's preference page, for whoever shows or sends them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import example_of, route
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.core.duration import parse_duration
from clarion.core.links import Purpose
from clarion.store.contract.names import NameKind

LINK_BODY_EXAMPLE = {"tenant": "acme", "expires_in": "PT1H"}


class PreferencesLinkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tenant`: whose defaults count on the page. `expires_in` (ISO 8601, such as PT1H or P30D):
    how long the link holds; without it, as long as those in mails (`CLARION_LINK_DAYS`)."""

    tenant: str | None = None
    expires_in: str | None = None


class PreferencesLink(msgspec.Struct, frozen=True):
    """The address of the page. Whoever has it can change the user's preferences until then."""

    url: str
    expires_at: str


@post(
    "/v1/users/{user:str}/preferences-link",
    status_code=200,
    **route(
        "Make a link to the preference page",
        "admin",
        refuses=(404, 413, 415, 422),
        tag="people",
        example={
            "url": "https://clarion.example.org/p/mAEBAM8...",
            "expires_at": "2026-01-02T04:04:05.678901Z",
        },
    ),
)
async def post_preferences_link(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[
        PreferencesLinkBody | None, Body(examples=example_of(LINK_BODY_EXAMPLE))
    ] = None,
) -> PreferencesLink:
    """Opens the user's page without a login, so give it to nobody else. It cannot be taken back
    before it expires, but by erasing the user.
    """
    asked = data or PreferencesLinkBody()
    row = await known_user(services, asker.env, user)
    tenant, seconds = 0, None
    if asked.expires_in is not None:
        seconds = parse_duration(asked.expires_in, "/expires_in")
    if asked.tenant is not None:
        name = check_id(asked.tenant, "/tenant")
        minted = await services.store.names.mint(asker.env, NameKind.TENANT, [name])
        tenant = minted[name]
    linker = services.linker
    link = linker.page(asker.env, row.number, tenant, services.clock.now(), seconds)
    return PreferencesLink(linker.links.url(Purpose.PREFERENCES, link), when(link.expires_at) or "")


ROUTES = (post_preferences_link,)
