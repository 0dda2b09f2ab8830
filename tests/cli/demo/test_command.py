from __future__ import annotations

import signal
import socket
from pathlib import Path

from clarion.cli.demo.restraint import Night
from clarion.cli.demo.story import BREAKING, EVERYBODY, SCENES, acts
from tests.cli.shell import Run, ended, start

NIGHT = Night(zone="Asia/Tokyo", wall="23:14")


def test_the_scenes_are_counted() -> None:
    assert len(acts(NIGHT)) + 1 == SCENES


def test_the_story_plays_through_and_comes_out_as_told(tmp_path: Path) -> None:
    said = ended(start(tmp_path, "demo", "--once"))
    assert said.code == 0, said.out + said.err
    assert said.err == ""
    for act in (*acts(NIGHT), BREAKING):
        assert f"✓ {act.title}" in said.out
    assert "0 lost." in said.out
    assert "Noor's badge: 1 unread, 0 pushes." in said.out
    assert "1 push to Mia: “Sydney, Alex and 18 others liked your post”" in said.out
    assert "alma will be told by push after 07:00 on " in said.out
    assert "Held until the morning: 1 held" in said.out
    assert "The ledger balances" in said.out
    assert "Every act came out as told." in said.out
    assert f"{EVERYBODY:,}" in said.out
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_story_ends_cleanly(tmp_path: Path) -> None:
    process = start(tmp_path, "demo", "--port", "0")
    assert process.stdout is not None
    for line in process.stdout:
        if "Act 1" in line:
            break
    process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.code == 130
    assert said.err == ""


def test_a_port_that_is_taken_names_the_option(clarion: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = ended(start(tmp_path, "demo", "--port", port))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "--port" in said.err
