"""Dead letters: deliveries that were given up, and tasks that were put aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, Since, instant_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.naming import event_of, named, number_of
from clarion.api.problems import RefusedError
from clarion.api.reading import check_id, check_texts
from clarion.api.services import Services
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel, Lane
from clarion.store.contract.dead_letters import DeadLetterFilter, DeadLetterRow, Position, PutAside
from clarion.store.contract.names import NameKind

FILTER_TEXTS = ("cause", "account", "workflow", "event", "user", "tenant", "since", "until")

NOBODY = -1
"""A number that nothing has: what is asked for by a name that nobody has named yet."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters; all that is said holds together. A `cause` may end in `*`
    (`ambiguous:*`). `since` is included, `until` is not (RFC 3339)."""

    cause: str | None = None
    channel: Channel | None = None
    account: str | None = None
    workflow: str | None = None
    event: str | None = None
    user: str | None = None
    tenant: str | None = None
    since: str | None = None
    until: str | None = None


class DeadLetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up. `outcome` and `code` are what the provider said last, `status`
    is how the delivery stands now. `redriven_at` is set while it is on its way again, `closed_at`
    once that came to a good end. The cause `undecidable` had no try: deciding failed."""

    id: str
    notification_id: str
    event_id: str
    workflow: str | None
    user: str | None
    channel: str
    account: str
    cause: str
    at: str
    status: str | None
    attempts: int
    outcome: str | None
    code: str | None
    detail: str | None
    redriven_at: str | None
    closed_at: str | None


class DeadLetterPage(msgspec.Struct, frozen=True):
    """A page of dead letters, newest first; it may be short while `has_next` is true."""

    data: list[DeadLetterAnswer]
    page_info: PageInfo


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an event's audience that is not walked any more, as it failed again and again.
    Whoever comes before was decided; a redrive goes on behind them."""

    id: int
    event_id: str
    workflow: str | None
    tenant: str | None
    lane: str
    cause: str
    failures: int
    at: str | None


class TaskPage(msgspec.Struct, frozen=True):
    """Tasks that were put aside, newest first, at most 1,000."""

    data: list[TaskAnswer]


DEAD_LETTER_EXAMPLE = {
    "id": "dlv_06jt0mbh2dng3fmbqk6l5abq8s",
    "notification_id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "workflow": "order-created",
    "user": "u1",
    "channel": "push",
    "account": "fcm-main",
    "cause": "retry:UNAVAILABLE",
    "at": "2026-01-02T03:04:05.678901Z",
    "status": "dead",
    "attempts": 4,
    "outcome": "retry",
    "code": "UNAVAILABLE",
    "detail": "the server is overloaded",
    "redriven_at": None,
    "closed_at": None,
}
TASK_EXAMPLE = {
    "id": 17,
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "workflow": "order-created",
    "tenant": None,
    "lane": "bulk",
    "cause": "put_aside",
    "failures": 2,
    "at": "2026-01-02T03:04:05.678901Z",
}

Name = Annotated[str | None, QueryParameter(description="Only those of this one.")]


@get(
    "/v1/dead-letters",
    **route(
        "List dead letters",
        tag="what happened",
        example={
            "data": [DEAD_LETTER_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_dead_letters(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    cause: Annotated[
        str | None,
        QueryParameter(description="Why it was given up; `ambiguous:*` is all that begin so."),
    ] = None,
    channel: FromQuery[Channel | None] = None,
    account: Name = None,
    workflow: Name = None,
    event: Name = None,
    user: Name = None,
    tenant: Name = None,
    since: Since = None,
    until: Annotated[str | None, QueryParameter(description="Only what is older.")] = None,
    redriven: Annotated[
        bool | None,
        QueryParameter(
            description=(
                "true: those that were redriven, also with success; false: those that were not. "
                "Without it all that have not come to a good end."
            )
        ),
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> DeadLetterPage:
    """Newest first. All filters hold together."""
    asked = Asked(
        cause=cause, channel=channel, account=account, workflow=workflow, event=event, user=user,
        tenant=tenant, since=since, until=until,
    )  # fmt: skip
    bound = {
        "list": "dead-letters",
        "env": asker.env,
        "redriven": redriven,
        **msgspec.to_builtins(asked),
    }
    check_parameters(asked)
    wanted = await filter_of(services, asker.env, asked, redriven)
    position = _position(cursors.open(bound, after)) if after else None
    page = await services.store.dead_letters.search(asker.env, wanted, position, limit)
    info = PageInfo(False)
    if page.cursor is not None:
        info = PageInfo(True, cursors.seal(bound, list(page.cursor)))
    return DeadLetterPage(await _answers(services, asker.env, page.rows), info)


@get(
    "/v1/dead-letters/tasks",
    **route("List tasks put aside", tag="what happened", example={"data": [TASK_EXAMPLE]}),
)
async def list_tasks(
    services: NamedDependency[Services], asker: NamedDependency[Asker], event: Name = None
) -> TaskPage:
    """Parts of audiences that wait for a redrive (its filter may say `"cause": "put_aside"`)."""
    key = None if event is None else await event_of(services, asker.env, event)
    rows = await services.store.dead_letters.put_aside(asker.env, key)
    return TaskPage(await _tasks(services, asker.env, rows))


ROUTES = (list_dead_letters, list_tasks)


def check_filter(asked: Asked, pointer: str) -> None:
    """RefusedError 400 when a text of the filter can be no name: it is kept with a redrive, and
    searched by as it is."""
    check_texts(msgspec.structs.asdict(asked), FILTER_TEXTS, pointer)


def check_parameters(asked: Asked) -> None:
    """RefusedError 400 when a text of the query can be no name."""
    for name in FILTER_TEXTS:
        text = getattr(asked, name)
        if text is None:
            continue
        try:
            check_id(text, "")
        except RefusedError as refusal:
            raise RefusedError(400, f"{name}: {refusal.detail}", parameter=name) from None


async def filter_of(
    services: Services, env: int, asked: Asked, redriven: bool | None = None
) -> DeadLetterFilter:
    """Names become numbers; a name that nobody has named is a number that nothing has."""

    async def number(kind: NameKind, name: str | None) -> int | None:
        if name is None:
            return None
        found = await number_of(services, env, kind, name)
        return NOBODY if found is None else found

    return DeadLetterFilter(
        cause=asked.cause,
        channel=CHANNEL_NUMBER[asked.channel] if asked.channel else None,
        account=asked.account,
        workflow=await number(NameKind.WORKFLOW, asked.workflow),
        event=None if asked.event is None else await event_of(services, env, asked.event),
        user=await number(NameKind.USER, asked.user),
        tenant=await number(NameKind.TENANT, asked.tenant),
        since=instant_of(asked.since, "since"),
        until=instant_of(asked.until, "until"),
        redriven=redriven,
    )


def _position(parts: list[object]) -> Position:
    position: Position = msgspec.convert(parts, Position)
    return position


async def _answers(
    services: Services, env: int, rows: Sequence[DeadLetterRow]
) -> list[DeadLetterAnswer]:
    names = await named(
        services,
        env,
        users={row.key.user for row in rows},
        workflows={row.key.workflow for row in rows},
    )
    return [
        DeadLetterAnswer(
            id=delivery_name(row.key),
            notification_id=notification_name(row.key.event, row.key.workflow, row.key.user),
            event_id=event_name(row.key.event),
            workflow=names.workflows.get(row.key.workflow),
            user=names.users.get(row.key.user),
            channel=row.key.channel.value,
            account=row.account,
            cause=row.cause,
            at=when(row.at) or "",
            status=DeliveryStatus(row.status).name.lower() if row.status else None,
            attempts=row.attempts,
            outcome=row.outcome,
            code=row.code,
            detail=row.detail,
            redriven_at=when(row.redriven_at),
            closed_at=when(row.closed_at),
        )
        for row in rows
    ]


async def _tasks(services: Services, env: int, rows: Sequence[PutAside]) -> list[TaskAnswer]:
    names = await named(
        services,
        env,
        workflows={row.workflow for row in rows},
        tenants={row.tenant for row in rows},
    )
    return [
        TaskAnswer(
            id=row.task,
            event_id=event_name(row.event),
            workflow=names.workflows.get(row.workflow),
            tenant=names.tenants.get(row.tenant),
            lane=Lane(row.lane).label,
            cause="put_aside",
            failures=max(row.crashes - 1, 0),
            at=when(row.at),
        )
        for row in rows
    ]
