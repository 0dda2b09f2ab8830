"""What live streams read, for many inboxes by one statement."""

from __future__ import annotations

from collections import defaultdict

from clarion.store.contract.inbox import Counts
from clarion.store.contract.streams import Change, Inbox, Published, Standing
from clarion.store.sql.inbox import item_of
from clarion.store.sql.tx import Executor, Rows, Values, look

URGENCY = 1
KEEPER_URGENCY = 3


class SqlStreams:
    """Member of the StreamStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def standings(self, inboxes: list[Inbox]) -> dict[Inbox, Standing]:
        rows = await self._executor.read(look("streams/select_standings", Rows(inboxes)))
        return {
            (env, user, tenant): Standing(
                inbox=(env, user, tenant),
                there=bool(there),
                counts=Counts(seq=seq, total=total, unread=unread, unseen=unseen),
                behind=bool(behind),
            )
            for env, user, tenant, there, seq, total, unread, unseen, behind in rows
        }

    async def changes(self, after: dict[Inbox, int]) -> dict[Inbox, list[Change]]:
        asked = Rows([(*inbox, seq) for inbox, seq in after.items()])
        found: defaultdict[Inbox, list[Change]] = defaultdict(list)
        for env, user, seq, counted, *item in await self._executor.read(
            look("streams/select_changed", asked)
        ):
            row = item_of(tuple(item))
            change = Change(seq=seq, item=row, counted=bool(counted))
            found[env, user, row.tenant].append(change)
        return found

    async def published(self, env: int, after: int, limit: int) -> list[Published]:
        rows = await self._executor.read(look("streams/select_published", env, after, limit))
        return [Published(*row) for row in rows]

    async def members(self, env: int, topic: int, at: int, users: list[int]) -> set[int]:
        asked = look("streams/select_members", Values(users), env, topic, at)
        return {user for (user,) in await self._executor.read(asked)}

    async def use_tickets(self, tickets: list[tuple[int, int, str, int]]) -> set[str]:
        asked = Rows(sorted(tickets, key=lambda row: (row[0], row[2])))
        rows = await self._executor.write(lambda tx: tx.rows("streams/use_tickets", asked), URGENCY)
        return {ticket for (ticket,) in rows}

    async def prune(self, now: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("streams/prune_tickets", now, limit), KEEPER_URGENCY
        )
