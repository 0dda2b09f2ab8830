"""A parent and its processes: real ones, that do what a test tells them."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clarion.assemble.siblings import Sibling
from clarion.cli.supervising import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    STEADY_SECONDS,
    Child,
)
from tests.cli.shell import environ

PROGRAM = """
import json, os, signal, socket, sys
from clarion.assemble.siblings import Sibling
from clarion.cli.supervising import Child, Supervisor

how = sys.argv[1]

def say(*words):
    # one write, so that no other process writes into the line
    os.write(1, " ".join(map(str, words)).encode() + b"\\n")

def body(number, link):
    if how == "unsound" and number == 2:
        return 2
    if how == "deaf":
        signal.signal(signal.SIGTERM, lambda *_: say("asked", number))
    else:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(3 if how == "sorry" else 0))
    link.sendall(b'{"worker": %d}\\n' % (number * 10))
    told = b""
    while data := link.recv(4096):
        told += data
        *lines, told = told.split(b"\\n")
        for line in lines:
            for row in json.loads(line):
                if row["process"] == 2 and number == 1:
                    say(row["state"], row["restarts"])
    say("the parent is gone", number)
    return 0

def greet(children):
    say("up", *(f"{child.pid}:{child.greeting.worker}" for child in children))

children = [Child(n, f"process {n}", Sibling(process=n, state="starting")) for n in (1, 2)]
sys.exit(Supervisor(children, body, float(sys.argv[2])).run(greet))
"""


Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """A parent that runs; none is left, and no child either."""
    begun: list[subprocess.Popen[str]] = []

    def begin(how: str, drain_seconds: float = 5.0) -> subprocess.Popen[str]:
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM, how, str(drain_seconds)],
                env=environ(),
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def pids_of(process: subprocess.Popen[str]) -> list[int]:
    """Of a family that is up."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("up "):
            words = line.split()[1:]
            if ":" in words[0]:
                assert [word.partition(":")[2] for word in words] == ["10", "20"]
                return [int(word.partition(":")[0]) for word in words]
    raise AssertionError(process.stderr and process.stderr.read())


def until_said(process: subprocess.Popen[str], said: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == said:
            return
    raise AssertionError(f"never said {said!r}")


def test_a_signal_to_the_parent_ends_all(begin: Begin) -> None:
    process = begin("well")
    pids = pids_of(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_process_that_dies_is_started_again_and_the_others_are_told(begin: Begin) -> None:
    process = begin("well")
    pids = pids_of(process)
    os.kill(pids[1], signal.SIGKILL)
    until_said(process, "waiting 0")
    until_said(process, "up 1")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    said = process.communicate()[1]
    assert "process 2 ended with SIGKILL; it starts again in 0.25 s" in said


def test_nobody_is_left_when_the_parent_is_killed(begin: Begin) -> None:
    process = begin("well")
    ends = [os.pidfd_open(pid) for pid in pids_of(process)]
    process.kill()
    for end in ends:
        assert select.select([end], [], [], 20.0)[0]
        os.close(end)


def test_one_that_cannot_start_ends_all_with_its_code(begin: Begin) -> None:
    process = begin("unsound")
    out, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "up " not in out
    assert "process 2 ended with exit code 2 before it was up" in said


def test_one_that_fails_at_the_end_is_told(begin: Begin) -> None:
    process = begin("sorry")
    pids_of(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 1
    assert "ended with exit code 3" in process.communicate()[1]


def test_a_second_signal_kills_who_does_not_end(begin: Begin) -> None:
    process = begin("deaf", 600.0)
    pids = pids_of(process)
    process.send_signal(signal.SIGTERM)
    until_said(process, "asked 1")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.fixture
def child() -> Child:
    return Child(1, "process 1", Sibling(process=1, state="starting"))


def test_pauses_grow_up_to_a_bound_and_begin_again_after_a_steady_time(child: Child) -> None:
    pauses = []
    for now in range(12):
        child.begin(1, _link(), float(now))
        child.gone()
        pauses.append(child.pause_seconds(now + 0.5))
    assert pauses[:3] == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    child.begin(1, _link(), 100.0)
    child.gone()
    assert child.pause_seconds(100.0 + STEADY_SECONDS) == FIRST_PAUSE_SECONDS
    assert child.due_seconds == 100.0 + STEADY_SECONDS + FIRST_PAUSE_SECONDS


def test_a_child_tells_where_it_stands(child: Child) -> None:
    assert child.row.state == "starting"
    child.begin(1, _link(), 0.0)
    assert not child.hear(b'{"worker"')
    assert child.row.state == "starting"
    assert child.hear(b': 7, "admin_key": "k"}\n')
    assert child.row.state == "up"
    assert child.greeting is not None
    assert (child.greeting.worker, child.greeting.admin_key) == (7, "k")
    child.gone()
    child.pause_seconds(1.0)
    assert child.row.state == "waiting"


def _link() -> socket.socket:
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours
