"""Hypothesis strategies for facts: small numbers, so that rows meet the event they are about."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import (
    FOREVER,
    Level,
    Mention,
    Recipient,
    ScopeKind,
    Setting,
    Standing,
)
from clarion.core.workflow import Category, Channel, Rollout, SendStep, Workflow
from clarion.testing.builders import NOW

numbers = st.integers(0, 4)
instants = st.sampled_from([NOW - 1, NOW, NOW + 1, FOREVER])
channels = st.sampled_from(Channel)


def settings(user: int) -> st.SearchStrategy[Setting]:
    return st.builds(
        Setting,
        user=st.just(user),
        kind=st.sampled_from(ScopeKind),
        scope=numbers,
        level=st.none() | st.sampled_from(Level),
        mute_until=st.none() | instants,
        suppress=st.lists(st.sampled_from(["everyone", "roles"]), unique=True).map(tuple),
        channels=st.dictionaries(channels, st.booleans(), max_size=3),
    )


def rows(user: int) -> st.SearchStrategy[tuple[Setting, ...]]:
    """Rows of one user, at most one per scope, as the store holds them."""
    unique = st.lists(settings(user), max_size=8, unique_by=lambda row: (row.kind, row.scope))
    return unique.map(tuple)


def recipients(standing: Standing | None = None) -> st.SearchStrategy[Recipient]:
    return st.builds(
        Recipient,
        user=st.just(1),
        standing=st.sampled_from(Standing) if standing is None else st.just(standing),
        user_version=numbers,
        settings_version=numbers,
        settings=rows(1),
        destinations=st.dictionaries(channels, st.lists(numbers, max_size=2).map(tuple)),
        topic=numbers,
        mention=st.sampled_from(Mention),
        in_thread=st.booleans(),
    )


events = st.builds(
    EventFacts,
    tenant=numbers,
    actor=numbers,
    silent=st.booleans(),
    expires_at=st.none() | instants,
    cancelled=st.booleans(),
    about_chain=st.lists(st.integers(1, 4), max_size=3, unique=True).map(tuple),
    default_levels=st.dictionaries(numbers, st.sampled_from(["all", "mentions", "none", "odd"])),
    thread=st.booleans(),
)

steps = st.lists(channels, max_size=4).map(
    lambda found: tuple(SendStep(index=i, channel=channel) for i, channel in enumerate(found))
)

workflows = st.builds(
    Workflow,
    key=st.just("comment"),
    on=st.just("comment.created"),
    rollout=st.sampled_from(Rollout),
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
        ),
        workflow_number=numbers,
        category_number=numbers,
        paused=st.booleans(),
    )


def all_facts(
    mandatory: bool | None = None, standing: Standing | None = None
) -> st.SearchStrategy[Facts]:
    """Any facts, also odd ones: rows of other scopes, unknown levels, threads without a topic."""
    return st.builds(
        Facts,
        event=events,
        flow=flows(mandatory),
        recipient=recipients(standing),
        defaults=rows(0),
        duplicate=st.booleans(),
        whens=st.dictionaries(st.integers(0, 3), st.booleans()),
        now=st.just(NOW),
    )


def passing_facts(mandatory: bool | None = None) -> st.SearchStrategy[Facts]:
    """Facts that reach the settings: no gate before them stops."""
    return all_facts(mandatory, Standing.KNOWN).map(_let_through)


def _let_through(facts: Facts) -> Facts:
    event, flow = facts.event, facts.flow
    return replace(
        facts,
        event=replace(event, expires_at=None, cancelled=False),
        flow=replace(flow, paused=False, workflow=replace(flow.workflow, rollout=Rollout.ON)),
        duplicate=False,
    )
