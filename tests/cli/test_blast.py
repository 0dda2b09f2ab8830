from __future__ import annotations

import json
from pathlib import Path

import pytest

from clarion.cli.client import Remote
from tests.cli.shell import House, Run

DATA = '{"code": "123456"}'
WORDS = ("blast", "prepare", "--type", "otp.requested", "--data", DATA)


def prepared(remote: Run, *more: str) -> str:
    """The id of a blast that is armed, for everybody."""
    said = remote(*WORDS, "--all", *more, "--json")
    assert said.code == 0, said.err
    assert said.json["state"] == "armed"
    found: str = said.json["id"]
    return found


@pytest.fixture
def anybody(remote: Run) -> None:
    """Somebody is there to be told."""
    assert remote("send", "otp.requested", "--to", "vera", "--data", DATA, "--wait").code == 0


@pytest.mark.usefixtures("anybody")
def test_a_blast_is_prepared_tried_fired_and_watched(remote: Run) -> None:
    blast = prepared(remote, "--name", "to all")
    tried = remote("blast", "test", blast, "--to", "vera", "--json")
    assert tried.json["event_id"].startswith("evt_")
    fired = remote("blast", "fire", blast, "--wait")
    assert fired.code == 0
    assert "(to all)" in fired.out
    assert "complete:" in fired.out
    again = remote("blast", "fire", blast, "--json")
    assert again.json["event_id"] in fired.out
    assert remote("blast", "watch", blast).code == 0


def test_why_people_are_skipped_is_said_with_what_to_do(remote: Run, house: House) -> None:
    server = Remote(house.url, house.key)
    mail = {
        "channel": "email",
        "template": {"subject": "20 % off", "body": "{{ unsubscribe_url }}"},
    }
    document = {"on": "sale.began", "category": "marketing", "steps": [{"send": mail}]}
    server.put("/v1/workflows/sale-began", document)
    server.put("/v1/users/vera", {"email": "vera@example.org"})
    said = remote("blast", "prepare", "--type", "sale.began", "--to", "vera", "--to", "nobody")
    assert said.code == 0
    assert "skipped on all channels: " in said.out
    assert "unknown_user 1" in said.out
    assert "skipped email: no_consent 1" in said.out
    assert "`clarion topics import` brings it" in said.out


@pytest.mark.usefixtures("anybody")
def test_a_list_shows_the_newest_first(remote: Run) -> None:
    first, second = prepared(remote), prepared(remote)
    ids = [row["id"] for row in remote("blast", "list", "--json").json]
    assert ids[:2] == [second, first]
    said = remote("blast", "list", "--limit", "1")
    assert second in said.out
    assert first not in said.out.split()


@pytest.mark.usefixtures("anybody")
def test_one_that_waits_for_its_instant_is_paused_cancelled_and_deleted(remote: Run) -> None:
    blast = prepared(remote)
    planned = remote("blast", "fire", blast, "--at", "2099-01-01T00:00:00Z", "--json")
    assert (planned.json["state"], planned.json["fire_at"][:4]) == ("armed", "2099")
    paused = remote("blast", "pause", blast, "--by", "ada", "--json")
    assert paused.json["fire_at"] is None
    assert "not fired" in remote("blast", "resume", blast).err
    assert "canceled" in remote("blast", "cancel", blast).out
    assert "was canceled" in remote("blast", "fire", blast).err
    assert remote("blast", "delete", blast).code == 0
    assert remote("blast", "show", blast).code == 1


def test_a_file_says_what_is_prepared(remote: Run, tmp_path: Path) -> None:
    file = tmp_path / "sale.yaml"
    body = {"type": "otp.requested", "name": "of a file", "recipients": [{"topic": "none"}]}
    file.write_text(json.dumps({**body, "data": {"code": "1"}}))
    said = remote("blast", "prepare", str(file))
    assert said.code == 0
    assert "(of a file): armed" in said.out
    assert "nobody is in the audience" in said.out


def test_what_cannot_be_prepared_is_told(clarion: Run, remote: Run, tmp_path: Path) -> None:
    assert clarion("blast", "prepare", "--key", "k").code == 2
    file = tmp_path / "list.yaml"
    file.write_text("- a\n")
    assert "holds no object" in clarion("blast", "prepare", str(file), "--key", "k").err
    assert "cannot be read" in clarion("blast", "prepare", str(tmp_path / "no"), "--key", "k").err
    assert "--data is" in clarion("blast", "prepare", "--data", "[1]", "--key", "k").err
    refused = remote("blast", "prepare", "--type", "nobody.listens", "--all")
    assert refused.code == 1
    assert "no workflow listens" in refused.err
