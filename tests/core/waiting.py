"""Hypothesis strategies for facts of time: what waits, what was waited for, caps and consents."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decision import Gate
from clarion.core.digest import DigestTiming
from clarion.core.facts import CapOutcome, Facts
from clarion.core.recipient import FOREVER, Consent, Setting
from clarion.core.window import Window
from clarion.core.workflow import (
    Channel,
    DelayStep,
    DigestStep,
    SendStep,
    Step,
    UntilStep,
    WhenQuiet,
)
from clarion.testing.builders import NOW
from tests.core.strategies import all_facts, channels

HOUR = 3_600_000_000
indexes = st.integers(0, 4)
zones = st.none() | st.sampled_from(
    ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Odd/Odd"]
)
soon = st.sampled_from([0, NOW - 1, NOW, NOW + 1, NOW + HOUR, NOW + 30 * HOUR])

windows = st.lists(
    st.builds(
        Window,
        st.sampled_from([(0, 1, 2, 3, 4, 5, 6), (6,), (0, 2)]),
        st.sampled_from([0, 8 * 60, 22 * 60]),
        st.sampled_from([7 * 60, 9 * 60, 1440]),
    ),
    max_size=2,
).map(tuple)

timings = st.sampled_from(
    [
        DigestTiming(window_seconds=600),
        DigestTiming(window_seconds=600, most_seconds=3_600, lead=True),
        DigestTiming(cron="0 9 * * mon"),
        DigestTiming(cadence="daily", by_user=True),
    ]
)

kinds = st.one_of(
    st.builds(
        SendStep,
        index=st.just(0),
        channel=channels,
        window=windows,
        quiet=st.sampled_from(WhenQuiet),
        presence_seconds=st.sampled_from([0, 300]),
    ),
    st.builds(DelayStep, index=st.just(0), seconds=st.sampled_from([1, 3_600])),
    st.builds(UntilStep, index=st.just(0), instant=st.just("data.at")),
    st.builds(DigestStep, index=st.just(0), timing=timings),
)


def _numbered(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(replace(step, index=index) for index, step in enumerate(steps))


steps = st.lists(kinds, min_size=1, max_size=5).map(_numbered)

outcomes = st.one_of(
    st.just(CapOutcome(granted=True)),
    st.builds(
        CapOutcome,
        granted=st.just(False),
        over=st.sampled_from(["skip", "hold", "digest"]),
        scope=st.sampled_from(["step", "workflow", "category", "tenant", "environment"]),
        frees_at=st.sampled_from([NOW + 1, NOW + HOUR]),
        used=st.just(5),
        limit=st.sampled_from([0, 1, 5]),
        window_seconds=st.just(3_600),
        per=st.sampled_from(["user", "tenant", "all"]),
    ),
)

consents = st.lists(
    st.builds(Consent, st.integers(0, 4), st.none() | channels, st.booleans()), max_size=3
).map(tuple)


@st.composite
def waiting_facts(draw: st.DrawFn) -> Facts:
    """Facts of a first or a later decision, with everything that only some decisions see."""
    facts = draw(all_facts())
    recipient = facts.recipient
    first = draw(st.sampled_from([0, 0, 1, 2]))
    later = draw(st.booleans())
    flow = replace(
        facts.flow,
        workflow=replace(facts.flow.workflow, steps=draw(steps)),
        category=replace(
            facts.flow.category,
            quiet_hours=draw(st.sampled_from(["respect", "ignore"])),
            consent=draw(st.sampled_from(["none", "required"])),
        ),
    )
    changed = replace(
        recipient,
        zone=draw(zones),
        settings=tuple(draw(_timed(row)) for row in recipient.settings),
        consents=draw(consents),
        suppressed=frozenset(draw(st.lists(channels, max_size=2))),
        active_until=draw(soon),
    )
    return replace(
        facts,
        flow=flow,
        recipient=changed,
        event=replace(facts.event, zone=draw(zones), large=draw(st.booleans())),
        span=(first, draw(st.sampled_from([first + 1, 2**31]))) if later else facts.span,
        waited=draw(st.sampled_from([(), (Gate.PRESENCE.value,), (Gate.QUIET.value, "cap")])),
        seen=draw(st.booleans()),
        caps=draw(st.dictionaries(indexes, outcomes, max_size=2)),
        leads=draw(st.dictionaries(indexes, soon, max_size=2)),
        untils=draw(st.dictionaries(indexes, soon, max_size=2)),
    )


def _timed(row: Setting) -> st.SearchStrategy[Setting]:
    return st.builds(
        lambda quiet, pause, cadence: replace(row, quiet=quiet, pause_until=pause, cadence=cadence),
        st.none() | windows,
        st.none() | st.sampled_from([NOW, NOW + HOUR, FOREVER]),
        st.none() | st.sampled_from(["instant", "hourly", "daily", "weekly"]),
    )


def channels_of(facts: Facts) -> dict[int, Channel]:
    """Channels by step."""
    return {step.index: step.channel for step in facts.flow.workflow.sends}
