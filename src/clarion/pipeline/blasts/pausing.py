"""Whether an event stands still: its blast was paused, and it is neither cancelled nor expired."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.store.contract.events import EventRow

STILL_SECONDS = 10
"""How often what stands still is looked at again, should nobody wake it."""


def stands_still(event: EventRow, compiled: CompiledWorkflow, now: int) -> bool:
    """Whether nothing of the event is decided now. What is cancelled or expired goes on, so that
    everybody gets the record of it."""
    if event.paused_at is None or event.cancelled_at is not None:
        return False
    ends = [event.expires_at] if event.expires_at is not None else []
    seconds = compiled.workflow.expires_in_seconds
    if seconds is not None:
        ends.append(event.accepted_at + seconds * SECOND)
    return all(now < end for end in ends)
