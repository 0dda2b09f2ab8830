from __future__ import annotations

import pytest

from clarion.cli.client import Remote
from tests.cli.shell import House, Run


@pytest.fixture(autouse=True)
def _walter(house: House) -> None:
    """Somebody with an address, but without a device."""
    Remote(house.url, house.key).put("/v1/users/walter", {"email": "walter@example.org"})


def _sent(remote: Run, user: str) -> str:
    data = '{"code": "1"}'
    said = remote("send", "otp.requested", "--to", user, "--data", data, "--json", "--wait")
    return str(said.json["id"])


def test_why_says_the_verdict_the_reason_and_each_channel(remote: Run) -> None:
    said = remote("why", _sent(remote, "walter"), "walter")
    assert said.code == 0
    assert "walter was told in part" in said.out
    assert "walter had no device that takes pushes" in said.out
    assert "no_destination" in said.out
    (mail,) = (line for line in said.out.splitlines() if line.startswith("email"))
    assert mail.split()[-1] == "captured"
    assert "muted_actor" not in said.out


def test_the_trace_shows_every_gate(remote: Run) -> None:
    said = remote("why", _sent(remote, "walter"), "walter", "--trace")
    assert "otp-requested: step 0 (push)" in said.out
    for gate in ("expired", "exists", "duplicate", "mandatory", "channel", "destination"):
        assert gate in said.out


def test_somebody_outside_the_audience_is_told_so(remote: Run) -> None:
    said = remote("why", _sent(remote, "walter"), "wanda")
    assert said.code == 0
    assert "wanda was not in the audience" in said.out


def test_what_went_wrong_is_told_in_the_words_of_the_provider(
    clarion: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = "the address is private, local or reserved"
    delivery = {"id": "dlv_1", "channel": "webhook", "account": "hooks", "status": "dead"}
    taken = {**delivery, "id": "dlv_2", "outcome": "accepted", "detail": "queued as 7"}
    answer = {
        "user": "ana", "verdict": "not_told", "because": "It could not be delivered.",
        "channels": [],
        "deliveries": [{**delivery, "outcome": "config", "detail": detail}, taken],
    }  # fmt: skip
    monkeypatch.setattr(Remote, "get", lambda *_, **__: answer)
    said = clarion("why", "evt_1", "ana", "--key", "k")
    assert f"webhook by hooks: {detail}" in said.out
    assert "queued as 7" not in said.out


def test_json_is_the_answer_of_the_api(remote: Run) -> None:
    answer = remote("why", _sent(remote, "walter"), "walter", "--json").json
    assert answer["verdict"] == "partly_told"
    assert answer["channels"][0]["trace"]


def test_an_unknown_event_is_one_line(remote: Run) -> None:
    for event in ("evt_1", "evt_" + "0" * 32, "a/b"):
        said = remote("why", event, "walter")
        assert said.code == 1
        assert said.err.count("\n") == 1
        assert event in said.err


def test_what_waits_is_told_with_what_comes_next(remote: Run, house: House) -> None:
    push = {"channel": "email", "template": {"subject": "Hello", "body": "..."}}
    steps = [{"delay": "PT1H"}, {"send": push}]
    Remote(house.url, house.key).put("/v1/workflows/later", {"on": "later", "steps": steps})
    event = str(remote("send", "later", "--to", "walter", "--json").json["event_id"])
    said = remote("why", event, "walter", "--trace")
    assert "walter is still to be told" in said.out
    assert "delay" in said.out
    assert "hold until" in said.out
    assert "to come: walter will be told by e-mail after" in said.out
    assert "The event later was accepted." in said.out
    assert "later: step 0 (delay)" in said.out


def test_a_digest_is_told_with_what_it_gathered(remote: Run, house: House) -> None:
    item = {"channel": "inbox", "template": {"title": "Hello"}}
    steps = [{"digest": {"window": "PT1H"}}, {"send": item}]
    Remote(house.url, house.key).put("/v1/workflows/many", {"on": "many", "steps": steps})
    events = [
        str(remote("send", "many", "--to", "walter", "--json").json["event_id"]) for _ in "12"
    ]
    said = remote("why", events[0], "walter")
    assert "2 events so far" in said.out
    digest = remote("why", events[0], "walter", "--json").json["channels"][0]["digest"]
    said = remote("why", digest["id"], "walter")
    assert "The digest has gathered 2 events so far" in said.out
