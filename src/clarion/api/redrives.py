"""Redriving dead letters: begun by filter, and how far it has come."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.dead_letters import Asked, check_filter, filter_of
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.errors import NotFoundError
from clarion.store.contract.dead_letters import Redriven, RedriveRow

PREFIX = "rdv_"
MOST_DIGITS = 18


class RedriveBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`filter` as of the list; `{}` is everything. `rate_per_second`: how fast they become due
    (default: the setting `redrive_per_second`). `dry_run` only counts."""

    filter: Asked
    rate_per_second: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    dry_run: bool = False


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the dead letters that were met. `ready` are on their way, `decided_again`
    had not been decided; `expired` came too late and ended as that. The rest stays: their event
    was canceled, their user erased, their destination disabled and not confirmed again since, or
    the recipient had opted out."""

    ready: int = 0
    decided_again: int = 0
    expired: int = 0
    canceled: int = 0
    erased: int = 0
    disabled: int = 0
    opted_out: int = 0


class RedriveAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A redrive. `count` are the dead letters that go on, `tasks` the parts of audiences that are
    walked again. `status`: `dry_run`, `running` (it goes on by itself, and after a crash),
    `finished` or `failed` (it could not go on, see `error`). The last row becomes due at
    `due_until`."""

    id: str | None
    status: str
    count: int
    tasks: int
    counts: Counts
    rate_per_second: int | None
    created_at: str | None
    due_until: str | None
    finished_at: str | None
    error: str | None = None


class RedrivePage(msgspec.Struct, frozen=True):
    """A page of redrives, newest first; those that ended 30 days ago are forgotten."""

    data: list[RedriveAnswer]
    page_info: PageInfo


REDRIVE_EXAMPLE = {
    "id": "rdv_3",
    "status": "finished",
    "count": 2,
    "tasks": 0,
    "counts": {
        "ready": 2,
        "decided_again": 0,
        "expired": 1,
        "canceled": 0,
        "erased": 0,
        "disabled": 0,
        "opted_out": 0,
    },
    "rate_per_second": 100,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "due_until": "2026-01-02T03:04:05.698901Z",
    "finished_at": "2026-01-02T03:04:05.678901Z",
    "error": None,
}


@post(
    "/v1/dead-letters/redrive",
    status_code=200,
    **route("Redrive dead letters", "admin", example=REDRIVE_EXAMPLE, tag="what happened"),
)
async def redrive(
    services: NamedDependency[Services], asker: NamedDependency[Asker], data: JSONBody[RedriveBody]
) -> RedriveAnswer:
    """Each dead letter goes on its way once; asking again leaves alone what is on its way. Those
    over 100,000 follow in the background."""
    check_filter(data.filter, "/filter")
    wanted = await filter_of(services, asker.env, data.filter)
    if data.dry_run:
        found, tasks = await services.redriving.survey(asker.env, wanted)
        return _surveyed(found, tasks)
    row, tasks = await services.redriving.begin(asker.env, wanted, data.rate_per_second)
    return _answer(row, tasks)


@get(
    "/v1/dead-letters/redrives",
    **route(
        "List redrives",
        tag="what happened",
        example={
            "data": [REDRIVE_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_redrives(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> RedrivePage:
    """Newest first."""
    bound = {"list": "redrives", "env": asker.env}
    before = msgspec.convert(cursors.open(bound, after)[0], int) if after else None
    rows = await services.store.dead_letters.redrives(asker.env, before, limit + 1)
    shown, info = page_of(rows, limit, cursors, bound, lambda row: [row.redrive])
    return RedrivePage([_answer(row) for row in shown], info)


@get(
    "/v1/dead-letters/redrives/{redrive:str}",
    **route("How a redrive stands", refuses=(404,), tag="what happened", example=REDRIVE_EXAMPLE),
)
async def get_redrive(
    services: NamedDependency[Services], asker: NamedDependency[Asker], redrive: FromPath[str]
) -> RedriveAnswer:
    """How far it has come."""
    number = _number(redrive)
    row = None
    if number is not None:
        row = await services.store.dead_letters.redrive_of(asker.env, number)
    if row is None:
        raise NotFoundError(f"there is no redrive {redrive[:40]!r}, or it ended long ago")
    return _answer(row)


ROUTES = (redrive, list_redrives, get_redrive)


def _number(name: str) -> int | None:
    digits = name.removeprefix(PREFIX)
    known = name.startswith(PREFIX) and digits.isascii() and digits.isdigit()
    return int(digits) if known and len(digits) <= MOST_DIGITS else None


def _status(row: RedriveRow) -> str:
    if row.finished_at is None:
        return "running"
    return "finished" if row.error is None else "failed"


def _surveyed(found: Redriven, tasks: int) -> RedriveAnswer:
    return RedriveAnswer(
        id=None, status="dry_run", count=found.moved, tasks=tasks, counts=_counts(found),
        rate_per_second=None, created_at=None, due_until=None, finished_at=None,
    )  # fmt: skip


def _answer(row: RedriveRow, tasks: int = 0) -> RedriveAnswer:
    return RedriveAnswer(
        id=f"{PREFIX}{row.redrive}",
        status=_status(row),
        count=row.done.moved,
        tasks=tasks,
        counts=_counts(row.done),
        rate_per_second=row.rate_per_second,
        created_at=when(row.created_at),
        due_until=when(row.next_due),
        finished_at=when(row.finished_at),
        error=row.error,
    )


def _counts(done: Redriven) -> Counts:
    return Counts(
        ready=done.ready, decided_again=done.again, expired=done.expired, canceled=done.canceled,
        erased=done.erased, disabled=done.disabled, opted_out=done.opted_out,
    )  # fmt: skip
