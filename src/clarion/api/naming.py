"""The names of the numbers in a page of rows, looked up together."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clarion.api.services import Services
from clarion.core.ids import OWN_ID, REQUEST_ID, event_key, place_in_request
from clarion.errors import NotFoundError
from clarion.store.contract.names import NameKind


class Named(msgspec.Struct, frozen=True):
    """Names by number. A number without a name (erased, or 0 for none) is missing."""

    users: dict[int, str] = {}
    workflows: dict[int, str] = {}
    tenants: dict[int, str] = {}
    topics: dict[int, str] = {}


async def named(
    services: Services,
    env: int,
    *,
    users: Iterable[int] = (),
    workflows: Iterable[int] = (),
    tenants: Iterable[int] = (),
    topics: Iterable[int] = (),
) -> Named:
    """Look the names up, one read a kind; kinds without a number are not asked for."""

    async def look_up(kind: NameKind, numbers: Iterable[int]) -> dict[int, str]:
        wanted = set(numbers) - {0}
        return await services.store.names.names(env, kind, wanted) if wanted else {}

    return Named(
        users=await look_up(NameKind.USER, users),
        workflows=await look_up(NameKind.WORKFLOW, workflows),
        tenants=await look_up(NameKind.TENANT, tenants),
        topics=await look_up(NameKind.TOPIC, topics),
    )


async def number_of(services: Services, env: int, kind: NameKind, name: str) -> int | None:
    """The number of a name, None when nobody has named it yet."""
    return (await services.store.names.numbers(env, kind, [name])).get(name)


async def event_of(services: Services, env: int, name: str) -> bytes:
    """The key of an event, by its id (`evt_...`) or by what its sender named it: its own `id`, or
    the `Idempotency-Key` of the request (of several events in one, the first). NotFoundError when
    nothing was named so."""
    try:
        return event_key(name)
    except NotFoundError:
        own = [OWN_ID + name, REQUEST_ID + place_in_request(name, 0)]
        found = await services.store.events.by_keys(env, own)
    for key in own:
        if key in found:
            return found[key][0]
    raise NotFoundError(
        f"there is no event {name[:60]!r}; name it by its id (evt_ and 32 hex digits), or by the id"
        " it was sent with"
    )
