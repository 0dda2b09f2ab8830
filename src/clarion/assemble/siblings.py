"""What a process of `clarion serve --processes` knows of the others, and how one of them tells the
metrics of all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from clarion.bus.siblings import SiblingBus
from clarion.telemetry import OPENMETRICS, process_restarts, process_up, shared_families

UP = "up"
ANSWER_SECONDS = 1.0
"""How long a sibling may take to tell its metrics; without them the others are told."""

Exposition = Callable[[str], bytes]
"""The metrics of this process in a form: `telemetry.exposition`."""

_OWN_LABEL = '{process="'
_HEAD = re.compile(rb"# (?:HELP|TYPE) (\S+)")
_SAMPLE = re.compile(r'([^{\s]+)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S.*)')
_END = b"# EOF"


class Sibling(msgspec.Struct, frozen=True, kw_only=True):
    """One process as the parent sees it. `state` is `starting`, `up`, or `waiting` (it ended and is
    started again after a pause); `restarts` counts since the parent's start."""

    process: int
    state: str
    restarts: int = 0
    roles: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()


class Siblings:
    """All processes as seen by the one with the number `own`. Their sockets are in `folder`."""

    def __init__(self, folder: Path, own: int, count: int) -> None:
        self.own = own
        self._folder = folder
        self._count = count
        self._rows: list[Sibling] = []
        self._server: asyncio.Server | None = None

    @property
    def rows(self) -> list[Sibling]:
        """What the parent told last, by number."""
        return self._rows

    def documents(self) -> list[dict[str, Any]]:
        """The same as plain values."""
        return [msgspec.to_builtins(row) for row in self._rows]

    def bus(self) -> SiblingBus:
        """A bus that reaches all of them."""
        return SiblingBus(self._folder, self.own, self._count)

    def learn(self, rows: list[Sibling]) -> None:
        """What the parent tells."""
        self._rows = rows

    async def start(self, exposition: Exposition) -> None:
        """Tell our metrics to whoever asks in the folder, in the form that they name in a line."""

        async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, ValueError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    writer.write(exposition((await reader.readline()).decode().strip()))
                    await writer.drain()
            writer.close()

        path = self._place(self.own)
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(tell, path)

    async def close(self) -> None:
        """Be asked no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._place(self.own).unlink(missing_ok=True)

    def leave(self) -> None:
        """Remove the folder once nobody is in it any more: the parent, who would do it, is gone."""
        with suppress(OSError):
            self._folder.rmdir()

    async def gathered(self, exposition: Exposition, form: str) -> bytes:
        """The metrics of all processes. Each sample has the label `process`, but for what all of
        them read from the store: that is told once."""
        others = [number for number in range(1, self._count + 1) if number != self.own]
        texts = await asyncio.gather(*(self._asked(number, form) for number in others))
        told = {number: text for number, text in zip(others, texts, strict=True) if text}
        for row in self._rows:
            process_up.labels(row.process).set(row.state == UP)
            process_restarts.labels(row.process).set(row.restarts)
        own = {self.own: exposition(form)}
        return merged(own | told, shared_families(), self.own, form)

    async def _asked(self, number: int, form: str) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self._place(number))
                try:
                    writer.write(form.encode() + b"\n")
                    return await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return b""

    def _place(self, number: int) -> Path:
        return self._folder / f"{number}.metrics"


def merged(
    texts: dict[int, bytes], shared: Collection[str] = (), own: int = 0, form: str = ""
) -> bytes:
    """Expositions by the number of the process as one: a family once, its samples by process. Of
    the families that are `shared` only those of the process `own` are told, without a number."""
    heads: dict[bytes, list[bytes]] = {}
    samples: dict[bytes, list[bytes]] = {}
    names = {name.encode() for name in shared}
    for number in sorted(texts):
        family = b""
        for line in texts[number].splitlines():
            if found := _HEAD.match(line):
                family = found[1]
                known = heads.setdefault(family, [])
                if line not in known and len(known) < 2:
                    known.append(line)
            elif line and line != _END:
                heads.setdefault(family, [])
                if family not in names:
                    samples.setdefault(family, []).append(_labelled(line, number))
                elif number == own:
                    samples.setdefault(family, []).append(line)
    out = [line for family, head in heads.items() for line in (*head, *samples.get(family, ()))]
    out += [_END] if form == OPENMETRICS else []
    return b"\n".join(out) + b"\n" if out else b""


def _labelled(line: bytes, number: int) -> bytes:
    """A sample with the number of its process, unless it is about another one."""
    text = line.decode()
    found = _SAMPLE.fullmatch(text)
    if found is None or _OWN_LABEL in text:
        return line
    name, labels, value = found.groups()
    rest = f",{labels}" if labels else ""
    return f'{name}{_OWN_LABEL}{number}"{rest}}} {value}'.encode()
