"""An event's own sense, checked before any name is looked up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.clock import SECOND
from clarion.core.event import IncomingEvent
from clarion.errors import InvalidError
from clarion.pipeline.drafts import Draft, draft
from clarion.testing.clock import START


def drafted(**fields: Any) -> Draft:
    incoming = msgspec.convert({"type": "note", **fields}, IncomingEvent)
    return draft(incoming, request_key=None, now=START)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"type": ""}, "/type"),
        ({"id": "x" * 257}, "/id"),
        ({"actor": "a\nb"}, "/actor"),
        ({"tenant": ""}, "/tenant"),
        ({"about": "\x00"}, "/about"),
        ({"tags": {"": "x"}}, "/tags/"),
        ({"tags": {"order": ""}}, "/tags/order"),
        ({"tags": {str(n): "x" for n in range(33)}}, "/tags"),
        ({"expires_in": "5 minutes"}, "/expires_in"),
        ({"expires_at": "tomorrow"}, "/expires_at"),
        ({"expires_at": "2026-01-01T12:00:00"}, "/expires_at"),
        ({"recipients": ["u1", ""]}, "/recipients/1"),
        ({"recipients": [{}]}, "/recipients/0"),
        ({"recipients": [{"id": "u1", "topic": "t"}]}, "/recipients/0"),
        ({"recipients": [{"all": False}]}, "/recipients/0"),
        ({"recipients": [{"topic": "t", "email": "a@b.example"}]}, "/recipients/0"),
        ({"recipients": [{"topic": "t", "except": [""]}]}, "/recipients/0/except"),
        ({"recipients": [{"id": "u1", "timezone": "Mars/Base"}]}, "/recipients/0/timezone"),
        ({"recipients": [{"id": "u1", "locale": "!"}]}, "/recipients/0/locale"),
        ({"mentions": [{}]}, "/mentions/0"),
        ({"mentions": [{"role": "a", "reply": "b"}]}, "/mentions/0"),
        ({"mentions": ["u1", ""]}, "/mentions/1"),
    ],
)
def test_a_mistake_is_refused_with_its_place(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidError) as refused:
        drafted(**fields)
    assert refused.value.pointer == pointer


def test_recipients_are_sorted_into_the_audience() -> None:
    found = drafted(
        recipients=[
            "u1",
            {"id": "u2", "name": "Bo"},
            "u1",
            {"id": "u1"},
            {"topic": "t", "except": ["u3"]},
            {"topic": "t", "except": ["u3"]},
            {"all": True, "except": ["u4"]},
            {"fcm_topic": "sports"},
            {"fcm_topic": "sports"},
        ]
    )
    assert found.audience is not None
    assert found.audience.users == ["u1", "u2"]
    assert found.audience.topics == [("t", ("u3",))]
    assert (found.audience.everyone, found.audience.everyone_except) == (True, ("u4",))
    assert found.audience.fcm_topics == ["sports"]
    assert [(write.id, write.changed) for write in found.inline] == [
        ("u2", {"name": "Bo"}),
        ("u1", {}),
    ]


def test_no_recipients_and_an_empty_list_are_two_things() -> None:
    assert drafted().audience is None
    empty = drafted(recipients=[]).audience
    assert empty is not None
    assert empty.empty


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"expires_in": "PT5M"}, 300),
        ({"expires_at": "2026-01-01T12:01:00Z"}, 60),
        ({"expires_at": "2026-01-01T14:01:00+02:00"}, 60),
        ({"expires_in": "PT5M", "expires_at": "2026-01-01T12:01:00Z"}, 60),
    ],
)
def test_the_earlier_expiry_holds(fields: dict[str, str], seconds: int) -> None:
    assert drafted(**fields).expires_at == START + seconds * SECOND


def test_mentions_say_whom_and_how() -> None:
    found = drafted(mentions=["u1", "everyone", {"role": "ops"}, {"reply": "u2"}])
    assert found.mentions == [
        ("user", "u1"),
        ("everyone", ""),
        ("role", "ops"),
        ("reply", "u2"),
    ]


def test_an_id_and_a_request_key_are_kept_apart() -> None:
    incoming = msgspec.convert({"type": "note", "id": "a"}, IncomingEvent)
    found = draft(incoming, request_key=("a", b"x"), now=START)
    assert [key for key, _ in found.keys] == ["id:a", "req:a"]
    assert draft(incoming, request_key=None, now=START).keys == found.keys[:1]
