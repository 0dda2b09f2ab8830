from __future__ import annotations

import pytest

from clarion.core.crowd import withholds_push
from clarion.core.recipient import Mention, ScopeKind, Setting
from clarion.core.workflow import Channel
from clarion.testing.builders import USER, a_setting

TOPIC = 9
PUSH_ON = {Channel.PUSH: True}
NO_ROLES = a_setting(suppress=("roles",))


def withheld(
    *chain: Setting,
    channel: Channel = Channel.PUSH,
    large: bool = True,
    mention: Mention = Mention.NONE,
) -> bool:
    return withholds_push(channel, large=large, mention=mention, chain=chain)


def test_only_the_push_of_a_large_audience_is_withheld() -> None:
    assert withheld()
    assert not withheld(large=False)
    assert not any(withheld(channel=channel) for channel in Channel if channel != Channel.PUSH)


def test_a_mention_pushes_unless_it_is_suppressed() -> None:
    assert not withheld(mention=Mention.USER)
    assert not withheld(mention=Mention.ROLE)
    assert withheld(NO_ROLES, mention=Mention.ROLE)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (a_setting(ScopeKind.TOPIC, TOPIC, channels=PUSH_ON), False),
        (a_setting(ScopeKind.TOPIC, TOPIC, channels={Channel.PUSH: False}), True),
        (a_setting(ScopeKind.TOPIC, TOPIC, user=0, channels=PUSH_ON), True),
        (a_setting(ScopeKind.USER, user=USER, channels=PUSH_ON), True),
    ],
)
def test_only_who_asked_for_pushes_of_the_topic_gets_them(row: Setting, expected: bool) -> None:
    assert withheld(row) is expected
