"""Consents and suppressions as facts, for those users of a page who have any."""

from __future__ import annotations

import msgspec

from clarion.core.recipient import Consent, Recipient
from clarion.core.workflow import CHANNELS, Channel
from clarion.store.sql.tx import Tx, Values

EVERY_PURPOSE = 0


async def with_law(
    tx: Tx, env: int, found: dict[int, Recipient], marked: dict[int, int], purposes: set[int]
) -> dict[int, Recipient]:
    """Those of the found who are marked, with what they last said about the purposes and about all,
    and without destinations that are suppressed. A mark is twice the version of the consents, and 1
    more where an address may be suppressed."""
    said = await _said(tx, env, [user for user, mark in marked.items() if mark > 1], purposes)
    changed = {
        user: msgspec.structs.replace(found[user], consents=said.get(user, ())) for user in marked
    }
    stopped = await _stopped(tx, env, [user for user, mark in marked.items() if mark & 1])
    for user, numbers in stopped.items():
        changed[user] = _without(changed[user], numbers)
    return changed


async def _stopped(tx: Tx, env: int, users: list[int]) -> dict[int, set[int]]:
    """Live destinations that are suppressed."""
    stopped: dict[int, set[int]] = {}
    if users:
        for user, destination in await tx.rows("law/select_stopped", Values(users), env):
            stopped.setdefault(user, set()).add(destination)
    return stopped


async def _said(
    tx: Tx, env: int, users: list[int], purposes: set[int]
) -> dict[int, tuple[Consent, ...]]:
    said: dict[int, tuple[Consent, ...]] = {}
    if not users:
        return said
    # Few are different: a page of users shares them.
    alike: dict[tuple[int, int, int], Consent] = {}
    wanted = Values(sorted({EVERY_PURPOSE, *purposes}))
    rows = await tx.rows("law/select_consents", wanted, Values(users), env)
    for user, purpose, channel, granted in rows:
        key = (purpose, channel, granted)
        found = alike.get(key)
        if found is None:
            found = alike[key] = consent_of(*key)
        said[user] = (*said[user], found) if user in said else (found,)
    return said


def _without(recipient: Recipient, numbers: set[int]) -> Recipient:
    """A channel on which no destination is left is told as `suppressed`."""
    left: dict[Channel, tuple[int, ...]] = {
        channel: kept
        for channel, mine in recipient.destinations.items()
        if (kept := tuple(number for number in mine if number not in numbers))
    }
    return msgspec.structs.replace(
        recipient,
        destinations=left,
        platforms={n: word for n, word in recipient.platforms.items() if n not in numbers},
        suppressed=frozenset(recipient.destinations.keys() - left.keys()),
    )


def consent_of(purpose: int, channel: int, granted: int) -> Consent:
    """A consent as its columns tell it; channel 0 is every one."""
    return Consent(purpose, CHANNELS[channel - 1] if channel else None, bool(granted))
