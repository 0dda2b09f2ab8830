"""Devices: where push messages of a user go."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import example_of, route
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.api.suppressions import suppression_id
from clarion.api.users import known_user
from clarion.core.workflow import Channel
from clarion.errors import InvalidError, NotFoundError
from clarion.store.contract.people import DestinationRow, DeviceWrite

WEB_PUSH_KEYS = ("p256dh", "auth")


class DeviceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device: `app` tells several apps apart, `keys` are those of a web push subscription."""

    platform: Literal["fcm", "apns", "webpush"]
    app: str = ""
    keys: dict[str, str] = {}


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A device as known now. It is disabled when its provider says that the token is dead.
    `suppression` is the id of what keeps messages from it."""

    token: str
    platform: str
    app: str
    confirmed_at: str
    disabled_at: str | None
    disabled_reason: str | None
    suppression: str | None


class Devices(msgspec.Struct, frozen=True):
    """All devices of a user, the disabled too."""

    data: list[DeviceAnswer]


DEVICE_EXAMPLE = {
    "token": "fGx1:APA91b",
    "platform": "fcm",
    "app": "picker",
    "confirmed_at": "2026-01-02T03:04:05.678901Z",
    "disabled_at": None,
    "disabled_reason": None,
    "suppression": None,
}


@put(
    "/v1/users/{user:str}/devices/{token:str}",
    status_code=200,
    **route("Register a device", "admin", refuses=(415, 422), example=DEVICE_EXAMPLE, tag="people"),
)
async def put_device(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    token: FromPath[str],
    data: Annotated[DeviceBody, Body(examples=example_of({"platform": "fcm", "app": "picker"}))],
) -> DeviceAnswer:
    """A token belongs to one user: this moves it here when it was somebody else's, and enables it
    again.
    """
    _check(data)
    now = services.clock.now()
    write = DeviceWrite(
        user=user, token=token, platform=data.platform, app=data.app, keys=data.keys
    )
    (number,) = await services.store.people.write_devices(asker.env, [write], now)
    rows = await services.store.people.destinations_by_number(asker.env, [number])
    return device_answer(rows[number])


@delete(
    "/v1/users/{user:str}/devices/{token:str}",
    status_code=204,
    **route("Remove a device", "admin", refuses=(404,), tag="people"),
)
async def delete_device(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    token: FromPath[str],
) -> None:
    """Nothing is sent to this token any more."""
    now = services.clock.now()
    if not await services.store.people.remove_device(asker.env, user, token, now):
        raise NotFoundError("this user has no device with this token")


@get(
    "/v1/users/{user:str}/devices",
    **route(
        "List a user's devices", refuses=(404,), tag="people", example={"data": [DEVICE_EXAMPLE]}
    ),
)
async def list_devices(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> Devices:
    """The disabled ones too, with the reason."""
    row = await known_user(services, asker.env, user)
    rows = await services.store.people.destinations(asker.env, row.number)
    return Devices([device_answer(row) for row in rows if row.channel is Channel.PUSH])


ROUTES = (put_device, delete_device, list_devices)


def device_answer(row: DestinationRow) -> DeviceAnswer:
    """A push destination as the answers show it."""
    return DeviceAnswer(
        token=row.address,
        platform=row.platform,
        app=row.app,
        confirmed_at=when(row.confirmed_at) or "",
        disabled_at=when(row.disabled_at),
        disabled_reason=row.disabled_reason,
        suppression=suppression_id(row.suppression),
    )


def _check(data: DeviceBody) -> None:
    if data.app:
        check_id(data.app, "/app")
    missing = [name for name in WEB_PUSH_KEYS if name not in data.keys]
    if data.platform == "webpush" and missing:
        raise InvalidError(f"a web push subscription needs the keys {missing}", "/keys")
