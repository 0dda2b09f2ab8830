from __future__ import annotations

import pytest

from clarion.core.masked import masked
from clarion.core.workflow import Channel


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        (Channel.EMAIL, "ana.b@example.org", "a…@example.org"),
        (Channel.EMAIL, "a@example.org", "…@example.org"),
        (Channel.EMAIL, "not an address", "…"),
        (Channel.SMS, "+4915112345678", "…5678"),
        (Channel.SMS, "+4311", "…"),
        (Channel.PUSH, "fGx1:APA91bHx7FqPz", "…x7FqPz"),
        (Channel.WEBHOOK, "https://example.org/hooks/secret", "…"),
    ],
)
def test_an_address_is_told_apart_and_not_given_away(
    channel: Channel, address: str, shown: str
) -> None:
    assert masked(channel, address) == shown
