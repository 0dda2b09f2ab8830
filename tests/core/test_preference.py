"""The scope chain: which rows count, in which order, and what they say together."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from clarion.core.facts import Facts
from clarion.core.preference import (
    cadence_in,
    chain_of,
    default_topic,
    label_of,
    level_in,
    mute_in,
    pause_in,
    quiet_in,
    suppressing,
    switch_in,
)
from clarion.core.recipient import FOREVER, Level, Mention, ScopeKind, Setting, Window
from clarion.core.workflow import Channel
from clarion.testing.builders import (
    CATEGORY,
    NOW,
    TENANT,
    USER,
    WORKFLOW,
    a_recipient,
    a_setting,
    an_event,
    some_facts,
)

TOPIC, PARENT = 100, 101

OWN = (
    a_setting(ScopeKind.TOPIC, TOPIC),
    a_setting(ScopeKind.TOPIC, PARENT),
    a_setting(ScopeKind.WORKFLOW, WORKFLOW),
    a_setting(ScopeKind.CATEGORY, CATEGORY),
    a_setting(ScopeKind.USER_IN_TENANT, TENANT),
    a_setting(ScopeKind.USER),
)
DEFAULTS = (
    a_setting(ScopeKind.TOPIC, TOPIC, user=0),
    a_setting(ScopeKind.TOPIC, PARENT, user=0),
    a_setting(ScopeKind.WORKFLOW, WORKFLOW, user=0),
    a_setting(ScopeKind.CATEGORY, CATEGORY, user=0),
    a_setting(ScopeKind.TENANT, TENANT, user=0),
    a_setting(ScopeKind.ENVIRONMENT, user=0),
)
EVENT = an_event(about_chain=(TOPIC, PARENT))


def facts_with(own: tuple[Setting, ...], defaults: tuple[Setting, ...] = ()) -> Facts:
    return some_facts(event=EVENT, recipient=a_recipient(*own), defaults=defaults)


def test_the_chain_goes_from_the_users_nearest_topic_to_the_environment() -> None:
    facts = facts_with(tuple(reversed(OWN)), tuple(reversed(DEFAULTS)))
    assert chain_of(facts) == OWN + DEFAULTS


@pytest.mark.parametrize(
    ("specific", "general"), list(itertools.pairwise(OWN + DEFAULTS)), ids=lambda row: label_of(row)
)
def test_each_scope_wins_over_the_next_one(specific: Setting, general: Setting) -> None:
    wins = replace(specific, level=Level.MENTIONS, channels={Channel.PUSH: True})
    loses = replace(general, level=Level.NONE, channels={Channel.PUSH: False})
    rows = (loses, wins)
    chain = chain_of(
        facts_with(
            tuple(row for row in rows if row.user == USER),
            tuple(row for row in rows if row.user == 0),
        )
    )
    assert level_in(chain, 0) == wins
    assert switch_in(chain, Channel.PUSH) == wins


def test_a_row_that_chooses_nothing_is_passed_over() -> None:
    general = a_setting(level=Level.MENTIONS)
    chain = chain_of(facts_with((a_setting(ScopeKind.TOPIC, TOPIC), general)))
    assert level_in(chain, 0) == general
    assert switch_in(chain, Channel.PUSH) is None


@pytest.mark.parametrize(
    "row",
    [
        a_setting(ScopeKind.TOPIC, 999),
        a_setting(ScopeKind.WORKFLOW, 999),
        a_setting(ScopeKind.CATEGORY, 999),
        a_setting(ScopeKind.USER_IN_TENANT, 999),
        a_setting(ScopeKind.TENANT, TENANT),
        a_setting(ScopeKind.ENVIRONMENT),
        a_setting(ScopeKind.ACTOR, TOPIC),
        a_setting(ScopeKind.USER, user=999),
    ],
)
def test_rows_of_other_scopes_or_people_do_not_count(row: Setting) -> None:
    assert chain_of(facts_with((row,))) == ()


@pytest.mark.parametrize(
    "row",
    [
        a_setting(ScopeKind.TENANT, 999, user=0),
        a_setting(ScopeKind.USER, user=0),
        a_setting(ScopeKind.USER_IN_TENANT, TENANT, user=0),
        a_setting(ScopeKind.ENVIRONMENT, user=USER),
    ],
)
def test_a_default_is_a_row_of_user_0_about_more_than_one_person(row: Setting) -> None:
    assert chain_of(facts_with((), (row,))) == ()


def test_rows_of_a_tenant_do_not_count_for_an_event_without_one() -> None:
    own = a_setting(ScopeKind.USER_IN_TENANT, 0)
    default = a_setting(ScopeKind.TENANT, 0, user=0)
    facts = replace(facts_with((own,), (default,)), event=an_event(tenant=0))
    assert chain_of(facts) == ()


def test_the_topic_that_reached_a_user_counts_where_the_event_is_about_none() -> None:
    row = a_setting(ScopeKind.TOPIC, TOPIC)
    reached = a_recipient(row, topic=TOPIC)
    assert chain_of(some_facts(recipient=reached)) == (row,)
    elsewhere = an_event(about_chain=(PARENT,))
    assert chain_of(some_facts(event=elsewhere, recipient=reached)) == ()


def test_the_most_specific_mute_that_has_not_ended_is_named() -> None:
    ended = a_setting(ScopeKind.TOPIC, TOPIC, mute_until=NOW)
    runs = a_setting(ScopeKind.WORKFLOW, WORKFLOW, mute_until=NOW + 1)
    forever = a_setting(mute_until=FOREVER)
    assert mute_in(chain_of(facts_with((forever, runs, ended))), NOW) == runs


def test_a_mute_of_a_general_scope_holds_for_a_specific_one_set_to_all() -> None:
    loud = a_setting(ScopeKind.TOPIC, TOPIC, level=Level.ALL)
    muted = a_setting(ScopeKind.ENVIRONMENT, user=0, mute_until=FOREVER)
    assert mute_in(chain_of(facts_with((loud,), (muted,))), NOW) == muted


def test_suppress_flags_of_all_scopes_are_joined() -> None:
    near = a_setting(ScopeKind.TOPIC, TOPIC, suppress=("roles",))
    far = a_setting(ScopeKind.TENANT, TENANT, user=0, suppress=("everyone",))
    chain = chain_of(facts_with((near,), (far,)))
    assert suppressing(chain, Mention.ROLE) == near
    assert suppressing(chain, Mention.EVERYONE) == far
    assert suppressing(chain, Mention.USER) is None


def test_a_default_for_a_topic_is_called_one() -> None:
    assert label_of(DEFAULTS[0]) == "topic_default"
    assert label_of(OWN[0]) == "topic"


def test_the_pause_that_ends_last_counts_whoever_set_it() -> None:
    near = a_setting(ScopeKind.USER_IN_TENANT, TENANT, pause_until=NOW + 1)
    own = a_setting(pause_until=NOW + 5)
    default = a_setting(ScopeKind.TENANT, TENANT, user=0, pause_until=NOW + 9)
    ended = a_setting(ScopeKind.ENVIRONMENT, user=0, pause_until=NOW)
    assert pause_in(chain_of(facts_with((near, own))), NOW) == own
    assert pause_in(chain_of(facts_with((near, own), (default, ended))), NOW) == default
    assert pause_in(chain_of(facts_with((), (ended,))), NOW) is None
    alike = a_setting(ScopeKind.TENANT, TENANT, user=0, pause_until=NOW + 5)
    assert pause_in(chain_of(facts_with((own,), (alike,))), NOW) == own


def test_the_most_specific_quiet_hours_count_also_none_at_all() -> None:
    night = (Window((0,), 1320, 420),)
    default = a_setting(ScopeKind.ENVIRONMENT, user=0, quiet=night)
    own, in_tenant = a_setting(level=Level.ALL), a_setting(ScopeKind.USER_IN_TENANT, TENANT)
    assert quiet_in(chain_of(facts_with((own,), (default,)))) == default
    never = replace(in_tenant, quiet=())
    assert quiet_in(chain_of(facts_with((own, never), (default,)))) == never


def test_the_most_specific_cadence_counts() -> None:
    own, flow = a_setting(cadence="daily"), a_setting(ScopeKind.WORKFLOW, WORKFLOW)
    weekly = replace(flow, cadence="weekly")
    assert cadence_in(chain_of(facts_with((own, weekly)))) == weekly
    assert cadence_in(chain_of(facts_with((own, flow)))) == own
    assert cadence_in(chain_of(facts_with((flow,)))) is None


def test_the_nearest_topic_with_a_known_default_level_counts() -> None:
    def found(**levels: str) -> int:
        given = {int(name[1:]): level for name, level in levels.items()}
        return default_topic(some_facts(event=replace(EVENT, default_levels=given)))

    assert found(t100="none", t101="all") == TOPIC
    assert found(t100="odd", t101="all") == PARENT
    assert found(t100="odd") == 0
    assert found() == 0
