"""Counters of one user while the past is replayed: taken as recorded until the change reaches
them, counted here from then on."""

from __future__ import annotations

from collections import Counter

from clarion.core import caps
from clarion.core.caps import CapAsk, CapLog
from clarion.core.facts import CapOutcome
from clarion.core.replay_case import Case, Past

CAPS = "caps that users share, or whose key is not kept"


class CapReplay:
    """What caps say. `missing` and `simulated` count what was not known, and what was counted.
    `recount`: nothing is taken as recorded. `unsure` are the steps, since it was cleared, whose
    caps nobody can ask any more."""

    def __init__(self, missing: Counter[str], simulated: Counter[str], *, recount: bool) -> None:
        self._recount = recount
        self._missing = missing
        self._simulated = simulated
        self._logs: dict[caps.Counter, CapLog] = {}
        self._touched: set[caps.Counter] = set()
        self.unsure: set[int] = set()

    def ask(self, case: Case, past: Past | None, step: int, at: int) -> CapOutcome | None:
        """What the caps of a step say: as recorded while nothing was counted otherwise."""
        old = case.pairs.steps.get(step, -1)
        told = past.facts.caps.get(old) if past is not None else None
        rules = case.after.rules.get(step)
        if rules is None:
            return None
        asks = case.after.asks(step)
        if asks is None or any(not ask.user for ask in asks):
            self._missing[CAPS] += 1
            if told is not None and rules == case.before.rules.get(old):
                return told
            self.unsure.add(step)
            return None
        same = rules == case.before.rules.get(old)
        if told is not None and same and not self._is_touched(asks):
            if told.granted:
                self._use(asks, at)
            return told
        self._simulated["caps"] += 1
        (answers,) = caps.admit_all(self._logs, [asks], at)
        outcome = case.after.outcome(step, answers)
        if told is None or told.granted != outcome.granted:
            self._touched.update(ask.counter for ask in asks)
        return outcome

    def _is_touched(self, asks: list[CapAsk]) -> bool:
        return self._recount or any(ask.counter in self._touched for ask in asks)

    def _use(self, asks: list[CapAsk], at: int) -> None:
        """Count what was granted then."""
        for ask in asks:
            log = self._logs.get(ask.counter, caps.EMPTY)
            self._logs[ask.counter], _ = caps.admit(log, at, ask.limit, ask.window_us, ask.holder)

    def give_up(self, case: Case, past: Past | None, asked: dict[int, CapOutcome]) -> None:
        """Counters that were used then and are not now are counted here from now on."""
        if past is None or not past.facts.caps:
            return
        kept = {case.pairs.steps.get(step, -1) for step, told in asked.items() if told.granted}
        for step, told in past.facts.caps.items():
            if told.granted and step not in kept:
                self._touched.update(ask.counter for ask in case.before.asks(step) or ())
