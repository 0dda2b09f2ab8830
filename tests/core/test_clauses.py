"""There are words for every reason, gate and scope."""

from __future__ import annotations

import string

from clarion.core.caps import PER_WORDS
from clarion.core.clauses import (
    CAP_CLAUSES,
    CAP_HOLDERS,
    DEFAULT_CLAUSES,
    EVERYWHERE_CLAUSES,
    OWN_CLAUSES,
    SCOPES,
    WAIT_CAUSES,
)
from clarion.core.decision import Gate
from clarion.core.preference import DEFAULT_LABELS, OWN_LABELS
from clarion.core.reasons import Reason
from clarion.core.recipient import ScopeKind
from clarion.core.trace import PASSED, TOLD
from clarion.core.waits import HOLDING_GATES


def test_every_reason_and_gate_has_its_words() -> None:
    assert set(OWN_CLAUSES) == set(TOLD) == set(Reason)
    assert set(DEFAULT_CLAUSES) < set(Reason)
    assert set(PASSED) == set(Gate)
    labels = {*OWN_LABELS.values(), *DEFAULT_LABELS.values(), ScopeKind.ACTOR.label, ""}
    caps = {"step", "workflow", "category", "tenant", "environment"}
    assert set(SCOPES) == labels | caps
    assert set(CAP_CLAUSES) == caps | {""}
    assert set(CAP_HOLDERS) == set(PER_WORDS)
    assert set(WAIT_CAUSES) == {gate for gate, _ in HOLDING_GATES} - {Gate.LARGE}


def test_clauses_name_only_what_a_caller_can_name() -> None:
    allowed = {
        *("user", "event", "workflow", "category", "scope", "channel", "place", "mentioned"),
        *(
            "held_none",
            "kind",
            "unmentioned",
            "as_seen",
            "legal",
            "cap",
            "bound",
            "wait_end",
            "wait_cause",
            "only",
        ),
    }
    clauses = (
        *(OWN_CLAUSES, DEFAULT_CLAUSES, EVERYWHERE_CLAUSES),
        *(CAP_CLAUSES, CAP_HOLDERS, WAIT_CAUSES),
    )
    for clause in (text for told in clauses for text in told.values()):
        fields = {field for _, field, _, _ in string.Formatter().parse(clause) if field}
        assert fields <= allowed
