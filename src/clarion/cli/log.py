"""Where the log goes: stderr, as lines for people or as JSON for programs.

What is logged names things by kind and number; addresses and tokens never reach the log.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec

from clarion.cli.surroundings import KEY_FILE
from clarion.cli.terminal import say
from clarion.clock import SECOND, to_rfc3339
from clarion.config import Settings
from clarion.telemetry import about, logger
from clarion.tracing import current

_log = logger("server")
_EXTRA = ("outcome", "provider_code", "reason")
_LIBRARIES = ("uvicorn", "uvicorn.error", "litestar", "aiohttp")


def set_up_logging(settings: Settings) -> None:
    """Send the log of all rooms to stderr in the form and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("clarion").setLevel(settings.log_level.upper())
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def logged(log_format: str, line: str) -> bool:
    """Write what the server says of itself to the log where that is JSON, so that a program reads
    nothing else; whether it was."""
    if log_format != "json":
        return False
    _log.info("%s", line)
    return True


def say_fresh_key(settings: Settings, key: str | None) -> None:
    """Show a key that was just made, once, to whoever watches; a log is only told where it is."""
    if key is None:
        return
    kept = settings.data_dir / KEY_FILE
    if sys.stdout.isatty():
        say(f"  admin key  [bold]{key}[/bold]")
        say(f"             shown once; the command line finds it in {kept}")
    elif not logged(settings.log_format, f"An admin key was made; it is in {kept}"):
        say(f"  admin key  is in {kept}")


class JsonLines(logging.Formatter):
    """One JSON object a line: `timestamp`, `severity`, `room`, `message`; where the line is about
    an event its ids (`event_id`, `correlation_id`, ..., `trace_id` where traces are on); `outcome`,
    `provider_code` and `reason` of a try; and `traceback` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "timestamp": to_rfc3339(int(record.created * SECOND)),
            "severity": record.levelname.lower(),
            "room": _room(record),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(entry).decode()


class PlainLines(logging.Formatter):
    """`12:00:01 warning deliver: ...`, followed by the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        time = self.formatTime(record, "%H:%M:%S")
        text = f"{time} {record.levelname.lower()} {_room(record)}: {record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What the line is about, and what it says beside its message."""
    subject = about.get()
    fields: dict[str, Any] = dict(subject.log_fields()) if subject is not None else {}
    span = current.get()
    if span is not None:
        fields |= {"trace_id": span.trace_id, "span_id": span.span_id}
    for name in _EXTRA:
        if value := getattr(record, name, None):
            fields[name] = value
    return fields


def _room(record: logging.LogRecord) -> str:
    return record.name.removeprefix("clarion.")
