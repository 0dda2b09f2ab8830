"""`clarion topics`: what topics there are, and files of subscribers into them."""

from __future__ import annotations

import gzip
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, cast
from urllib.parse import quote

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from clarion.cli.client import RefusedError, Remote
from clarion.cli.failing import MISUSED, WRONG, CommandError
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.subscriber_lines import Line, Lines
from clarion.cli.terminal import complain, console, counted, say, say_json

CALL_ENTRIES = 10_000
CALL_CONSENTS = 1000
CALL_BYTES = 2 * 1024 * 1024
WINDOW = 50_000
"""Lines that are put together by topic where each names its own."""

TIMEOUT_SECONDS = 120.0
BUSY = (429, 503)
PATIENCE_SECONDS = 600.0
"""How long a server may be too busy, in a row, before the import breaks off."""

SHOWN = 20
"""Refused lines that are named on a terminal."""

KEPT = 1000
"""Refused lines that --json names."""

STREAM = Path("-")
FORMS = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}

topics = typer.Typer(
    help="List topics, and subscribe many users to one from a file.", no_args_is_help=True
)


class Tally(msgspec.Struct):
    """What became of the lines so far. All before `done` are done, or `first`, where it began.
    `consents` were written, `unheard` ones refused on lines that are else done."""

    first: int = 1
    lines: int = 0
    changed: int = 0
    refused: int = 0
    consents: int = 0
    unheard: int = 0
    done: int = 1
    topics: set[str] = set()
    kept: list[dict[str, Any]] = []
    errors: BinaryIO | None = None

    def refuse(self, line: int, detail: str) -> None:
        """A line that is left out, and why."""
        self.refused += 1
        self._note(line, detail)

    def refuse_consent(self, line: int, detail: str) -> None:
        """A consent of a line that was taken else."""
        self.unheard += 1
        self._note(line, detail)

    def _note(self, line: int, detail: str) -> None:
        entry = {"line": line, "detail": detail}
        if len(self.kept) < KEPT:
            self.kept.append(entry)
        if self.errors is not None:
            self.errors.write(msgspec.json.encode(entry) + b"\n")


@topics.command("list")
def list_(url: Url = DEFAULT_URL, key: Key = None, as_json: AsJson = False) -> None:
    """Name all topics. How many subscribers one has, `clarion topics show` says."""
    remote, rows, after = Remote(url, key), [], None
    while True:
        page = remote.get("/v1/topics", limit=200, after=after)
        rows += page["data"]
        after = page["page_info"]["end_cursor"]
        if after is None:
            break
    if as_json:
        say_json({"topics": rows})
        return
    table = Table("topic", "kind", "parent", "default level", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["key"], row["kind"], row["parent"] or "", row["default_level"] or "")
    say(table if rows else "there are no topics yet")


@topics.command("show")
def show(
    topic: Annotated[str, typer.Argument(help="Key of the topic.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say what is known of a topic and how many users are subscribed."""
    row = Remote(url, key).get(f"/v1/topics/{quote(topic, safe='')}")
    if as_json:
        say_json(row)
        return
    of = f", below {row['parent']}" if row["parent"] else ""
    level = f", default level {row['default_level']}" if row["default_level"] else ""
    console().print(
        f"{row['key']}: {row['kind']} with {counted(row['subscribers'], 'subscriber')}{of}{level}",
        markup=False,
    )


@topics.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a header, or NDJSON; .gz is unpacked, - is standard input."),
    ],
    topic: Annotated[
        str, typer.Option("--topic", help="Key of the topic, where lines name none.")
    ] = "",
    remove: Annotated[
        bool, typer.Option("--remove", help="End these subscriptions instead.")
    ] = False,
    users: Annotated[
        bool,
        typer.Option(
            "--users/--no-users",
            help="Also write the users, with the fields of their lines. Without, who was never "
            "written is subscribed but unknown, and told nothing until then.",
        ),
    ] = True,
    form: Annotated[
        Literal["csv", "ndjson", ""], typer.Option("--format", help="csv or ndjson.")
    ] = "",
    first: Annotated[
        int, typer.Option("--from-line", min=1, help="Go on here after a break-off.")
    ] = 1,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="Write all refused lines here (NDJSON).")
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Subscribe the users of a file, one a line. The same file again changes nothing.

    Columns or fields: user (or id), topic, email, phone, locale, timezone, name, and what people
    agreed to: consent:PURPOSE/CHANNEL (granted, withdrawn, or empty), consent_source. A broken line
    is named with its number and left out; the exit code is 1 then.
    """
    if file != STREAM and not file.is_file():
        raise CommandError(f"there is no file {file}; name one with a user a line", MISUSED)
    remote = Remote(url, key, timeout_seconds=TIMEOUT_SECONDS)
    tally = Tally(first=first)
    with ExitStack() as stack:
        source = stack.enter_context(_opened(file))
        if errors is not None:
            tally.errors = stack.enter_context(errors.open("wb"))
        bar = stack.enter_context(_bar())
        lines = Lines(source, form or _form_of(file), topic, first)
        sender = Sender(remote, tally, file.name, remove=remove, users=users and not remove)
        with _resumable(tally):
            _import(lines, sender, bar, file)
    _tell(tally, file, remove=remove, as_json=as_json)
    if tally.refused or tally.unheard:
        raise typer.Exit(WRONG)


@contextmanager
def _resumable(tally: Tally) -> Iterator[None]:
    """Says where to go on when something breaks off."""
    try:
        yield
    except (CommandError, KeyboardInterrupt, EOFError, zlib.error, gzip.BadGzipFile) as error:
        text = f"the file cannot be unpacked ({error})"
        if isinstance(error, KeyboardInterrupt):
            text = "broken off"
        elif isinstance(error, CommandError):
            text = error.text
        if tally.lines:
            done = max(tally.done, tally.first)
            text += f"\nlines before {done} are done; go on with --from-line {done}"
        code = error.code if isinstance(error, CommandError) else WRONG
        raise CommandError(text, code) from error


class Sender:
    """Puts lines together by topic and sends them in large calls."""

    def __init__(
        self, remote: Remote, tally: Tally, name: str, *, remove: bool, users: bool
    ) -> None:
        self._source = f"import of {name}"
        self._remote = remote
        self._tally = tally
        self._remove = remove
        self._users = users
        self._waiting: dict[str, list[Line]] = {}
        self._count = 0
        self._size = 0

    def add(self, line: Line) -> bool:
        """Take a line; whether calls were made."""
        self._tally.lines += 1
        if line.wrong:
            self._tally.refuse(line.number, line.wrong)
            return False
        self._waiting.setdefault(line.topic, []).append(line)
        self._count += 1
        self._size += len(line.user) + 16
        if line.profile:
            self._size += sum(map(len, line.profile.values())) + 16 * len(line.profile)
        window = CALL_ENTRIES if len(self._waiting) == 1 else WINDOW
        if self._count < window and self._size < CALL_BYTES:
            return False
        self.flush(line.number + 1)
        return True

    def flush(self, upto: int) -> None:
        """Send what waits; then all lines before `upto` are done."""
        for topic, lines in self._waiting.items():
            for start in range(0, len(lines), CALL_ENTRIES):
                self._send(topic, lines[start : start + CALL_ENTRIES])
        self._tally.topics.update(self._waiting)
        self._tally.done = upto
        self._waiting.clear()
        self._count = self._size = 0

    def _send(self, topic: str, lines: list[Line]) -> None:
        path = f"/v1/topics/{quote(topic, safe='')}/subscribers"
        if self._remove:
            # What a file says people agreed to is not taken back with their subscription.
            answer = self._patiently(path, {"remove": [line.user for line in lines]})
            self._tally.changed += answer["removed"]
            return
        entries: list[Any] = [line.user for line in lines]
        if self._users:
            entries = [{"id": line.user, **line.profile} for line in lines]
        answer = self._patiently(path, {"add": entries})
        self._tally.changed += answer["added"]
        left_out = set()
        for refused in answer.get("refused", ()):
            left_out.add(refused["index"])
            self._tally.refuse(lines[refused["index"]].number, _said(refused))
        self._consent([line for i, line in enumerate(lines) if i not in left_out])

    def _consent(self, lines: list[Line]) -> None:
        """Write what these people agreed to, or took back."""
        said = [(line, consent) for line in lines for consent in line.consents]
        for start in range(0, len(said), CALL_CONSENTS):
            part = said[start : start + CALL_CONSENTS]
            entries = [
                {
                    "user": line.user, "purpose": purpose, "channel": channel, "state": state,
                    "source": line.source or self._source,
                }
                for line, (purpose, channel, state) in part
            ]  # fmt: skip
            for result in self._patiently("/v1/consents/bulk", {"entries": entries})["results"]:
                if result["status"] == "refused":
                    number = part[result["index"]][0].number
                    self._tally.refuse_consent(number, _said(result))
                self._tally.consents += result["status"] == "written"

    def _patiently(self, path: str, body: Any) -> Any:
        """The answer; a server that is too busy is asked again when it said so."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._remote.post(path, body)[0]
            except RefusedError as refusal:
                wait_seconds = refusal.retry_after_seconds
                if refusal.status not in BUSY or time.monotonic() + wait_seconds > until:
                    raise
                time.sleep(wait_seconds)


def _said(refused: dict[str, Any]) -> str:
    return "; ".join(error["detail"] for error in refused["errors"])


def _import(lines: Lines, sender: Sender, bar: Progress, file: Path) -> None:
    packed = file.suffix == ".gz"
    total = None if file == STREAM or packed else file.stat().st_size
    task = bar.add_task("", total=total, lines=0)
    number = 0
    for line in lines:
        number = line.number
        if sender.add(line):
            bar.update(task, completed=lines.read, lines=f"{number:,}")
    sender.flush(number + 1)


def _tell(tally: Tally, file: Path, *, remove: bool, as_json: bool) -> None:
    same = tally.lines - tally.changed - tally.refused
    words = ("removed", "not there") if remove else ("added", "there already")
    if as_json:
        counts = {words[0]: tally.changed, "unchanged": same, "refused": tally.refused}
        if tally.consents or tally.unheard:
            counts |= {"consents": tally.consents, "consents_refused": tally.unheard}
        shown = {"topics": len(tally.topics), "refused_lines": tally.kept}
        say_json({"lines": tally.lines, **counts, **shown})
        return
    found = {words[0]: tally.changed, words[1]: same, "refused": tally.refused}
    told = ", ".join(f"{count:,} {word}" for word, count in found.items() if count)
    if tally.consents:
        told += f"; {counted(tally.consents, 'consent')} written"
    if tally.unheard:
        told += f"; {counted(tally.unheard, 'consent')} refused"
    say(f"{counted(tally.lines, 'line')}{': ' if told else ''}{told}")
    for entry in tally.kept[:SHOWN]:
        complain(f"{file}:{entry['line']}: {entry['detail']}")
    if (left := tally.refused + tally.unheard - SHOWN) > 0:
        complain(f"{counted(left, 'more line')} refused; --errors FILE names them all")


def _form_of(file: Path) -> str:
    suffixes = [suffix for suffix in file.suffixes if suffix != ".gz"]
    return FORMS.get(suffixes[-1].lower(), "") if suffixes else ""


def _bar() -> Progress:
    from rich.console import Console

    return Progress(
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[lines]} lines"),
        console=Console(file=sys.stderr, highlight=False),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if file == STREAM:
        yield sys.stdin.buffer
    elif file.suffix == ".gz":
        with gzip.open(file, "rb") as unpacked:
            yield cast("BinaryIO", unpacked)
    else:
        with file.open("rb") as source:
            yield source
