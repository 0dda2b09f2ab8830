"""Somebody in Vienna on a Monday evening, and what is decided for them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.recipient import Consent, Setting
from clarion.core.window import Window
from clarion.core.workflow import (
    Channel,
    SendStep,
    Step,
)
from clarion.testing.builders import (
    a_recipient,
    a_setting,
    some_facts,
)
from tests.core.wall_time import EVERY_DAY, utc

VIENNA = "Europe/Vienna"
NIGHT = (Window(EVERY_DAY, 22 * 60, 7 * 60),)
OFFICE = (Window((0, 1, 2, 3, 4), 9 * 60, 17 * 60),)
LATE = utc("2026-11-23 22:30")
"""A Monday evening, 23:30 in Vienna."""

MORNING = utc("2026-11-24 06:00")
"""When the night ends in Vienna."""

PUSH = SendStep(index=0, channel=Channel.PUSH)
SMS = SendStep(index=0, channel=Channel.SMS)
INBOX = SendStep(index=0, channel=Channel.INBOX)
SLEEPS = a_setting(quiet=NIGHT)
GRANTED = (Consent(0, None, granted=True),)


def facts_at(now: int, *rows: Setting, **changes: Any) -> Facts:
    """Somebody in Vienna; `changes` are those of `some_facts`, `who` those of the recipient."""
    who = {"zone": VIENNA, **changes.pop("who", {})}
    return some_facts(recipient=a_recipient(*rows, **who), now=now, **changes)


def answers(facts: Facts, *steps: Step) -> tuple[StepDecision, ...]:
    numbered = tuple(replace(step, index=i) for i, step in enumerate(steps))
    flow = replace(facts.flow, workflow=replace(facts.flow.workflow, steps=numbered))
    return decide(replace(facts, flow=flow)).steps


def the_answer(facts: Facts, step: Step) -> StepDecision:
    (answer,) = answers(facts, step)
    return answer


def held(gate: Gate, reason: str, until: int, scope: str = "") -> StepDecision:
    return StepDecision(0, Result.HOLD, gate, reason, scope, until)
