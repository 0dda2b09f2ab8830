import msgspec
import pytest

from bench.catalog import runs
from bench.report import FAILED, SKIPPED
from bench.targets import TARGETS, Target, verdicts
from tests.bench.builders import QUIET, a_report

FAST = Target(title="fast", run="ingest-postgres", figure="rate", bound=100, unit="/s")
SMALL = Target(title="small", run="decide", figure="cost", bound=10, unit=" µs", at_least=False)


@pytest.mark.parametrize(
    ("target", "value", "said"),
    [
        (FAST, 100.0, "**100/s**, reached"),
        (FAST, 99.0, "**99/s**, missed"),
        (SMALL, 10.0, "**10 µs**, reached"),
        (SMALL, 10.1, "**10.1 µs**, missed"),
    ],
)
def test_a_bound_is_reached_from_its_own_side(target: Target, value: float, said: str) -> None:
    results = {target.run: a_report("x", figures={target.figure: value})}
    assert verdicts(target, results)[0].words() == said


def test_a_ratio_can_be_a_target() -> None:
    results = {FAST.run: a_report("x", ratios={"rate": 250.0})}
    assert verdicts(FAST, results)[0].reached


def test_what_was_not_measured_is_not_reached_and_says_so() -> None:
    skipped = a_report("x", status=SKIPPED, why="no node here")
    failed = a_report("x", status=FAILED, why="it fell over", figures={"rate": 500.0})
    said = [
        verdicts(FAST, results)[0]
        for results in ({}, {FAST.run: skipped}, {FAST.run: failed}, {FAST.run: a_report("x")})
    ]
    assert [one.words() for one in said] == ["not run yet", "skipped", "failed", "not measured"]
    assert not any(one.reached for one in said)


def test_short_runs_and_busy_machines_are_told() -> None:
    busy = msgspec.structs.replace(QUIET, load=2.0)
    results = {FAST.run: a_report("x", figures={"rate": 500.0}, short=True, machine=busy)}
    assert verdicts(FAST, results)[0].words() == "**500/s**, reached, short run, busy machine"


def test_targets_are_about_figures_of_runs_that_there_are() -> None:
    known = {run.name for run in runs()}
    asked = {name for target in TARGETS for name in (target.run, target.embedded) if name}
    assert asked <= known
