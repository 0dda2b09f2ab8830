"""Seeds of the simulation, each a world of its own: nothing may be violated in any."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from clarion.testing.simulation import CHECKS, Report, play, weather

SEEDS = 300
CHUNK = 15


def told(report: Report) -> str:
    lines = [f"{v.name}: {v.message}" for v in report.violations]
    again = f"python -m clarion.testing.simulation --seed {report.seed}"
    return "\n".join([f"seed {report.seed}", *lines, f"play it again: {again}"])


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_whatever_happens_nothing_is_violated(first: int) -> None:
    reports = [play(seed) for seed in range(first, first + CHUNK)]
    failed = [report for report in reports if report.violations]
    assert not failed, "\n\n".join(told(report) for report in failed)
    assert sum(report.asks for report in reports) > 0


def test_a_seed_is_the_same_world_whenever_it_is_played() -> None:
    for seed in (2, 11):
        assert play(seed).digest == play(seed).digest


def test_a_seed_does_not_depend_on_how_this_process_hashes_its_strings() -> None:
    def digest(hash_seed: str) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "clarion.testing.simulation", "--seed", "5"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
        )
        return next(line for line in answer.stdout.splitlines() if line.startswith("digest "))

    assert digest("1") == digest("2") == f"digest {play(5).digest}"


def test_seeds_are_different_worlds() -> None:
    assert len({play(seed).digest for seed in range(4)}) == 4


def test_worlds_know_all_weathers() -> None:
    """Each kind of fault is there in some worlds and missing in others."""
    skies = [weather(seed) for seed in range(SEEDS)]
    for field in skies[0].__struct_fields__:
        assert len({getattr(sky, field) for sky in skies}) > 1, field


def test_every_invariant_says_what_it_is() -> None:
    assert len(CHECKS) >= 15
    assert all(check.__doc__ for check in CHECKS.values())
