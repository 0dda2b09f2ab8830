"""How a command ends when it cannot go on: one line that names the mend, and an exit code."""

from __future__ import annotations

from clarion.errors import ClarionError, SettingsError, UnavailableError

WRONG = 1
"""Something is wrong, or did not work: a refused request, an imbalance, a failed check."""

MISUSED = 2
"""The command, the settings or the files are wrong: mend them, then repeat."""

INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command. The text says what is wrong and how to mend it; `code` is the exit code."""

    def __init__(self, text: str, code: int = WRONG) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


def ending_of(error: Exception) -> tuple[str, int]:
    """The words and the exit code for any error."""
    if isinstance(error, CommandError):
        return error.text, error.code
    if isinstance(error, SettingsError | UnavailableError):
        return str(error), MISUSED
    if isinstance(error, ClarionError):
        return str(error), WRONG
    if isinstance(error, PermissionError):
        return f"this user may not use {error.filename}; give it the right to", MISUSED
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}; check the path", MISUSED
    reason = " ".join(str(error).split())
    said = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return f"something nobody foresaw went wrong ({said}); repeat with --debug to see where", WRONG
