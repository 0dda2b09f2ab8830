"""Finding users: by the beginning of an id, by an address; and what they are subscribed to."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.api.users import USER_ANSWER_EXAMPLE, UserAnswer, answer_of, known_user
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow

MOST_HOLDERS = 20
"""Users of one address that are shown before the others."""

Beginning = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=256,
        description="The beginning of an id; or exactly an e-mail address, a phone number or the "
        "token of a device.",
    ),
]


class UserPage(msgspec.Struct, frozen=True):
    """A page of users, in the order of their ids; it may be short although there are more. Those
    with the address that was asked for come first, on the first page."""

    data: list[UserAnswer]
    page_info: PageInfo


class Subscribed(msgspec.Struct, frozen=True):
    """A topic, and since when."""

    topic: str
    since: str


class SubscribedPage(msgspec.Struct, frozen=True):
    """A page of subscriptions."""

    data: list[Subscribed]
    page_info: PageInfo


@get(
    "/v1/users",
    **route(
        "Find users",
        tag="people",
        example={
            "data": [USER_ANSWER_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_users(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    q: Beginning = None,
    after: After = None,
    limit: Limit = 50,
) -> UserPage:
    """Everybody, or whom `q` finds. Names of people are not looked at."""
    bound = {"list": "users", "env": asker.env, "q": q}
    last: str | None = cursors.open(bound, after)[0] if after else None
    names = await services.store.names.beginning(asker.env, NameKind.USER, q or "", last, limit + 1)
    shown, info = page_of(names, limit, cursors, bound, lambda name: [name[0]])
    rows = await services.store.people.users_by_number(asker.env, [number for _, number in shown])
    found = [rows[number] for _, number in shown if number in rows]
    if q is not None and last is None:
        found = [*await _holders(services, asker.env, q), *found]
    return UserPage([answer_of(row) for row in found], info)


@get(
    "/v1/users/{user:str}/subscriptions",
    **route(
        "List a user's subscriptions",
        refuses=(404,),
        tag="people",
        example={
            "data": [{"topic": "doc:9", "since": "2026-01-02T03:04:05.678901Z"}],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_subscriptions(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    user: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> SubscribedPage:
    """The topics the user is subscribed to now."""
    row = await known_user(services, asker.env, user)
    bound = {"list": "subscriptions", "env": asker.env, "user": row.number}
    last = cursors.open(bound, after)[0] if after else 0
    rows = await services.store.topics.subscriptions(asker.env, row.number, last, limit + 1)
    shown, info = page_of(rows, limit, cursors, bound, lambda pair: [pair[0]])
    names = await services.store.names.names(
        asker.env, NameKind.TOPIC, [topic for topic, _ in shown]
    )
    data = [Subscribed(names[topic], when(at) or "") for topic, at in shown if topic in names]
    return SubscribedPage(data, info)


ROUTES = (list_users, list_subscriptions)


async def _holders(services: Services, env: int, address: str) -> list[UserRow]:
    """Those with the address, but for whose id begins with it: they stand in the list anyway."""
    numbers = await services.store.people.holders(env, address, MOST_HOLDERS)
    rows = await services.store.people.users_by_number(env, numbers)
    return [row for row in rows.values() if not row.id.startswith(address)]
