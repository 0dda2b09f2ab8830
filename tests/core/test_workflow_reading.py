"""Documents of workflows and categories: what is read, what is refused, and what goes back out."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.caps import CapRule
from clarion.core.workflow import BUILT_IN_CATEGORIES, Channel, Lane, OnUnknown, Rollout
from clarion.core.workflow_reading import (
    category_document,
    inspect_workflow,
    read_category,
    read_workflow,
    workflow_document,
)
from clarion.errors import InvalidError

FILES = {
    "layout.mjml": "<mjml><mj-body>{% block content %}{% endblock %}</mj-body></mjml>",
    "comment-added.mjml": "---\nsubject: {{ actor.name }} commented\n---\n"
    '{% extends "layout.mjml" %}\n{% block content %}{{ data.text }}{% endblock %}',
    "plain.txt": "Hello {{ user.name }}",
}


def a_document(**changes: Any) -> dict[str, Any]:
    """A whole workflow; None takes a key away."""
    document: dict[str, Any] = {
        "key": "comment-added",
        "on": "comment.added",
        "category": "social",
        "audience": 'topic("doc:" + data.doc_id)',
        "dedupe": {"key": "data.comment_id", "window": "PT10M"},
        "expires_in": "PT24H",
        "rollout": "shadow",
        "steps": [a_step(channel="inbox", template={"title": "New comment"})],
    }
    return {name: value for name, value in (document | changes).items() if value is not None}


def a_step(**changes: Any) -> dict[str, Any]:
    step = {"channel": "email", "template": {"subject": "Hello", "body": "..."}} | changes
    return {"send": {name: value for name, value in step.items() if value is not None}}


def template_of(template: Any, **files: str) -> dict[str, dict[str, Any]]:
    document = a_document(steps=[a_step(template=template)])
    return read_workflow(document, files=FILES | files).sends[0].template


def refusal(document: Any, key: str | None = None) -> tuple[str, str]:
    with pytest.raises(InvalidError) as caught:
        read_workflow(document, files=FILES, key=key)
    return caught.value.pointer, caught.value.detail


def test_a_whole_workflow_is_read() -> None:
    workflow = read_workflow(a_document(locale="de-AT"), files={})
    assert workflow.key == "comment-added"
    assert workflow.on == "comment.added"
    assert workflow.category == "social"
    assert workflow.audience == 'topic("doc:" + data.doc_id)'
    assert workflow.dedupe is not None
    assert (workflow.dedupe.key, workflow.dedupe.window_seconds) == ("data.comment_id", 600)
    assert workflow.expires_in_seconds == 86_400
    assert workflow.rollout is Rollout.SHADOW
    assert workflow.locale == "de-AT"
    assert workflow.sends[0].channel is Channel.INBOX
    assert workflow.sends[0].template == {"": {"title": "New comment"}}


def test_what_a_workflow_leaves_out_has_its_default() -> None:
    workflow = read_workflow({"steps": [a_step()]}, files={}, key="otp-requested")
    assert (workflow.key, workflow.on) == ("otp-requested", "otp-requested")
    assert (workflow.category, workflow.rollout) == ("transactional", Rollout.ON)
    assert (workflow.audience, workflow.dedupe, workflow.expires_in_seconds) == (None, None, None)


def test_steps_know_their_place_and_their_condition() -> None:
    steps = [a_step(when="data.amount > 100"), a_step(channel="push")]
    read = read_workflow(a_document(steps=steps), files={}).sends
    assert [(step.index, step.channel, step.when) for step in read] == [
        (0, Channel.EMAIL, "data.amount > 100"),
        (1, Channel.PUSH, None),
    ]


def test_a_template_file_is_the_body_and_its_front_matter_the_other_fields() -> None:
    fields = template_of("comment-added.mjml")[""]
    assert fields["subject"] == "{{ actor.name }} commented"
    assert fields["body"].startswith('{% extends "layout.mjml" %}')


def test_a_field_that_names_a_file_is_its_source_and_the_step_wins_over_its_front_matter() -> None:
    fields = template_of({"subject": "My own", "body": "comment-added.mjml"})[""]
    assert fields["subject"] == "My own"
    assert fields["body"].startswith("{% extends")


def test_quotes_around_a_line_of_front_matter_are_dropped() -> None:
    fields = template_of("q.txt", **{"q.txt": '---\nsubject: "Mind: this"\n\n---\nHello\n'})[""]
    assert fields == {"subject": "Mind: this", "body": "Hello\n"}


def test_a_file_without_front_matter_is_all_body() -> None:
    rule = "first\n---\nsecond\n---\n"
    assert template_of("rule.txt", **{"rule.txt": rule}) == {"": {"body": rule}}


def test_a_template_may_be_written_per_locale() -> None:
    template = {"en": "comment-added.mjml", "de-AT": {"subject": "Hallo", "body": "plain.txt"}}
    read = template_of(template)
    assert set(read) == {"en", "de-AT"}
    assert read["en"]["subject"] == "{{ actor.name }} commented"
    assert read["de-AT"] == {"subject": "Hallo", "body": "Hello {{ user.name }}"}


def test_short_field_names_are_not_taken_for_locales() -> None:
    template = {"url": "https://partner.example/hooks"}
    document = a_document(steps=[a_step(channel="webhook", template=template)])
    assert read_workflow(document, files={}).sends[0].template == {"": template}


def test_layouts_are_kept_with_the_workflow_and_those_they_extend_as_well() -> None:
    files = {
        "mail.html": "{%- extends 'inner.html' -%}",
        "inner.html": '{% extends "outer.html" %}',
        "outer.html": "<html></html>",
        "unused.html": "",
    }
    workflow = read_workflow(a_document(steps=[a_step(template="mail.html")]), files=files)
    assert workflow.partials == {name: files[name] for name in ("inner.html", "outer.html")}


@pytest.mark.parametrize(
    "steps",
    [
        [a_step(template="comment-added.mjml", when="data.loud")],
        [a_step(template={"en": "comment-added.mjml", "de": {"body": "plain.txt"}})],
        [a_step(channel="webhook", template={"url": "u", "body": {"a": [1, "{{ data.b }}"]}})],
        [
            a_step(),
            {"delay": "PT1H"},
            {"until": "data.at"},
            {"digest": {"window": "PT1H"}},
            a_step(),
        ],
        [a_step(quiet="digest", presence="PT5M", cap={"limit": 1, "window": "P1D"})],
    ],
)
def test_a_workflow_goes_out_as_a_document_that_reads_as_the_same(steps: list[Any]) -> None:
    throttle = {"limit": 10, "window": "PT1M", "over": "hold", "channels": ["email"]}
    document = a_document(steps=steps, locale="en", throttle=throttle)
    workflow = read_workflow(document, files=FILES)
    assert read_workflow(workflow_document(workflow), files=workflow.partials) == workflow


def test_a_small_workflow_goes_out_without_what_was_never_said() -> None:
    workflow = read_workflow({"key": "k", "steps": [a_step()]}, files={})
    assert workflow_document(workflow) == {
        "key": "k",
        "on": "k",
        "category": "transactional",
        "rollout": "on",
        "steps": [a_step()],
    }


@pytest.mark.parametrize(
    ("changes", "pointer", "mend"),
    [
        ({"catgory": "social"}, "/catgory", "did you mean 'category'?"),
        ({"zzz": 1}, "/zzz", "it is one of key, on, category"),
        ({"key": "a b"}, "/key", "letters, digits"),
        ({"key": 7}, "/key", "is a number; write text"),
        ({"on": "comment added"}, "/on", "without spaces"),
        ({"on": True}, "/on", "is true; write an event type"),
        ({"category": "  "}, "/category", "is empty; write the key of a category"),
        ({"audience": ["u1"]}, "/audience", "is a list; write a CEL expression"),
        ({"dedupe": "data.id"}, "/dedupe", "is text; write a mapping with key, window"),
        ({"dedupe": {"key": "data.id"}}, "/dedupe", "write e.g. window: PT10M"),
        ({"dedupe": {"key": "a", "widnow": "PT1M"}}, "/dedupe/widnow", "did you mean 'window'?"),
        ({"expires_in": "5m"}, "/expires_in", "did you mean PT5M?"),
        ({"expires_in": 300}, "/expires_in", "is a number; write a duration such as PT10M"),
        ({"rollout": "shadwo"}, "/rollout", "did you mean 'shadow'?"),
        ({"rollout": True}, "/rollout", 'write one of "off", "shadow", "on", in quotes'),
        ({"rollout": 1}, "/rollout", "write one of off, shadow, on"),
        ({"locale": "de_AT"}, "/locale", "en, de-AT"),
        ({"throttle": {"window": "PT1H"}}, "/throttle", "'limit' is missing"),
        ({"steps": None}, "", "'steps' is missing"),
        ({"steps": []}, "/steps", "a list of 1 to 32 steps"),
        ({"steps": {"send": {}}}, "/steps", "is a mapping; write a list"),
        ({"steps": [a_step()] * 33}, "/steps", "33 steps long"),
        ({"steps": ["send"]}, "/steps/0", "write e.g. send: {channel"),
        ({"steps": [{}]}, "/steps/0", "the step is empty"),
    ],
)
def test_a_mistake_in_a_workflow_has_its_pointer_and_a_mend(
    changes: dict[str, Any], pointer: str, mend: str
) -> None:
    document = a_document() | changes
    if changes == {"steps": None}:
        del document["steps"]
    at, detail = refusal(document)
    assert at == pointer
    assert mend in detail


@pytest.mark.parametrize(
    ("step", "pointer", "mend"),
    [
        (a_step(channel="emial"), "/steps/0/send/channel", "did you mean 'email'?"),
        (a_step(channel=None), "/steps/0/send", "write e.g. channel: inbox"),
        (a_step(channel=["email"]), "/steps/0/send/channel", "write one of inbox, push"),
        (a_step(chanel="email"), "/steps/0/send/chanel", "did you mean 'channel'?"),
        (a_step(when=True), "/steps/0/send/when", "is true; write a CEL condition in quotes"),
        (a_step(template=None), "/steps/0/send", "'template' is missing"),
        ({"send": "email"}, "/steps/0/send", "is text; write a mapping with channel"),
        ({"sned": {}}, "/steps/0/sned", "did you mean 'send'?"),
        (a_step() | {"when": "true"}, "/steps/0/when", "move it into 'send: {...}'"),
    ],
)
def test_a_mistake_in_a_step_has_its_pointer_and_a_mend(step: Any, pointer: str, mend: str) -> None:
    at, detail = refusal(a_document(steps=[step]))
    assert at == pointer
    assert mend in detail


@pytest.mark.parametrize(
    ("template", "pointer", "mend"),
    [
        ("comment-aded.mjml", "", "did you mean 'comment-added.mjml'?"),
        ({"subject": "s", "body": "comment-aded.mjml"}, "/body", "'comment-added.mjml'?"),
        ("Hello {{ user.name }}", "", "for a text write {body: ...}"),
        ({}, "", "the template is empty"),
        (["x"], "", "is a list; write its fields"),
        (5, "", "is a number; write its fields"),
        ({"en": {"body": "x"}, "de_AT": {"body": "y"}}, "/de_AT", "did you mean 'de-AT'?"),
        ({"en": {"body": "x"}, "subject": "y"}, "/subject", "move it into each locale"),
        ({"en": {"body": "missing.txt"}}, "/en/body", "no template file 'missing.txt'"),
        ({"body": '{% extends "layuot.mjml" %}'}, "/body", "did you mean 'layout.mjml'?"),
    ],
)
def test_a_mistake_in_a_template_has_its_pointer_and_a_mend(
    template: Any, pointer: str, mend: str
) -> None:
    at, detail = refusal(a_document(steps=[a_step(template=template)]))
    assert at == "/steps/0/send/template" + pointer
    assert mend in detail


def test_a_missing_file_says_when_there_are_no_files_at_all() -> None:
    with pytest.raises(InvalidError, match="there are no template files yet"):
        read_workflow(a_document(steps=[a_step(template="a.mjml")]), files={})


def test_layouts_in_a_circle_are_refused() -> None:
    files = {"a.html": '{% extends "b.html" %}', "b.html": '{% extends "a.html" %}'}
    with pytest.raises(InvalidError, match=r"in a circle: b\.html -> a\.html -> b\.html"):
        read_workflow(a_document(steps=[a_step(template="a.html")]), files=files)


def test_front_matter_that_is_no_field_names_its_file_and_line() -> None:
    with pytest.raises(InvalidError, match=r"bad\.txt, line 3: .*'subject: New comment'"):
        template_of("bad.txt", **{"bad.txt": "---\nsubject: x\nno colon\n---\nHello"})


def test_a_template_has_to_serve_the_locale_of_its_workflow() -> None:
    steps = [a_step(template={"en": {"body": "x"}, "fr": {"body": "y"}})]
    at, detail = refusal(a_document(locale="de-AT", steps=steps))
    assert at == "/steps/0/send/template"
    assert "add 'de-AT', or make 'locale' one of en, fr" in detail
    assert read_workflow(a_document(locale="en-GB", steps=steps), files={}).locale == "en-GB"


def test_a_key_may_not_contradict_its_place() -> None:
    at, detail = refusal(a_document(), key="comment-removed")
    assert at == "/key"
    assert "'comment-removed' by its place; leave 'key' out" in detail


def test_a_document_without_any_key_is_refused() -> None:
    assert refusal(a_document(key=None)) == ("", "'key' is missing; write e.g. key: comment-added")


def test_what_is_no_mapping_is_refused() -> None:
    assert "the workflow is a list; write a mapping" in refusal([])[1]


def test_every_mistake_is_found_in_one_reading() -> None:
    document = a_document(rollout="maybe", expires_in="1d", steps=[a_step(channel="fax"), {}])
    _, mistakes = inspect_workflow(document, files={})
    assert {mistake.pointer for mistake in mistakes} == {
        "/rollout",
        "/expires_in",
        "/steps/0/send/channel",
        "/steps/1",
    }


def test_a_whole_category_is_read_and_goes_out_as_it_came() -> None:
    document = {
        "key": "live",
        "lane": "bulk",
        "mandatory": False,
        "quiet_hours": "ignore",
        "consent": "required",
        "on_unknown": {"sms": "at_most_once", "*": "at_least_once"},
        "attempts": 2,
        "deadline": "PT30M",
        "cap": {"limit": 3, "window": "P1D", "over": "digest", "per": "user"},
    }
    category = read_category(document)
    assert category.cap == CapRule(limit=3, window_seconds=86_400, over="digest")
    assert (category.lane, category.attempts, category.deadline_seconds) == (Lane.BULK, 2, 1800)
    assert category.policy(Channel.SMS) is OnUnknown.AT_MOST_ONCE
    assert category.policy(Channel.PUSH) is OnUnknown.AT_LEAST_ONCE
    assert category_document(category) == document


def test_one_word_for_the_unknown_holds_for_every_channel() -> None:
    category = read_category({"on_unknown": "at_most_once"}, key="live")
    assert category.policy(Channel.EMAIL) is OnUnknown.AT_MOST_ONCE
    assert category_document(category)["on_unknown"] == "at_most_once"


def test_a_built_in_category_keeps_what_its_document_leaves_out() -> None:
    security = read_category({"key": "security", "attempts": 8})
    assert (security.lane, security.mandatory, security.attempts) == (Lane.CRITICAL, True, 8)


@pytest.mark.parametrize("category", BUILT_IN_CATEGORIES, ids=lambda category: str(category.key))
def test_built_in_categories_go_out_and_read_as_the_same(category: Any) -> None:
    assert read_category(category_document(category)) == category


@pytest.mark.parametrize(
    ("changes", "pointer", "mend"),
    [
        ({"lain": "bulk"}, "/lain", "did you mean 'lane'?"),
        ({"lane": "urgent"}, "/lane", "one of critical, transactional, social, bulk"),
        ({"lane": "Bulk"}, "/lane", "did you mean 'bulk'?"),
        ({"mandatory": "yes"}, "/mandatory", "is 'yes'; write true or false, without quotes"),
        ({"mandatory": 1}, "/mandatory", "is a number; write true or false"),
        ({"quiet_hours": "ignored"}, "/quiet_hours", "did you mean 'ignore'?"),
        ({"consent": False}, "/consent", 'write one of "none", "required", in quotes'),
        ({"attempts": 0}, "/attempts", "is 0; write a whole number from 1 to 20"),
        ({"attempts": "4"}, "/attempts", "is text; write a whole number"),
        ({"attempts": True}, "/attempts", "is true; write a whole number"),
        ({"deadline": "1 hour"}, "/deadline", "did you mean PT1H?"),
        ({"on_unknown": "at_most_one"}, "/on_unknown", "did you mean 'at_most_once'?"),
        ({"on_unknown": {"smss": "at_most_once"}}, "/on_unknown/smss", "did you mean 'sms'?"),
        ({"on_unknown": {"sms": "once"}}, "/on_unknown/sms", "at_most_once"),
        ({"cap": {"per": "user"}}, "/cap", "'limit' is missing; write e.g. {limit: 3"),
        ({"cap": {"limit": 3, "window": "1h"}}, "/cap/window", "did you mean PT1H?"),
        ({"cap": 3}, "/cap", "the cap is a number; write e.g. {limit: 3, window: PT1H}"),
    ],
)
def test_a_mistake_in_a_category_has_its_pointer_and_a_mend(
    changes: dict[str, Any], pointer: str, mend: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        read_category({"key": "live"} | changes)
    assert caught.value.pointer == pointer
    assert mend in caught.value.detail
