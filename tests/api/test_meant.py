from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.api.choices import Preferences
from clarion.api.meant import with_suggestion
from clarion.core.event import IncomingEvent
from tests.api.house import House


def _said(body: bytes, kind: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=kind)
    return with_suggestion(str(caught.value), kind)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b'{"type": "a", "recipient": []}', IncomingEvent, "did you mean 'recipients'?"),
        (
            b'{"type": "a", "recipients": [{"topic": "t", "excpt": []}]}', IncomingEvent,
            "did you mean 'except'? - at `$.recipients[0]`",
        ),
        (
            b'{"workflows": {"x": {"level": "non"}}}', Preferences,
            "Invalid enum value 'non'; did you mean 'none'? - at `$.workflows[...].level`",
        ),
        (b'{"level": "zzz"}', Preferences, "'zzz'; it is one of all, inherit, mentions, none"),
        (b'{"channels": {"mail": "off"}}', Preferences, "did you mean 'email'?"),
        (
            b'{"type": "a", "recipients": [42]}', IncomingEvent,
            'got `int`; write a list: ["ana", {"topic": "doc:9"}] - at `$.recipients[0]`',
        ),
        (b'{"type": "a", "recipients": "ana"}', IncomingEvent, 'a list: ["ana", {"topic"'),
        (b'{"type": "a", "tags": {"a": 1}}', IncomingEvent, "an object of texts"),
        (b'{"suppress": ["role"]}', Preferences, "did you mean 'roles'?"),
    ],
)  # fmt: skip
def test_a_mistake_ends_with_what_may_stand_there(body: bytes, kind: Any, said: str) -> None:
    assert said in _said(body, kind)


@pytest.mark.parametrize("kind", [None, int, dict[str, int]])
def test_nothing_is_said_where_nothing_is_known(kind: Any) -> None:
    message = "Object contains unknown field `x` - at `$.a[0].b`"
    assert with_suggestion(message, kind) == message


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/v1/events", {"type": "a", "recipient": []}, "did you mean 'recipients'?"),
        ("POST", "/v1/events/batch", {"event": []}, "did you mean 'events'?"),
        ("PUT", "/v1/users/u1", {"mail": "a@example.org"}, "did you mean 'email'?"),
        ("PUT", "/v1/users/u1/devices/t", {"platform": "android"}, "it is one of apns, fcm"),
        ("PATCH", "/v1/environment", {"preferences": {"channels": {"mail": "on"}}}, "'email'?"),
        ("PATCH", "/v1/environment", {"preferences": {"level": "no"}}, "did you mean 'none'?"),
        ("POST", "/v1/topics/t/subscribers", {"users": ["u1"]}, "it is one of add, "),
    ],
)
async def test_every_way_in_says_it(
    house: House, method: str, path: str, body: dict[str, Any], said: str
) -> None:
    async with house.client(house.admin_key) as client:
        answer = await client.request(method, path, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
