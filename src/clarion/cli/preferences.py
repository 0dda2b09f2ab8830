"""`clarion preferences`: the choices of all users, into a file and out of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich.progress import Progress

from clarion.cli.client import Remote
from clarion.cli.failing import MISUSED, WRONG, CommandError
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import complain, counted, progress, say, say_json

PAGE = 200
CHUNK_ENTRIES = 500
CHUNK_BYTES = 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
SHOWN = 20
"""Refused entries that are named on a terminal; the others are counted."""

KEPT = 1000
"""Refused entries that --json names."""

STREAM = Path("-")

preferences = typer.Typer(
    help="Write the preferences of all users to a file, or take them from one.",
    no_args_is_help=True,
)


class _Entry(msgspec.Struct, frozen=True):
    """A line of a file: its number from 1, its bytes, and its document or what is wrong with it."""

    line: int
    size: int
    document: Any = None
    wrong: str = ""


class _Tally:
    """What became of the entries so far."""

    def __init__(self) -> None:
        self.counts = {"written": 0, "unchanged": 0, "refused": 0}
        self.refused: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []

    @property
    def entries(self) -> int:
        """How many there were."""
        return sum(self.counts.values())

    def add(self, line: int, result: dict[str, Any]) -> None:
        """Count one result of the server, or one made here."""
        self.counts[result["status"]] += 1
        whose = {"line": line, "user": result.get("user")}
        if result["status"] == "refused" and len(self.refused) < KEPT:
            self.refused.append({**whose, "errors": result.get("errors", [])})
        if result.get("warnings") and len(self.warnings) < KEPT:
            self.warnings.append({**whose, "warnings": result["warnings"]})


@preferences.command("export")
def export(
    file: Annotated[
        Path, typer.Argument(help="Where to; without it, or with -, to standard output.")
    ] = STREAM,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Write the choices of every user who made some, one a line (NDJSON)."""
    remote = Remote(url, key)
    with progress() as bar, _written(file) as out:
        users = _export(remote, out, bar)
    if file == STREAM:
        return
    if as_json:
        say_json({"file": str(file), "users": users})
    else:
        say(f"the preferences of {counted(users, 'user')} are in {file}")


@preferences.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What export wrote; - reads standard input.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Remove choices that a user's line does not name."),
    ] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Write the choices of many users, one a line. The same file again changes nothing."""
    if file != STREAM and not file.is_file():
        raise CommandError(f"there is no file {file}; name what export wrote", MISUSED)
    remote, tally = Remote(url, key), _Tally()
    with progress() as bar, _read(file) as source:
        try:
            _import(remote, source, _lines_in(file), tally, bar, replace=replace)
        except CommandError as error:
            done = f"{counted(tally.entries, 'entry', 'entries')} were done before"
            raise CommandError(f"{error.text}\n{done}; import it again", error.code) from error
    if as_json:
        kept = {"refused_entries": tally.refused, "warnings": tally.warnings}
        say_json({"entries": tally.entries, **tally.counts, **kept})
    else:
        _tell(file, tally)
    if tally.counts["refused"]:
        raise typer.Exit(WRONG)


def _export(remote: Remote, out: BinaryIO, bar: Progress) -> int:
    task, users, after = bar.add_task("users exported", total=None), 0, None
    while True:
        page = remote.get("/v1/preferences/export", limit=PAGE, after=after)
        out.writelines(msgspec.json.encode(row) + b"\n" for row in page["data"])
        users += len(page["data"])
        bar.update(task, completed=users)
        after = page["page_info"]["end_cursor"]
        if after is None:
            return users


def _import(
    remote: Remote,
    source: BinaryIO,
    lines: int | None,
    tally: _Tally,
    bar: Progress,
    *,
    replace: bool,
) -> None:
    task = bar.add_task("lines imported", total=lines)
    for chunk in _chunks(_entries(source)):
        for entry in chunk:
            if entry.wrong:
                errors = [{"detail": entry.wrong}]
                tally.add(entry.line, {"status": "refused", "errors": errors})
        sound = [entry for entry in chunk if not entry.wrong]
        if sound:
            body = {"entries": [_document(entry, replace=replace) for entry in sound]}
            answer, _ = remote.post("/v1/preferences/bulk", body)
            for entry, result in zip(sound, answer["results"], strict=True):
                tally.add(entry.line, result)
        bar.update(task, completed=chunk[-1].line)


def _document(entry: _Entry, *, replace: bool) -> Any:
    whole = replace and isinstance(entry.document, dict)
    return {**entry.document, "replace": True} if whole else entry.document


def _entries(source: BinaryIO) -> Iterator[_Entry]:
    """The lines that are not blank, each decoded here, so that a broken one harms no other."""
    line = 0
    while raw := source.readline(LONGEST_LINE + 1):
        line += 1
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = source.readline(LONGEST_LINE)
            yield _Entry(line, 0, wrong="the line is over 4 MiB; split the user's choices")
        elif raw.strip():
            yield _decoded(line, raw)


def _decoded(line: int, raw: bytes) -> _Entry:
    try:
        return _Entry(line, len(raw), msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        said = str(error).removeprefix("JSON is malformed: ")
        return _Entry(line, 0, wrong=f"the line is not JSON ({said})")


def _chunks(entries: Iterator[_Entry]) -> Iterator[list[_Entry]]:
    chunk: list[_Entry] = []
    size = 0
    for entry in entries:
        if chunk and (len(chunk) == CHUNK_ENTRIES or size + entry.size > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += entry.size
    if chunk:
        yield chunk


def _tell(file: Path, tally: _Tally) -> None:
    words = [f"{count:,} {name}" for name, count in tally.counts.items() if count]
    said = f": {', '.join(words)}" if words else ""
    say(f"{counted(tally.entries, 'entry', 'entries')}{said}")
    if tally.warnings:
        of = counted(len(tally.warnings), "entry", "entries")
        first = tally.warnings[0]["warnings"][0]["detail"]
        say(f"[dim]{of} with warnings, such as: {first}[/dim]")
    for refused in tally.refused[:SHOWN]:
        for error in refused["errors"]:
            complain(f"{file}:{refused['line']}: {error['detail']}")
    left = tally.counts["refused"] - SHOWN
    if left > 0:
        complain(f"{counted(left, 'more entry', 'more entries')} refused; --json names them")


def _lines_in(file: Path) -> int | None:
    if file == STREAM:
        return None
    with file.open("rb") as source:
        return sum(1 for _ in source)


@contextmanager
def _read(file: Path) -> Iterator[BinaryIO]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    with file.open("rb") as source:
        yield source


@contextmanager
def _written(file: Path) -> Iterator[BinaryIO]:
    """A file to write to that only gets its name when it is whole."""
    if file == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = file.with_name(file.name + ".partial")
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
