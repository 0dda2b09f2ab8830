"""`clarion what-if`: other rules on the past, or one event, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import Run

CHANGE = "defaults: {channels: {email: 'off'}}\n"
WORKFLOW = {
    "steps": [{"send": {"channel": "inbox", "template": {"title": "Hi", "body": "There."}}}]
}


def test_a_question_is_walked_to_its_end_and_told(remote: Run, tmp_path: Path) -> None:
    (tmp_path / "change.yaml").write_text(CHANGE)
    said = remote("what-if", "--change", "change.yaml", "--since", "P1D")
    assert (said.code, "made again" in said.out) == (0, True)
    told = remote("what-if", "--since", "2026-01-01T00:00:00Z", "--json").json
    assert (told["state"], told["answer"]["changed"]) == ("done", 0)


def test_a_workflow_is_written_as_in_a_workspace(remote: Run, tmp_path: Path) -> None:
    steps = "[{send: {channel: inbox, template: {title: Hi}}}]"
    change = f"workflows: {{tried: {{on: comment.added, steps: {steps}}}}}"
    (tmp_path / "change.yaml").write_text(change)
    said = remote("what-if", "--change", "change.yaml", "--since", "P1D")
    assert (said.code, "made again" in said.out) == (0, True)
    (tmp_path / "change.yaml").write_text("workflows: [")
    said = remote("what-if", "--change", "change.yaml", "--since", "P1D")
    assert (said.code, "change.yaml:" in said.err) == (2, True)


def test_one_event_is_tried_for_one_user(remote: Run, tmp_path: Path) -> None:
    (tmp_path / "change.json").write_text(json.dumps({"workflows": {"tried": WORKFLOW}}))
    asked = ("what-if", "--change", "change.json", "--event", "tried", "--user", "nobody-knows")
    said = remote(*asked)
    assert said.code == 0
    assert "unknown_user" in said.out
    assert remote(*asked, "--json").json["reserved"] is False


def test_what_is_missing_is_asked_for(clarion: Run) -> None:
    for arguments, word in ((("--event", "x"), "--user"), ((), "--since")):
        said = clarion("what-if", *arguments, "--key", "k")
        assert (said.code, word in said.err) == (2, True)
