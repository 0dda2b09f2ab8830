"""How long one decision takes, a recipient and channel, with every gate asked over eight scopes;
and how many bytes the ledger keeps of each in a blast."""

from __future__ import annotations

import asyncio
import random
import time

import msgspec

from bench.report import Report, Rounds, machine
from clarion.core.caps import CapRule
from clarion.core.decide import decide
from clarion.core.decision import Result
from clarion.core.facts import CapOutcome, EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Consent, Level, Recipient, ScopeKind, Setting
from clarion.core.record import record
from clarion.core.window import Window
from clarion.core.workflow import Category, Channel, SendStep, Workflow

PEOPLE = 2_000
WARM_UP = 2
NOW = 1_790_000_000_000_000
"""A Monday afternoon in UTC."""

WORKFLOW, CATEGORY, TENANT, ACTOR, TOPIC, PARENT = 12, 4, 31, 900_001, 70_001, 70_000
CHANNELS = (Channel.INBOX, Channel.PUSH, Channel.EMAIL, Channel.SMS)
ZONES = ("Europe/Vienna", "Europe/London", "Europe/Lisbon", "Africa/Lagos", None)
WEEK = (0, 1, 2, 3, 4, 5, 6)
NIGHT = (Window(WEEK, 23 * 60, 7 * 60),)
AFTERNOON = (Window(WEEK, 13 * 60, 18 * 60),)
OFFICE = (Window(WEEK, 9 * 60, 20 * 60),)


async def run(short: bool) -> Report:
    """Figures in microseconds of processor time per recipient and channel, of the best round and of
    the median one, and recipients a second of one core; `record_bytes` per recipient."""
    count = 10 if short else 50
    everything = _people(NIGHT)
    quiet = _people(AFTERNOON)
    few = [_blast(n) for n in range(PEOPLE)]
    _check(everything, Result.SEND)
    rounds, best = Rounds(), dict[str, float]()
    for name, people, channels in (
        ("all_gates", everything, len(CHANNELS)),
        ("quiet_hours", quiet, len(CHANNELS)),
        ("blast", few, 2),
    ):
        took = await _timed(people, WARM_UP + count)
        for seconds in took[WARM_UP:]:
            each = seconds / len(people)
            rounds.add({f"{name}_us_median": each / channels * 1e6})
            rounds.add({f"{name}_recipients_per_second": 1 / each})
        best[f"{name}_us"] = min(took) / len(people) / channels * 1e6
    settings = {"people": PEOPLE, "rounds": count, "channels": len(CHANNELS), "scopes": 8}
    figures = rounds.figures() | best | _bytes("blast", few) | _bytes("quiet_hours", quiet)
    return Report(
        bench="decide", settings={**settings, **machine()}, figures=figures, spread=rounds.spread(),
        checks=["with every gate asked, every step is sent"],
    )  # fmt: skip


async def _timed(people: list[Facts], rounds: int) -> list[float]:
    """Seconds of processor time of each round."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        for facts in people:
            decide(facts)
        took.append(time.process_time() - began)
        await asyncio.sleep(0)
    return took


def _bytes(name: str, people: list[Facts]) -> dict[str, float]:
    sizes = [float(len(msgspec.json.encode(record(decide(one), one, 3)))) for one in people]
    return {
        f"{name}_record_bytes": sum(sizes) / len(sizes),
        f"{name}_record_bytes_max": max(sizes),
    }


def _check(people: list[Facts], wanted: Result) -> None:
    """Every gate is asked only where each step is sent."""
    for facts in people:
        if any(answer.result is not wanted for answer in decide(facts).steps):
            raise RuntimeError(f"not every step is {wanted.label}: {decide(facts)}")


def _people(quiet: tuple[Window, ...]) -> list[Facts]:
    chance = random.Random(7)
    flow = _flow(
        *(SendStep(index=i, channel=channel, window=OFFICE) for i, channel in enumerate(CHANNELS)),
        cap=CapRule(limit=3, window_seconds=3600),
    )
    event = EventFacts(tenant=TENANT, actor=ACTOR, about_chain=(TOPIC, PARENT), zone="Europe/Paris")
    return [
        Facts(
            event=event,
            flow=flow,
            recipient=_recipient(n, quiet, chance),
            defaults=_defaults(),
            whens={0: True, 1: True, 2: True, 3: True},
            caps={step: CapOutcome(True) for step in (1, 2, 3)},
            now=NOW,
        )
        for n in range(1, PEOPLE + 1)
    ]


def _flow(*steps: SendStep, cap: CapRule | None = None) -> WorkflowFacts:
    return WorkflowFacts(
        workflow=Workflow(key="offer", on="offer.made", category="marketing", steps=steps),
        category=Category(key="marketing", consent="required", cap=cap),
        workflow_number=WORKFLOW,
        category_number=CATEGORY,
    )


def _recipient(user: int, quiet: tuple[Window, ...], chance: random.Random) -> Recipient:
    """Six scopes of their own, of which only the widest says something about quiet hours."""
    rows = [
        Setting(user, ScopeKind.TOPIC, TOPIC, mute_until=NOW - 1),
        Setting(user, ScopeKind.TOPIC, PARENT, channels={Channel.CHAT: False}),
        Setting(user, ScopeKind.WORKFLOW, WORKFLOW, suppress=("everyone",)),
        Setting(user, ScopeKind.CATEGORY, CATEGORY, channels={Channel.EMAIL: True}),
        Setting(user, ScopeKind.USER_IN_TENANT, TENANT, channels={Channel.PUSH: True}),
        Setting(user, ScopeKind.USER, 0, Level.ALL, quiet=quiet, pause_until=NOW - 1),
    ]
    chance.shuffle(rows)
    return Recipient(
        user=user,
        user_version=3,
        settings_version=17,
        zone=chance.choice(ZONES[:-1]),
        settings=tuple(rows),
        destinations=dict.fromkeys(CHANNELS, (user,)),
        consents=(
            Consent(CATEGORY, None, True),
            Consent(0, Channel.CHAT, False),
            Consent(CATEGORY, Channel.SMS, True),
        ),
        suppressed=frozenset({Channel.CHAT}),
    )


def _defaults() -> tuple[Setting, ...]:
    return (
        Setting(0, ScopeKind.TENANT, TENANT, channels={Channel.SMS: True}),
        Setting(0, ScopeKind.ENVIRONMENT, 0, Level.ALL, quiet=NIGHT),
    )


def _blast(user: int) -> Facts:
    """One of many: mostly without settings, told in the inbox and by push."""
    rows = (Setting(user, ScopeKind.USER, 0, quiet=NIGHT),) if user % 5 == 0 else ()
    return Facts(
        event=EventFacts(tenant=TENANT, about_chain=(TOPIC,), zone="Europe/Vienna"),
        flow=_BLAST,
        recipient=Recipient(
            user=10_000_000 + user,
            user_version=1 + user % 7,
            settings_version=user % 5,
            zone=ZONES[user % len(ZONES)],
            settings=rows,
            destinations={Channel.PUSH: (user,)} if user % 3 else {},
            topic=TOPIC,
            consents=(Consent(CATEGORY, None, True),),
        ),
        defaults=_defaults(),
        now=NOW,
    )


_BLAST = _flow(SendStep(index=0, channel=Channel.INBOX), SendStep(index=1, channel=Channel.PUSH))
