"""Erasing a user: what says who it was goes, the ledger's numbers and counts stay.

It begins with one transaction, after which nobody has the name and nobody can be reached (pending
sends canceled, addresses gone), and a row of `erasure` tells what is left to do. Then goes what is
many, in pieces that may be repeated, at last that row. Who finds an old one goes on with it.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import NamedTuple

from clarion.core.states import DeliveryStatus
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import Erased
from clarion.store.sql.broadcasts import mark_erased
from clarion.store.sql.codec import plain
from clarion.store.sql.inbox import uncount
from clarion.store.sql.names import numbers_of
from clarion.store.sql.personal import AT_ONCE, BY_PAGE, Erasing
from clarion.store.sql.settling import End, end_deliveries
from clarion.store.sql.tx import Executor, Rows, Tx, Values, look

URGENCY = 1
PIECE = 300
"""Rows of each kind that a transaction removes."""

ALL_STATES = 2**62
_MANY = frozenset({"items", "item_keys", "item_members", "inboxes", "captures"})
"""What the first transaction leaves to those that follow."""

Page = tuple[bytes, int]
"""(event, workflow) of the last notification that was met."""


class Begun(NamedTuple):
    """An erasure after its first transaction: the user's number (None: nobody had the name),
    what was removed and what is kept."""

    user: int | None
    removed: Counter[str]
    kept: dict[str, int]


async def erase(executor: Executor, env: int, name: str, now: int) -> Erased | None:
    """Erase who has this name; None when nobody has it. `deliveries` counts the canceled ones,
    `states` what came in and waits no more."""
    begun = await executor.write(lambda tx: begin(tx, env, name, now), URGENCY)
    if begun.user is None:
        states = begun.removed["states"]
        return Erased(removed={"states": states}, at=now) if states else None
    removed = begun.removed + await _finish(executor, env, begun.user)
    words = ("deliveries", "states", *(erasing.word for erasing in (*AT_ONCE, *BY_PAGE)))
    return Erased(removed={word: removed[word] for word in words}, at=now, kept=begun.kept)


async def begin(tx: Tx, env: int, name: str, now: int, *, states_before: int = ALL_STATES) -> Begun:
    """From here on there is nowhere to reach the user, and the name is free. States of the user
    that came in before an instant wait no more.

    The user's row comes first: who writes settings beside it waits there and finds nobody.
    """
    await tx.hold("people", env)
    removed = Counter(states=await _drop_states(tx, env, name, states_before))
    user = (await numbers_of(tx, env, NameKind.USER, [name])).get(name)
    if user is None:
        return Begun(None, removed, {})
    removed["deliveries"] = await _cancel_ready(tx, env, user, now)
    await tx.run("held/hasten_user", env, user, now)
    ((suppressions,),) = await tx.rows("law/count_kept", env, user)
    with tx.shredding():
        await tx.run("people/erase_user", env, user, now)
    await mark_erased(tx, env, user)
    removed += await _remove(tx, [each for each in AT_ONCE if each.word not in _MANY], env, user)
    with tx.shredding():
        await tx.run("names/delete_name", env, NameKind.USER, name)
    await tx.run("people/insert_erasure", env, user, now)
    return Begun(user, removed, {"suppressions": suppressions})


async def finish_begun(executor: Executor, before: int, limit: int) -> int:
    """Go on with erasures that began before an instant; how many were finished."""
    begun = await executor.read(look("people/select_erasures", before, limit))
    for env, user in begun:
        await _finish(executor, env, user)
    return len(begun)


async def _finish(executor: Executor, env: int, user: int) -> Counter[str]:
    removed: Counter[str] = Counter()
    pieces = (("item_members", _members), ("items", _items), ("captures", _captures))
    for word, piece in pieces:
        while count := await executor.write(partial(piece, env=env, user=user), URGENCY):
            removed[word] += count
    page: Page | None = (b"", 0)
    while page is not None:
        page, counts = await executor.write(
            partial(_ledger, env=env, user=user, after=page), URGENCY
        )
        removed += counts
    return removed + await executor.write(partial(_end, env=env, user=user), URGENCY)


async def _drop_states(tx: Tx, env: int, name: str, before: int) -> int:
    """Their versions are kept, so that the same again does not bring the user back."""
    await tx.run("replica/keep_versions", env, name, before)
    return await tx.run("replica/erase_states", env, name, before)


async def _items(tx: Tx, env: int, user: int) -> int:
    """Some items, with their counts: how many."""
    rows = await tx.rows("people/select_items_to_erase", env, user, PIECE)
    await uncount(tx, [row for row in rows if row[7]])
    with tx.shredding():
        return await tx.run("retention/delete_items", Rows([row[:4] for row in rows]))


async def _members(tx: Tx, env: int, user: int) -> int:
    with tx.shredding():
        return await tx.run("people/erase_item_members", env, user, PIECE)


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


async def _end(tx: Tx, env: int, user: int) -> Counter[str]:
    """What was written by number meanwhile. Consents were emptied and counted at the beginning."""
    await mark_erased(tx, env, user)
    removed = await _remove(tx, [each for each in AT_ONCE if each.word != "consents"], env, user)
    await tx.run("people/delete_erasure", env, user)
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
