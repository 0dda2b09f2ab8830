from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.channel import Channel
from clarion.core.links import LONGEST_TOKEN, Link, Links, Purpose

SECRET, FORMER = b"s" * 32, b"f" * 32
LINKS = Links("https://clarion.example/notify/", (SECRET,))
A_LINK = Link(env=1, user=7, tenant=2, category=3, channel=3, workflow=4, topic=5)
numbers = st.integers(0, 2**62)


@given(st.tuples(*[numbers] * 7))
def test_what_was_sealed_is_read_again(found: tuple[int, ...]) -> None:
    env, user, tenant, expires_at, category, workflow, topic = found
    link = Link(
        env=env, user=user, tenant=tenant, expires_at=expires_at, category=category, channel=3,
        workflow=workflow, topic=topic,
    )  # fmt: skip
    token = LINKS.token(Purpose.UNSUBSCRIBE, link)
    assert len(token) <= LONGEST_TOKEN
    assert LINKS.read(Purpose.UNSUBSCRIBE, token) == link


def test_the_address_says_the_purpose_and_nothing_about_the_user() -> None:
    url = LINKS.url(Purpose.PREFERENCES, A_LINK)
    assert url.startswith("https://clarion.example/notify/p/")
    assert LINKS.url(Purpose.UNSUBSCRIBE, A_LINK).startswith("https://clarion.example/notify/u/")
    assert url == LINKS.url(Purpose.PREFERENCES, A_LINK)


def test_a_token_is_for_one_purpose_and_one_secret() -> None:
    token = LINKS.token(Purpose.PREFERENCES, A_LINK)
    assert LINKS.read(Purpose.UNSUBSCRIBE, token) is None
    assert Links("", (FORMER,)).read(Purpose.PREFERENCES, token) is None


def test_links_outlive_a_change_of_the_secret() -> None:
    token = Links("", (FORMER,)).token(Purpose.UNSUBSCRIBE, A_LINK)
    changed = Links("", (SECRET, FORMER))
    assert changed.read(Purpose.UNSUBSCRIBE, token) == A_LINK
    assert changed.token(Purpose.UNSUBSCRIBE, A_LINK) != token


@pytest.mark.parametrize("text", ["", "a", "=" * 40, "é" * 40, "a" * 257, " " * 40, "a\n" * 20])
def test_what_is_no_token_is_none(text: str) -> None:
    assert LINKS.read(Purpose.PREFERENCES, text) is None


def test_a_token_has_one_spelling() -> None:
    tokens = [LINKS.token(Purpose.PREFERENCES, Link(env=1, user=user)) for user in (1, 1_000)]
    for token in tokens:
        padded = token + "=" * (-len(token) % 4)
        whole = base64.urlsafe_b64decode(padded)
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            other = token[:-1] + letter
            same = base64.urlsafe_b64decode(other + "=" * (-len(other) % 4)) == whole
            if other != token and same:
                assert LINKS.read(Purpose.PREFERENCES, other) is None


def test_a_link_holds_until_its_instant_or_for_good() -> None:
    link = Link(env=1, user=7, expires_at=100)
    assert link.holds(99)
    assert not link.holds(100)
    assert A_LINK.holds(2**62)
    assert A_LINK.on is Channel.EMAIL
    assert link.on is None


def test_links_are_masked_wherever_they_stand() -> None:
    url = LINKS.url(Purpose.UNSUBSCRIBE, A_LINK)
    masked = LINKS.masked({"html": f'<a href="{url}">x</a>', "n": 1, "more": [url, "text"]})
    out = "https://clarion.example/notify/u/***"
    assert masked == {"html": f'<a href="{out}">x</a>', "n": 1, "more": [out, "text"]}
