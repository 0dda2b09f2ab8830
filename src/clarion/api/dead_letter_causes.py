"""Dead letters counted by what they died of."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from clarion.api.answers import Since, when
from clarion.api.auth import Asker
from clarion.api.dead_letters import Asked, Name, check_parameters, filter_of
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.core.workflow import CHANNELS, Channel

COUNTED = 50_000
"""Dead letters that are looked at: the newest ones."""


class CauseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one cause, channel and account: how many, how many of them are `redriven` and
    on their way, and when the first and the last was given up."""

    cause: str
    channel: str
    account: str
    count: int
    redriven: int
    first_at: str
    last_at: str


class CauseList(msgspec.Struct, frozen=True):
    """The most frequent first. `complete` is false when only the newest 50,000 were counted."""

    data: list[CauseAnswer]
    complete: bool


CAUSE_EXAMPLE = {
    "cause": "retry:UNAVAILABLE",
    "channel": "push",
    "account": "fcm-main",
    "count": 1204,
    "redriven": 0,
    "first_at": "2026-01-02T03:04:05.678901Z",
    "last_at": "2026-01-02T03:09:11.000301Z",
}


@get(
    "/v1/dead-letters/causes",
    **route(
        "Count dead letters by cause",
        tag="what happened",
        example={"data": [CAUSE_EXAMPLE], "complete": True},
    ),
)
async def list_causes(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cause: Annotated[
        str | None,
        QueryParameter(description="Why it was given up; `ambiguous:*` is all that begin so."),
    ] = None,
    channel: FromQuery[Channel | None] = None,
    account: Name = None,
    workflow: Name = None,
    event: Name = None,
    tenant: Name = None,
    since: Since = None,
) -> CauseList:
    """Of those that have not come to a good end. All filters hold together."""
    asked = Asked(
        cause=cause, channel=channel, account=account, workflow=workflow, event=event,
        tenant=tenant, since=since,
    )  # fmt: skip
    check_parameters(asked)
    wanted = await filter_of(services, asker.env, asked)
    rows, complete = await services.store.dead_letters.causes(asker.env, wanted, COUNTED)
    answers = [
        CauseAnswer(
            cause=row.cause,
            channel=CHANNELS[row.channel - 1].value,
            account=row.account,
            count=row.count,
            redriven=row.redriven,
            first_at=when(row.first_at) or "",
            last_at=when(row.last_at) or "",
        )
        for row in rows
    ]
    return CauseList(answers, complete)


ROUTES = (list_causes,)
