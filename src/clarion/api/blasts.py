"""Prepared blasts: prepare, try, fire, pause, resume, cancel."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIResponse, Operation
from litestar.params import Body, FromPath, HeaderParameter, JSONBody

from clarion.api.answers import After, Limit, page_of
from clarion.api.auth import Asker
from clarion.api.blast_answers import (
    BLAST_EXAMPLE,
    BlastAnswer,
    BlastPage,
    BlastTestAnswer,
    answer_of,
    told,
)
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, headers_of, route
from clarion.api.intake import idempotency_key
from clarion.api.reading import check_event, check_id
from clarion.api.services import Services
from clarion.clock import from_rfc3339
from clarion.core.event import IncomingEvent
from clarion.core.ids import event_name
from clarion.errors import InvalidError, NotFoundError
from clarion.pipeline.blasts.planned import blast_name, blast_number

TAG = "blasts"
FIRED = {**BLAST_EXAMPLE, "state": "fired", "fired_at": "2026-01-02T03:04:05.678901Z"}
BODY_EXAMPLE: dict[str, Any] = {
    "name": "summer sale",
    "type": "sale.began",
    "id": "summer-sale-2026",
    "data": {"percent": 20},
    "recipients": [{"topic": "news"}],
    "expires_in": "PT24H",
}
_FIELDS = IncomingEvent.__struct_fields__
_encode = msgspec.json.Encoder().encode


class BlastBody(IncomingEvent, frozen=True, kw_only=True):
    """An event as of `POST /v1/events`, and a `name` for people. `expires_in` counts from firing;
    `id` is unique among blasts."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""


class FireBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: not before this instant (RFC 3339). `force`: also when it is done after its expiry at
    the earliest."""

    at: str | None = None
    force: bool = False


class BlastTestBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a test is sent to: 1 to 100 users."""

    users: list[str]


class PauseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pauses it, in your own words; without it, the beginning of the key's hash."""

    by: Annotated[str, msgspec.Meta(max_length=200)] | None = None


def _amend_begin(operation: Operation) -> None:
    answer = (operation.responses or {}).get("202")
    if isinstance(answer, OpenAPIResponse):
        answer.headers = headers_of(
            {
                "Location": "Address of the blast.",
                "Idempotency-Replayed": "`true` when the blast was there before.",
            }
        )


@post(
    "/v1/blasts",
    status_code=202,
    **route(
        "Prepare a blast", "trigger", refuses=(413, 415, 422), amend=_amend_begin, tag=TAG,
        example={**BLAST_EXAMPLE, "state": "preparing", "armed_at": None},
    ),
)  # fmt: skip
async def begin_blast(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: Annotated[BlastBody, Body(examples=example_of(BODY_EXAMPLE))],
    key: Annotated[
        str | None,
        HeaderParameter(
            name="Idempotency-Key", description="1 to 255 characters; makes a retry safe."
        ),
    ] = None,
) -> Response[BlastAnswer]:
    """Its audience is cut in the background and each recipient is decided as things stand, without
    anything being reserved, recorded or sent. Then it is `armed`, or `refused` with its problems.
    The same `id` or Idempotency-Key again gives the same blast."""
    incoming = IncomingEvent(**{name: getattr(data, name) for name in _FIELDS})
    check_event(incoming, _encode(incoming))
    if data.name:
        check_id(data.name, "/name")
    row, replayed = await services.blasting.begin(
        asker.env, incoming, name=data.name, key=idempotency_key(key)
    )
    headers = {"Location": f"/v1/blasts/{blast_name(row.number)}"}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(await told(services, row), headers=headers)


@get(
    "/v1/blasts",
    **route(
        "List blasts",
        example={"data": [BLAST_EXAMPLE], "page_info": {"has_next": False, "end_cursor": None}},
        tag=TAG,
    ),
)
async def list_blasts(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> BlastPage:
    """Newest first; those that ended 30 days ago are forgotten."""
    bound = {"list": "blasts", "env": asker.env}
    before = msgspec.convert(cursors.open(bound, after)[0], int) if after else None
    rows = await services.store.blasts.rows(asker.env, before, limit + 1)
    shown, info = page_of(rows, limit, cursors, bound, lambda row: [row.number])
    now = services.clock.now()
    return BlastPage([answer_of(row, now) for row in shown], info)


@get(
    "/v1/blasts/{blast:str}",
    **route("How a blast stands", refuses=(404,), example=BLAST_EXAMPLE, tag=TAG),
)
async def get_blast(
    services: NamedDependency[Services], asker: NamedDependency[Asker], blast: FromPath[str]
) -> BlastAnswer:
    """While it is prepared, what was found so far; once it is fired, how its event stands."""
    number = _number(blast)
    row = await services.store.blasts.row(asker.env, number)
    if row is None:
        raise _unknown(blast)
    return await told(services, row)


@post(
    "/v1/blasts/{blast:str}/test",
    status_code=202,
    **route(
        "Test a blast", "trigger", refuses=(404, 422), tag=TAG,
        example={"event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s"},
    ),
)  # fmt: skip
async def test_blast(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    blast: FromPath[str],
    data: JSONBody[BlastTestBody],
) -> BlastTestAnswer:
    """Sends it now to these users only, as an event of its own with the tag `blast_test`. It takes
    no dedupe key and uses up no cap, so it may be repeated as often as wanted."""
    event = await services.blasting.test(asker.env, _number(blast), data.users)
    return BlastTestAnswer(event_name(event))


@post(
    "/v1/blasts/{blast:str}/fire",
    status_code=200,
    **route("Fire a blast", "trigger", refuses=(404, 409, 422), example=FIRED, tag=TAG),
)
async def fire_blast(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    blast: FromPath[str],
    data: JSONBody[FireBody | None] = None,
) -> BlastAnswer:
    """One flip: pressed twice, or by two at once, it is the same event. With `at` it is fired by
    itself when that has come. Who joined since the audience was cut is not told."""
    body = data or FireBody()
    at = None if body.at is None else _instant(body.at)
    row = await services.blasting.fire(asker.env, _number(blast), at=at, force=body.force)
    return await told(services, row)


@post(
    "/v1/blasts/{blast:str}/pause",
    status_code=200,
    **route(
        "Pause a blast", "trigger", refuses=(404, 409), tag=TAG,
        example={**FIRED, "state": "paused", "paused_at": "2026-01-02T03:05:05.678901Z"},
    ),
)  # fmt: skip
async def pause_blast(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    blast: FromPath[str],
    data: JSONBody[PauseBody | None] = None,
) -> BlastAnswer:
    """Nobody more is decided, and what is ready is not handed to providers, until it is resumed.
    What a worker has in hand already goes. An armed one loses its `fire_at`."""
    by = (data or PauseBody()).by or f"key {asker.key.hex()[:8]}"
    check_id(by, "/by")
    return await told(services, await services.blasting.pause(asker.env, _number(blast), by))


@post(
    "/v1/blasts/{blast:str}/resume",
    status_code=200,
    **route("Resume a blast", "trigger", refuses=(404, 409), example=FIRED, tag=TAG),
)
async def resume_blast(
    services: NamedDependency[Services], asker: NamedDependency[Asker], blast: FromPath[str]
) -> BlastAnswer:
    """It goes on where it stands. Nothing is sent twice and nothing is lost; what has expired
    meanwhile is not sent."""
    return await told(services, await services.blasting.resume(asker.env, _number(blast)))


@post(
    "/v1/blasts/{blast:str}/cancel",
    status_code=200,
    **route(
        "Cancel a blast", "trigger", refuses=(404,), tag=TAG,
        example={**FIRED, "state": "canceled", "canceled_at": "2026-01-02T03:06:05.678901Z"},
    ),
)  # fmt: skip
async def cancel_blast(
    services: NamedDependency[Services], asker: NamedDependency[Asker], blast: FromPath[str]
) -> BlastAnswer:
    """Whoever is not told yet stays untold; the counts of its event say who was told before, and
    who is being told right now. Repeating changes nothing."""
    return await told(services, await services.blasting.cancel(asker.env, _number(blast)))


@delete(
    "/v1/blasts/{blast:str}",
    status_code=204,
    **route("Delete a blast", "trigger", refuses=(404, 409), tag=TAG),
)
async def delete_blast(
    services: NamedDependency[Services], asker: NamedDependency[Asker], blast: FromPath[str]
) -> None:
    """Only one that was not fired; its `id` is free again."""
    await services.blasting.delete(asker.env, _number(blast))


ROUTES = (
    begin_blast, list_blasts, get_blast, test_blast, fire_blast, pause_blast, resume_blast,
    cancel_blast, delete_blast,
)  # fmt: skip


def _number(name: str) -> int:
    number = blast_number(name)
    if number is None:
        raise _unknown(name)
    return number


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no blast {name[:40]!r}, or it ended long ago")


def _instant(text: str) -> int:
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write an instant with an offset, as in 2026-01-02T03:04:05Z"
        raise InvalidError(detail, "/at") from None
