"""Outcomes with defaults, and strategies for them."""

from __future__ import annotations

from hypothesis import strategies as st

from clarion.core.delivery import About, Outcome, OutcomeClass

OK = Outcome(kind=OutcomeClass.ACCEPTED)
DOWN = Outcome(kind=OutcomeClass.RETRY, code="UNAVAILABLE")
SILENT = Outcome(kind=OutcomeClass.AMBIGUOUS, code="timeout")
THROTTLED = Outcome(kind=OutcomeClass.RETRY_AFTER, code="429", retry_after_seconds=30)
WRONG_KEY = Outcome(kind=OutcomeClass.CREDENTIAL, code="401")
DEAD_TOKEN = Outcome(kind=OutcomeClass.DESTINATION_INVALID)
GREYLISTED = Outcome(kind=OutcomeClass.RETRY, code="450", about=About.DESTINATION)
BLOCKED = Outcome(kind=OutcomeClass.CONFIG, code="blocked", final=True)

outcomes = st.sampled_from(
    [OK, DOWN, SILENT, THROTTLED, WRONG_KEY, DEAD_TOKEN, GREYLISTED, BLOCKED]
)
