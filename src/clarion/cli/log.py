"""Where the log goes: stderr, as lines for people or as JSON for programs.

What is logged names things by kind and number; addresses and tokens never reach the log.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec

from clarion.clock import SECOND, to_rfc3339
from clarion.config import Settings

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


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `room`, `message`, and `traceback` where there is
    one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": to_rfc3339(int(record.created * SECOND)),
            "level": record.levelname.lower(),
            "room": _room(record),
            "message": record.getMessage(),
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


def _room(record: logging.LogRecord) -> str:
    return record.name.removeprefix("clarion.")
