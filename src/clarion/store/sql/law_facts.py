"""Consents and suppressions as facts, for those users of a page who have any."""

from __future__ import annotations

import msgspec

from clarion.core.recipient import Consent, Recipient
from clarion.core.workflow import CHANNELS, Channel
from clarion.store.sql.tx import Tx, Values

EVERY_PURPOSE = 0


async def with_consents(
    tx: Tx, env: int, found: dict[int, Recipient], users: list[int], purposes: set[int]
) -> None:
    """Add what these users last said about the purposes, and about all."""
    said: dict[int, list[Consent]] = {}
    wanted = Values(sorted({EVERY_PURPOSE, *purposes}))
    for user, purpose, channel, granted in await tx.rows(
        "law/select_consents", wanted, Values(users), env
    ):
        said.setdefault(user, []).append(_consent(purpose, channel, granted))
    for user, consents in said.items():
        found[user] = msgspec.structs.replace(found[user], consents=tuple(consents))


async def without_suppressed(
    tx: Tx, env: int, found: dict[int, Recipient], users: list[int]
) -> None:
    """Take destinations that are suppressed from these users; a channel on which none is left is
    told as `suppressed`."""
    stopped: dict[int, set[int]] = {}
    for user, destination in await tx.rows("law/select_stopped", Values(users), env):
        stopped.setdefault(user, set()).add(destination)
    for user, numbers in stopped.items():
        recipient = found[user]
        left: dict[Channel, tuple[int, ...]] = {
            channel: kept
            for channel, mine in recipient.destinations.items()
            if (kept := tuple(number for number in mine if number not in numbers))
        }
        found[user] = msgspec.structs.replace(
            recipient,
            destinations=left,
            platforms={n: word for n, word in recipient.platforms.items() if n not in numbers},
            suppressed=frozenset(recipient.destinations.keys() - left.keys()),
        )


async def consents_at(tx: Tx, env: int, user: int, version: int) -> tuple[Consent, ...]:
    """What a user had said by a version of his ledger, about all purposes."""
    if not version:
        return ()
    rows = await tx.rows("law/select_consents_at", env, user, version)
    return tuple(_consent(*row) for row in rows)


def _consent(purpose: int, channel: int, granted: int) -> Consent:
    return Consent(purpose, CHANNELS[channel - 1] if channel else None, bool(granted))
