"""A short round of chaos on each kind of cluster: real processes, killed in the middle of it."""

from __future__ import annotations

import logging

import pytest

from clarion.testing.chaos.plan import Fault, Plan
from clarion.testing.chaos.report import Report
from clarion.testing.chaos.round import play

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(300)]

log = logging.getLogger("chaos")


async def a_round(plan: Plan) -> Report:
    """A round in which nothing was lost, doubled, or out of balance."""
    report = await play(plan, log.info)
    verdict = report.verdict
    assert verdict.holds, (plan.seed, verdict.examples)
    assert report.bad_stops == []
    return report


async def test_a_cluster_loses_and_doubles_nothing() -> None:
    plan = Plan(
        seed=7, seconds=16, kills=4, blast=400, events_per_second=25, attempts=3,
        patience_seconds=40,
    )  # fmt: skip
    report = await a_round(plan)
    assert report.verdict.events > 0
    assert report.verdict.deliveries >= 400
    assert report.faults[Fault.KILL.value] >= 3
    assert any(report.faults.get(fault.value) for fault in Fault if "PostgreSQL" in fault.value)
    assert any(report.faults.get(fault.value) for fault in Fault if "NATS" in fault.value)
    assert report.verdict.takeovers_seconds


async def test_one_process_on_a_file_loses_and_doubles_nothing() -> None:
    plan = Plan(
        store="sqlite", seed=3, seconds=12, kills=4, blast=300, events_per_second=25, attempts=3,
        patience_seconds=40,
    )  # fmt: skip
    report = await a_round(plan)
    assert report.verdict.deliveries >= 300
    assert report.faults[Fault.KILL.value] + report.faults[Fault.FAIL_POINT.value] >= 3
    assert report.faults[Fault.DISK_FULL.value]
