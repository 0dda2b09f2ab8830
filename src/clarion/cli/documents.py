"""What commands are handed as documents: files of YAML or JSON, and JSON in an option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from clarion.cli.failing import MISUSED, CommandError
from clarion.config.source import parse_document


def object_in_file(path: Path, example: str) -> dict[str, Any]:
    """The object of a YAML or JSON file; CommandError when it holds none, with an `example` of
    what to write."""
    try:
        document, problems = parse_document(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror})", MISUSED) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is neither YAML nor JSON: {error}", MISUSED) from error
    if problems:
        raise CommandError("; ".join(str(problem) for problem in problems), MISUSED)
    if document is None or not isinstance(document.value, dict):
        raise CommandError(f"{path} holds no object; write e.g. `{example}`", MISUSED)
    return document.value


def object_in_option(text: str, option: str = "--data") -> dict[str, Any]:
    """The JSON object of an option; CommandError for anything else."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        said = str(error).removeprefix("JSON is malformed: ")
        raise CommandError(
            f"{option} is not JSON ({said}); write it in single quotes: {option} '{{\"a\": 1}}'",
            MISUSED,
        ) from None
    if not isinstance(value, dict):
        raise CommandError(f'{option} is not a JSON object; write it as {{"name": value}}', MISUSED)
    return value
