"""Running commands: here when they end by themselves, in their own process when they serve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / "src" / "clarion" / "demo_workspace"
STOP_SECONDS = 45


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


class House(NamedTuple):
    """A server in a process of its own, with the demo's workspace."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    key: str


def environ(**more: str) -> dict[str, str]:
    """This process's environment without settings, plus some."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLARION_")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **more}


def start(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """`clarion ...` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "clarion", *arguments],
        cwd=folder, env=environ(**(env or {})), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> Said:
    """What a process said until its end."""
    out, err = process.communicate(timeout=STOP_SECONDS)
    return Said(process.returncode, out, err)


def start_house(folder: Path, env: Mapping[str, str] | None = None) -> House:
    """A server that answers, on a free port."""
    wanted = {"CLARION_LISTEN": "127.0.0.1:0", "CLARION_WORKSPACE": str(WORKSPACE), **(env or {})}
    process = start(folder, "up", "--json", env=wanted)
    greeting = greeting_of(process)
    return House(process, folder, greeting["url"], greeting["admin_key"] or "")


def greeting_of(process: subprocess.Popen[str]) -> Any:
    """What a server says with --json once it answers; AssertionError when it ends instead."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            return json.loads("".join(lines))
    raise AssertionError(ended(process).err)
