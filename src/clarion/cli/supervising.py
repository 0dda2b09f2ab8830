"""The parent of `clarion serve --processes`: starts processes, watches them, starts those again
that die, and leaves nobody behind.

It has neither a loop nor threads, so that it can fork at any time: a process that is started again
has everything loaded, and shares the memory of the program with the others.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from clarion.assemble.siblings import UP, Sibling
from clarion.cli.failing import WRONG
from clarion.telemetry import logger

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A process that lived so long begins again with the first pause."""
LAST_WORDS_SECONDS = 20.0
"""Beyond the drain; who still runs then is killed."""
TELL_SECONDS = 0.2
STARTING, WAITING = "starting", "waiting"
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = logger("cli")
_encode = msgspec.json.Encoder().encode


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """What a process says once it works: its number as a worker; the admin key it made, if any."""

    worker: int
    admin_key: str | None = None


class Child:
    """One process: how it is now, and how often it came back."""

    def __init__(self, number: int, name: str, shown: Sibling) -> None:
        self.number = number
        self.name = name
        self.pid = 0
        self.restarts = 0
        self.greeting: Greeting | None = None
        self.link: socket.socket | None = None
        self._shown = shown
        self._heard = b""
        self._began_seconds = 0.0
        self._deaths = 0
        self.due_seconds = 0.0

    @property
    def row(self) -> Sibling:
        """As the others are told."""
        waits = not self.pid and self._deaths > 0
        state = WAITING if waits else STARTING if self.greeting is None else UP
        return msgspec.structs.replace(self._shown, state=state, restarts=self.restarts)

    def begin(self, pid: int, link: socket.socket, now_seconds: float) -> None:
        """It runs."""
        self.pid, self.link, self.greeting = pid, link, None
        self._heard, self._began_seconds = b"", now_seconds

    def hear(self, data: bytes) -> bool:
        """What it says; whether it greeted with that."""
        self._heard += data
        line, found, _ = self._heard.partition(b"\n")
        if not found or self.greeting is not None:
            return False
        self.greeting = msgspec.json.decode(line, type=Greeting)
        return True

    def gone(self) -> None:
        """It ended."""
        self.pid, self.greeting = 0, None
        if self.link is not None:
            self.link.close()
            self.link = None

    def pause_seconds(self, now_seconds: float) -> float:
        """How long it is left alone after its end."""
        steady = now_seconds - self._began_seconds >= STEADY_SECONDS
        self._deaths = 1 if steady else self._deaths + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(self._deaths - 1, 10), LONGEST_PAUSE_SECONDS)
        self.due_seconds = now_seconds + pause
        return pause


class Supervisor:
    """Runs `body(number, link)` in a process for each child. A body greets with a line of JSON on
    its link, is told the rows of all, a line each time, and ends when the link does."""

    def __init__(
        self,
        children: list[Child],
        body: Callable[[int, socket.socket], int],
        drain_seconds: float,
    ) -> None:
        self.children = children
        self._body = body
        self._drain_seconds = drain_seconds
        self._selector = selectors.DefaultSelector()
        self._asked = 0
        self._killed = False

    def run(self, greet: Callable[[list[Child]], None]) -> int:
        """Until a signal ends it, or a process cannot even start once; the exit code. `greet` is
        called when all are up. The first process is up before the others start: it makes what all
        need."""
        woken, wakes = socket.socketpair()
        for end in (woken, wakes):
            end.setblocking(False)
        before = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, self._ask) for number in _ENDS}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _nothing)
        self._selector.register(woken, selectors.EVENT_READ, None)
        try:
            code = self._start()
            if code is None and not self._asked:
                greet(self.children)
            return self._watch() if code is None else self._stop(code)
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            self._selector.close()
            woken.close()
            wakes.close()

    def _ask(self, _number: int, _frame: object) -> None:
        self._asked += 1

    def _is_asked(self) -> bool:
        """Whether a signal came, at whatever moment."""
        return self._asked > 0

    def _start(self) -> int | None:
        """Start all; the exit code when one ended instead."""
        for some in (self.children[:1], self.children[1:]):
            for child in some:
                self._fork(child)
            while not self._asked and any(child.greeting is None for child in some):
                self._look(None)
                for child, code in self._reap():
                    _log.error("%s ended with %s before it was up", child.name, _said(code))
                    return code if code > 0 else WRONG
        self._tell()
        return None

    def _watch(self) -> int:
        """Start again what dies, until a signal comes."""
        while not self._is_asked():
            waiting = [child for child in self.children if not child.pid]
            due = min((child.due_seconds for child in waiting), default=None)
            self._look(None if due is None else max(due - time.monotonic(), 0.0))
            if self._is_asked():
                break
            ended = self._reap()
            for child, code in ended:
                pause = child.pause_seconds(time.monotonic())
                text = "%s ended with %s; it starts again in %.2g s"
                _log.error(text, child.name, _said(code), pause)
            for child in waiting:
                if child.due_seconds <= time.monotonic():
                    child.restarts += 1
                    self._fork(child)
            if ended:
                self._tell()
        return self._stop(0)

    def _stop(self, code: int) -> int:
        """Let all finish what is under way; whoever takes too long, or does not heed a second
        signal, is killed."""
        signals, until = self._asked, time.monotonic() + self._drain_seconds + LAST_WORDS_SECONDS
        self._send(signal.SIGTERM)
        while any(child.pid for child in self.children):
            left = until - time.monotonic()
            if not self._killed and (left <= 0 or self._asked > max(signals, 1)):
                self._killed = True
                self._send(signal.SIGKILL)
            self._look(None if self._killed else max(left, 0.0))
            for child, status in self._reap():
                if status and not code:
                    _log.warning("%s ended with %s", child.name, _said(status))
                    code = WRONG
        return code

    def _fork(self, child: Child) -> None:
        sys.stdout.flush()
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._be(child, ours, theirs)
        theirs.close()
        ours.settimeout(TELL_SECONDS)
        child.begin(pid, ours, time.monotonic())
        self._selector.register(ours, selectors.EVENT_READ, child)

    def _be(self, child: Child, ours: socket.socket, link: socket.socket) -> None:
        """In the new process: nothing of the parent's is kept, above all no end of another's link,
        which would keep it open when the parent is gone. Never returns."""
        code = WRONG
        try:
            signal.set_wakeup_fd(-1)
            for number in (*_ENDS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            ours.close()
            for key in list(self._selector.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            self._selector.close()
            code = self._body(child.number, link)
        finally:
            os._exit(code)

    def _look(self, seconds: float | None) -> None:
        """Wait for something, and hear what the processes say."""
        for key, _ in self._selector.select(seconds):
            heard = b""
            if isinstance(key.fileobj, socket.socket):
                with suppress(OSError):
                    heard = key.fileobj.recv(4096)
            child = key.data
            if not isinstance(child, Child):
                continue
            if not heard:
                self._part(child)
            elif child.hear(heard):
                self._tell()

    def _part(self, child: Child) -> None:
        if child.link is not None:
            with suppress(KeyError):
                self._selector.unregister(child.link)

    def _reap(self) -> list[tuple[Child, int]]:
        """Those that ended, with exit codes (a signal as a negative number)."""
        ended = []
        for child in self.children:
            pid, status = os.waitpid(child.pid, os.WNOHANG) if child.pid else (0, 0)
            if pid:
                self._part(child)
                child.gone()
                ended.append((child, os.waitstatus_to_exitcode(status)))
        return ended

    def _tell(self) -> None:
        """Tell all how all are. A line that one does not take is the last one's problem."""
        line = _encode([child.row for child in self.children]) + b"\n"
        for child in self.children:
            if child.link is not None and child.greeting is not None:
                with suppress(OSError):
                    child.link.sendall(line)

    def _send(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.pid:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, number)


def _nothing(_number: int, _frame: object) -> None:
    """SIGCHLD only has to wake us."""


def _said(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
