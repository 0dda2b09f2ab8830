"""How many files this process may keep open, of which every connection is one."""

from __future__ import annotations

import contextlib

import msgspec

from clarion.config import Settings
from clarion.telemetry import logger

SPARE_FILES = 500
"""Files for everything but live connections: requests, the store, providers, ..."""
OWN_FILES = 200
"""... of which so many are for what no connection from outside may take."""

_USUAL = next(
    field.default for field in msgspec.structs.fields(Settings) if field.name == "inbox_connections"
)
_log = logger("cli")


def most_files() -> int | None:
    """The most files this process may open; None where there is no such limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        return None if most == resource.RLIM_INFINITY else most
    return None


def allow_files() -> None:
    """Let this process open as many files as it may."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def connections_that_fit(wanted: int, files: int | None) -> int:
    """As many of the live connections `wanted` as leave SPARE_FILES of the `files` for the rest."""
    return wanted if files is None else max(1, min(wanted, files - SPARE_FILES))


def most_connections() -> int | None:
    """How many files may be open when another connection is taken; None where there is no limit."""
    files = most_files()
    return None if files is None else max(OWN_FILES, files - OWN_FILES)


def too_few_files(wanted: int, files: int | None) -> str | None:
    """What to tell an operator whose `inbox_connections` do not fit, None when they do."""
    fitting = connections_that_fit(wanted, files)
    if fitting == wanted:
        return None
    return (
        f"inbox_connections is {wanted}, but this process may open {files} files: {fitting} are "
        f"taken; let it open {wanted + SPARE_FILES} (LimitNOFILE of systemd, ulimit -n), or lower "
        "inbox_connections"
    )


def within_files(settings: Settings) -> Settings:
    """The settings with as many live connections as fit; a warning when these are fewer than an
    operator asked for.
    """
    wanted, files = settings.inbox_connections, most_files()
    told = too_few_files(wanted, files)
    if told is None:
        return settings
    if wanted != _USUAL:
        _log.warning("%s", told)
    fitting = connections_that_fit(wanted, files)
    return msgspec.structs.replace(settings, inbox_connections=fitting)
