"""Caps as documents: what is read, what is refused and where, and what goes back out."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.caps import NO_CAPS, CapDefaults, CapRule
from clarion.core.caps_reading import (
    CHANNEL_FIELDS,
    STEP_FIELDS,
    TOTAL_FIELDS,
    cap_defaults_document,
    cap_document,
    read_cap,
    read_cap_defaults,
)
from clarion.core.document import Mistakes
from clarion.core.workflow import Channel


def refusals(value: Any, **how: Any) -> list[tuple[str, str]]:
    mistakes = Mistakes()
    assert read_cap(value, "/cap", mistakes, **how) is None
    return [(error.pointer, error.detail) for error in mistakes.found]


def read(value: Any, **how: Any) -> CapRule:
    mistakes = Mistakes()
    rule = read_cap(value, "/cap", mistakes, **how)
    assert mistakes.found == []
    assert rule is not None
    return rule


def test_a_whole_cap_is_read_and_goes_back_out() -> None:
    document = {
        "limit": 3,
        "window": "PT1H",
        "over": "digest",
        "channels": ["push", "sms"],
        "per": "tenant",
        "key": "data.doc_id",
    }
    rule = read(document)
    assert rule == CapRule(
        limit=3,
        window_seconds=3600,
        over="digest",
        channels=(Channel.PUSH, Channel.SMS),
        per="tenant",
        key="data.doc_id",
    )
    assert cap_document(rule) == document


def test_what_a_cap_leaves_out_has_its_default() -> None:
    rule = read({"limit": 1, "window": "P31D"})
    assert rule == CapRule(limit=1, window_seconds=31 * 86_400)
    assert (rule.over, rule.per, rule.channels, rule.key) == ("skip", "user", (), None)
    assert read(cap_document(rule)) == rule


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"limit": 0}, "/cap/limit", "switch the channel off or pause the workflow"),
        ({"limit": -1}, "/cap/limit", "a whole number from 1 to 1000000"),
        ({"limit": 1_000_001}, "/cap/limit", "a whole number from 1 to 1000000"),
        ({"limit": True}, "/cap/limit", "a whole number"),
        ({"limit": None}, "/cap/limit", "nothing"),
        ({"window": "PT0S"}, "/cap/window", "out of range"),
        ({"window": "1h"}, "/cap/window", "did you mean PT1H?"),
        ({"window": 60}, "/cap/window", "a duration such as"),
        ({"window": "P32D"}, "/cap/window", "at most P31D"),
        ({"over": "drop"}, "/cap/over", "skip, digest, hold"),
        ({"over": "digst"}, "/cap/over", "did you mean 'digest'?"),
        ({"per": "users"}, "/cap/per", "did you mean 'user'?"),
        ({"channels": "push"}, "/cap/channels", "write a list such as [push]"),
        ({"channels": []}, "/cap/channels", "leave it out for all but the inbox"),
        ({"channels": ["push", "pusj"]}, "/cap/channels/1", "did you mean 'push'?"),
        ({"channels": ["sms", "sms"]}, "/cap/channels/1", "write it once"),
        ({"key": ""}, "/cap/key", "a CEL expression"),
        ({"limits": 3}, "/cap/limits", "did you mean 'limit'?"),
    ],
)
def test_a_mistake_has_its_place_and_its_mend(
    changes: dict[str, Any], pointer: str, said: str
) -> None:
    ((at, detail),) = refusals({"limit": 3, "window": "PT1H"} | changes)
    assert at == pointer
    assert said in detail


def test_what_is_missing_is_said_all_at_once() -> None:
    assert [detail.split(";")[0] for _, detail in refusals({})] == [
        "'limit' is missing",
        "'window' is missing",
    ]
    assert refusals(3) == [("/cap", "the cap is a number; write e.g. {limit: 3, window: PT1H}")]


def test_a_place_that_says_something_itself_has_no_field_for_it() -> None:
    cap = {"limit": 3, "window": "PT1H"}
    assert refusals({**cap, "channels": ["push"]}, known=STEP_FIELDS)[0][0] == "/cap/channels"
    assert refusals({**cap, "key": "data.x"}, known=CHANNEL_FIELDS)[0][0] == "/cap/key"
    assert refusals({**cap, "per": "all"}, known=TOTAL_FIELDS)[0][0] == "/cap/per"
    assert read(cap, known=TOTAL_FIELDS, per="tenant").per == "tenant"


def test_defaults_are_read_by_channel_and_go_back_out() -> None:
    document = {
        "caps": {
            "push": {"limit": 3, "window": "PT1H", "over": "hold"},
            "*": {"limit": 9, "window": "P1D", "over": "skip"},
        },
        "cap_total": {"limit": 1000, "window": "PT1H", "over": "skip", "channels": ["sms"]},
    }
    mistakes = Mistakes()
    defaults = read_cap_defaults(document, "", mistakes)
    assert mistakes.found == []
    assert set(defaults.channels) == {"push", "*"}
    assert defaults.total is not None
    assert defaults.total.per == "tenant"
    assert cap_defaults_document(defaults) == document


def test_defaults_without_anything_are_none() -> None:
    mistakes = Mistakes()
    empty: list[dict[str, Any]] = [{}, {"caps": {}}, {"caps": None, "cap_total": None, "zone": 1}]
    for document in empty:
        assert read_cap_defaults(document, "", mistakes) == NO_CAPS == CapDefaults()
    assert mistakes.found == []
    assert cap_defaults_document(NO_CAPS) == {}


def test_a_mistake_in_defaults_has_its_place() -> None:
    mistakes = Mistakes()
    document = {"caps": {"pusch": {}, "sms": {"limit": 0, "window": "PT1H"}}, "cap_total": 3}
    read_cap_defaults(document, "/x", mistakes)
    assert [error.pointer for error in mistakes.found] == [
        "/x/caps/pusch",
        "/x/caps/sms/limit",
        "/x/cap_total",
    ]
