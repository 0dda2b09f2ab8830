"""Erasing a user: what says who it was goes, the ledger's numbers and counts stay.

First nobody can be reached any more (pending sends canceled, addresses gone), then what is many
goes in pieces, at last what is left and the name. Interrupted, it is repeated with the same id.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from clarion.core.states import DeliveryStatus
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import Erased
from clarion.store.sql.codec import plain
from clarion.store.sql.inbox import uncount
from clarion.store.sql.names import numbers_of
from clarion.store.sql.personal import AT_ONCE, BY_PAGE, Erasing
from clarion.store.sql.settling import End, end_deliveries
from clarion.store.sql.tx import Executor, Rows, Tx, Values

URGENCY = 1
PIECE = 300
"""Rows of each kind that a transaction removes."""

_MANY = frozenset({"items", "inboxes", "captures"})
"""What the first transaction leaves to those that follow."""

Page = tuple[bytes, int]
"""(event, workflow) of the last notification that was met."""


async def erase(executor: Executor, env: int, name: str, now: int) -> Erased | None:
    """Erase who has this name; None when nobody has it. `deliveries` counts the canceled ones."""
    silenced = await executor.write(lambda tx: _silence(tx, env, name, now), URGENCY)
    if silenced is None:
        return None
    user, removed = silenced
    for word, piece in (("items", _items), ("captures", _captures)):
        while count := await executor.write(partial(piece, env=env, user=user), URGENCY):
            removed[word] += count
    page: Page | None = (b"", 0)
    while page is not None:
        page, counts = await executor.write(
            partial(_ledger, env=env, user=user, after=page), URGENCY
        )
        removed += counts
    removed += await executor.write(lambda tx: _end(tx, env, name, user, now), URGENCY)
    words = ("deliveries", *(erasing.word for erasing in (*AT_ONCE, *BY_PAGE)))
    return Erased(removed={word: removed[word] for word in words}, at=now)


async def _silence(tx: Tx, env: int, name: str, now: int) -> tuple[int, Counter[str]] | None:
    """From here on there is nowhere to reach the user: their number, and what was removed.

    The user's row comes first: who writes settings beside it waits there and finds nobody.
    """
    await tx.hold("people", env)
    user = (await numbers_of(tx, env, NameKind.USER, [name])).get(name)
    if user is None:
        return None
    removed = Counter(deliveries=await _cancel_ready(tx, env, user, now))
    await tx.run("held/hasten_user", env, user, now)
    with tx.shredding():
        await tx.run("people/erase_user", env, user, now)
    keyed = [erasing for erasing in AT_ONCE if erasing.word not in _MANY]
    return user, removed + await _remove(tx, keyed, env, user)


async def _items(tx: Tx, env: int, user: int) -> int:
    """Some items, with their counts: how many."""
    rows = await tx.rows("people/select_items_to_erase", env, user, PIECE)
    await uncount(tx, [row for row in rows if row[7]])
    with tx.shredding():
        return await tx.run("retention/delete_items", Rows([row[:4] for row in rows]))


async def _captures(tx: Tx, env: int, user: int) -> int:
    with tx.shredding():
        return await tx.run("people/erase_captures", env, user, PIECE)


async def _ledger(tx: Tx, env: int, user: int, after: Page) -> tuple[Page | None, Counter[str]]:
    """Words, payloads and details of the next notifications; where to go on (None: the end)."""
    page = await tx.rows("people/select_page_to_erase", env, user, *after, PIECE)
    keys = [[event.hex(), workflow] for event, workflow in page]
    removed: Counter[str] = Counter()
    with tx.shredding():
        for erasing in BY_PAGE:
            if erasing.table != "event_payload":
                removed[erasing.word] += await tx.run(erasing.statement, env, user, Rows(keys))
        own = await own_events(tx, env, user, [event for event, _ in page])
        removed["payloads"] += await tx.run("people/erase_payloads", env, Values(own))
    return (page[-1][0], page[-1][1]) if len(page) == PIECE else None, removed


async def own_events(tx: Tx, env: int, user: int, events: list[bytes]) -> list[str]:
    """Those of the events (as hex) that named this user and nobody else."""
    ids = Values(sorted({event.hex() for event in events}))
    rows = await tx.rows("people/select_audiences", env, ids)
    return [event.hex() for event, audience in rows if names_only(plain(audience), user)]


def names_only(audience: list[dict[str, object]], user: int) -> bool:
    """Whether an event's audience, as it is kept, is this one user."""
    broad = ("topics", "everyone", "fcm_topics")
    named = [part.get("users") for part in audience if part.get("named")]
    return (
        bool(named)
        and all(users == [user] for users in named)
        and not any(part.get(word) for part in audience for word in broad)
    )


async def _end(tx: Tx, env: int, name: str, user: int, now: int) -> Counter[str]:
    """What came meanwhile, and the name, unless somebody else has it by now."""
    await tx.hold("people", env)
    with tx.shredding():
        await tx.run("people/erase_user", env, user, now)
    removed = await _remove(tx, list(AT_ONCE), env, user)
    if (await numbers_of(tx, env, NameKind.USER, [name])).get(name) == user:
        with tx.shredding():
            await tx.run("names/delete_name", env, NameKind.USER, name)
    return removed


async def _remove(tx: Tx, erasings: list[Erasing], env: int, user: int) -> Counter[str]:
    removed: Counter[str] = Counter()
    with tx.shredding():
        for erasing in erasings:
            removed[erasing.word] += await tx.run(erasing.statement, env, user)
    return removed


async def _cancel_ready(tx: Tx, env: int, user: int, now: int) -> int:
    """End what is ready to be sent; what is being sent right now is settled as usual."""
    ends = [
        End(
            seq=seq,
            env=env,
            event=event,
            workflow=workflow,
            user=user,
            step=step,
            channel=channel,
            destination=destination,
            status=DeliveryStatus.CANCELED,
        )
        for seq, event, workflow, step, channel, destination in await tx.rows(
            "people/select_ready", env, user
        )
    ]
    await end_deliveries(tx, ends, now)
    return len(ends)
