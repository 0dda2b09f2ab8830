"""In which form an event went, and what that means for its counts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.api.naming import Named
from clarion.store.contract.broadcasts import BROADCAST, WRITTEN, Broadcast
from clarion.store.contract.events import EventCounts, EventRow


def forms_of(row: EventRow, broadcasts: Sequence[Broadcast], names: Named) -> dict[str, str]:
    """By workflow `written` (everybody is decided when the event comes) or `broadcast` (members are
    decided when they look)."""
    looked_at = {one.workflow for one in broadcasts}
    return {
        names.workflows.get(number, ""): BROADCAST if number in looked_at else WRITTEN
        for number, *_ in row.workflows
    }


def told_apart(
    row: EventRow, broadcasts: Sequence[Broadcast], total: EventCounts, now: int
) -> EventCounts:
    """Counts in which nobody is undecided any more once looking would tell nobody: the event is
    cancelled, its data forgotten, or every broadcast of it has expired."""
    over = (
        row.cancelled_at is not None
        or not row.data_kept
        or (bool(broadcasts) and all(one.is_over(now) for one in broadcasts))
    )
    if not over:
        return total
    skipped = total.skipped + total.undecided
    return msgspec.structs.replace(total, skipped=skipped, undecided=0)
