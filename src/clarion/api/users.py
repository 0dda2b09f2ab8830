"""Users: written, read, exported, erased, and given tokens for their inbox."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, JSONBody

from clarion.api.answers import when
from clarion.api.auth import Asker, Keyring, Reader
from clarion.api.describing import example_of, route
from clarion.api.problems import FieldError, RefusedError, refusal_of
from clarion.api.reading import check_depth, check_id, check_ids, check_texts
from clarion.api.services import Services
from clarion.clock import from_rfc3339
from clarion.core.mime import MAIL_ADDRESS
from clarion.core.preference_words import check_locale, check_zone
from clarion.errors import InvalidError, NotFoundError, TooLargeError
from clarion.pipeline.hearsay import inboxes_of
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow, UserWrite, Written

BULK_LIMIT = 1000
STORES = ("database",)
"""Where data about users is kept; the bus only carries numbers."""

Unset = msgspec.UnsetType

_TEXTS = ("email", "phone", "locale", "timezone", "name")
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,30}")

USER_EXAMPLE = {
    "email": "ana@example.org",
    "phone": "+4915112345678",
    "locale": "de-AT",
    "timezone": "Europe/Vienna",
    "name": "Ana",
    "data": {"plan": "pro"},
    "roles": ["ops"],
}
USER_ANSWER_EXAMPLE = {
    "id": "u1",
    "version": 4,
    "updated_at": "2026-01-02T03:04:05.678901Z",
    **USER_EXAMPLE,
    "tenants": ["acme"],
}


class UserBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a user. PUT clears what is missing; PATCH leaves it, and null clears.
    `version` (a whole number or an instant) orders writes: an older one changes nothing.
    """

    email: str | Unset | None = msgspec.UNSET
    phone: str | Unset | None = msgspec.UNSET
    locale: str | Unset | None = msgspec.UNSET
    timezone: str | Unset | None = msgspec.UNSET
    name: str | Unset | None = msgspec.UNSET
    data: dict[str, Any] | Unset | None = msgspec.UNSET
    roles: list[str] | Unset | None = msgspec.UNSET
    version: int | str | None = None


class BulkUser(UserBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user of a bulk write: what is missing stays as it is."""

    id: str


class BulkUsers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 users; they are written in this order."""

    users: list[BulkUser]


class WrittenAnswer(msgspec.Struct, frozen=True):
    """`applied` is false when a newer `version` was already there."""

    id: str
    version: int
    applied: bool
    created: bool


class BulkResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one user of a bulk write: `written`, or `refused` with what is wrong."""

    index: int
    id: str
    status: str
    applied: bool | None = None
    errors: list[FieldError] = []


class BulkAnswer(msgspec.Struct, frozen=True):
    """In the order given."""

    results: list[BulkResult]


class UserAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A user as known now."""

    id: str
    version: int
    updated_at: str
    email: str | None
    phone: str | None
    locale: str | None
    timezone: str | None
    name: str | None
    roles: list[str]
    data: dict[str, Any]
    tenants: list[str]


class ErasedAnswer(msgspec.Struct, frozen=True):
    """Receipt of an erasure: how many rows of each kind were removed (`consents`: emptied of who,
    where and how), how many were kept on purpose, from which stores. From `erased_at` on nobody
    could be reached, at `finished_at` everything was gone."""

    id: str
    removed: dict[str, int]
    erased_at: str
    kept: dict[str, int]
    stores: list[str]
    finished_at: str


class TokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which inbox the token opens: that of the user in a tenant, or (without) the user's own."""

    tenant: str | None = None


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token for `Authorization: Bearer` on the inbox routes, valid for an hour."""

    token: str
    expires_at: str


@put(
    "/v1/users/{user:str}",
    **route(
        "Write a user",
        "admin",
        refuses=(413, 415, 422),
        tag="people",
        example={"id": "u1", "version": 1, "applied": True, "created": True},
    ),
)
async def put_user(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[UserBody, Body(examples=example_of(USER_EXAMPLE))],
) -> WrittenAnswer:
    """Makes the user or replaces what is known; fields that are missing are cleared."""
    return await _write(services, asker.env, user_write(user, data, replace=True))


@patch(
    "/v1/users/{user:str}",
    **route(
        "Change a user",
        "admin",
        refuses=(413, 415, 422),
        tag="people",
        example={"id": "u1", "version": 2, "applied": True, "created": False},
    ),
)
async def patch_user(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[UserBody, Body(examples=example_of({"locale": "de", "phone": None}))],
) -> WrittenAnswer:
    """A JSON merge patch (RFC 7396): what is missing stays, null clears, `data` is merged."""
    return await _write(services, asker.env, user_write(user, data))


@get(
    "/v1/users/{user:str}",
    **route("Read a user", refuses=(404,), example=USER_ANSWER_EXAMPLE, tag="people"),
)
async def get_user(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> UserAnswer:
    """What is known of the user now."""
    return answer_of(await known_user(services, asker.env, user))


@delete(
    "/v1/users/{user:str}",
    status_code=200,
    **route(
        "Erase a user",
        "admin",
        refuses=(404,),
        tag="people",
        example={
            "id": "u1",
            "removed": {"destinations": 2},
            "erased_at": "2026-01-02T03:04:05.678901Z",
            "kept": {"suppressions": 1},
            "stores": ["database"],
            "finished_at": "2026-01-02T03:04:05.912345Z",
        },
    ),
)
async def delete_user(
    services: NamedDependency[Services], asker: NamedDependency[Asker], user: FromPath[str]
) -> ErasedAnswer:
    """Deletes addresses, tokens, preferences, inbox, personal content and the data of events that
    named nobody else; numbers and counts stay, and so do suppressions of his addresses. Pending
    sends are canceled first. What a crash leaves is removed by itself. The same id may come back
    as somebody new.
    """
    numbers = await services.store.names.numbers(asker.env, NameKind.USER, {user})
    erased = await services.store.people.erase(asker.env, user, services.clock.now())
    if erased is None:
        raise NotFoundError("there is no user with this id")
    services.bus.tell(inboxes_of(asker.env), [*numbers.values()])
    finished_at = when(services.clock.now()) or ""
    since = when(erased.at) or ""
    return ErasedAnswer(user, erased.removed, since, erased.kept, [*STORES], finished_at)


@post(
    "/v1/users/bulk",
    status_code=200,
    **route(
        "Write many users",
        "admin",
        refuses=(413, 415),
        tag="people",
        example={"results": [{"index": 0, "id": "u1", "status": "written", "applied": True}]},
    ),
)
async def post_users(
    services: NamedDependency[Services], asker: NamedDependency[Asker], data: JSONBody[BulkUsers]
) -> BulkAnswer:
    """Up to 1,000 users; one that is wrong does not keep the others from being written."""
    if len(data.users) > BULK_LIMIT:
        raise TooLargeError(
            f"a bulk write has up to {BULK_LIMIT} users, this one {len(data.users)}"
        )
    results: list[BulkResult] = []
    writes: list[UserWrite] = []
    for index, body in enumerate(data.users):
        at = f"/users/{index}"
        try:
            writes.append(user_write(check_id(body.id, at + "/id"), body, at=at))
            results.append(BulkResult(index=index, id=body.id, status="written"))
        except (RefusedError, InvalidError) as error:
            errors = refusal_of(error).errors
            results.append(BulkResult(index=index, id=body.id, status="refused", errors=errors))
    written = await services.store.people.write_users(asker.env, writes, services.clock.now())
    applied = iter(written)
    return BulkAnswer([_with_applied(result, applied) for result in results])


@post(
    "/v1/users/{user:str}/token",
    status_code=200,
    **route(
        "Make a token for an inbox",
        "admin",
        refuses=(404, 415),
        tag="people",
        example={"token": "eyJ...", "expires_at": "2026-01-02T04:04:05.000000Z"},
    ),
)
async def post_token(
    services: NamedDependency[Services],
    keyring: NamedDependency[Keyring],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: JSONBody[TokenBody | None] = None,
) -> TokenAnswer:
    """For browsers and apps: opens this user's inbox and nothing else."""
    row = await known_user(services, asker.env, user)
    tenant = 0
    if data is not None and data.tenant is not None:
        name = check_id(data.tenant, "/tenant")
        minted = await services.store.names.mint(asker.env, NameKind.TENANT, [name])
        tenant = minted[name]
    token, expires_at = keyring.token(Reader(asker.env, row.number, tenant, user))
    return TokenAnswer(token, when(expires_at) or "")


ROUTES = (
    put_user,
    patch_user,
    get_user,
    delete_user,
    post_users,
    post_token,
)


async def known_user(services: Services, env: int, user: str) -> UserRow:
    """The user's row; NotFoundError when nobody has this id."""
    rows = await services.store.people.users(env, [user])
    if user not in rows:
        raise NotFoundError("there is no user with this id; PUT /v1/users/{user} makes one")
    return rows[user]


def user_write(user: str, body: UserBody, *, replace: bool = False, at: str = "") -> UserWrite:
    """A body -> the write of the store; RefusedError or InvalidError below `at`."""
    changed: dict[str, Any] = {
        name: value
        for name in ("email", "phone", "locale", "timezone", "name", "data", "roles")
        if (value := getattr(body, name)) is not msgspec.UNSET
    }
    check_texts(changed, _TEXTS, at)
    check_ids(changed.get("roles") or (), at + "/roles")
    check_depth(changed.get("data"), at + "/data")
    _check_form(changed, "email", MAIL_ADDRESS, "an e-mail address", at)
    _check_form(changed, "phone", _PHONE, "a phone number such as +4915112345678", at)
    if changed.get("locale") is not None:
        check_locale(changed["locale"], at + "/locale")
    if changed.get("timezone") is not None:
        check_zone(changed["timezone"], at + "/timezone")
    return UserWrite(
        id=user, changed=changed, replace=replace, version=version_of(body.version, at + "/version")
    )


def answer_of(row: UserRow) -> UserAnswer:
    """A row -> the answer of `GET /v1/users/{user}`."""
    return UserAnswer(
        id=row.id,
        version=row.version,
        updated_at=when(row.at) or "",
        email=row.email,
        phone=row.phone,
        locale=row.locale,
        timezone=row.timezone,
        name=row.name,
        roles=list(row.roles),
        data=row.data,
        tenants=list(row.tenants),
    )


def _check_form(
    values: dict[str, Any], name: str, form: re.Pattern[str], what: str, at: str
) -> None:
    text = values.get(name)
    if text is not None and not form.fullmatch(text):
        raise InvalidError(f"the {name} is not {what}", f"{at}/{name}")


def version_of(version: int | str | None, pointer: str) -> int | None:
    """What orders writes: a whole number, or an instant as microseconds UTC; InvalidError when it
    is neither."""
    if isinstance(version, str):
        try:
            return from_rfc3339(version)
        except (ValueError, OverflowError):
            detail = "the version is a whole number or RFC 3339, as in 2026-01-02T03:04:05Z"
            raise InvalidError(detail, pointer) from None
    if version is not None and not 0 <= version < 2**63:
        raise InvalidError("the version is a whole number from 0 on", pointer)
    return version


async def _write(services: Services, env: int, write: UserWrite) -> WrittenAnswer:
    (written,) = await services.store.people.write_users(env, [write], services.clock.now())
    return WrittenAnswer(written.id, written.version, written.applied, written.created)


def _with_applied(result: BulkResult, written: Any) -> BulkResult:
    if result.status == "refused":
        return result
    row: Written = next(written)
    return msgspec.structs.replace(result, applied=row.applied)
