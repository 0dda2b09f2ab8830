"""The cut of a blast as the audience of a task: `blast:<number>:<section>:<kind>`."""

from __future__ import annotations

from clarion.core.number_pages import unpacked
from clarion.store.contract.work import Task
from clarion.store.sql.tx import Tx, Values

PAGES = 2
"""Pages of the cut that are looked up together."""


async def audience_of_cut(tx: Tx, task: Task, after: int, limit: int) -> list[tuple[int]]:
    """Users of the cut above `after`, up to the task's end. Who left the topic or the tenant since
    is left out, and the page is filled with others."""
    _, blast, section, kind = task.source.split(":")
    found: list[int] = []
    while len(found) < limit and after < task.hi:
        rows = await tx.rows("blasts/select_cut", task.env, int(blast), int(section), after, PAGES)
        users = [user for _, raw in rows for user in unpacked(raw) if after < user <= task.hi]
        if not users:
            break
        found += await _still_there(tx, task, kind, users)
        after = users[-1]
    return [(user,) for user in found[:limit]]


async def _still_there(tx: Tx, task: Task, kind: str, users: list[int]) -> list[int]:
    if kind == "topic":
        there = await tx.rows(
            "topics/select_subscribed", Values([task.scope]), Values(users), task.env
        )
        kept = {user for _, user in there}
    elif kind == "tenant":
        rows = await tx.rows("work/members_of", task.env, task.scope, Values(users))
        kept = {user for (user,) in rows}
    else:
        return users
    return [user for user in users if user in kept]
