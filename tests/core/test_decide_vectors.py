"""The worked cases of a tree like Discord's: server, category, channel, thread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from clarion.core.decide import badge_counts, decide
from clarion.core.decision import Result
from clarion.core.facts import Facts
from clarion.core.recipient import FOREVER, Level, Mention, ScopeKind, Setting
from clarion.core.workflow import Channel, Workflow
from clarion.testing.builders import (
    ACTOR,
    MINUTE,
    NOW,
    USER,
    a_recipient,
    a_setting,
    a_workflow,
    an_event,
    some_facts,
)

FILE = Path(__file__).parent.parent / "vectors" / "preference_resolution.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text())["cases"]
TOPICS = {"thread": 4, "channel": 3, "category": 2, "server": 1}
EMAIL, PUSH, INBOX = 0, 1, 2
"""The steps: the e-mail stands for the desktop alert, which no switch of the cases turns off."""

OUR_REASON = {"self": "own_event", "blocked": "actor_muted"}
"""The cases have one word, `author`, for what are two reasons here."""

PAUSES = {"dnd": FOREVER, "focus_mode": NOW + 60 * MINUTE}
"""States of the account, and until when they pause everything; both are one reason here."""

OUR_WORD = dict.fromkeys(PAUSES, "paused")


def the_row(name: str, node: dict[str, Any]) -> Setting:
    level = node.get("level", "inherit")
    flags = ("everyone", "roles")
    return a_setting(
        ScopeKind.TOPIC,
        TOPICS[name],
        level=None if level == "inherit" else Level(level),
        mute_until=FOREVER if node.get("muted") else None,
        suppress=tuple(flag for flag in flags if node.get(f"suppress_{flag}")),
        channels={} if node.get("mobile_push", True) else {Channel.PUSH: False},
    )


def the_workflow(**of_push: Any) -> Workflow:
    flow = a_workflow(Channel.EMAIL, Channel.PUSH, Channel.INBOX)
    steps = list(flow.steps)
    steps[PUSH] = replace(steps[PUSH], **of_push)
    return replace(flow, steps=tuple(steps))


def the_facts(given: dict[str, Any]) -> Facts:
    message, thread = given.get("message", {}), given.get("thread")
    desktop = given.get("desktop_active", False)
    members = given.get("server", {}).get("member_count")
    rows = [the_row(name, given[name]) for name in TOPICS if name in given]
    if message.get("author") == "blocked":
        rows.append(a_setting(ScopeKind.ACTOR, ACTOR, mute_until=FOREVER))
    rows += [a_setting(pause_until=PAUSES[state]) for state in given.get("account", {})]
    chain = tuple(number for name, number in TOPICS.items() if name != "thread" or thread)
    return some_facts(
        event=an_event(
            actor=USER if message.get("author") == "self" else ACTOR,
            silent=message.get("silent", False),
            about_chain=chain,
            thread=bool(thread),
            **({"large": True} if members and members > 2_500 else {}),
        ),
        recipient=a_recipient(
            *rows,
            active_until=NOW + MINUTE if desktop else 0,
            mention=Mention(message.get("mention", "")),
            in_thread=thread["joined"] if thread else True,
        ),
        workflow=the_workflow(presence_seconds=300) if desktop else the_workflow(),
    )


def the_cases() -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES]


@pytest.mark.parametrize("case", the_cases())
def test_a_worked_case_gets_its_answer(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    facts = the_facts(given)
    answers = {answer.step: answer for answer in decide(facts).steps}
    sent = {step for step, answer in answers.items() if answer.result is Result.SEND}
    author = given.get("message", {}).get("author", "")
    reason = OUR_REASON.get(author) or OUR_WORD.get(expect["reason"], expect["reason"])
    first = answers.get(EMAIL, answers.get(-1))
    assert first is not None
    assert first.reason == reason
    assert any(answers[step].alert for step in sent) is expect["alert"]
    assert badge_counts(facts) is expect["mention_badge"]
    assert (PUSH in sent) is expect["mobile_push"]
    assert (INBOX in sent) is (expect["alert"] or expect["mention_badge"])
