import json

import pytest

from bench.peers.job import message, numbered, provider_id


def test_places_are_numbered_for_drivers_that_want_it() -> None:
    assert numbered("select %s where a < %s") == "select $1 where a < $2"


def test_a_push_names_its_token_and_event() -> None:
    sent = json.loads(message("token-1", "event-9"))["message"]
    assert (sent["token"], sent["data"]["event"]) == ("token-1", "event-9")


def test_what_the_provider_refuses_fails_the_job() -> None:
    assert provider_id(200, b'{"name": "m1"}') == "m1"
    with pytest.raises(RuntimeError, match="503"):
        provider_id(503, b"")
