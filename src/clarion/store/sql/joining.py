"""Events join digests, inside the transaction of the page that decided so."""

from __future__ import annotations

from clarion.store.contract.held import WINDOW
from clarion.store.contract.work import JoinWrite, WaitWrite
from clarion.store.sql.tx import Rows, Tx


async def join_digests(tx: Tx, joins: list[JoinWrite]) -> None:
    """Each joins the open digest of its key, which stays open until this transaction ends, or opens
    one, which then waits for its end. One key is opened once, though several join it."""
    firsts = {_key(join): join for join in reversed(joins)}
    opened = {}
    waits = []
    for env, user, tenant, workflow, step, key, digest, due in await tx.rows(
        "held/join_digests", Rows([_row(join) for _, join in sorted(firsts.items())])
    ):
        place = (env, user, tenant, workflow, step, key)
        opened[place] = digest.hex()
        join = firsts[place]
        waits.append(
            WaitWrite(
                env, digest.hex(), workflow, user, step, 0, join.first, join.last, WINDOW, "",
                join.lane, tenant, due,
            )
        )  # fmt: skip
    await tx.run("held/insert_waiting", Rows(waits))
    entries = [
        [join.env, opened[_key(join)], join.event, join.actor, join.mention, join.at]
        for join in joins
    ]
    await tx.run("held/insert_entries", Rows(entries))


def _key(join: JoinWrite) -> tuple[int, int, int, int, int, str]:
    return (join.env, join.user, join.tenant, join.workflow, join.step, join.key)


def _row(join: JoinWrite) -> list[int | str]:
    return [
        join.env, join.digest, join.user, join.tenant, join.workflow, join.step, join.key,
        join.version, join.category, join.category_version, join.lane, join.about, join.at,
        join.due, join.latest,
    ]  # fmt: skip
