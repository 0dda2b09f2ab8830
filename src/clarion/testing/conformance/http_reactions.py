"""How a fake vendor with an HTTP API plays each behaviour of the suite."""

from __future__ import annotations

from clarion.testing.conformance.provider import HINT_SECONDS, Behavior
from clarion.testing.fakes.reaction import Reaction

HTTP_REACTIONS: dict[Behavior, Reaction | None] = {
    Behavior.ACCEPT: None,
    Behavior.HANG: Reaction(hang=True),
    Behavior.CUT: Reaction(cut=True),
    Behavior.THROTTLE: Reaction(status=429, headers={"Retry-After": str(HINT_SECONDS)}),
    Behavior.UNKNOWN_REFUSAL: Reaction(status=418),
    Behavior.UNKNOWN_FAILURE: Reaction(status=599),
    Behavior.GARBAGE_SUCCESS: Reaction(body=b"\xff<html>"),
    Behavior.ENDLESS_ANSWER: Reaction(endless=True),
    Behavior.ECHO_SECRETS: Reaction(status=500),
}
"""What to tell the fake; None lets it accept. `REFUSE_CONNECTION` is not here: stop the fake."""
