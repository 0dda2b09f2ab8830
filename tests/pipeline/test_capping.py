"""The caps of a flow, and what their answers come to."""

from __future__ import annotations

from clarion.core.caps import CapAnswer, CapDefaults, CapRule
from clarion.core.workflow import Channel
from clarion.pipeline.cap_rules import UsualCaps, rules_of
from clarion.pipeline.capping import GRANTED, outcome_of
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH

HOURLY = CapRule(limit=2, window_seconds=3600)
OF_PUSH = UsualCaps(of_environment=CapDefaults(channels={Channel.PUSH.value: HOURLY}))


async def compiled(server: Embedded, category: str) -> CompiledWorkflow:
    await server.workflow("news", INBOX, PUSH, MAIL, category=category)
    return (await server.server.catalogs.compiled(server.env)).by_key["news"]


async def test_a_step_without_a_cap_is_not_asked_about(embedded: Embedded) -> None:
    rules = rules_of(await compiled(embedded, "social"), 0, OF_PUSH)
    assert {step: [one.label for one in found] for step, found in rules.items()} == {
        1: ["environment"]
    }


async def test_a_mandatory_category_is_above_the_environments_caps(embedded: Embedded) -> None:
    assert rules_of(await compiled(embedded, "security"), 0, OF_PUSH) == {}


async def test_one_refusal_is_enough(embedded: Embedded) -> None:
    (caps,) = rules_of(await compiled(embedded, "social"), 0, OF_PUSH).values()
    assert outcome_of(caps, [CapAnswer(granted=True, used=1, frees_at=0)]) == GRANTED
    refused = outcome_of(caps, [CapAnswer(granted=False, used=2, frees_at=7)])
    assert (refused.granted, refused.scope, refused.frees_at) == (False, "environment", 7)
