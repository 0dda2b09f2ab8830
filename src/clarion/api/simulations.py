"""Simulations: the recorded past decided again under other rules, and events that did not
happen."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from clarion.api.answers import After, Limit, page_of
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.api.simulation_answers import (
    EventTried,
    ExamplePage,
    ExampleTraced,
    SimulationAnswer,
    SimulationPage,
    answer_of,
    examples_told,
    number_of,
    traced,
)
from clarion.api.simulation_examples import (
    EVENT_EXAMPLE,
    EXAMPLE_EXAMPLE,
    SIMULATION_EXAMPLE,
)
from clarion.api.supposing import NO_CHANGE, SupposedChange, asked_of, numbers_of
from clarion.clock import from_rfc3339
from clarion.core.event import IncomingEvent
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.errors import InvalidError, NotFoundError
from clarion.pipeline.changes import Slice
from clarion.store.contract.names import NameKind
from clarion.store.contract.simulations import ExampleQuery, SimulationRow

SHOWN = 20
MOST_USERS = 1_000
TAG = "what happened"


class SliceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions: of events accepted from `since` (RFC 3339) up to before `until` (default:
    now), of a workflow, a category, a type of event, a tenant, of these users. `limit`: stop with
    the user who makes it so many decisions."""

    since: str
    until: str | None = None
    workflow: str | None = None
    category: str | None = None
    type: str | None = None
    tenant: str | None = None
    users: Annotated[list[str], msgspec.Meta(max_length=MOST_USERS)] = []
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None


class SimulationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the past is decided again, and under which rules. Without a change the answer
    says whether the past is decided as it was."""

    slice: SliceBody
    change: SupposedChange | None = None
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""


class EventBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event (as of `POST /v1/events`) that did not happen, and the user it is decided for."""

    event: IncomingEvent
    user: str
    change: SupposedChange | None = None


@post(
    "/v1/simulations",
    status_code=202,
    **route("Begin a simulation", "admin", refuses=(422,), example=SIMULATION_EXAMPLE, tag=TAG),
)
async def begin_simulation(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: JSONBody[SimulationBody],
) -> Response[SimulationAnswer]:
    """It goes on by itself, beside the live load, and after a crash. Nothing is sent, and nothing
    but the simulation is written. Workflows and categories are refused as PUT refuses them."""
    part = await _slice(services, asker.env, data.slice)
    asked = await asked_of(services, asker.env, data.change or NO_CHANGE, part)
    row = await services.simulating.begin(asker.env, data.name, asked)
    answer = await _answer(services, row)
    return Response(answer, headers={"Location": f"/v1/simulations/{answer.id}"})


@post(
    "/v1/simulations/event",
    status_code=200,
    **route("Try one event", refuses=(422,), example=EVENT_EXAMPLE, tag=TAG),
)
async def try_event(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: JSONBody[EventBody],
) -> EventTried:
    """What would be decided for one user now, with every gate. Nothing is written: caps are asked
    and nothing is counted, dedupe keys and open digests are not looked at."""
    part = Slice(since=0, until=0)
    asked = await asked_of(services, asker.env, data.change or NO_CHANGE, part)
    body = await services.supposing.decide(asker.env, data.event, data.user, asked)
    return msgspec.convert(body, EventTried)


@get(
    "/v1/simulations",
    **route(
        "List simulations",
        example={
            "data": [SIMULATION_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
        tag=TAG,
    ),
)
async def list_simulations(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> SimulationPage:
    """Newest first; those that ended 30 days ago are forgotten."""
    bound = {"list": "simulations", "env": asker.env}
    before = msgspec.convert(cursors.open(bound, after)[0], int) if after else None
    rows = await services.store.simulations.rows(asker.env, before, limit + 1)
    shown, info = page_of(rows, limit, cursors, bound, lambda row: [row.number])
    return SimulationPage([answer_of(row, []) for row in shown], info)


@get(
    "/v1/simulations/{simulation:str}",
    **route("How a simulation stands", refuses=(404,), example=SIMULATION_EXAMPLE, tag=TAG),
)
async def get_simulation(
    services: NamedDependency[Services], asker: NamedDependency[Asker], simulation: FromPath[str]
) -> SimulationAnswer:
    """How far it has come; once it is done, its answer."""
    return await _answer(services, await _known(services, asker.env, simulation))


@delete(
    "/v1/simulations/{simulation:str}",
    status_code=200,
    **route(
        "Cancel a simulation", "admin", refuses=(404,),
        example={**SIMULATION_EXAMPLE, "state": "canceled", "answer": None}, tag=TAG,
    ),
)  # fmt: skip
async def cancel_simulation(
    services: NamedDependency[Services], asker: NamedDependency[Asker], simulation: FromPath[str]
) -> SimulationAnswer:
    """It ends where it stands; one that has ended stays as it is."""
    row = await _known(services, asker.env, simulation)
    now = services.clock.now()
    ended = await services.store.simulations.cancel(asker.env, row.number, now)
    return await _answer(services, ended or row)


Word = Annotated[str | None, QueryParameter(max_length=40)]


@get(
    "/v1/simulations/{simulation:str}/examples",
    **route(
        "List examples of a simulation",
        refuses=(404, 422),
        example={
            "data": [EXAMPLE_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
        tag=TAG,
    ),
)
async def list_examples(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    simulation: FromPath[str],
    channel: Word = None,
    from_: Annotated[str | None, QueryParameter(name="from", max_length=40)] = None,
    to: Word = None,
    reason: Word = None,
    after: After = None,
    limit: Limit = 50,
) -> ExamplePage:
    """Sends that the change makes others, up to 50 of each kind: `from` and `to` are the results
    before and after, `reason` that of either."""
    row = await _known(services, asker.env, simulation)
    bound: dict[str, Any] = {
        "list": "examples", "env": asker.env, "simulation": row.number, "channel": channel,
        "from": from_, "to": to, "reason": reason,
    }  # fmt: skip
    query = ExampleQuery(
        channel=_channel(channel), before=from_, after=to, reason=reason, limit=limit + 1,
        above=msgspec.convert(cursors.open(bound, after)[0], int) if after else -1,
    )  # fmt: skip
    rows = await services.store.simulations.examples(asker.env, row.number, query)
    shown, info = page_of(rows, limit, cursors, bound, lambda one: [one.n])
    return ExamplePage(await examples_told(services, asker.env, [*shown]), info)


@get(
    "/v1/simulations/{simulation:str}/examples/{example:str}",
    **route(
        "Open an example", refuses=(404,), tag=TAG,
        example={**EXAMPLE_EXAMPLE, "trace_before": [], "trace_after": []},
    ),
)  # fmt: skip
async def get_example(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    simulation: FromPath[str],
    example: FromPath[str],
) -> ExampleTraced:
    """Every gate of the first decision: as it was, and under the change."""
    row = await _known(services, asker.env, simulation)
    n = int(example) if example.isascii() and example.isdigit() and len(example) < 10 else 0
    query = ExampleQuery(above=n - 1, limit=1)
    found = await services.store.simulations.examples(asker.env, row.number, query)
    traces = None
    if found and found[0].n == n:
        traces = await services.simulating.traces(row, found[0])
    if traces is None:
        raise NotFoundError(f"there is no example {example[:20]!r}, or its notification is gone")
    (told,) = await examples_told(services, asker.env, found)
    return traced(told, *traces)


ROUTES = (
    begin_simulation, try_event, list_simulations, get_simulation, cancel_simulation,
    list_examples, get_example,
)  # fmt: skip


async def _slice(services: Services, env: int, body: SliceBody) -> Slice:
    now = services.clock.now()
    since = _instant(body.since, "/slice/since")
    until = now if body.until is None else _instant(body.until, "/slice/until")
    if since >= until:
        raise InvalidError("'since' is not before 'until'; nothing lies between", "/slice/since")
    tenants = [body.tenant] if body.tenant is not None else []
    tenant = await numbers_of(services, env, NameKind.TENANT, tenants, "/slice/tenant")
    users = await numbers_of(services, env, NameKind.USER, body.users, "/slice/users")
    return Slice(
        since=since, until=until, workflow=body.workflow, category=body.category, type=body.type,
        tenant=tenant.get(body.tenant) if body.tenant is not None else None,
        users=tuple(sorted(users.values())), limit=body.limit,
    )  # fmt: skip


def _instant(text: str, pointer: str) -> int:
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write an instant with an offset, as in 2026-01-02T03:04:05Z"
        raise InvalidError(detail, pointer) from None


def _channel(word: str | None) -> int | None:
    if word is None:
        return None
    known = {channel.value: CHANNEL_NUMBER[channel] for channel in Channel}
    if word not in known:
        raise InvalidError(f"there is no channel {word!r}; write one of {', '.join(known)}")
    return known[word]


async def _known(services: Services, env: int, name: str) -> SimulationRow:
    number = number_of(name)
    row = None if number is None else await services.store.simulations.row(env, number)
    if row is None:
        raise NotFoundError(f"there is no simulation {name[:40]!r}, or it ended long ago")
    return row


async def _answer(services: Services, row: SimulationRow) -> SimulationAnswer:
    query = ExampleQuery(limit=SHOWN)
    found = await services.store.simulations.examples(row.env, row.number, query)
    return answer_of(row, await examples_told(services, row.env, found))
