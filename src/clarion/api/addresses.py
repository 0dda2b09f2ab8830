"""E-mail addresses and phone numbers of users: whether they may be used, and why not."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.api.suppressions import suppression_id
from clarion.api.users import known_user
from clarion.core.workflow import Channel
from clarion.errors import NotFoundError
from clarion.store.contract.people import DestinationRow, UserRow

_OF_USERS = (Channel.EMAIL, Channel.SMS)

Way = Literal["email", "sms"]
"""Channels of the addresses that a user is written with."""


class AddressAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a user. It is disabled when a provider says that it does not exist, with what
    it said as the reason. `suppression` is the id of what keeps messages from it."""

    channel: str
    address: str
    confirmed_at: str
    disabled_at: str | None
    disabled_reason: str | None
    suppression: str | None


class Addresses(msgspec.Struct, frozen=True):
    """The addresses that a user has now, the disabled too."""

    data: list[AddressAnswer]


ADDRESS_EXAMPLE = {
    "channel": "email",
    "address": "ana@example.org",
    "confirmed_at": "2026-01-02T03:04:05.678901Z",
    "disabled_at": "2026-01-03T03:04:05.678901Z",
    "disabled_reason": "550 5.1.1",
    "suppression": None,
}


@get(
    "/v1/users/{user:str}/addresses",
    **route(
        "List a user's addresses",
        refuses=(404,),
        tag="people",
        example={"data": [ADDRESS_EXAMPLE]},
    ),
)
async def list_addresses(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> Addresses:
    """E-mail and phone, and whether messages go there. Devices have a list of their own."""
    row = await known_user(services, asker.env, user)
    return Addresses(await _addresses(services, asker.env, row))


@post(
    "/v1/users/{user:str}/addresses/{channel:str}/confirm",
    status_code=200,
    **route(
        "Confirm an address",
        "admin",
        refuses=(404,),
        tag="people",
        example=ADDRESS_EXAMPLE | {"disabled_at": None, "disabled_reason": None},
    ),
)
async def confirm_address(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    channel: FromPath[Way],
) -> AddressAnswer:
    """Switches the address on again after a provider refused it, as when the user says that it
    works. A suppression stays: it has to be lifted by itself.
    """
    row = await known_user(services, asker.env, user)
    way, now = Channel(channel), services.clock.now()
    if address := row.email if way is Channel.EMAIL else row.phone:
        people = services.store.people
        await people.confirm_address(asker.env, row.number, way, address, now)
    found = await _addresses(services, asker.env, row)
    answer = next((one for one in found if one.channel == channel), None)
    if answer is None:
        raise NotFoundError("this user has no such address")
    return answer


ROUTES = (list_addresses, confirm_address)


async def _addresses(services: Services, env: int, user: UserRow) -> list[AddressAnswer]:
    rows = await services.store.people.destinations(env, user.number)
    held = {Channel.EMAIL: user.email, Channel.SMS: user.phone}
    return [
        _answer(row)
        for row in rows
        if row.channel in _OF_USERS and row.address == held[row.channel]
    ]


def _answer(row: DestinationRow) -> AddressAnswer:
    return AddressAnswer(
        channel=row.channel.value,
        address=row.address,
        confirmed_at=when(row.confirmed_at) or "",
        disabled_at=when(row.disabled_at),
        disabled_reason=row.disabled_reason,
        suppression=suppression_id(row.suppression),
    )
