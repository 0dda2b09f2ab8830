"""Workflows and categories as documents (parsed YAML or JSON) -> records, and back.

What is read may be a file of a workspace or the body of a request: the model is the same. Reading
is strict; every mistake has a JSON pointer, says what is wrong and what was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from clarion.core.caps import CapRule
from clarion.core.caps_reading import cap_document, read_cap
from clarion.core.document import Fields, Mistakes, one_of, pointer_to
from clarion.core.duration import format_duration
from clarion.core.step_reading import read_steps, step_document
from clarion.core.template_reading import TemplateReader, is_locale
from clarion.core.worded import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    read_worded,
    worded_document,
)
from clarion.core.workflow import (
    BUILT_IN_CATEGORIES,
    CHANNELS,
    Category,
    Dedupe,
    Lane,
    OnUnknown,
    Rollout,
    Workflow,
)
from clarion.errors import InvalidError

MOST_ATTEMPTS = 20
MOST_SUBSCRIBERS = 10**9

_WORKFLOW_KEYS = (
    "key", "on", "category", "audience", "dedupe", "expires_in", "rollout", "locale", "throttle",
    "steps",
)  # fmt: skip
_CATEGORY_KEYS = (
    "key", "lane", "mandatory", "quiet_hours", "consent", "on_unknown", "attempts", "deadline",
    "cap", "push_up_to", "name", "description",
)  # fmt: skip
_CHANNEL_WORDS = tuple(channel.value for channel in CHANNELS)
_LANE_WORDS = tuple(lane.label for lane in Lane)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_EVENT_TYPE = re.compile(r"\S{1,255}")
_BUILT_IN = {category.key: category for category in BUILT_IN_CATEGORIES}


def read_workflow(
    document: Mapping[str, Any], *, files: Mapping[str, str], key: str | None = None
) -> Workflow:
    """A workflow's document -> its record; InvalidError at the first mistake.

    `files` are the template files of the workspace by name. `key` is known from elsewhere (the
    address of a request); the document may leave it out, but not contradict it.
    """
    workflow, mistakes = inspect_workflow(document, files=files, key=key)
    if mistakes:
        raise mistakes[0]
    return workflow


def inspect_workflow(
    document: Any, *, files: Mapping[str, str], key: str | None = None
) -> tuple[Workflow, list[InvalidError]]:
    """Like `read_workflow`, but with every mistake; use the record only when there is none."""
    mistakes = Mistakes()
    fields = Fields(document, "", _WORKFLOW_KEYS, mistakes, what="the workflow")
    name = _key(fields, key, "comment-added")
    templates = TemplateReader(files, mistakes)
    steps = read_steps(fields, templates)
    workflow = Workflow(
        key=name,
        on=_event_type(fields) or name,
        category=fields.text("category", hint="the key of a category") or "transactional",
        audience=fields.text("audience", hint='a CEL expression such as topic("doc:9")'),
        dedupe=_dedupe(fields),
        expires_in_seconds=fields.seconds("expires_in"),
        rollout=Rollout(fields.choice("rollout", [*Rollout], Rollout.ON)),
        locale=_locale(fields),
        steps=steps,
        throttle=_cap(fields, "throttle"),
        partials=templates.partials,
    )
    _check_default_locale(workflow, mistakes)
    return workflow, mistakes.found


def read_category(document: Mapping[str, Any], key: str | None = None) -> Category:
    """A category's document -> its record; InvalidError at the first mistake.

    What a document of a built-in category leaves out stays as it is built in.
    """
    category, mistakes = inspect_category(document, key)
    if mistakes:
        raise mistakes[0]
    return category


def inspect_category(document: Any, key: str | None = None) -> tuple[Category, list[InvalidError]]:
    """Like `read_category`, but with every mistake; use the record only when there is none."""
    mistakes = Mistakes()
    fields = Fields(document, "", _CATEGORY_KEYS, mistakes, what="the category")
    name = _key(fields, key, "live")
    usual = _BUILT_IN.get(name, Category(key=name))
    category = Category(
        key=name,
        lane=Lane(_LANE_WORDS.index(fields.choice("lane", _LANE_WORDS, usual.lane.label))),
        mandatory=fields.flag("mandatory", usual.mandatory),
        quiet_hours=fields.choice("quiet_hours", ("respect", "ignore"), usual.quiet_hours),
        consent=fields.choice("consent", ("none", "required"), usual.consent),
        on_unknown=_on_unknown(fields) if "on_unknown" in fields else dict(usual.on_unknown),
        attempts=fields.whole("attempts", usual.attempts, 1, MOST_ATTEMPTS),
        deadline_seconds=fields.seconds("deadline") or usual.deadline_seconds,
        cap=_cap(fields, "cap"),
        push_up_to=fields.whole("push_up_to", 0, 1, MOST_SUBSCRIBERS)
        if "push_up_to" in fields
        else usual.push_up_to,
        name=read_worded(fields, "name", LONGEST_NAME),
        description=read_worded(fields, "description", LONGEST_DESCRIPTION),
    )
    return category, mistakes.found


def workflow_document(workflow: Workflow) -> dict[str, Any]:
    """The record as a document; read again with `files=workflow.partials` it is the same."""
    document: dict[str, Any] = {
        "key": workflow.key,
        "on": workflow.on,
        "category": workflow.category,
        "audience": workflow.audience,
        "dedupe": workflow.dedupe and _dedupe_document(workflow.dedupe),
        "expires_in": workflow.expires_in_seconds and format_duration(workflow.expires_in_seconds),
        "rollout": workflow.rollout.value,
        "locale": workflow.locale,
        "throttle": workflow.throttle and cap_document(workflow.throttle),
        "steps": [step_document(step) for step in workflow.steps],
    }
    return {name: value for name, value in document.items() if value is not None}


def category_document(category: Category) -> dict[str, Any]:
    """The record as a document that `read_category` makes the same record of."""
    document: dict[str, Any] = {
        "key": category.key,
        "lane": category.lane.label,
        "mandatory": category.mandatory,
        "quiet_hours": category.quiet_hours,
        "consent": category.consent,
        "on_unknown": {channel: word.value for channel, word in category.on_unknown.items()},
        "attempts": category.attempts,
    }
    if set(category.on_unknown) == {"*"}:
        document["on_unknown"] = category.on_unknown["*"].value
    if category.deadline_seconds is not None:
        document["deadline"] = format_duration(category.deadline_seconds)
    if category.push_up_to is not None:
        document["push_up_to"] = category.push_up_to
    if category.cap is not None:
        document["cap"] = cap_document(category.cap)
    if category.name:
        document["name"] = worded_document(category.name)
    if category.description:
        document["description"] = worded_document(category.description)
    return document


def _key(fields: Fields, known: str | None, example: str) -> str:
    if known is None and not fields.need("key", f"key: {example}"):
        return ""
    name = fields.text("key") or known or ""
    at = fields.at("key")
    if known is not None and name != known:
        mend = "leave 'key' out, or write the same in both places"
        fields.mistakes.note(
            at, f"'key' is {name[:40]!r}, but it is {known!r} by its place; {mend}"
        )
    elif name and not _KEY.fullmatch(name):
        mend = "use letters, digits, '-', '_' and '.', at most 100, a letter or digit first"
        fields.mistakes.note(at, f"{name[:40]!r} is not a key; {mend}")
    return name


def _cap(fields: Fields, name: str) -> CapRule | None:
    if name not in fields:
        return None
    return read_cap(fields.value(name), fields.at(name), fields.mistakes)


def _event_type(fields: Fields) -> str | None:
    on = fields.text("on", hint="an event type such as comment.added")
    if on is not None and not _EVENT_TYPE.fullmatch(on):
        mend = "write it without spaces, at most 255 characters, e.g. comment.added"
        fields.mistakes.note(fields.at("on"), f"{on[:40]!r} is not an event type; {mend}")
    return on


def _locale(fields: Fields) -> str | None:
    locale = fields.text("locale", hint="a locale such as en or de-AT")
    if locale is not None and not is_locale(locale):
        mend = "write a language, and a region where it matters: en, de-AT"
        fields.mistakes.note(fields.at("locale"), f"{locale[:40]!r} is not a locale; {mend}")
    return locale


def _dedupe(fields: Fields) -> Dedupe | None:
    if "dedupe" not in fields:
        return None
    inner = Fields(
        fields.value("dedupe"), fields.at("dedupe"), ("key", "window"), fields.mistakes,
        what="'dedupe'",
    )  # fmt: skip
    inner.need("key", "key: data.comment_id")
    inner.need("window", "window: PT10M")
    key = inner.text("key", hint="a CEL expression such as data.comment_id")
    window = inner.seconds("window")
    return Dedupe(key, window) if key and window else None


def _check_default_locale(workflow: Workflow, mistakes: Mistakes) -> None:
    wanted = workflow.locale
    if wanted is None:
        return
    for step in workflow.sends:
        served = step.template
        if not served or "" in served or wanted in served or wanted.split("-")[0] in served:
            continue
        at = pointer_to("/steps", step.index, "send", "template")
        mend = f"add {wanted!r}, or make 'locale' one of {', '.join(served)}"
        mistakes.note(at, f"the template lacks the workflow's own locale {wanted!r}; {mend}")


def _on_unknown(fields: Fields) -> dict[str, OnUnknown]:
    value, at = fields.value("on_unknown"), fields.at("on_unknown")
    words, usual = tuple(OnUnknown), OnUnknown.AT_LEAST_ONCE
    if not isinstance(value, Mapping):
        return {"*": OnUnknown(one_of(value, words, usual, at, fields.mistakes))}
    by_channel = Fields(value, at, (*_CHANNEL_WORDS, "*"), fields.mistakes, what="'on_unknown'")
    return {channel: OnUnknown(by_channel.choice(channel, words, usual)) for channel in value}


def _dedupe_document(dedupe: Dedupe) -> dict[str, Any]:
    return {"key": dedupe.key, "window": format_duration(dedupe.window_seconds)}
