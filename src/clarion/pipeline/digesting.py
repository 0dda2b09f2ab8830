"""A digest as what it is told as: an event with the words of its newest entry."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.digest_values import DigestEntry, digest_values
from clarion.core.ids import event_name
from clarion.core.recipient import Mention
from clarion.pipeline import traces
from clarion.pipeline.flows import EventHead
from clarion.pipeline.values import person
from clarion.store.contract import Store
from clarion.store.contract.held import DIGEST_TYPE, Digest
from clarion.store.contract.names import NameKind


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What templates and conditions see of a digest: the value `digest`, and data and actor of its
    newest entry."""

    digest: dict[str, Any]
    data: dict[str, Any]
    actor: dict[str, Any]


async def gathered(store: Store, digest: Digest) -> Gathered:
    """Read the entries of a digest with who caused them."""
    events = await store.events.rows(digest.env, [entry.event for entry in digest.entries])
    actors = await actors_of(store, digest.env, {entry.actor for entry in digest.entries})
    entries = []
    for entry in digest.entries:
        event = events.get(entry.event)
        if event is None:
            continue
        entries.append(
            DigestEntry(
                event=event_name(event.id),
                type=event.type,
                accepted_at=event.accepted_at,
                data=event.data,
                actor=actors.get(entry.actor, {}),
                actor_number=entry.actor,
            )
        )
    values = digest_values(
        entries,
        key=digest.key,
        total=digest.count,
        actors_total=digest.actor_count,
        written=to_rfc3339,
        first_at=digest.first_at or None,
        last_at=digest.last_at or None,
    )
    newest = entries[0] if entries else None
    return Gathered(
        digest=values,
        data=newest.data if newest is not None else {},
        actor=newest.actor if newest is not None else {},
    )


async def actors_of(store: Store, env: int, numbers: set[int]) -> dict[int, dict[str, Any]]:
    """Actors as templates see them, by number (0, nobody, is left out): `erased` is one whose name
    is known no more; one that was only ever named has an id and nothing else."""
    wanted = sorted(numbers - {0})
    rows = await store.people.users_by_number(env, wanted) if wanted else {}
    missing = [number for number in wanted if number not in rows]
    names = await store.names.names(env, NameKind.USER, missing) if missing else {}
    return {
        number: person(rows.get(number), names.get(number)) or {"erased": True} for number in wanted
    }


def digest_head(digest: Digest, tenant_name: str | None) -> EventHead:
    """The event that a digest is told as; one that holds nothing any more counts as cancelled."""
    return EventHead(
        env=digest.env,
        id=digest.id,
        type=DIGEST_TYPE,
        tenant=digest.tenant,
        actor=0,
        actor_name=None,
        tenant_name=tenant_name,
        about=digest.about,
        silent=False,
        accepted_at=digest.closed_at or digest.due,
        expires_at=None,
        cancelled=digest.count == 0,
        data={},
        mentions=(),
        ordering_key=None,
        trace=traces.begun_kept(digest.id),
    )


def strongest_mention(digest: Digest) -> Mention:
    """The strongest mention among what was gathered."""
    order = [*Mention]
    found = {Mention(entry.mention) for entry in digest.entries} - {Mention.NONE}
    return min(found, key=order.index, default=Mention.NONE)
