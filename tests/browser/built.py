"""The pages as browsers get them, built when they are missing or older than their sources."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "clarion" / "static"
PRODUCTS = (STATIC / "dashboard" / "index.html", STATIC / "inbox" / "clarion-inbox.js")


def stale() -> bool:
    """Whether a source is younger than what was made of it."""
    if not all(path.is_file() for path in PRODUCTS):
        return True
    sources = [path for path in WEB.rglob("*") if "node_modules" not in path.parts]
    newest = max(path.stat().st_mtime for path in sources if path.is_file())
    return newest > min(path.stat().st_mtime for path in PRODUCTS)


def build() -> None:
    """Build once, however many processes ask. AssertionError with what the build said."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stale():
            done = subprocess.run(
                [sys.executable, WEB / "build.py"], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
            for path in PRODUCTS:
                path.touch()
