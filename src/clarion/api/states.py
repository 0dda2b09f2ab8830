"""The application's state as it flows in: users, topics, subscriptions, members, preferences."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.choosing import Choosing
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.problems import Problem, RefusedError, problem_of, refusal_of
from clarion.api.reading import decoded
from clarion.api.services import Services
from clarion.api.state_reading import read_state
from clarion.core.event import BATCH_LIMIT_EVENTS
from clarion.errors import InvalidError
from clarion.pipeline.states import StateIntake
from clarion.store.contract.replica import (
    NEWEST_FIRST,
    EntityKind,
    FailedState,
    StateDepth,
    StateWrite,
)

AT_ONCE = 50
"""States that are read before other requests get their turn."""


class StateBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 states, 5 MiB in all."""

    states: list[msgspec.Raw]


class StateResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one state: `accepted`; `ignored`, as it is not newer than what is known; or
    `problem`."""

    index: int
    status: str
    problem: Problem | None = None


class StateAnswer(msgspec.Struct, frozen=True):
    """In the order given."""

    results: list[StateResult]


class DepthAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of entity has waiting, over all environments. `depth` is what waits and what is
    in hand; `failed` is put aside."""

    entity: str
    depth: int
    waiting: int
    in_hand: int
    failed: int
    oldest_age_seconds: float


class Depths(msgspec.Struct, frozen=True):
    """All kinds of entities."""

    data: list[DepthAnswer]


class FailedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A state that could not be applied. A newer version of the entity is the next try. `version`
    is a whole number; of one given as an instant, its microseconds since 1970."""

    entity: str
    id: str | dict[str, str]
    version: int
    at: str | None
    accepted_at: str
    failed_at: str
    detail: str


class FailedPage(msgspec.Struct, frozen=True):
    """A page of what failed, newest first."""

    data: list[FailedAnswer]
    page_info: PageInfo


STATES_EXAMPLE: dict[str, Any] = {
    "states": [
        {
            "entity": "user",
            "id": "u1",
            "version": 41,
            "at": "2026-01-02T03:04:05Z",
            "state": {"email": "ana@example.org", "locale": "de-AT", "data": {"plan": "pro"}},
        },
        {"entity": "topic", "id": "doc:9", "version": 7, "state": {"parent": "folder:3"}},
        {
            "entity": "subscription",
            "id": {"topic": "doc:9", "user": "u1"},
            "version": 1,
            "state": {},
        },
        {"entity": "tenant_member", "id": {"tenant": "acme", "user": "u1"}, "version": 2,
         "state": None},
        {"entity": "preferences", "id": "u1", "version": 3,
         "state": {"categories": {"social": {"email": "off"}}}},
    ]
}  # fmt: skip
ANSWER_EXAMPLE = {
    "results": [{"index": 0, "status": "accepted"}, {"index": 1, "status": "ignored"}]
}
DEPTH_EXAMPLE = {
    "entity": "user",
    "depth": 1200,
    "waiting": 1100,
    "in_hand": 100,
    "failed": 0,
    "oldest_age_seconds": 0.4,
}
FAILED_EXAMPLE = {
    "entity": "topic",
    "id": "doc:9",
    "version": 7,
    "at": None,
    "accepted_at": "2026-01-02T03:04:05.678901Z",
    "failed_at": "2026-01-02T03:04:06.678901Z",
    "detail": "this parent is the topic itself or below it; choose one that is not",
}
_DECODER = msgspec.json.Decoder(StateBatch)
_PLACES = {EntityKind.SUBSCRIPTION: "topic", EntityKind.TENANT_MEMBER: "tenant"}


def _text(words: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=words)


def _state_schema() -> Schema:
    """Of one state; each is decoded on its own."""
    pair = Schema(
        type=OpenAPIType.OBJECT,
        properties={name: Schema(type=OpenAPIType.STRING) for name in ("topic", "tenant", "user")},
    )
    known = [kind.label for kind in EntityKind]
    properties: dict[str, Any] = {
        "entity": Schema(type=OpenAPIType.STRING, enum=known),
        "id": Schema(
            one_of=[Schema(type=OpenAPIType.STRING), pair],
            description="A text; {topic, user} or {tenant, user} where the entity is a pair.",
        ),
        "version": Schema(
            one_of=[Schema(type=OpenAPIType.INTEGER), Schema(type=OpenAPIType.STRING)],
            description="A whole number from 0 on, or an instant (RFC 3339).",
        ),
        "at": _text("When it became so at the source (RFC 3339)."),
        "state": Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
            description="The whole state, as PUT takes it; {} of a pair; null: deleted.",
        ),
    }
    return Schema(
        type=OpenAPIType.OBJECT,
        properties=properties,
        required=["entity", "id", "version", "state"],
        additional_properties=False,
    )


def _amend(operation: Operation) -> None:
    """The body is read by hand, so it is described by hand."""
    batch = Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "states": Schema(
                type=OpenAPIType.ARRAY, items=_state_schema(), max_items=BATCH_LIMIT_EVENTS
            )
        },
        required=["states"],
        additional_properties=False,
    )
    media = OpenAPIMediaType(schema=batch, example=STATES_EXAMPLE)
    operation.request_body = RequestBody(content={"application/json": media}, required=True)
    answer = (operation.responses or {}).get("202")
    if isinstance(answer, OpenAPIResponse):
        answer.description = "Durable; applied soon after."


@post(
    "/v1/state",
    status_code=202,
    **route(
        "Tell what entities are now",
        "admin",
        refuses=(413, 415),
        tag="people",
        example=ANSWER_EXAMPLE,
        amend=_amend,
    ),
)
async def post_states(
    request: Request[Any, Any, Any],
    choosing: NamedDependency[Choosing],
    intake: NamedDependency[StateIntake],
    asker: NamedDependency[Asker],
) -> StateAnswer:
    """Answers once the states are durable; they are applied in the order of their versions, apart
    from events. A version that is not newer than the known one is `ignored`, so that sending twice
    and out of order is harmless. A state is whole: what it leaves out is cleared.
    """
    parts = decoded(_DECODER, await request.body()).states
    if len(parts) > BATCH_LIMIT_EVENTS:
        raise RefusedError(
            413, f"a batch has up to {BATCH_LIMIT_EVENTS} states, this one {len(parts)}"
        )
    writes: list[StateWrite] = []
    results: list[StateResult | None] = []
    for index, part in enumerate(parts):
        if index % AT_ONCE == 0:
            await asyncio.sleep(0)
        try:
            writes.append(await read_state(choosing, asker.env, part, f"/states/{index}"))
            results.append(None)
        except (RefusedError, InvalidError) as error:
            problem = problem_of(refusal_of(error), "")
            results.append(StateResult(index=index, status="problem", problem=problem))
    taken = iter(await intake.accept(asker.env, writes))
    return StateAnswer(
        [
            result or StateResult(index=index, status="accepted" if next(taken) else "ignored")
            for index, result in enumerate(results)
        ]
    )


@get(
    "/v1/state",
    **route("What waits to be applied", tag="what happened", example={"data": [DEPTH_EXAMPLE]}),
)
async def list_state(
    services: NamedDependency[Services], intake: NamedDependency[StateIntake]
) -> Depths:
    """The queue of states has a lane of its own: events never wait for it."""
    now = services.clock.now()
    return Depths([_depth(depth, now) for depth in await intake.depths()])


@get(
    "/v1/state/failed",
    **route(
        "What could not be applied",
        tag="what happened",
        example={"data": [FAILED_EXAMPLE], "page_info": {"has_next": False, "end_cursor": None}},
    ),
)
async def list_failed_states(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> FailedPage:
    """Newest first. It holds up nothing else, and goes when a newer version of its entity comes."""
    filters = {"list": "failed-states", "env": asker.env}
    before = NEWEST_FIRST
    if after:
        failed_at, entity = cursors.open(filters, after)
        before = (failed_at, entity)
    rows = await services.store.replica.failed(asker.env, limit + 1, before)
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.failed_at, row.entity])
    return FailedPage([_failed(row) for row in shown], info)


ROUTES = (post_states, list_state, list_failed_states)


def _depth(depth: StateDepth, now: int) -> DepthAnswer:
    return DepthAnswer(
        entity=depth.kind.label,
        depth=depth.depth,
        waiting=depth.waiting,
        in_hand=depth.in_hand,
        failed=depth.failed,
        oldest_age_seconds=depth.oldest_age_seconds(now),
    )


def _failed(row: FailedState) -> FailedAnswer:
    place = _PLACES.get(row.kind)
    pair = {place: row.id, "user": row.user_id} if place else None
    return FailedAnswer(
        entity=row.kind.label,
        id=pair or row.id or row.user_id,
        version=row.version,
        at=when(row.source_at),
        accepted_at=when(row.accepted_at) or "",
        failed_at=when(row.failed_at) or "",
        detail=row.detail,
    )
