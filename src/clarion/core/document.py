"""Reading a document (parsed YAML or JSON) field by field; nothing is guessed or dropped.

Mistakes are noted rather than raised, so that whoever mends a file sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clarion.core.duration import parse_duration
from clarion.core.suggestion import did_you_mean
from clarion.errors import InvalidError


def pointer_to(parent: str, *parts: str | int) -> str:
    """JSON pointer (RFC 6901) of something inside `parent`."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return parent + "".join("/" + part for part in escaped)


def kind_of(value: object) -> str:
    """What a value is, in the words of somebody who writes YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a mapping" if isinstance(value, Mapping) else "a list"


class Mistakes:
    """What is wrong with a document, in the order it was found."""

    def __init__(self) -> None:
        self.found: list[InvalidError] = []

    def note(self, pointer: str, detail: str) -> None:
        """Note that the value at `pointer` is wrong; `detail` says what and how to mend it."""
        self.found.append(InvalidError(detail, pointer))


class Fields:
    """One mapping of a document. An unknown key is a mistake; so is a value of another type.

    Readers answer the default (None where there is none) after a mistake, so that reading goes on.
    """

    def __init__(
        self, value: Any, pointer: str, known: Iterable[str], mistakes: Mistakes, *, what: str
    ) -> None:
        self.pointer = pointer
        self.mistakes = mistakes
        self._known = tuple(known)
        self._values: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self._values = value
        else:
            self._wrong("", f"{what} is {kind_of(value)}; write a mapping with {self._keys()}")
        for key in self._values:
            if key not in self._known:
                self._wrong(key, f"unknown key {key!r}; {did_you_mean(str(key), self._known)}")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def value(self, name: str) -> Any:
        """The raw value; None when it is missing."""
        return self._values.get(name)

    def at(self, name: str) -> str:
        """The pointer of one field."""
        return pointer_to(self.pointer, name)

    def need(self, name: str, example: str) -> bool:
        """Whether a field is there; a mistake with an example when it is not."""
        if name in self._values:
            return True
        self._wrong("", f"{name!r} is missing; write e.g. {example}")
        return False

    def text(self, name: str, *, hint: str = "") -> str | None:
        """Text that is not empty. `hint` says what to write when it is something else."""
        if name not in self._values:
            return None
        value = self._values[name]
        if isinstance(value, str) and value.strip():
            return value
        said = "empty" if isinstance(value, str) else kind_of(value)
        self._wrong(name, f"{name!r} is {said}; write {hint or 'text (in quotes)'}")
        return None

    def choice(self, name: str, options: Iterable[str], default: str) -> str:
        """One of a few words."""
        if name not in self._values:
            return default
        return one_of(self._values[name], tuple(options), default, self.at(name), self.mistakes)

    def flag(self, name: str, default: bool) -> bool:
        """`true` or `false`, no other spelling."""
        value = self._values.get(name, default)
        if isinstance(value, bool):
            return value
        said = repr(value[:40]) if isinstance(value, str) else kind_of(value)
        self._wrong(name, f"{name!r} is {said}; write true or false, without quotes")
        return default

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        value = self._values.get(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        number = isinstance(value, float | int) and not isinstance(value, bool)
        said = str(value) if number else kind_of(value)
        self._wrong(name, f"{name!r} is {said}; write a whole number from {low} to {high}")
        return default

    def seconds(self, name: str) -> int | None:
        """An ISO 8601 duration as whole seconds."""
        text = self.text(name, hint="a duration such as PT10M (10 minutes) or P1D (1 day)")
        if text is None:
            return None
        try:
            return parse_duration(text, self.at(name))
        except InvalidError as error:
            self.mistakes.found.append(error)
            return None

    def _keys(self) -> str:
        return ", ".join(self._known)

    def _wrong(self, name: str, detail: str) -> None:
        self.mistakes.note(self.at(name) if name else self.pointer, detail)


def one_of(
    value: Any, options: tuple[str, ...], default: str, pointer: str, mistakes: Mistakes
) -> str:
    """One of a few words, wherever it stands; the default after a mistake."""
    if isinstance(value, str) and value in options:
        return value
    if isinstance(value, str):
        mistakes.note(pointer, f"{value[:40]!r} is not known here; {did_you_mean(value, options)}")
    elif isinstance(value, bool):
        # A YAML 1.1 parser turns a bare on, off, yes or no into a boolean on the way here.
        words = ", ".join(f'"{option}"' for option in options)
        mistakes.note(pointer, f"{kind_of(value)} is not a word; write one of {words}, in quotes")
    else:
        mistakes.note(pointer, f"{kind_of(value)} stands here; write one of {', '.join(options)}")
    return default
