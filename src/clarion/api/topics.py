"""Topics and who is subscribed to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, route
from clarion.api.problems import FieldError, RefusedError, refusal_of
from clarion.api.reading import check_depth, check_id, check_ids
from clarion.api.services import Services
from clarion.api.users import BulkUser, user_write
from clarion.errors import InvalidError, NotFoundError, TooLargeError
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.topics import TopicRow

SUBSCRIBERS_LIMIT = 10_000
"""Users a call may add and remove, taken together."""


class TopicBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic. `default_level` holds for subscribers who chose nothing. `broadcast`: whether what
    only puts an item into the inbox is stored once and decided when a subscriber looks (`auto`:
    with many subscribers).
    """

    parent: str | None = None
    kind: Literal["topic", "thread"] = "topic"
    default_level: Literal["all", "mentions", "none"] | None = None
    broadcast: Literal["auto", "always", "never"] = "auto"
    data: dict[str, Any] = {}


class TopicAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as known now."""

    key: str
    parent: str | None
    kind: str
    default_level: str | None
    broadcast: str
    data: dict[str, Any]
    version: int
    subscribers: int | None


class SubscribersBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users to subscribe and to unsubscribe, 10,000 a call in all. Repeating is harmless. Who is
    added as an object is written as a user as well, as `POST /v1/users/bulk` does: what is missing
    stays as it is.
    """

    add: list[str | BulkUser] = []
    remove: list[str] = []


class RefusedSubscriber(msgspec.Struct, frozen=True, kw_only=True):
    """An object of `add` that was left out: its index there, and what is wrong with it."""

    index: int
    id: str
    errors: list[FieldError]


class SubscribedAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many subscriptions began and ended, and who was refused."""

    added: int
    removed: int
    refused: list[RefusedSubscriber] = []


class Subscriber(msgspec.Struct, frozen=True):
    """A user who is subscribed, and since when."""

    user: str
    since: str


class SubscriberPage(msgspec.Struct, frozen=True):
    """A page of subscribers; those known longest to the system come first."""

    data: list[Subscriber]
    page_info: PageInfo


class TopicPage(msgspec.Struct, frozen=True):
    """A page of topics; those known longest come first. Subscribers are not counted here."""

    data: list[TopicAnswer]
    page_info: PageInfo


TOPIC_EXAMPLE = {
    "key": "doc:9",
    "parent": "folder:3",
    "kind": "topic",
    "default_level": "mentions",
    "broadcast": "auto",
    "data": {"title": "Plan"},
    "version": 1,
    "subscribers": 12,
}


@put(
    "/v1/topics/{topic:str}",
    **route("Write a topic", "admin", refuses=(415, 422), example=TOPIC_EXAMPLE, tag="people"),
)
async def put_topic(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    topic: FromPath[str],
    data: Annotated[TopicBody, Body(examples=example_of({"parent": "folder:3"}))],
) -> TopicAnswer:
    """Makes the topic or replaces what is known of it; its subscribers stay."""
    if data.parent is not None:
        check_id(data.parent, "/parent")
    check_depth(data.data, "/data")
    row = await services.store.topics.put(
        asker.env,
        topic,
        parent=data.parent,
        kind=data.kind,
        default_level=data.default_level,
        data=data.data,
        broadcast=data.broadcast,
        now=services.clock.now(),
    )
    return _answer(row)


@get(
    "/v1/topics/{topic:str}",
    **route("Read a topic", refuses=(404,), example=TOPIC_EXAMPLE, tag="people"),
)
async def get_topic(
    services: NamedDependency[Services], asker: NamedDependency[Asker], topic: FromPath[str]
) -> TopicAnswer:
    """With its number of subscribers."""
    return _answer(await _known(services, asker.env, topic))


@get(
    "/v1/topics",
    **route(
        "List topics",
        tag="people",
        example={
            "data": [{**TOPIC_EXAMPLE, "subscribers": None}],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_topics(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    q: Annotated[
        str | None,
        QueryParameter(min_length=1, max_length=256, description="The beginning of a key."),
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> TopicPage:
    """All topics that there are now; with `q` those whose key begins with it, in the order of their
    keys, and a page may be short although there are more."""
    if q is not None:
        return await _beginning(services, asker.env, cursors, q, after, limit)
    filters = {"list": "topics", "env": asker.env}
    last = cursors.open(filters, after)[0] if after else 0
    rows = await services.store.topics.page(asker.env, last, limit + 1)
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.number])
    return TopicPage([_answer(row) for row in shown], info)


@delete(
    "/v1/topics/{topic:str}",
    status_code=204,
    **route("End a topic", "admin", refuses=(404,), tag="people"),
)
async def delete_topic(
    services: NamedDependency[Services], asker: NamedDependency[Asker], topic: FromPath[str]
) -> None:
    """Ends the topic and all its subscriptions."""
    if not await services.store.topics.delete(asker.env, topic, services.clock.now()):
        raise NotFoundError("there is no topic with this key")


@post(
    "/v1/topics/{topic:str}/subscribers",
    status_code=200,
    **route(
        "Subscribe and unsubscribe",
        "admin",
        refuses=(413, 415),
        example={"added": 2, "removed": 0},
        tag="people",
    ),
)
async def post_subscribers(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    topic: FromPath[str],
    data: Annotated[SubscribersBody, Body(examples=example_of({"add": ["u1", "u2"]}))],
) -> SubscribedAnswer:
    """The topic and users at first sight are made. An object that is wrong does not keep the others
    from being subscribed. What is done when a call breaks off stays done; repeat it."""
    if len(data.add) + len(data.remove) > SUBSCRIBERS_LIMIT:
        raise TooLargeError(f"a call changes up to {SUBSCRIBERS_LIMIT} subscriptions; split it")
    names, writes, refused = _sorted_out(data.add)
    check_ids(data.remove, "/remove")
    now = services.clock.now()
    if writes:
        await services.store.people.write_users(asker.env, writes, now)
    added, removed = await services.store.topics.subscribe(
        asker.env, topic, names, data.remove, now
    )
    return SubscribedAnswer(added, removed, refused)


@get(
    "/v1/topics/{topic:str}/subscribers",
    **route(
        "List subscribers",
        refuses=(404,),
        tag="people",
        example={
            "data": [{"user": "u1", "since": "2026-01-02T03:04:05.678901Z"}],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_subscribers(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    topic: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> SubscriberPage:
    """Who is subscribed now."""
    row = await _known(services, asker.env, topic)
    filters = {"list": "subscribers", "env": asker.env, "topic": row.number}
    last = cursors.open(filters, after)[0] if after else 0
    rows = await services.store.topics.subscribers(asker.env, row.number, last, limit + 1)
    shown, info = page_of(rows, limit, cursors, filters, lambda pair: [pair[0]])
    users = {user for user, _ in shown}
    names = await services.store.names.names(asker.env, NameKind.USER, users)
    data = [Subscriber(names[user], when(since) or "") for user, since in shown if user in names]
    return SubscriberPage(data, info)


ROUTES = (put_topic, get_topic, list_topics, delete_topic, post_subscribers, list_subscribers)


def _sorted_out(
    entries: list[str | BulkUser],
) -> tuple[list[str], list[UserWrite], list[RefusedSubscriber]]:
    """Ids to subscribe, users to write, and who is left out. RefusedError for a bad plain id."""
    names: list[str] = []
    writes: list[UserWrite] = []
    refused: list[RefusedSubscriber] = []
    for index, entry in enumerate(entries):
        at = f"/add/{index}"
        if isinstance(entry, str):
            names.append(check_id(entry, at))
            continue
        try:
            writes.append(user_write(check_id(entry.id, at + "/id"), entry, at=at))
            names.append(entry.id)
        except (RefusedError, InvalidError) as error:
            errors = refusal_of(error).errors
            refused.append(RefusedSubscriber(index=index, id=entry.id, errors=errors))
    return names, writes, refused


async def _beginning(
    services: Services, env: int, cursors: Cursors, q: str, after: str | None, limit: int
) -> TopicPage:
    filters = {"list": "topics", "env": env, "q": q}
    last: str | None = cursors.open(filters, after)[0] if after else None
    rows, last = await services.store.topics.beginning(env, q, last, limit)
    cursor = cursors.seal(filters, [last]) if last is not None else None
    return TopicPage([_answer(row) for row in rows], PageInfo(last is not None, cursor))


async def _known(services: Services, env: int, topic: str) -> TopicRow:
    row = await services.store.topics.topic(env, topic)
    if row is None:
        raise NotFoundError("there is no topic with this key; PUT or a subscription makes one")
    return row


def _answer(row: TopicRow) -> TopicAnswer:
    return TopicAnswer(
        key=row.key,
        parent=row.parent_key,
        kind=row.kind,
        default_level=row.default_level,
        broadcast=row.broadcast,
        data=row.data,
        version=row.version,
        subscribers=row.subscribers,
    )
