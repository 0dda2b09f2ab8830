"""Whole servers on a seeded scheduler with virtual time: crashes at any await, vendors and stores
that fail, a bus that loses, and what must hold nevertheless.

`play(seed)` plays one world. `python -m clarion.testing.simulation --seed N` shows it.
"""

from clarion.testing.simulation.invariants import CHECKS, Violation
from clarion.testing.simulation.run import Report, play, weather

__all__ = ["CHECKS", "Report", "Violation", "play", "weather"]
