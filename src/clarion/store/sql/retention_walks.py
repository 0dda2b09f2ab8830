"""A walk over old events that takes one kind of data off them and stops anywhere.

Where it stands is kept in `retention_mark`. A pass goes from the mark to the bound. Events with
work left are passed by; the next pass begins at the first of them.
"""

from __future__ import annotations

from typing import NamedTuple

from clarion.store.contract.retention import Walk
from clarion.store.sql.tx import Row, Tx, Values

INBOX = "inbox"
"""Kind of the mark below which inbox items may be gone."""

_STATEMENTS = {
    Walk.PAYLOADS: "retention/forget_payloads",
    Walk.CONTENTS: "retention/forget_contents",
    Walk.WORDS: "retention/forget_words",
    Walk.ATTEMPTS: "retention/forget_attempts",
    Walk.DECISIONS: "retention/forget_decisions",
    Walk.RECORDS: "retention/forget_records",
}


class _Mark(NamedTuple):
    """Place of the next row to look at, and the first event of this pass that was left."""

    event: bytes = b""
    workflow: int = 0
    user: int = 0
    left_at: bytes | None = None


async def walk_on(tx: Tx, env: int, walk: Walk, before: bytes, events: int, rows: int) -> bool:
    """See `RetentionStore.forget`."""
    found = await tx.row("retention/select_mark", env, walk.value)
    mark = _Mark(*found) if found else _Mark()
    passed = await tx.rows("retention/select_slice", env, mark.event, before, events)
    if not passed:
        if mark.left_at is not None:
            await _save(tx, env, walk, _Mark(mark.left_at))
        return False
    last: bytes = passed[-1][0]
    left = [event for event, undone in passed if undone]
    changed = await _change(tx, env, walk, mark, last, left, rows)
    left_at = min([*left, *([mark.left_at] if mark.left_at else [])], default=None)
    event, workflow, user = max(changed) if len(changed) == rows else (last + b"\0", 0, 0)
    await _save(tx, env, walk, _Mark(event, workflow, user, left_at))
    return True


async def _change(
    tx: Tx, env: int, walk: Walk, mark: _Mark, last: bytes, left: list[bytes], rows: int
) -> list[Row]:
    """(event, workflow, user) of the rows changed."""
    passed_by = Values([event.hex() for event in left])
    place = mark[:1] if walk is Walk.PAYLOADS else mark[:3]
    return await tx.rows(_STATEMENTS[walk], env, *place, last, passed_by, rows)


async def _save(tx: Tx, env: int, walk: Walk, mark: _Mark) -> None:
    await tx.run("retention/upsert_mark", env, walk.value, *mark)
