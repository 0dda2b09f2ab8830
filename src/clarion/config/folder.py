"""Reading the files of a folder: only those inside it, only whole UTF-8 text, none too large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clarion.config.problem import Problem

MOST_BYTES = 1024 * 1024
"""A file of a workspace is at most this large."""


def files_below(
    folder: Path, root: Path, problems: list[Problem], *, deep: bool = True
) -> Iterator[Path]:
    """Files below a folder in the order of their names; names that start with a dot are left out.

    What lies outside `root` (links may lead there) is a problem. Each folder is entered once.
    """
    yield from _walk(folder, root.resolve(), problems, deep, set())


def _walk(
    folder: Path, root: Path, problems: list[Problem], deep: bool, seen: set[Path]
) -> Iterator[Path]:
    seen.add(folder.resolve())
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not inside(path, root, problems):
            continue
        if path.is_file():
            yield path
        elif deep and path.is_dir() and path.resolve() not in seen:
            yield from _walk(path, root, problems, deep, seen)


def inside(path: Path, root: Path, problems: list[Problem]) -> bool:
    """Whether a path exists and stays inside `root` (resolved) when links are followed."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        problems.append(Problem(str(path), 0, "a link that leads nowhere; mend or remove it"))
        return False
    if real.is_relative_to(root):
        return True
    mend = "the workspace folder is read by itself; copy the file into it"
    problems.append(Problem(str(path), 0, f"leads out of the workspace folder; {mend}"))
    return False


def read_text(path: Path, problems: list[Problem], most_bytes: int = MOST_BYTES) -> str | None:
    """A file's text with lines ending in `\\n`; None and a problem when it cannot be had."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "an error of the system"
        problems.append(Problem(str(path), 0, f"cannot be read ({reason}); check its permissions"))
        return None
    if len(raw) > most_bytes:
        limit = f"at most {most_bytes // 1024} KiB are read; split it"
        problems.append(Problem(str(path), 0, f"the file is {len(raw) // 1024} KiB; {limit}"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(Problem(str(path), line, "not UTF-8 text; save the file as UTF-8"))
        return None
    return text.replace("\r\n", "\n")
