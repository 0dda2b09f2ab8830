"""Documents of steps: what is read, what is refused and where, and what goes back out."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.caps import CapRule
from clarion.core.digest import DigestTiming
from clarion.core.document import Fields, Mistakes
from clarion.core.step_reading import read_steps, step_document
from clarion.core.template_reading import TemplateReader
from clarion.core.window import Window
from clarion.core.workflow import (
    Aggregate,
    Channel,
    DelayStep,
    DigestStep,
    SendStep,
    Step,
    UntilStep,
    WhenQuiet,
)

OFFICE = [{"days": ["mon", "tue"], "from": "09:00", "until": "17:00"}]
OFFICE_WINDOW = (Window((0, 1), 540, 1020),)
TEMPLATE = {"title": "Hello"}


def a_send(**changes: Any) -> dict[str, Any]:
    return {"send": {"channel": "push", "template": TEMPLATE, **changes}}


def inspected(steps: Any) -> tuple[tuple[Step, ...], list[tuple[str, str]]]:
    mistakes = Mistakes()
    fields = Fields({"steps": steps}, "", ("steps",), mistakes, what="the workflow")
    found = read_steps(fields, TemplateReader({}, mistakes))
    return found, [(mistake.pointer, mistake.detail) for mistake in mistakes.found]


def read(*steps: Any) -> tuple[Step, ...]:
    found, mistakes = inspected([*steps])
    assert mistakes == []
    return found


WHOLE_SEND = a_send(
    when="data.amount > 100",
    window=OFFICE,
    quiet="silent",
    presence="PT5M",
    cap={"limit": 3, "window": "PT1H", "over": "hold", "per": "tenant", "key": "data.doc"},
)


def test_a_whole_send_step_is_read() -> None:
    (step,) = read(WHOLE_SEND)
    assert step == SendStep(
        index=0,
        channel=Channel.PUSH,
        when="data.amount > 100",
        template={"": TEMPLATE},
        window=OFFICE_WINDOW,
        quiet=WhenQuiet.SILENT,
        presence_seconds=300,
        cap=CapRule(limit=3, window_seconds=3600, over="hold", per="tenant", key="data.doc"),
    )


def test_what_a_send_step_leaves_out_has_its_default() -> None:
    (step,) = read(a_send())
    assert step == SendStep(index=0, channel=Channel.PUSH, template={"": TEMPLATE})
    assert step_document(step) == a_send()


def test_an_inbox_item_may_be_one_for_many_events() -> None:
    steps = read(
        a_send(channel="inbox", aggregate={"key": "data.post"}),
        a_send(channel="inbox", aggregate={"key": "data.post", "reopen": False}),
    )
    found = [step.aggregate for step in steps if isinstance(step, SendStep)]
    assert found == [Aggregate("data.post"), Aggregate("data.post", reopen=False)]


@pytest.mark.parametrize(
    ("document", "step"),
    [
        ({"delay": "PT1H"}, DelayStep(index=0, seconds=3600)),
        ({"until": "data.starts_at"}, UntilStep(index=0, instant="data.starts_at")),
        ({"until": {"window": OFFICE}}, UntilStep(index=0, window=OFFICE_WINDOW)),
        (
            {"digest": {"window": "PT10M"}},
            DigestStep(index=0, timing=DigestTiming(window_seconds=600)),
        ),
        (
            {"digest": {"key": "data.doc", "cadence": "user", "default": "weekly", "lead": True}},
            DigestStep(
                index=0,
                timing=DigestTiming(cadence="weekly", by_user=True, lead=True),
                key="data.doc",
            ),
        ),
    ],
)
def test_a_step_that_waits_is_read(document: dict[str, Any], step: Step) -> None:
    assert read(document, a_send())[0] == step


@pytest.mark.parametrize(
    "document",
    [
        WHOLE_SEND,
        *(a_send(channel=channel.value) for channel in Channel),
        *(a_send(quiet=word.value) for word in WhenQuiet),
        a_send(channel="inbox", aggregate={"key": "data.post", "reopen": False}),
        a_send(template={"en": TEMPLATE, "de-AT": {"title": "Hallo"}}),
        {"delay": "PT90S"},
        {"until": "data.starts_at"},
        {"until": {"window": [*OFFICE, {"from": "22:00", "until": "06:00"}]}},
        {"digest": {"window": "PT10M", "max": "PT1H", "sliding": True}},
        {"digest": {"key": "data.doc", "cron": "0 9 * * 1-5"}},
        {"digest": {"cadence": "user", "default": "daily", "at": "16:00", "day": "fri"}},
    ],
)
def test_a_step_goes_out_as_a_document_that_reads_as_the_same(document: dict[str, Any]) -> None:
    (step, *_) = read(document, a_send())
    assert read(step_document(step), a_send())[0] == step


def test_steps_know_their_place() -> None:
    steps = read(a_send(), {"delay": "PT1M"}, {"until": "data.at"}, a_send())
    assert [step.index for step in steps] == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["window", "quiet", "presence", "cap"])
def test_nothing_that_holds_may_stand_at_an_inbox_step(name: str) -> None:
    whole = WHOLE_SEND["send"]
    _, mistakes = inspected([a_send(channel="inbox", **{name: whole[name]})])
    said = f"{name!r} says nothing to the inbox, which never waits; remove it, or move it"
    assert mistakes == [(f"/steps/0/send/{name}", f"{said} to a step of another channel")]


@pytest.mark.parametrize(
    ("step", "pointer", "mend"),
    [
        (a_send(quiet="slient"), "/send/quiet", "did you mean 'silent'?"),
        (a_send(presence="PT25H"), "/send/presence", "write at most PT24H"),
        (a_send(presence=300), "/send/presence", "write a duration"),
        (a_send(window=[]), "/send/window", "nothing would ever be sent"),
        (a_send(window="09:00"), "/send/window", "write a list of windows"),
        (a_send(cap={"limit": 0, "window": "PT1H"}), "/send/cap/limit", "'limit' is 0"),
        (a_send(cap={"limit": 1, "windwo": "PT1H"}), "/send/cap/windwo", "did you mean 'window'?"),
        (
            a_send(cap={"limit": 1, "window": "PT1H", "channels": ["push"]}),
            "/send/cap/channels",
            "it is one of limit, window, over, per, key",
        ),
        (a_send(aggregate={"key": "a"}), "/send/aggregate", "use a digest step"),
        (a_send(channel="inbox", aggregate={}), "/send/aggregate", "write e.g. key: data.post_id"),
        (
            a_send(channel="inbox", aggregate={"key": "a", "reopen": "no"}),
            "/send/aggregate/reopen",
            "write true or false",
        ),
        (a_send(channel="inbox", aggregate="a"), "/send/aggregate", "is text; write a mapping"),
        ({"delay": "1h"}, "/delay", "did you mean PT1H?"),
        ({"delay": 60}, "/delay", "is a number; write a duration"),
        ({"until": 7}, "/until", "is a number; write a CEL expression"),
        ({"until": {}}, "/until", "write e.g. window: [{days: [mon]"),
        ({"until": {"windows": OFFICE}}, "/until/windows", "did you mean 'window'?"),
        ({"until": {"window": []}}, "/until/window", "nothing would ever be sent"),
        ({"digest": "PT1H"}, "/digest", "is text; write a mapping"),
        ({"digest": {"key": "data.doc"}}, "/digest", "nothing says when the digest is told"),
        ({"digest": {"key": 7, "window": "PT1H"}}, "/digest/key", "is a number; write a CEL"),
        ({"digest": {"windwo": "PT1H"}}, "/digest/windwo", "did you mean 'window'?"),
        ({"delay": "PT1H", "until": "data.at"}, "", "one step says delay and until"),
        (a_send() | {"delay": "PT1H"}, "", "one step says send and delay; write each as a step"),
        ({"dleay": "PT1H"}, "/dleay", "did you mean 'delay'?"),
    ],
)
def test_a_mistake_in_a_step_has_its_pointer_and_a_mend(step: Any, pointer: str, mend: str) -> None:
    _, mistakes = inspected([step, a_send()])
    assert f"/steps/0{pointer}" in [at for at, _ in mistakes]
    assert any(mend in detail for _, detail in mistakes)


@pytest.mark.parametrize(
    "wait", [{"delay": "PT1H"}, {"until": "data.at"}, {"digest": {"window": "PT1H"}}]
)
def test_what_waits_has_a_send_behind_it(wait: dict[str, Any]) -> None:
    _, mistakes = inspected([a_send(), wait])
    assert mistakes == [
        ("/steps/1", "nothing comes after the wait; add a send behind it, or remove it")
    ]


def test_a_workflow_gathers_once() -> None:
    gather = {"digest": {"window": "PT1H"}}
    _, mistakes = inspected([gather, a_send(), gather, a_send()])
    assert [pointer for pointer, _ in mistakes] == ["/steps/2"]
    assert "gathers into one digest, this is a second; split the workflow" in mistakes[0][1]


def test_the_order_is_not_looked_at_while_a_step_cannot_be_read() -> None:
    _, mistakes = inspected([a_send(), {"dealy": "PT1H"}, {"delay": "PT1H"}])
    assert [pointer for pointer, _ in mistakes] == ["/steps/1/dealy"]
