from __future__ import annotations

import signal
import socket
from pathlib import Path

from clarion.cli.demo.story import ACTS, BREAKING, EVERYBODY
from tests.cli.shell import Run, ended, start


def test_the_story_plays_through_and_comes_out_as_told(tmp_path: Path) -> None:
    said = ended(start(tmp_path, "demo", "--once"))
    assert said.code == 0, said.out + said.err
    assert said.err == ""
    for act in (*ACTS, BREAKING):
        assert f"✓ {act.title}" in said.out
    assert "0 lost." in said.out
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
