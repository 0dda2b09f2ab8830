"""Settings as they were given, before they are judged: values with the place they came from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from clarion.config.folder import read_text
from clarion.config.problem import Problem
from clarion.core.suggestion import did_you_mean

ENVIRONMENT = "environment"
PREFIX = "CLARION_"
MOST_SECRET_BYTES = 64 * 1024

_SERVICE_LINKS = re.compile(r"CLARION_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_[0-9]+_\w+)")
_SERVICE_PORT = re.compile(r"CLARION_(\w+_)?PORT")
_DEPTHS = {"providers": 3, "alerts": 2, "retention": 2}
_TOML_PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)")
_TOML_TABLE = re.compile(r"\s*\[+\s*([^\[\]]+?)\s*\]+")
_TOML_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


class Given(msgspec.Struct, frozen=True):
    """One setting: its name as it was written, its raw value and its place.

    A value from the environment is text. `base` is the folder that relative paths start from.
    """

    name: str
    value: Any
    file: str
    line: int
    base: Path

    @property
    def from_environment(self) -> bool:
        return self.file == ENVIRONMENT

    def problem(self, detail: str) -> Problem:
        """What is wrong with this setting, at its place."""
        return Problem(self.file, self.line, f"{self.name} {detail}")


def given_by_environment(
    environ: Mapping[str, str], known: tuple[str, ...], base: Path, problems: list[Problem]
) -> dict[str, Given]:
    """`CLARION_*` variables by the name of their setting; an unknown or empty one is a problem."""
    names = {PREFIX + name.upper(): name for name in known}
    found: dict[str, Given] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or _is_service_link(variable, environ[variable]):
            continue
        given = Given(variable, environ[variable].strip(), ENVIRONMENT, 0, base)
        if variable not in names:
            problems.append(given.problem(f"is not a setting; {did_you_mean(variable, names)}"))
        elif not given.value:
            problems.append(given.problem("is empty; give it a value or remove it"))
        else:
            found[names[variable]] = given
    return found


def given_by_file(file: Path, problems: list[Problem]) -> dict[tuple[str, ...], Given]:
    """Settings and tables of a TOML file by path: `("store",)`, `("providers", "mail", "kind")`."""
    text = read_text(file, problems)
    if text is None:
        return {}
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        what = _TOML_PLACE.sub("", str(error))
        problems.append(Problem(str(file), line, f"not TOML: {what}; mend this line"))
        return {}
    found: dict[tuple[str, ...], Given] = {}
    _flatten(tree, (), _lines(text), file, found)
    return found


def with_secret_files(table: Mapping[str, Given], problems: list[Problem]) -> dict[str, Given]:
    """The same settings, but `x_file` (a path or a list of paths) is `x`, the stripped contents."""
    settled: dict[str, Given] = {}
    for name, given in table.items():
        plain = name.removesuffix("_file")
        if plain == name:
            settled.setdefault(name, given)
        elif plain in table:
            problems.append(given.problem(f"stands beside {plain!r}; keep one of the two"))
        else:
            contents = _contents(given, problems)
            if contents is not None:
                settled[plain] = msgspec.structs.replace(given, value=contents)
    return settled


def _contents(given: Given, problems: list[Problem]) -> str | list[str] | None:
    several = isinstance(given.value, list)
    paths = given.value if isinstance(given.value, list) else [given.value]
    if not all(isinstance(path, str) and path for path in paths):
        problems.append(given.problem("is not the path of a file; write it in quotes"))
        return None
    read = [_secret(given, given.base / path, problems) for path in paths]
    whole = [text for text in read if text is not None]
    if len(whole) < len(read):
        return None
    return whole if several else whole[0]


def _secret(given: Given, path: Path, problems: list[Problem]) -> str | None:
    if not path.is_file():
        problems.append(given.problem(f"names {path}, which is not a file; check the path"))
        return None
    found: list[Problem] = []
    text = read_text(path, found, MOST_SECRET_BYTES)
    problems.extend(given.problem(f"names {path}: {problem.detail}") for problem in found)
    if text is not None and not text.strip():
        problems.append(given.problem(f"names {path}, which is empty; write the secret into it"))
        return None
    return text.strip() if text is not None else None


def _flatten(
    tree: Mapping[str, Any],
    path: tuple[str, ...],
    lines: Mapping[tuple[str, ...], int],
    file: Path,
    found: dict[tuple[str, ...], Given],
) -> None:
    # Deeper than [alerts], [retention] and [providers.<name>] a table is a value of its setting.
    for key, value in tree.items():
        here = (*path, key)
        line = next((lines[here[:n]] for n in range(len(here), 0, -1) if here[:n] in lines), 1)
        found[here] = Given(".".join(here), value, str(file), line, file.parent)
        if isinstance(value, Mapping) and len(here) < _DEPTHS.get(here[0], 0):
            _flatten(value, here, lines, file, found)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """On which line each table and key of a TOML file stands; inline tables are not entered."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TOML_TABLE.match(line):
            table = _path(header[1])
            lines.setdefault(table, number)
        elif key := _TOML_KEY.match(line):
            lines.setdefault(table + _path(key[1]), number)
    return lines


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _is_service_link(variable: str, value: str) -> bool:
    # Where a service is called clarion, Kubernetes gives such variables to every pod.
    if _SERVICE_LINKS.fullmatch(variable):
        return True
    return bool(_SERVICE_PORT.fullmatch(variable)) and value.startswith(("tcp://", "udp://"))
