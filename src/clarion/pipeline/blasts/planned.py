"""The event of a blast: as it is written when it is prepared, and as it is fired."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clarion.core.blast import Tally, expiry_at
from clarion.core.ids import new_event_id
from clarion.pipeline.drafts import Draft
from clarion.store.contract.blasts import SOURCE, BlastRow
from clarion.store.contract.events import EventWrite
from clarion.store.contract.work import TaskWrite

PREFIX = "blt_"
MOST_DIGITS = 18
TAG, TEST_TAG = "blast", "blast_test"
"""Tags of the event that a blast is fired as, and of its tests: the blast's id."""

NOBODY = "nobody"

_encode = msgspec.json.Encoder().encode
_PLAN = msgspec.json.Decoder(EventWrite)
_TALLY = msgspec.json.Decoder(Tally)


def blast_name(number: int) -> str:
    """3 -> `blt_3`."""
    return f"{PREFIX}{number}"


def blast_number(name: str) -> int | None:
    """`blt_3` -> 3; None when it is none."""
    digits = name.removeprefix(PREFIX)
    known = name.startswith(PREFIX) and digits.isascii() and digits.isdigit()
    return int(digits) if known and len(digits) <= MOST_DIGITS else None


def plan_text(write: EventWrite) -> str:
    """A plan as it is kept."""
    return _encode(write).decode()


def plan_of(text: str) -> EventWrite:
    """A plan again."""
    return _PLAN.decode(text)


def tally_of(row: BlastRow) -> Tally:
    """What was found so far."""
    return _TALLY.decode(row.tally)


def tally_text(tally: Tally) -> str:
    """What was found, as it is kept."""
    return _encode(tally).decode()


def fired(row: BlastRow, plan: EventWrite, now: int, chance: bytes) -> EventWrite:
    """The event as it is written at the flip; its tasks walk the cut. `chance` are 10 bytes."""
    audience = [{**part, "blast": row.number} for part in msgspec.json.decode(plan.audience)]
    return msgspec.structs.replace(
        plan,
        id=new_event_id(now, chance),
        accepted_at=now,
        expires_at=expiry_at(now, plan.expires_at, row.expires_in_seconds),
        tags={**plan.tags, TAG: blast_name(row.number)},
        audience=_encode(audience).decode(),
        recipients=(),
        tasks=tuple(_tasks(row, plan)),
    )


def _tasks(row: BlastRow, plan: EventWrite) -> Iterable[TaskWrite]:
    """A task a range of the cut; the reserved user 0 is in none."""
    sections = tally_of(row).sections
    for number, (task, section) in enumerate(zip(plan.tasks, sections, strict=True)):
        if task.source == NOBODY:
            yield task
            continue
        kind = _kind_of(task)
        for first, last in section.ranges(task.hi):
            yield msgspec.structs.replace(
                task,
                source=f"{SOURCE}:{row.number}:{number}:{kind}",
                scope=0 if kind == "users" else task.scope,
                lo=first,
                hi=last,
                excepted=(),
            )


def _kind_of(task: TaskWrite) -> str:
    if task.source == "topic":
        return "topic"
    return "tenant" if task.source == "all" and task.scope else "users"


def tested(found: Draft, blast: int) -> Draft:
    """A draft of a test of a blast."""
    incoming = found.incoming
    tags = {**incoming.tags, TEST_TAG: blast_name(blast)}
    return msgspec.structs.replace(
        found, incoming=msgspec.structs.replace(incoming, tags=tags), test=True
    )
