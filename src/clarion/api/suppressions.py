"""The suppression list: addresses that nothing is sent to. It shows no address."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, instant_of, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, route
from clarion.api.problems import RefusedError
from clarion.api.reading import LONGEST_ADDRESS, check_id
from clarion.api.services import Services
from clarion.core.workflow import Channel
from clarion.errors import InvalidError, NotFoundError, TooLargeError
from clarion.store.contract.law import Suppression, SuppressionWrite

AT_ONCE = 1000
SECRET_BYTES = 32
PREFIX = "sup_"

Addressed = Literal["email", "sms", "push", "chat"]
"""Channels on which people have addresses."""

_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER = re.compile(rf"{PREFIX}([1-9][0-9]{{0,17}})")


class SuppressionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address that nothing may be sent to: an e-mail address, a phone number, a device's token.
    `reason` is a word such as `bounced`, `complaint`, `unsubscribed` or `legal`; `until` ends it.
    """

    channel: Addressed
    address: str
    reason: str = "manual"
    until: str | None = None


class AddressBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address on a channel."""

    channel: Addressed
    address: str


class SuppressionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A suppression. `hash_prefix` is the beginning of the address's keyed hash."""

    id: str
    channel: str
    hash_prefix: str
    reason: str
    at: str
    until: str | None


class SuppressionList(msgspec.Struct, frozen=True):
    """How the addresses stand, in the order given."""

    data: list[SuppressionAnswer]


class SuppressionPage(msgspec.Struct, frozen=True):
    """A page of suppressions, newest first."""

    data: list[SuppressionAnswer]
    page_info: PageInfo


SUPPRESSION_EXAMPLE = {
    "id": "sup_17",
    "channel": "email",
    "hash_prefix": "5f2b8c01d9e4",
    "reason": "complaint",
    "at": "2026-01-02T03:04:05.678901Z",
    "until": None,
}
SUPPRESSION_BODY_EXAMPLE = {
    "channel": "email",
    "address": "ana@example.org",
    "reason": "complaint",
}


@get(
    "/v1/suppressions",
    **route(
        "List suppressions",
        tag="people",
        refuses=(422,),
        example={
            "data": [SUPPRESSION_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_suppressions(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    channel: FromQuery[Addressed | None] = None,
    reason: Annotated[str | None, QueryParameter(description="Only with this reason.")] = None,
    address: Annotated[
        str | None, QueryParameter(description="Only this address; the channel belongs to it.")
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> SuppressionPage:
    """Newest first. With `channel` and `address`: the suppression of this address, or nothing."""
    wanted = Channel(channel) if channel else None
    if address is not None:
        found = await _of_address(services, asker.env, wanted, address)
        data = [found] if found and reason in (None, found.reason) else []
        return SuppressionPage([suppression_answer(row) for row in data], PageInfo(False))
    filters = {"list": "suppressions", "env": asker.env, "channel": channel, "reason": reason}
    before = cursors.open(filters, after)[0] if after else None
    rows = await services.store.law.suppressions(
        asker.env, channel=wanted, reason=reason, before=before, limit=limit + 1
    )
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.number])
    return SuppressionPage([suppression_answer(row) for row in shown], info)


@post(
    "/v1/suppressions",
    status_code=200,
    **route(
        "Suppress addresses",
        "admin",
        refuses=(413, 415, 422),
        tag="people",
        example={"data": [SUPPRESSION_EXAMPLE]},
    ),
)
async def post_suppressions(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: Annotated[
        SuppressionBody | list[SuppressionBody], Body(examples=example_of(SUPPRESSION_BODY_EXAMPLE))
    ],
) -> SuppressionList:
    """One address or up to 1,000; nothing is sent to them from now on, whoever has them. Of two
    suppressions of an address the one that lasts longer holds.
    """
    bodies = data if isinstance(data, list) else [data]
    if len(bodies) > AT_ONCE:
        raise TooLargeError(f"a call takes up to {AT_ONCE} addresses, this one {len(bodies)}")
    places = [f"/{index}" for index in range(len(bodies))] if isinstance(data, list) else [""]
    writes = [_write(body, at) for body, at in zip(bodies, places, strict=True)]
    if not writes:
        return SuppressionList([])
    fresh = services.chance(SECRET_BYTES)
    rows = await services.store.law.suppress(asker.env, writes, services.clock.now(), fresh)
    return SuppressionList([suppression_answer(row) for row in rows])


@delete(
    "/v1/suppressions",
    status_code=204,
    **route("Lift the suppression of an address", "admin", refuses=(404, 415, 422), tag="people"),
)
async def delete_suppression(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: Annotated[
        AddressBody,
        Body(examples=example_of({"channel": "email", "address": "ana@example.org"})),
    ],
) -> None:
    """Messages may be sent to the address again. The address stands in the body, so that no log of
    requests keeps it.
    """
    check_id(data.address, "/address", longest=LONGEST_ADDRESS)
    if not await services.store.law.lift(asker.env, Channel(data.channel), data.address):
        raise NotFoundError("this address is not suppressed")


@delete(
    "/v1/suppressions/{suppression:str}",
    status_code=204,
    **route("Lift a suppression", "admin", refuses=(404,), tag="people"),
)
async def delete_suppression_by_id(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    suppression: FromPath[str],
) -> None:
    """As with its address, for whoever knows only the id of the list."""
    found = _NUMBER.fullmatch(suppression)
    if not found or not await services.store.law.lift_number(asker.env, int(found[1])):
        raise NotFoundError("there is no suppression with this id")


ROUTES = (list_suppressions, post_suppressions, delete_suppression, delete_suppression_by_id)


def suppression_answer(row: Suppression) -> SuppressionAnswer:
    """A suppression as the answers show it."""
    return SuppressionAnswer(
        id=f"{PREFIX}{row.number}",
        channel=row.channel.value,
        hash_prefix=row.hash_prefix,
        reason=row.reason,
        at=when(row.at) or "",
        until=when(row.until),
    )


def suppression_id(number: int | None) -> str | None:
    """The id of a suppression by its number; None where there is none."""
    return None if number is None else f"{PREFIX}{number}"


async def _of_address(
    services: Services, env: int, channel: Channel | None, address: str
) -> Suppression | None:
    if channel is None:
        raise RefusedError(400, "an address belongs to a channel; name it", parameter="channel")
    check_id(address, "/address", longest=LONGEST_ADDRESS)
    return await services.store.law.suppression(env, channel, address)


def _write(body: SuppressionBody, at: str) -> SuppressionWrite:
    check_id(body.address, f"{at}/address", longest=LONGEST_ADDRESS)
    if not _REASON.fullmatch(body.reason):
        detail = "a reason is a word of small letters, digits and _, such as complaint"
        raise InvalidError(detail, f"{at}/reason")
    return SuppressionWrite(
        channel=Channel(body.channel),
        address=body.address,
        reason=body.reason,
        until=_instant(body.until, f"{at}/until"),
    )


def _instant(text: str | None, pointer: str) -> int | None:
    try:
        return instant_of(text, "until")
    except RefusedError as refusal:
        raise InvalidError(refusal.detail, pointer) from None
