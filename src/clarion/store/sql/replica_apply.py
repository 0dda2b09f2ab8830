"""One kind of entity after the other, written where its noun writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from clarion.core.recipient import Setting
from clarion.errors import InvalidError
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.replica import Applied, EntityKind, StateClaim
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.names import numbers_of
from clarion.store.sql.people import join_tenant
from clarion.store.sql.people_erase import begin
from clarion.store.sql.people_writes import source_versions, write_users
from clarion.store.sql.settings import settings_of, write_settings
from clarion.store.sql.topics import (
    add_subscribers,
    mark_deleted,
    put_topic,
    remove_subscribers,
    seen_topic,
)
from clarion.store.sql.tx import Tx

Result = tuple[Applied, str]
"""What became of a claim, and why it failed."""

WAKE_LIMIT = 100
_APPLIED: Result = (Applied.APPLIED, "")
_IGNORED: Result = (Applied.IGNORED, "")
_SETTINGS = msgspec.json.Decoder(list[Setting])


async def hold_kind(tx: Tx, env: int, kind: EntityKind) -> None:
    """What the noun would hold first comes before the rows of the queue, as it does elsewhere."""
    if kind is EntityKind.TOPIC:
        await tx.hold("topics", env)
    elif kind is not EntityKind.SUBSCRIPTION:
        await tx.hold("people", env)


async def apply_kind(
    tx: Tx, env: int, kind: EntityKind, claims: list[StateClaim], now: int
) -> dict[str, Result]:
    """Results by entity."""
    return await _APPLY[kind](tx, env, claims, now) if claims else {}


async def _users(tx: Tx, env: int, claims: list[StateClaim], now: int) -> dict[str, Result]:
    """Erasures begin here; a keeper does what is left of them."""
    there = [claim for claim in claims if not claim.gone]
    gone = [claim for claim in claims if claim.gone]
    writes = [
        UserWrite(id=claim.user_id, changed=plain(claim.body), replace=True, version=claim.version)
        for claim in there
    ]
    results: dict[str, Result] = {}
    if writes:
        written = await write_users(tx, env, writes, now)
        for claim, answer in zip(there, written, strict=True):
            results[claim.entity] = _APPLIED if answer.applied else _IGNORED
    held = await source_versions(tx, env, [claim.user_id for claim in gone])
    for claim in gone:
        results[claim.entity] = _IGNORED
        if held.get(claim.user_id, -1) <= claim.version:
            await begin(tx, env, claim.user_id, now, states_before=claim.accepted_at)
            results[claim.entity] = _APPLIED
    return results


async def _topics(tx: Tx, env: int, claims: list[StateClaim], now: int) -> dict[str, Result]:
    """What one topic changed may make room for another, so what does not fit is tried again."""
    results: dict[str, Result] = {}
    left = claims
    while left:
        results |= {claim.entity: await _topic(tx, env, claim, now) for claim in left}
        failed = [claim for claim in left if results[claim.entity][0] is Applied.FAILED]
        if len(failed) == len(left):
            break
        left = failed
    if any(result is not Applied.FAILED for result, _ in results.values()):
        await tx.run("replica/wake_topics", env, int(EntityKind.TOPIC), WAKE_LIMIT)
    return results


async def _topic(tx: Tx, env: int, claim: StateClaim, now: int) -> Result:
    if claim.gone:
        marked = await mark_deleted(tx, env, claim.id, now)
        return _APPLIED if marked is None else (Applied.UNFINISHED, "")
    parent, kind, level, data = plain(claim.body)
    row = await put_topic(tx, env, claim.id, parent, (kind, level, text_json(data)), now)
    return (Applied.FAILED, str(row)) if isinstance(row, InvalidError) else _APPLIED


async def _subscriptions(tx: Tx, env: int, claims: list[StateClaim], now: int) -> dict[str, Result]:
    wanted = {claim.id for claim in claims if not claim.gone}
    numbers = {topic: await seen_topic(tx, env, topic, now) for topic in sorted(wanted)}
    others = sorted({claim.id for claim in claims} - wanted)
    numbers |= await numbers_of(tx, env, NameKind.TOPIC, others)
    for topic in sorted(numbers, key=lambda name: numbers[name]):
        mine = [claim for claim in claims if claim.id == topic]
        place = (tx, env, numbers[topic])
        if added := [claim.user_id for claim in mine if not claim.gone]:
            await add_subscribers(*place, added, now)
        if removed := [claim.user_id for claim in mine if claim.gone]:
            await remove_subscribers(*place, removed, now)
    return {claim.entity: _APPLIED for claim in claims}


async def _members(tx: Tx, env: int, claims: list[StateClaim], now: int) -> dict[str, Result]:
    for claim in claims:
        await join_tenant(tx, env, claim.id, claim.user_id, not claim.gone, now)
    return {claim.entity: _APPLIED for claim in claims}


async def _preferences(tx: Tx, env: int, claims: list[StateClaim], now: int) -> dict[str, Result]:
    """A user at first sight is made: which of the two comes first is not ours to say."""
    names = [claim.user_id for claim in claims]
    known = await source_versions(tx, env, names)
    new = [
        UserWrite(id=claim.user_id, changed={})
        for claim in claims
        if claim.user_id not in known and not claim.gone
    ]
    if new:
        await write_users(tx, env, new, now)
    numbers = await numbers_of(tx, env, NameKind.USER, names)
    for claim in claims:
        if claim.user_id in known or not claim.gone:
            await _choose(tx, env, numbers[claim.user_id], claim, now)
    return {claim.entity: _APPLIED for claim in claims}


async def _choose(tx: Tx, env: int, user: int, claim: StateClaim, now: int) -> None:
    """Make the settings of a user what the claim says; what is so already keeps its version."""
    rows = [] if claim.gone else _SETTINGS.decode(claim.body)
    wanted = {(row.kind, row.scope): msgspec.structs.replace(row, user=user) for row in rows}
    found = settings_of(await tx.rows("settings/select_rows", env, user))
    before = {(row.kind, row.scope): row for row in found}
    changed = [row for key, row in wanted.items() if before.get(key) != row]
    cleared = [key for key in before if key not in wanted]
    if changed or cleared:
        await write_settings(tx, env, user, changed, cleared, now)


_APPLY: dict[
    EntityKind, Callable[[Tx, int, list[StateClaim], int], Awaitable[dict[str, Result]]]
] = {
    EntityKind.USER: _users,
    EntityKind.TOPIC: _topics,
    EntityKind.SUBSCRIPTION: _subscriptions,
    EntityKind.TENANT_MEMBER: _members,
    EntityKind.PREFERENCES: _preferences,
}
