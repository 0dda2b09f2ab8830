"""A pause and the inbox: nothing is kept back, and nothing rings."""

from __future__ import annotations

from clarion.core.facts import Facts
from clarion.core.preference import Chain, label_of, pause_in
from clarion.core.reasons import Reason
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import SendStep


def hush(_step: SendStep, facts: Facts, chain: Chain) -> Ruling | None:
    """While somebody has paused everything, the inbox is written without an alert.

    Neither a mandatory category heeds it nor one that ignores quiet hours.
    """
    category = facts.flow.category
    if not chain or category.mandatory or category.quiet_hours == "ignore":
        return None
    row = pause_in(chain, facts.now)
    return None if row is None else Ruling(GateVerdict.SILENT, Reason.PAUSED, label_of(row))
