"""The words of inbox items that tell several events, made when they are read.

They are made of what the item tells at that instant, so that nobody is named who was erased since,
and an event that was taken back is not counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.clock import from_rfc3339, to_rfc3339
from clarion.content.naming import stand_ins
from clarion.core.digest_values import ACTORS_LIMIT, DigestEntry, digest_values
from clarion.core.ids import event_name
from clarion.errors import InvalidError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, Pin, pin_of
from clarion.pipeline.contract import Told
from clarion.pipeline.digesting import actors_of
from clarion.pipeline.directory import Directory
from clarion.pipeline.locales import Locales, default_locales
from clarion.pipeline.subjects import of_row
from clarion.pipeline.values import event_values, person
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.inbox import ItemRow, MemberRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow
from clarion.telemetry import logger, told_about

MEMBERS_SHOWN = 100
"""So many events of an item are read, the newest; counts are of all."""

MEMBERS_OF_A_PAGE = 1_000
"""Items that share a page share so many; each shows 10 at least."""

ACTIVITIES_LIMIT = 10
"""Most events that an answer names of an item."""

_log = logger("aggregating")
_Place = tuple[int, int]


def alone(values: dict[str, Any], key: str) -> dict[str, Any]:
    """The values of an event with a `digest` of nothing but itself: what its item says first."""
    event = values["event"]
    accepted_at = from_rfc3339(event["accepted_at"])
    entry = DigestEntry(
        event=event["id"], type=event["type"], accepted_at=accepted_at, data=values["data"],
        actor=values["actor"],
    )  # fmt: skip
    digest = digest_values([entry], key=key, total=1, actors_total=1, written=to_rfc3339)
    return {**values, "digest": digest}


class _Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the items of one reading share."""

    user: UserRow | None
    events: dict[bytes, EventRow]
    actors: dict[int, dict[str, Any]]
    compiled: dict[Pin, CompiledWorkflow]
    tenants: dict[int, str]
    locales: dict[int, Locales]


class Teller:
    """Says what items tell."""

    def __init__(self, store: Store, catalogs: CatalogService, directory: Directory) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory

    async def tell(self, env: int, user: int, rows: list[ItemRow]) -> list[Told]:
        """The items of a user in words as they are now; those that tell one event as they were
        written."""
        several = [(row.tenant, row.seq) for row in rows if row.aggregation_key is not None]
        if not several:
            return [Told(row=row) for row in rows]
        limit = min(MEMBERS_SHOWN, max(ACTIVITIES_LIMIT, MEMBERS_OF_A_PAGE // len(several)))
        members = await self._store.inbox.members(env, user, several, limit)
        around = await self._around(env, user, rows, members)
        found = []
        for row in rows:
            if row.aggregation_key is None:
                found.append(Told(row=row))
            else:
                found.append(_told(row, members[row.tenant, row.seq], around))
                await asyncio.sleep(0)  # a page of them takes long enough to let others in between
        return found

    async def _around(
        self, env: int, user: int, rows: list[ItemRow], members: dict[_Place, list[MemberRow]]
    ) -> _Around:
        told = [one for mine in members.values() for one in mine]
        tenants = {tenant for tenant, _ in members}
        store = self._store
        events, users, actors, names, locales = await asyncio.gather(
            store.events.rows(env, sorted({one.event for one in told})),
            store.people.users_by_number(env, [user]),
            actors_of(store, env, {one.actor for one in told}),
            self._directory.names(env, NameKind.TENANT, tenants),
            default_locales(store, env, tenants),
        )
        pins = {
            pin_of(newest, row.workflow)
            for row in rows
            if (newest := _newest(members.get((row.tenant, row.seq), ()), events)) is not None
        }
        return _Around(
            user=users.get(user),
            events=events,
            actors=actors,
            compiled=await self._catalogs.pinned(env, sorted(pins)),
            tenants=names,
            locales=locales,
        )


def _newest(members: Iterable[MemberRow], events: dict[bytes, EventRow]) -> EventRow | None:
    """The newest event that is still kept."""
    return next((events[one.event] for one in members if one.event in events), None)


def _told(row: ItemRow, members: list[MemberRow], around: _Around) -> Told:
    newest = _newest(members, around.events)
    locale, fields = "", row.fields
    if newest is not None:
        compiled = around.compiled[pin_of(newest, row.workflow)]
        locale, fields = _words(row, members, newest, compiled, around)
    seen: dict[int, None] = dict.fromkeys(one.actor for one in members)
    names = [_name(around.actors.get(actor, {}), locale) for actor in seen]
    return Told(
        row=msgspec.structs.replace(row, fields=fields),
        locale=locale,
        actors=tuple(names[:ACTORS_LIMIT]),
        activities=tuple(members[:ACTIVITIES_LIMIT]),
    )


def _words(
    row: ItemRow,
    members: list[MemberRow],
    newest: EventRow,
    compiled: CompiledWorkflow,
    around: _Around,
) -> tuple[str, dict[str, Any]]:
    """The locale and the fields; none when the template does not work with what there is now."""
    step = compiled.steps[row.step]
    locale = step.locale_for(
        around.user.locale if around.user else None,
        compiled.workflow.locale,
        *around.locales[row.tenant],
    )
    try:
        return locale, step.render(locale, _values(row, members, newest, around)).fields
    except InvalidError as error:
        key = compiled.workflow.key
        with told_about(of_row(newest)):
            _log.warning("an item of step %d of %s has no words: %s", row.step, key, error)
        return locale, {}


def _values(
    row: ItemRow, members: list[MemberRow], newest: EventRow, around: _Around
) -> dict[str, Any]:
    entries = [
        DigestEntry(
            event=event_name(event.id),
            type=event.type,
            accepted_at=event.accepted_at,
            data=event.data,
            actor=around.actors.get(one.actor, {}),
            actor_number=one.actor,
        )
        for one in members
        if (event := around.events.get(one.event)) is not None
    ]
    values = event_values(
        event=newest.id,
        type_=newest.type,
        accepted_at=newest.accepted_at,
        data=newest.data,
        actor=around.actors.get(newest.actor, {}),
        tenant=around.tenants.get(row.tenant),
        now=row.updated_at or row.created_at,
    )
    digest = digest_values(
        entries,
        key=row.aggregation_key or "",
        total=row.activities,
        actors_total=row.actors,
        written=to_rfc3339,
        first_at=row.created_at,
        last_at=row.updated_at,
    )
    return {**values, "digest": digest, "user": person(around.user)}


def _name(actor: dict[str, Any], locale: str) -> str:
    """What an actor is called in a list, in the language of the item's words."""
    name = actor.get("name")
    if isinstance(name, str) and name:
        return name
    said = stand_ins(locale.replace("-", "_") or "en")
    word = said.former if actor.get("erased") is True else said.someone
    return word[:1].upper() + word[1:]
