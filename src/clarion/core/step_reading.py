"""Steps of a workflow as documents -> records, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.core.caps import CapRule
from clarion.core.caps_reading import STEP_FIELDS, cap_document, read_cap
from clarion.core.document import Fields, Mistakes, kind_of, pointer_to
from clarion.core.duration import format_duration
from clarion.core.schedule_reading import (
    TIMING_KEYS,
    read_timing,
    read_windows,
    timing_document,
    windows_document,
)
from clarion.core.suggestion import did_you_mean
from clarion.core.template_reading import TemplateReader
from clarion.core.window import Window
from clarion.core.workflow import (
    CHANNELS,
    Aggregate,
    Channel,
    DelayStep,
    DigestStep,
    SendStep,
    Step,
    UntilStep,
    WhenQuiet,
)

MOST_STEPS = 32
MOST_PRESENCE_SECONDS = 24 * 3600
STEPS_EXAMPLE = "steps: [{send: {channel: inbox, template: {title: Hello}}}]"

_STEP_WORDS = ("send", "delay", "until", "digest")
_SEND_KEYS = (
    "channel", "when", "template", "window", "quiet", "presence", "cap", "aggregate",
)  # fmt: skip
_CHANNEL_WORDS = tuple(channel.value for channel in CHANNELS)
_NEVER_HELD = ("window", "quiet", "presence", "cap")
"""Keys without a meaning for an inbox step, as nothing holds an inbox item."""


def read_steps(fields: Fields, templates: TemplateReader) -> tuple[Step, ...]:
    """The `steps` of a workflow. What waits has to have a send behind it."""
    if not fields.need("steps", STEPS_EXAMPLE):
        return ()
    steps, at = fields.value("steps"), fields.at("steps")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        said = f"{len(steps)} steps long" if isinstance(steps, list) else kind_of(steps)
        mend = f"write a list of 1 to {MOST_STEPS} steps, e.g. {STEPS_EXAMPLE}"
        fields.mistakes.note(at, f"'steps' is {said}; {mend}")
        return ()
    found = (
        _step(index, step, pointer_to(at, index), templates, fields.mistakes)
        for index, step in enumerate(steps)
    )
    read = tuple(step for step in found if step is not None)
    if len(read) == len(steps):
        _check_order(read, at, fields.mistakes)
    return read


def step_document(step: Step) -> dict[str, Any]:
    """The record as a document that is read as the same record."""
    if isinstance(step, SendStep):
        return {"send": _send_document(step)}
    if isinstance(step, DelayStep):
        return {"delay": format_duration(step.seconds)}
    if isinstance(step, UntilStep):
        return {"until": step.instant or {"window": windows_document(step.window)}}
    key = {} if step.key is None else {"key": step.key}
    return {"digest": {**key, **timing_document(step.timing)}}


def _step(
    index: int, step: Any, at: str, templates: TemplateReader, mistakes: Mistakes
) -> Step | None:
    if not isinstance(step, Mapping):
        mend = "write e.g. send: {channel: inbox, template: {title: Hello}}"
        mistakes.note(at, f"the step is {kind_of(step)}; {mend}")
        return None
    for word in step:
        _check_word(word, pointer_to(at, word), mistakes)
    words = [word for word in _STEP_WORDS if word in step]
    if len(words) > 1:
        mend = "write each as a step of its own, in the order in which they happen"
        mistakes.note(at, f"one step says {' and '.join(words)}; {mend}")
        return None
    if not words:
        if not step:
            mistakes.note(at, "the step is empty; write send: {...}, or remove it")
        return None
    value, inside = step[words[0]], pointer_to(at, words[0])
    if words[0] == "send":
        return _send(index, value, inside, templates, mistakes)
    fields = Fields(step, at, _STEP_WORDS, mistakes, what="the step")
    if words[0] == "delay":
        seconds = fields.seconds("delay")
        return None if seconds is None else DelayStep(index=index, seconds=seconds)
    if words[0] == "until":
        return _until(index, fields, value, inside)
    return _digest(index, value, inside, mistakes)


def _check_word(word: str, at: str, mistakes: Mistakes) -> None:
    if word in _SEND_KEYS:
        mistakes.note(at, f"{word!r} stands beside 'send'; move it into 'send: {{...}}'")
    elif word not in _STEP_WORDS:
        mistakes.note(at, f"unknown step {word!r}; {did_you_mean(word, _STEP_WORDS)}")


def _check_order(steps: tuple[Step, ...], at: str, mistakes: Mistakes) -> None:
    last = steps[-1]
    if not isinstance(last, SendStep):
        mend = "add a send behind it, or remove it"
        mistakes.note(pointer_to(at, last.index), f"nothing comes after the wait; {mend}")
    digests = [step for step in steps if isinstance(step, DigestStep)]
    if len(digests) > 1:
        mend = "split the workflow, or gather once"
        at_second = pointer_to(at, digests[1].index)
        mistakes.note(at_second, f"a workflow gathers into one digest, this is a second; {mend}")
    for step in steps[digests[0].index :] if digests else ():
        if isinstance(step, SendStep) and step.aggregate is not None:
            mend = "move the step before the digest, or leave 'aggregate' out"
            at_step = pointer_to(at, step.index)
            mistakes.note(at_step, f"'aggregate' would gather again what a digest gave; {mend}")


def _until(index: int, fields: Fields, value: Any, at: str) -> UntilStep | None:
    if isinstance(value, Mapping):
        inner = Fields(value, at, ("window",), fields.mistakes, what="'until'")
        if not inner.need("window", 'window: [{days: [mon], from: "09:00", until: "17:00"}]'):
            return None
        windows = read_windows(
            inner.value("window"), inner.at("window"), fields.mistakes, quiet=False
        )
        return UntilStep(index=index, window=windows) if windows else None
    instant = fields.text("until", hint="a CEL expression such as data.starts_at, or a window")
    return None if instant is None else UntilStep(index=index, instant=instant)


def _digest(index: int, value: Any, at: str, mistakes: Mistakes) -> DigestStep | None:
    fields = Fields(value, at, ("key", *TIMING_KEYS), mistakes, what="'digest'")
    if not isinstance(value, Mapping):
        return None
    key = fields.text("key", hint="a CEL expression such as data.doc_id")
    timing = read_timing(fields)
    return None if timing is None else DigestStep(index=index, timing=timing, key=key)


def _send(
    index: int, value: Any, at: str, templates: TemplateReader, mistakes: Mistakes
) -> SendStep | None:
    fields = Fields(value, at, _SEND_KEYS, mistakes, what="'send'")
    if not isinstance(value, Mapping):
        return None
    fields.need("channel", "channel: inbox")
    channel = Channel(fields.choice("channel", _CHANNEL_WORDS, Channel.INBOX.value))
    template: dict[str, dict[str, Any]] = {}
    if fields.need("template", "template: {title: Hello, body: ...}"):
        template = templates.read(fields.value("template"), fields.at("template"))
    _check_place(fields, channel)
    return SendStep(
        index=index,
        channel=channel,
        when=fields.text("when", hint='a CEL condition in quotes, e.g. "data.amount > 100"'),
        template=template,
        window=_window(fields),
        quiet=WhenQuiet(fields.choice("quiet", tuple(WhenQuiet), WhenQuiet.HOLD)),
        presence_seconds=_presence(fields),
        cap=_cap(fields),
        aggregate=_aggregate(fields),
    )


def _check_place(fields: Fields, channel: Channel) -> None:
    if channel is Channel.INBOX:
        for name in _NEVER_HELD:
            if name in fields:
                mend = "remove it, or move it to a step of another channel"
                fields.mistakes.note(
                    fields.at(name),
                    f"{name!r} says nothing to the inbox, which never waits; {mend}",
                )
    elif "aggregate" in fields:
        mend = "use a digest step for other channels"
        fields.mistakes.note(fields.at("aggregate"), f"only inbox items aggregate in place; {mend}")


def _window(fields: Fields) -> tuple[Window, ...]:
    if "window" not in fields:
        return ()
    return read_windows(fields.value("window"), fields.at("window"), fields.mistakes, quiet=False)


def _presence(fields: Fields) -> int:
    seconds = fields.seconds("presence") or 0
    if seconds > MOST_PRESENCE_SECONDS:
        mend = "write at most PT24H, e.g. PT5M"
        fields.mistakes.note(fields.at("presence"), f"'presence' is too long; {mend}")
    return seconds


def _cap(fields: Fields) -> CapRule | None:
    if "cap" not in fields:
        return None
    return read_cap(fields.value("cap"), fields.at("cap"), fields.mistakes, known=STEP_FIELDS)


def _aggregate(fields: Fields) -> Aggregate | None:
    if "aggregate" not in fields:
        return None
    inner = Fields(
        fields.value("aggregate"), fields.at("aggregate"), ("key", "reopen"), fields.mistakes,
        what="'aggregate'",
    )  # fmt: skip
    inner.need("key", "key: data.post_id")
    key = inner.text("key", hint="a CEL expression such as data.post_id")
    return Aggregate(key, inner.flag("reopen", True)) if key else None


def _send_document(step: SendStep) -> dict[str, Any]:
    whole = step.template[""] if set(step.template) == {""} else step.template
    document: dict[str, Any] = {
        "channel": step.channel.value,
        "when": step.when,
        "window": windows_document(step.window) if step.window else None,
        "quiet": None if step.quiet is WhenQuiet.HOLD else step.quiet.value,
        "presence": format_duration(step.presence_seconds) if step.presence_seconds else None,
        "cap": None if step.cap is None else cap_document(step.cap, STEP_FIELDS),
        "aggregate": step.aggregate
        and {"key": step.aggregate.key, "reopen": step.aggregate.reopen},
        "template": whole,
    }
    return {name: value for name, value in document.items() if value is not None}
