import json
from typing import Any

import msgspec
import pytest

from clarion.channels.push.fcm_message import Bodies, build_message
from clarion.core.delivery import Message, Outcome
from tests.channels.builders import NOON, a_push

SECOND = 1_000_000


def to(message: Message, n: int, **changed: Any) -> Message:
    """The same words to somebody else."""
    return msgspec.structs.replace(
        message,
        address=f'token-{n}-"ü"',
        delivery_id=f"dlv_{n:063}",
        notification_id=f"ntf_{n:045}",
        **changed,
    )


def whole(message: Message, now: int = NOON) -> dict[str, Any]:
    """The body as it is made by itself."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(build_message(message, now)))
    return found


def body(bodies: Bodies, message: Message, now: int = NOON) -> dict[str, Any]:
    made = bodies.of(message, now)
    assert isinstance(made, bytes)
    found: dict[str, Any] = json.loads(made)["message"]
    return found


CONTENTS: list[dict[str, Any]] = [
    {"title": "Hello", "body": "world"},
    {"title": "a", "collapse_key": "order-7", "data": {"n": 1}, "ttl": "300"},
    {"data": {"silent": True}},
    {"title": "a", "android": {"notification": {"tag": "own"}}, "apns": {"headers": {"x": "1"}}},
    {"title": "a", "url": "https://shop.example/o?id=1"},
]


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("changed", [{}, {"urgent": True}, {"silent": True}, {"ttl_seconds": 60}])
def test_words_that_many_are_told_make_the_same_bodies_as_by_themselves(
    content: dict[str, Any], changed: dict[str, Any]
) -> None:
    bodies, words = Bodies(), a_push(content=content)
    for n in range(4):
        message = to(words, n, **changed)
        assert body(bodies, message) == whole(message)


def test_what_is_said_once_may_change_between_two_who_are_told_the_same() -> None:
    bodies, words = Bodies(), a_push(content={"title": "a", "body": "b"})
    asked = [
        (to(words, 1), NOON),
        (to(words, 2, ttl_seconds=60), NOON),
        (to(words, 3, ttl_seconds=60), NOON + SECOND),
        (to(words, 4, ttl_seconds=59), NOON + SECOND),
        (to(words, 5, urgent=True), NOON),
        (to(words, 6, silent=True), NOON),
        (to(words, 7, platform=""), NOON),
        (to(words, 8, platform="fcm_topic", ttl_seconds=None), NOON),
        (to(words, 9), NOON),
    ]
    for message, now in asked[:7] + asked[8:]:
        assert body(bodies, message, now) == whole(message, now)


def test_a_topic_is_told_beside_tokens() -> None:
    bodies, words = Bodies(), a_push(content={"title": "a"})
    for n in range(3):
        body(bodies, to(words, n))
    topic = msgspec.structs.replace(words, platform="fcm_topic", address="news")
    assert body(bodies, topic) == whole(topic)
    assert body(bodies, topic)["topic"] == "news"


@pytest.mark.parametrize("text", ["\0token", "\0delivery", "\0notification"])
def test_words_that_look_like_our_marks_are_left_as_they_are(text: str) -> None:
    bodies, words = Bodies(), a_push(content={"title": text, "data": {"a": text}})
    for n in range(3):
        message = to(words, n)
        assert body(bodies, message) == whole(message)
        assert body(bodies, message)["notification"]["title"] == text


def test_equal_words_that_are_not_the_same_object_do_not_stand_for_each_other() -> None:
    bodies = Bodies()
    for n in range(4):
        message = to(a_push(content={"title": "a" if n % 2 else "b"}), n)
        assert body(bodies, message) == whole(message)


def test_what_is_too_large_is_refused_for_each() -> None:
    bodies, words = Bodies(), a_push(content={"title": "x" * 5_000})
    for n in range(3):
        made = bodies.of(to(words, n), NOON)
        assert isinstance(made, Outcome)
        assert made.code == "too_large"


def test_ids_of_another_length_are_weighed_again() -> None:
    bodies, words = Bodies(), a_push(content={"title": "x" * 4_020})
    for n in range(3):
        assert isinstance(bodies.of(to(words, n), NOON), bytes)
    longer = msgspec.structs.replace(to(words, 1), notification_id="n" * 90)
    assert isinstance(bodies.of(longer, NOON), Outcome)
