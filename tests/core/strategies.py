"""Hypothesis strategies for facts: small numbers, so that rows meet the event they are about."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.caps import OVER_WORDS
from clarion.core.decision import Gate
from clarion.core.digest import CADENCES, DigestTiming
from clarion.core.facts import LEADS, WHOLE, CapOutcome, EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import (
    FOREVER,
    Consent,
    Level,
    Mention,
    Recipient,
    ScopeKind,
    Setting,
    Standing,
)
from clarion.core.window import Window
from clarion.core.workflow import (
    Category,
    Channel,
    DelayStep,
    DigestStep,
    Rollout,
    SendStep,
    Step,
    UntilStep,
    WhenQuiet,
    Workflow,
)
from clarion.testing.builders import MINUTE, NOW
from tests.core.wall_time import (
    DAY,
    HOUR,
    ODD_ZONES,
    all_zones,
    near_changes,
    window_lists,
)
from tests.core.wall_time import instants as any_instant

numbers = st.integers(0, 4)
instants = st.sampled_from([NOW - 1, NOW, NOW + 1, NOW + 20 * MINUTE, NOW + 9 * HOUR, FOREVER])
later = st.sampled_from([NOW + 1, NOW + MINUTE, NOW + 5 * HOUR, NOW + 2 * DAY])
past = st.sampled_from([NOW - 1, NOW])
channels = st.sampled_from(Channel)
rarely = st.integers(0, 9).map(lambda drawn: drawn == 9)
"""True now and then, so that most facts come to the gates behind."""

mute_ends = st.one_of(st.none(), st.none(), st.none(), past, instants)
levels = st.sampled_from([None, None, None, Level.ALL, Level.ALL, Level.MENTIONS, Level.NONE])
standings = st.sampled_from([*[Standing.KNOWN] * 9, *Standing])
zone_names = st.none() | st.sampled_from([*ODD_ZONES, "", "Mars/Base"])
quiet_hours = st.none() | st.just(()) | window_lists
author_hours: st.SearchStrategy[tuple[Window, ...]] = st.just(()) | window_lists


def settings(user: int) -> st.SearchStrategy[Setting]:
    found = st.builds(
        Setting,
        user=st.just(user),
        kind=st.sampled_from(ScopeKind),
        scope=numbers,
        level=levels,
        mute_until=mute_ends,
        suppress=st.lists(st.sampled_from(["everyone", "roles"]), unique=True).map(tuple),
        channels=st.dictionaries(channels, st.booleans(), max_size=3),
        quiet=quiet_hours,
        pause_until=mute_ends,
        cadence=st.none() | st.sampled_from([*CADENCES, "sometimes"]),
    )
    return found.map(lambda row: replace(row, scope=0) if row.kind in _UNSCOPED else row)


_UNSCOPED = (ScopeKind.USER, ScopeKind.ENVIRONMENT)
"""Of these there is one."""


def rows(user: int) -> st.SearchStrategy[tuple[Setting, ...]]:
    """Rows of one user, at most one per scope, as the store holds them."""
    unique = st.lists(settings(user), max_size=8, unique_by=lambda row: (row.kind, row.scope))
    return unique.map(tuple)


consents = st.lists(
    st.builds(Consent, purpose=numbers, channel=st.none() | channels, granted=st.booleans()),
    max_size=3,
    unique_by=lambda row: (row.purpose, row.channel),
).map(tuple)


def recipients(standing: Standing | None = None) -> st.SearchStrategy[Recipient]:
    return st.builds(
        Recipient,
        user=st.just(1),
        standing=standings if standing is None else st.just(standing),
        user_version=numbers,
        settings_version=numbers,
        zone=zone_names,
        settings=rows(1),
        destinations=st.just(_EVERYWHERE)
        | st.just(_EVERYWHERE)
        | st.dictionaries(channels, st.lists(numbers, max_size=2).map(tuple)),
        topic=numbers,
        mention=st.sampled_from(Mention),
        in_thread=rarely.map(lambda out: not out),
        consents=st.just(()) | st.just((Consent(0, None, True),)) | consents,
        suppressed=st.just(_NONE) | st.frozensets(channels, max_size=2),
        active_until=st.just(0) | instants,
    )


_NONE: frozenset[Channel] = frozenset()
_ONE: tuple[int, ...] = (1,)
_EVERYWHERE = dict.fromkeys(Channel, _ONE)

events = st.builds(
    EventFacts,
    tenant=numbers,
    actor=st.sampled_from([0, 2, 3, 4, 2, 3, 4, 1]),
    silent=rarely,
    expires_at=st.one_of(st.none(), later, later, instants),
    cancelled=rarely,
    about_chain=st.lists(st.integers(1, 4), max_size=3, unique=True).map(tuple),
    default_levels=st.dictionaries(
        numbers, st.sampled_from(["all", "mentions", "none", "odd"]), max_size=1
    ),
    thread=st.booleans(),
    large=st.booleans(),
    zone=zone_names,
)

timings = st.one_of(
    st.builds(
        DigestTiming,
        window_seconds=st.sampled_from([60, 7200]),
        most_seconds=st.none() | st.just(9000),
        lead=st.booleans(),
    ),
    st.builds(DigestTiming, cron=st.sampled_from(["0 9 * * *", "45 */3 * * 1-5", "0 0 29 2 *"])),
    st.builds(
        DigestTiming,
        cadence=st.sampled_from(CADENCES),
        by_user=st.booleans(),
        minute=st.sampled_from([0, 150, 480, 1439]),
        weekday=st.integers(0, 6),
    ),
)

sends: st.SearchStrategy[SendStep] = st.builds(
    SendStep,
    index=st.just(0),
    channel=channels,
    window=author_hours,
    quiet=st.sampled_from(WhenQuiet),
    presence_seconds=st.sampled_from([0, 0, 300]),
)

waits: st.SearchStrategy[Step] = st.one_of(
    st.builds(DelayStep, index=st.just(0), seconds=st.sampled_from([1, 3600, 200_000])),
    st.builds(UntilStep, index=st.just(0), instant=st.just("data.starts_at")),
    st.builds(UntilStep, index=st.just(0), window=window_lists),
    st.builds(DigestStep, index=st.just(0), timing=timings),
)


def _numbered(*parts: list[Step]) -> tuple[Step, ...]:
    found = [step for part in parts for step in part]
    return tuple(replace(step, index=i) for i, step in enumerate(found))


few_waits = st.one_of(*[st.just([])] * 3, st.lists(waits, min_size=1, max_size=1))
steps: st.SearchStrategy[tuple[Step, ...]] = st.builds(
    _numbered,
    few_waits,
    st.lists(sends, min_size=1, max_size=3),
    few_waits,
    st.lists(sends, max_size=2),
)
"""Mostly sends, as what stands behind a step that waits is seldom decided at once."""

workflows = st.builds(
    Workflow,
    key=st.just("comment"),
    on=st.just("comment.created"),
    rollout=st.sampled_from([*[Rollout.ON] * 8, *Rollout]),
    steps=steps,
)


def flows(mandatory: bool | None = None) -> st.SearchStrategy[WorkflowFacts]:
    return st.builds(
        WorkflowFacts,
        workflow=workflows,
        category=st.builds(
            Category,
            key=st.just("social"),
            mandatory=st.booleans() if mandatory is None else st.just(mandatory),
            quiet_hours=st.sampled_from(["respect", "respect", "ignore"]),
            consent=st.sampled_from(["none", "none", "required"]),
        ),
        workflow_number=numbers,
        category_number=numbers,
        paused=rarely,
    )


cap_outcomes = st.just(CapOutcome(True)) | st.builds(
    CapOutcome,
    granted=st.just(False),
    over=st.sampled_from(OVER_WORDS),
    scope=st.sampled_from(["category", "step"]),
    frees_at=later,
)

places: st.SearchStrategy[tuple[str, int] | None] = st.one_of(
    st.none(),
    near_changes().map(lambda place: (place[0].key, place[1])),
    st.tuples(all_zones.map(lambda zone: zone.key), any_instant),
)
"""A zone, and an instant near a change of its clock, or any."""


def all_facts(
    mandatory: bool | None = None, standing: Standing | None = None
) -> st.SearchStrategy[Facts]:
    """Any facts, also odd ones: rows of other scopes, unknown levels, threads without a topic,
    zones that nobody knows."""
    found = st.builds(
        Facts,
        event=events,
        flow=flows(mandatory),
        recipient=recipients(standing),
        defaults=rows(0),
        duplicate=rarely,
        whens=st.dictionaries(st.integers(0, 4), rarely.map(lambda no: not no), max_size=2),
        now=st.just(NOW),
        span=st.just(WHOLE) | st.just(WHOLE) | st.tuples(st.integers(0, 4), st.integers(1, 5)),
        waited=st.lists(st.sampled_from([*Gate]).map(str), max_size=2, unique=True).map(tuple),
        seen=st.booleans(),
        caps=st.dictionaries(st.integers(0, 4), cap_outcomes, max_size=3),
        leads=st.dictionaries(st.integers(0, 4), st.just(LEADS) | later, max_size=1),
        untils=st.dictionaries(st.integers(0, 4), instants, max_size=3),
    )
    return st.builds(_placed, found, places)


def passing_facts(mandatory: bool | None = None) -> st.SearchStrategy[Facts]:
    """Facts that reach the settings: no gate before them stops, and all steps are decided."""
    return all_facts(mandatory, Standing.KNOWN).map(_let_through)


def moved(facts: Facts, now: int) -> Facts:
    """The same facts at another time: every instant keeps its distance from `now`."""

    def at(instant: int) -> int:
        return instant if instant in (0, FOREVER) else instant - facts.now + now

    def maybe(instant: int | None) -> int | None:
        return None if instant is None else at(instant)

    def row_at(row: Setting) -> Setting:
        ends: dict[str, Any] = {
            "mute_until": maybe(row.mute_until),
            "pause_until": maybe(row.pause_until),
        }
        return replace(row, **ends)

    recipient = facts.recipient
    return replace(
        facts,
        event=replace(facts.event, expires_at=maybe(facts.event.expires_at)),
        recipient=replace(
            recipient,
            settings=tuple(map(row_at, recipient.settings)),
            active_until=at(recipient.active_until),
        ),
        defaults=tuple(map(row_at, facts.defaults)),
        now=now,
        caps={step: replace(cap, frees_at=at(cap.frees_at)) for step, cap in facts.caps.items()},
        leads={step: at(until) for step, until in facts.leads.items()},
        untils={step: at(until) for step, until in facts.untils.items()},
    )


def _placed(facts: Facts, place: tuple[str, int] | None) -> Facts:
    if place is None:
        return facts
    zone, now = place
    return moved(replace(facts, recipient=replace(facts.recipient, zone=zone)), now)


def _let_through(facts: Facts) -> Facts:
    event, flow = facts.event, facts.flow
    soon = event.expires_at is not None and event.expires_at <= facts.now
    return replace(
        facts,
        event=replace(event, expires_at=None if soon else event.expires_at, cancelled=False),
        flow=replace(flow, paused=False, workflow=replace(flow.workflow, rollout=Rollout.ON)),
        duplicate=False,
        span=WHOLE,
    )
