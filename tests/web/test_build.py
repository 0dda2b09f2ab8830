from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "clarion" / "static"

BUDGETS = {"clarion-inbox": 30_000, "clarion-inbox-client": 8_000, "dashboard": 220_000}
"""Packed bytes of all scripts and styles that a bundle loads."""


def run(word: str) -> None:
    done = subprocess.run(
        [sys.executable, WEB / "build.py", word], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("npm")
@pytest.mark.parametrize("word", ["check", "test"])
def test_the_pages_hold_their_types_and_their_tests_pass(word: str) -> None:
    run(word)


def packed(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def loaded_by(entry: Path) -> list[Path]:
    """A module and all that it imports from beside it."""
    found, waiting = set[Path](), [entry]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            names = re.findall(r"""(?:from|import)\s*["'](\./[^"']+)["']""", path.read_text())
            waiting += [path.parent / name for name in names]
    return sorted(found)


@pytest.mark.parametrize("name", ["clarion-inbox", "clarion-inbox-client"])
def test_what_other_sites_load_is_small(name: str) -> None:
    assert packed(loaded_by(STATIC / "inbox" / f"{name}.js")) <= BUDGETS[name]


def test_the_dashboard_is_small() -> None:
    files = [path for path in (STATIC / "dashboard").rglob("*") if path.suffix in (".js", ".css")]
    assert packed(files) <= BUDGETS["dashboard"]


def test_the_pinned_packages_name_no_host_they_came_from() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
