"""What is told of simulations."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.api.answers import PageInfo, when
from clarion.api.services import Services
from clarion.core.decision import TraceLine
from clarion.core.difference import ChannelCounts, Tally
from clarion.core.ids import event_name, notification_name
from clarion.core.workflow import CHANNELS
from clarion.store.contract.names import NameKind
from clarion.store.contract.simulations import (
    SimulatedExample,
    SimulationRow,
    SimulationState,
)

PREFIX = "sim_"
MOST_DIGITS = 18

TAKEN = (
    "preferences, destinations and zones of users, at the versions that were seen",
    "presence, where it was asked for, and what was seen in the inbox",
    "dedupe keys, where the workflow asked for the same",
    "consents, suppressions and sizes of audiences",
    "conditions that did not change",
    "caps, until the change reaches their counters",
)
SIMULATED = {
    "dedupe keys": "dedupe keys that the change asks for",
    "caps": "uses of counters that the change reaches",
    "waits": "ends of waits that nobody waited",
    "digests": "who is gathered in digests",
}


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a difference: the first answer, and in `ends` what it came to if that is
    another."""

    result: str
    reason: str | None = None
    ends: str | None = None


class ReasonCount(msgspec.Struct, frozen=True, kw_only=True):
    """So many sends of a channel went from one answer to another."""

    channel: str
    before: Side
    after: Side
    count: int


class ExampleTold(msgspec.Struct, frozen=True, kw_only=True):
    """A send that the change makes another; `notification_id` leads to what happened."""

    n: int
    notification_id: str
    event_id: str
    user: str | None
    workflow: str | None
    channel: str
    before: Side
    after: Side


class GateLine(msgspec.Struct, frozen=True, kw_only=True):
    """One gate's word."""

    gate: str
    verdict: str
    detail: str
    scope: str | None = None
    step: int | None = None


class ExampleTraced(ExampleTold, frozen=True, kw_only=True):
    """An example with every gate of its first decision on both sides."""

    trace_before: list[GateLine]
    trace_after: list[GateLine]


class ExamplePage(msgspec.Struct, frozen=True):
    """A page of examples, in the order of users and time."""

    data: list[ExampleTold]
    page_info: PageInfo


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not taken as recorded, and how often."""

    fact: str
    count: int


class FactsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Where the facts came from: `taken` as recorded, `simulated`, `missing` (nobody knows them any
    more, or they were never asked)."""

    taken: list[str]
    simulated: list[Simulated]
    missing: list[Simulated]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the change comes to. A decision is changed when any of its sends gets another answer, at
    first or in the end; `not_known` are those of which it depends on something that nobody recorded
    (see `facts.missing`). Sends are counted by channel: gained and lost are what is sent only
    after, or only before, the change."""

    decisions: int
    unchanged: int
    changed: int
    not_known: int
    by_channel: dict[str, ChannelCounts]
    by_reason: list[ReasonCount]
    users_gaining: int
    users_losing: int
    examples: list[ExampleTold]
    facts: FactsTold


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Users are walked in the order of their numbers: the last one done, and the highest."""

    done: int
    total: int
    decisions: int


class SimulationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation. `state`: `queued`, `running`, `done`, `failed` (see `error`), `canceled`.
    `answer` is there once it is done."""

    id: str
    name: str
    state: str
    progress: Progress
    created_at: str | None
    updated_at: str | None
    finished_at: str | None
    error: str | None
    answer: Answer | None


class SimulationPage(msgspec.Struct, frozen=True):
    """A page of simulations, newest first; their examples are left out."""

    data: list[SimulationAnswer]
    page_info: PageInfo


class TriedStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided for one step, with every gate."""

    step: int
    channel: str | None
    result: str
    reason: str
    gate: str
    scope: str | None
    until: str | None
    trace: list[GateLine]


class TriedWorkflow(msgspec.Struct, frozen=True, kw_only=True):
    """What one workflow decides, and why in plain words."""

    workflow: str
    because: str
    channels: list[TriedStep]


class EventTried(msgspec.Struct, frozen=True, kw_only=True):
    """What would be decided for one user now. `reserved` is always false: nothing was counted or
    written; `notes` say what was left out."""

    user: str
    event_type: str
    verdict: str
    because: str
    workflows: list[TriedWorkflow]
    decided_at: str
    reserved: bool
    notes: list[str]


def answer_of(row: SimulationRow, examples: list[ExampleTold]) -> SimulationAnswer:
    """A simulation as it is told."""
    done = row.state is SimulationState.DONE
    tally = msgspec.json.decode(row.tally, type=Tally) if row.tally else Tally()
    return SimulationAnswer(
        id=f"{PREFIX}{row.number}",
        name=row.name,
        state=row.state.label,
        progress=Progress(
            done=row.total if done else min(row.cursor, row.total),
            total=row.total,
            decisions=tally.decisions,
        ),
        created_at=when(row.created_at),
        updated_at=when(row.updated_at),
        finished_at=when(row.finished_at),
        error=row.error,
        answer=_answer(tally, examples) if done else None,
    )


async def examples_told(
    services: Services, env: int, found: list[SimulatedExample]
) -> list[ExampleTold]:
    """Examples with names for their numbers."""
    names = services.store.names
    users = await names.names(env, NameKind.USER, sorted({one.user for one in found}))
    numbers = sorted({one.workflow for one in found})
    workflows = await names.names(env, NameKind.WORKFLOW, numbers)
    told = []
    for one in found:
        sides: dict[str, Any] = msgspec.json.decode(one.body)
        told.append(
            ExampleTold(
                n=one.n,
                notification_id=notification_name(one.event, one.workflow, one.user),
                event_id=event_name(one.event),
                user=users.get(one.user),
                workflow=workflows.get(one.workflow),
                channel=CHANNELS[one.channel - 1].value,
                before=msgspec.convert(sides["before"], Side),
                after=msgspec.convert(sides["after"], Side),
            )
        )
    return told


def traced(example: ExampleTold, before: list[TraceLine], after: list[TraceLine]) -> ExampleTraced:
    """An example with its gates."""
    return ExampleTraced(
        **msgspec.structs.asdict(example), trace_before=_lines(before), trace_after=_lines(after)
    )


def number_of(name: str) -> int | None:
    """`sim_3` -> 3; None when it is none."""
    digits = name.removeprefix(PREFIX)
    known = name.startswith(PREFIX) and digits.isascii() and digits.isdigit()
    return int(digits) if known and len(digits) <= MOST_DIGITS else None


def _lines(trace: list[TraceLine]) -> list[GateLine]:
    return [
        GateLine(
            gate=line.gate, verdict=line.verdict, detail=line.detail, scope=line.scope or None,
            step=None if line.step < 0 else line.step,
        )
        for line in trace
    ]  # fmt: skip


def _answer(tally: Tally, examples: list[ExampleTold]) -> Answer:
    return Answer(
        decisions=tally.decisions,
        unchanged=tally.decisions - tally.changed - tally.not_known,
        changed=tally.changed,
        not_known=tally.not_known,
        by_channel=tally.by_channel,
        by_reason=[
            ReasonCount(
                channel=channel,
                before=Side(result=result, reason=reason or None),
                after=Side(result=then, reason=why or None),
                count=count,
            )
            for (channel, result, reason, then, why), count in tally.by_reason
        ],
        users_gaining=tally.users_gaining,
        users_losing=tally.users_losing,
        examples=examples,
        facts=FactsTold(
            taken=[*TAKEN],
            simulated=[
                Simulated(fact=SIMULATED[name], count=count)
                for name, count in tally.simulated.items()
            ],
            missing=[Simulated(fact=name, count=count) for name, count in tally.missing.items()],
        ),
    )
