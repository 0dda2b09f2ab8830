"""The trace, line by line: what each gate said, for which step, by which scope, until when."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from clarion.core.decide import explain
from clarion.core.decision import Gate, TraceLine
from clarion.core.digest import DigestTiming
from clarion.core.facts import LEADS, Facts
from clarion.core.recipient import FOREVER, Level, Mention, ScopeKind
from clarion.core.workflow import (
    Channel,
    DelayStep,
    DigestStep,
    Rollout,
    SendStep,
    Step,
    UntilStep,
    WhenQuiet,
)
from clarion.testing.builders import a_category, a_setting, a_workflow, an_event
from tests.core.evening import INBOX, LATE, MORNING, NIGHT, PUSH, SLEEPS, facts_at
from tests.core.wall_time import HOUR

OF_ALL = ("expired", "cancelled", "paused", "rollout", "exists", "duplicate", "mandatory")
OF_PERSON = ("actor", "muted_actor", "mute", "level", "silent")
OF_STEP = ("when", "suppressed", "opted_out", "consent", "channel", "destination")
HOLDING = ("large", "window", "legal_hours", "presence", "pause", "quiet", "cap")
Line = tuple[str, str, str, int, int | None]


def lines(facts: Facts, *steps: Step, rollout: Rollout = Rollout.ON) -> list[Line]:
    numbered = tuple(replace(step, index=i) for i, step in enumerate(steps))
    workflow = a_workflow(steps=numbered, rollout=rollout)
    flow = replace(facts.flow, workflow=workflow)
    found = explain(replace(facts, flow=flow))
    return [(line.gate, line.verdict, line.scope, line.step, line.until) for line in found]


def passed(*gates: str, step: int = -1) -> list[Line]:
    return [(gate, "pass", "", step, None) for gate in gates]


def test_every_gate_that_a_push_passes_is_told() -> None:
    told = lines(facts_at(MORNING), PUSH)
    assert told == [
        *passed(*OF_ALL, *OF_PERSON),
        *passed(*OF_STEP, *HOLDING, "end", step=0),
    ]


def test_the_scope_of_a_level_that_lets_through_is_told() -> None:
    told = lines(facts_at(MORNING, a_setting(level=Level.ALL)), INBOX)
    assert ("level", "pass", "user", -1, None) in told
    assert told[-2:] == [("pause", "pass", "", 0, None), ("end", "pass", "user", 0, None)]


def test_a_mention_that_lets_through_is_told_with_its_scope() -> None:
    facts = facts_at(MORNING, a_setting(level=Level.MENTIONS), who={"mention": Mention.USER})
    (level,) = [line for line in explain(facts) if line.gate == "level"]
    assert (level.verdict, level.scope) == ("pass", "user")
    assert level.detail == "the level is mentions, and the user is mentioned"


def test_the_gates_of_a_person_are_off_where_settings_do_not_apply() -> None:
    told = lines(facts_at(MORNING, category=a_category(mandatory=True)), PUSH)
    assert told[: len(OF_ALL) + len(OF_PERSON)] == [
        *passed(*OF_ALL),
        *[(gate, "off", "", -1, None) for gate in OF_PERSON],
    ]
    (mandatory,) = [
        line.detail
        for line in explain(facts_at(MORNING, category=a_category(mandatory=True)))
        if line.gate == "mandatory"
    ]
    assert mandatory == "the category is mandatory, so settings do not apply"


def test_what_stops_the_notification_ends_the_trace() -> None:
    told = lines(facts_at(MORNING, duplicate=True), PUSH)
    assert told == [*passed(*OF_ALL[:5]), ("duplicate", "skip", "", -1, None)]
    muted = lines(facts_at(MORNING, a_setting(mute_until=FOREVER)), PUSH)
    assert muted[-2:] == [("muted_actor", "pass", "", -1, None), ("mute", "skip", "user", -1, None)]


def test_where_only_the_badge_counts_each_step_says_so() -> None:
    muted = a_setting(mute_until=FOREVER)
    told = lines(facts_at(MORNING, muted, who={"mention": Mention.USER}), INBOX, PUSH)
    assert told[len(OF_ALL) + 2 :] == [
        ("mute", "badge", "user", -1, None),
        *passed(*OF_STEP, "pause", step=0),
        ("end", "badge", "user", 0, None),
        ("mute", "skip", "user", 1, None),
    ]


def test_a_wait_for_which_nobody_is_left_ends_the_trace_with_what_stopped_the_alert() -> None:
    muted = a_setting(mute_until=FOREVER)
    facts = facts_at(MORNING, muted, who={"mention": Mention.USER})
    told = lines(facts, DelayStep(index=0, seconds=3600), PUSH)
    assert told[-2:] == [
        ("delay", "hold", "", 0, MORNING + HOUR),
        ("mute", "skip", "user", -1, None),
    ]


@pytest.mark.parametrize(
    ("word", "verdict", "until"),
    [
        (WhenQuiet.HOLD, "hold", MORNING),
        (WhenQuiet.DIGEST, "digest", MORNING),
        (WhenQuiet.SKIP, "skip", None),
    ],
)
def test_what_quiet_hours_do_is_the_last_line_of_the_step(
    word: WhenQuiet, verdict: str, until: int | None
) -> None:
    told = lines(facts_at(LATE, SLEEPS), replace(PUSH, quiet=word), INBOX)
    of_push = [line for line in told if line[3] == 0]
    assert of_push == [
        *passed(*OF_STEP, *HOLDING[:5], step=0),
        ("quiet", verdict, "user", 0, until),
    ]
    assert told[-1] == ("end", "pass", "", 1, None)


def test_a_step_without_a_sound_goes_on_to_the_end() -> None:
    told = lines(facts_at(LATE, SLEEPS), replace(PUSH, quiet=WhenQuiet.SILENT))
    assert told[-3:] == [
        ("quiet", "silent", "user", 0, None),
        ("cap", "pass", "", 0, None),
        ("end", "pass", "", 0, None),
    ]


def test_quiet_hours_that_a_category_ignores_are_off() -> None:
    facts = facts_at(LATE, SLEEPS, category=a_category(quiet_hours="ignore"))
    (quiet,) = [line for line in explain(facts) if line.gate == "quiet" and line.step == 1]
    assert (quiet.verdict, quiet.detail) == (
        "off",
        "not asked: the category does not heed quiet hours",
    )


GATHER = DigestStep(index=0, timing=DigestTiming(window_seconds=3600))


@pytest.mark.parametrize(
    ("step", "changes", "expected"),
    [
        (DelayStep(index=0, seconds=3600), {}, ("delay", "hold", "", 0, LATE + HOUR)),
        (
            UntilStep(index=0, instant="data.at"),
            {"untils": {0: LATE + HOUR}},
            ("until", "hold", "", 0, LATE + HOUR),
        ),
        (GATHER, {}, ("digest", "digest", "", 0, LATE + HOUR)),
        (GATHER, {"leads": {0: LEADS}}, ("digest", "pass", "", 0, None)),
    ],
)
def test_a_step_that_waits_says_until_when(
    step: Step, changes: dict[str, Any], expected: Line
) -> None:
    told = lines(facts_at(LATE, **changes), step, INBOX)
    assert told[len(OF_ALL) + len(OF_PERSON)] == expected
    goes_on = expected[1] == "pass"
    assert ("end", "pass", "", 1, None) in told if goes_on else told[-1] == expected


def test_an_instant_that_cannot_be_read_is_told_and_not_waited_for() -> None:
    step = UntilStep(index=0, instant="data.at")
    facts = facts_at(
        LATE, untils={0: 0}, workflow=a_workflow(steps=(step, replace(INBOX, index=1)))
    )
    told = next(line for line in explain(facts) if line.gate == "until")
    assert (told.verdict, told.step) == ("pass", 0)
    assert told.detail == "what the step waits for is no instant, so nothing is waited for"


def test_a_shadow_rollout_tells_what_would_have_been_and_then_itself() -> None:
    shadow = Rollout.SHADOW
    of_push = [line for line in lines(facts_at(LATE, SLEEPS), PUSH, rollout=shadow) if line[3] == 0]
    rollout: Line = ("rollout", "skip", "", 0, None)
    assert of_push[-2:] == [("quiet", "hold", "user", 0, MORNING), rollout]
    told = lines(facts_at(MORNING), PUSH, rollout=shadow)
    assert told[-2:] == [("cap", "pass", "", 0, None), rollout]
    waiting = lines(facts_at(LATE), DelayStep(index=0, seconds=3600), PUSH, rollout=shadow)
    assert waiting[-2:] == [("delay", "hold", "", 0, LATE + HOUR), rollout]


def test_a_gate_of_the_step_that_stops_is_its_last_line() -> None:
    off = a_setting(channels={Channel.PUSH: False}, quiet=NIGHT)
    told = lines(facts_at(LATE, off), PUSH)
    assert told[-1] == ("channel", "skip", "user", 0, None)
    assert told[-2][0] == Gate.CONSENT
    nowhere = lines(
        facts_at(LATE, who={"destinations": {}}), SendStep(index=0, channel=PUSH.channel)
    )
    assert nowhere[-1] == ("destination", "skip", "", 0, None)


def test_a_switch_that_is_on_is_told_with_its_scope() -> None:
    on = a_setting(channels={Channel.PUSH: True})
    (channel,) = [line for line in explain_push(facts_at(MORNING, on)) if line.gate == "channel"]
    told = (channel.verdict, channel.scope, channel.detail)
    assert told == ("pass", "user", "the channel is on")


def test_the_switch_of_the_channel_is_off_where_settings_do_not_apply() -> None:
    mandatory = facts_at(MORNING, category=a_category(mandatory=True))
    (channel,) = [line for line in explain_push(mandatory) if line.gate == "channel"]
    said = "not asked: the category is mandatory, so settings do not apply"
    assert (channel.verdict, channel.detail) == ("off", said)


def test_the_last_line_of_a_send_says_why_it_is_sent() -> None:
    assert explain_push(facts_at(MORNING))[-1].detail == "the level is all"


def explain_push(facts: Facts) -> list[TraceLine]:
    flow = replace(facts.flow, workflow=a_workflow(Channel.PUSH))
    return explain(replace(facts, flow=flow))


def test_the_level_of_a_thread_that_lets_through_is_told_with_its_scope() -> None:
    own = a_setting(ScopeKind.TOPIC, 100, level=Level.ALL)
    facts = facts_at(MORNING, own, event=an_event(about_chain=(100,), thread=True))
    (level,) = [line for line in explain_push(facts) if line.gate == "level"]
    told = (level.verdict, level.scope, level.detail)
    assert told == ("pass", "topic", "the level of the thread is all")
    assert explain_push(facts)[-1].scope == "topic"


def test_gates_say_in_words_why_they_stopped_or_were_not_asked() -> None:
    muted = explain_push(facts_at(MORNING, a_setting(mute_until=FOREVER)))
    assert muted[-1].detail == "the scope is muted"
    mandatory = explain_push(facts_at(MORNING, category=a_category(mandatory=True)))
    said = {line.detail for line in mandatory if line.gate in OF_PERSON}
    assert said == {"not asked: the category is mandatory, so settings do not apply"}


def test_what_would_expire_meanwhile_says_until_when_it_would_have_waited() -> None:
    facts = facts_at(LATE, SLEEPS, event=an_event(expires_at=MORNING))
    assert lines(facts, PUSH)[-1] == ("quiet", "skip", "user", 0, MORNING)
    delayed = facts_at(LATE, event=an_event(expires_at=LATE + HOUR))
    waiting = lines(delayed, DelayStep(index=0, seconds=3600), PUSH)
    assert waiting[-1] == ("delay", "skip", "", 0, LATE + HOUR)
