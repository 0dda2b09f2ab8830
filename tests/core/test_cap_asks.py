"""Which caps a step stands under, what it asks of them, and what refusals come to."""

from __future__ import annotations

from typing import Any

from clarion.core.cap_asks import (
    NOTIFICATION,
    Capped,
    CapRefusal,
    ask_of,
    caps_of_step,
    holder_of,
    refusal_of,
)
from clarion.core.caps import CapAnswer, CapAsk, CapDefaults, CapRule, CapScope
from clarion.core.workflow import CHANNEL_NUMBER, Channel

EVENT = b"e" * 16
PUSH = CHANNEL_NUMBER[Channel.PUSH]
RULE = CapRule(limit=3, window_seconds=3600)


def caps(channel: Channel = Channel.PUSH, step: int = 1, **rules: Any) -> tuple[Capped, ...]:
    return caps_of_step(channel, step, workflow=4, category=5, tenant=6, **rules)


def asks(found: tuple[Capped, ...], user: int = 9, key: str = "") -> list[CapAsk | None]:
    return [ask_of(one, event=EVENT, workflow=4, user=user, key=key) for one in found]


def a_rule(**changes: Any) -> CapRule:
    return CapRule(**({"limit": 3, "window_seconds": 3600} | changes))


def test_a_step_stands_under_every_rule_that_is_about_it() -> None:
    tenant = CapDefaults(channels={"push": RULE}, total=a_rule(per="tenant"))
    found = caps(own=RULE, throttle=RULE, of_category=RULE, of_tenant=tenant)
    assert [(one.label, one.scope, one.number) for one in found] == [
        ("step", CapScope.STEP, 4),
        ("workflow", CapScope.WORKFLOW, 4),
        ("category", CapScope.CATEGORY, 5),
        ("tenant", CapScope.USER_CHANNEL, 6),
        ("tenant", CapScope.TENANT, 6),
    ]
    assert caps() == ()


def test_the_inbox_has_to_be_named() -> None:
    every = CapDefaults(channels={"*": RULE})
    assert caps(Channel.INBOX, own=RULE, of_category=RULE, of_tenant=every) == ()
    named = a_rule(channels=(Channel.INBOX,))
    assert len(caps(Channel.INBOX, of_category=named)) == 1
    assert caps(Channel.PUSH, of_category=named) == ()


def test_the_rule_of_the_tenant_stands_for_that_of_the_environment() -> None:
    environment = CapDefaults(channels={"push": RULE, "*": RULE}, total=RULE)
    tenant = CapDefaults(channels={"push": a_rule(limit=1)})
    found = caps(of_tenant=tenant, of_environment=environment)
    assert [(one.label, one.number, one.rule.limit) for one in found] == [
        ("tenant", 6, 1),
        ("environment", 6, 3),
    ]
    ((label, number),) = {(one.label, one.number) for one in caps(of_environment=environment)[:1]}
    assert (label, number) == ("environment", 0)


def test_each_channel_under_the_star_is_counted_apart() -> None:
    every = CapDefaults(channels={"*": RULE})
    push, sms = (caps(channel, of_environment=every)[0] for channel in (Channel.PUSH, Channel.SMS))
    assert push.channel != sms.channel
    assert [ask.channel for ask in asks((push,)) if ask] == [PUSH]


def test_whose_uses_are_counted_together_is_in_the_ask() -> None:
    by = {per: asks(caps(of_category=a_rule(per=per)))[0] for per in ("user", "tenant", "all")}
    places = {per: (ask.user, ask.tenant) for per, ask in by.items() if ask is not None}
    assert places == {"user": (9, 0), "tenant": (0, 6), "all": (0, 0)}


def test_nobody_is_counted_only_where_no_person_is() -> None:
    found = caps(own=RULE, of_category=a_rule(per="all"))
    assert [ask is None for ask in asks(found, user=0)] == [True, False]


def test_the_steps_of_a_workflow_are_counted_apart() -> None:
    (one,), (two,) = (asks(caps(step=step, own=RULE), key="k") for step in (1, 2))
    assert one is not None
    assert two is not None
    assert one.counter != two.counter
    assert one.window_us == 3_600_000_000


def test_a_throttle_counts_a_notification_once_and_a_cap_each_step() -> None:
    first, second = (asks(caps(step=step, throttle=RULE, of_category=RULE)) for step in (1, 2))
    (throttled, capped), (again, other) = first, second
    assert throttled == again
    assert capped is not None
    assert other is not None
    assert capped.counter == other.counter
    assert capped.holder != other.holder


def test_holders_are_told_apart_by_all_of_their_parts() -> None:
    parts = [(EVENT, 1, 2, 3), (b"f" * 16, 1, 2, 3), (EVENT, 2, 2, 3), (EVENT, 1, 1, 3)]
    parts += [(EVENT, 1, 2, NOTIFICATION), (EVENT, 12, 3, 0), (EVENT, 1, 23, 0)]
    holders = {holder_of(*part) for part in parts}
    assert len(holders) == len(parts)
    assert all(0 < holder < 2**63 for holder in holders)
    assert holder_of(*parts[0]) == holder_of(*parts[0])


def test_the_most_definite_refusal_counts_and_the_last_instant() -> None:
    found = caps(
        own=a_rule(over="digest"), throttle=a_rule(over="hold"), of_category=a_rule(over="skip")
    )
    yes, no = CapAnswer(True, 1, 0), CapAnswer(False, 3, 50)
    assert refusal_of(found, [yes, yes, yes]) is None
    assert refusal_of(found, [yes, no, yes]) == CapRefusal("hold", "workflow", 50)
    late = CapAnswer(False, 3, 90)
    assert refusal_of(found, [no, late, yes]) == CapRefusal("digest", "step", 90)
    assert refusal_of(found, [late, no, no]) == CapRefusal("skip", "category", 90)
