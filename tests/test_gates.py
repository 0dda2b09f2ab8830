"""A gate is wired in many places; whichever lacks it is named here, with what belongs there."""

from __future__ import annotations

import re
from pathlib import Path

from clarion.core.clauses import OWN_CLAUSES, WAIT_CAUSES
from clarion.core.decide import INBOX_GATES, SEND_GATES
from clarion.core.decision import Circumstances, DecisionRecord, Gate
from clarion.core.facts import EventFacts, Facts
from clarion.core.gates import NOTIFICATION_GATES, PERSON_GATES
from clarion.core.reasons import Reason
from clarion.core.recipient import Recipient
from clarion.core.trace import PASSED, TOLD
from clarion.core.waits import HOLDING_GATES

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "web" / "dashboard" / "src"
DECISION = ROOT / "docs" / "subsystems" / "decision.md"

NO_TABLE = {
    Gate.MANDATORY,  # decide.py, before those of the person
    *(Gate.DELAY, Gate.UNTIL, Gate.DIGEST),  # steps of their own: ask_wait
    *(Gate.CONTENT, Gate.UNDECIDABLE, Gate.END),  # after decide, or in its place
}
NEVER_HOLDS = {Gate.LARGE}
OF_STEPS_THAT_WAIT = {Gate.DELAY, Gate.UNTIL, Gate.DIGEST}

NOT_KEPT = {
    "event": "pinned with the event, but for what Circumstances has",
    "flow": "pinned with the event",
    "recipient": "field by field, below",
    "defaults": "history: defaults_version",
    "now": "`at`",
}
OF_HISTORIES = {
    *("user", "settings", "roles", "platforms", "locale"),  # or nothing that decide looks at
    *("tenant", "actor", "silent", "expires_at", "about_chain", "default_levels", "thread"),
}
"""Facts that are found again without the record."""


def keys_of(path: Path, table: str) -> set[str]:
    """The keys of a table of words in TypeScript."""
    body = path.read_text().split(f"const {table}", 1)[1].split("\n}", 1)[0]
    return set(re.findall(r"^  (\w+):", body, re.MULTILINE))


def marked(start: str) -> set[str]:
    """What stands in code marks in lines of decision.md that begin so."""
    lines = [line for line in DECISION.read_text().splitlines() if line.startswith(start)]
    return {word for line in lines for word in re.findall(r"`(\w+)`", line)}


def test_every_gate_is_asked_and_has_its_words_everywhere() -> None:
    tables = (*NOTIFICATION_GATES, *PERSON_GATES, *SEND_GATES, *INBOX_GATES)
    asked = {gate for gate, _ in tables} | NO_TABLE
    holding = {gate for gate, _ in HOLDING_GATES} - NEVER_HOLDS
    questions = keys_of(DASHBOARD / "pages" / "notifications" / "gates.ts", "QUESTIONS")
    told = marked("| `")
    places = {
        "core/gates.py or waits.py: no row in a table of gates": asked,
        "core/trace.py: no words for having passed it, in PASSED": PASSED.keys(),
        "core/clauses.py: no words for waiting for it, in WAIT_CAUSES (or NEVER_HOLDS here)": (
            WAIT_CAUSES.keys() | set(Gate) - holding
        ),
        "web/dashboard pages/notifications/gates.ts: no question, in QUESTIONS": questions,
        "docs/subsystems/decision.md: no row in the table of gates": told,
    }
    lacking = [f"{gate.value}: {place}" for gate in Gate for place, has in places.items()
               if gate not in has and gate.value not in has]  # fmt: skip
    assert lacking == []


def test_every_reason_has_its_words_everywhere() -> None:
    told = marked("")
    places = {
        "core/trace.py: no words for the trace, in TOLD": TOLD.keys(),
        "core/clauses.py: no sentence, in OWN_CLAUSES": OWN_CLAUSES.keys(),
        "web/dashboard lib/words.ts: no words, in REASONS": keys_of(
            DASHBOARD / "lib" / "words.ts", "REASONS"
        ),
        "docs/subsystems/decision.md: not named": told,
    }
    lacking = [f"{reason.value}: {place}" for reason in Reason for place, has in places.items()
               if reason not in has and reason.value not in has]  # fmt: skip
    assert lacking == []


def test_every_fact_is_kept_or_found_again() -> None:
    kept = {*DecisionRecord.__struct_fields__, *Circumstances.__struct_fields__}
    facts = {*Facts.__struct_fields__} - NOT_KEPT.keys()
    facts |= {*Recipient.__struct_fields__, *EventFacts.__struct_fields__} - OF_HISTORIES
    lacking = [
        f"{name}: core/decision.py and core/record.py do not keep it (or OF_HISTORIES here)"
        for name in sorted(facts - kept)
    ]
    assert lacking == []
