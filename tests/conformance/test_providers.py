"""Every provider passes the one suite; each is bound to it in its own test."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from clarion.channels.registry import ROWS
from clarion.testing.conformance.provider import ProviderConformance

TESTS = Path(__file__).parents[1]


def test_every_provider_is_bound_to_the_suite() -> None:
    for path in (TESTS / "channels").rglob("test_*.py"):
        import_module(".".join(("tests", *path.relative_to(TESTS).with_suffix("").parts)))
    bound = {suite.harness_class.kind for suite in ProviderConformance.__subclasses__()}
    assert bound == set(ROWS)
