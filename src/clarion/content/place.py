"""Where in a workflow a piece of template stands: the words and the pointer its errors carry."""

from __future__ import annotations

import msgspec

from clarion.errors import InvalidError


class Place(msgspec.Struct, frozen=True):
    """A field of a step's template in one locale; `file` is the layout the text stands in."""

    step: int
    locale: str
    path: tuple[str, ...] = ()
    file: str = ""

    def within(self, name: str) -> Place:
        """The place of a field inside this one."""
        return Place(self.step, self.locale, (*self.path, name))

    def in_file(self, name: str) -> Place:
        """The same field, in the layout of that name."""
        return Place(self.step, self.locale, self.path, name)

    def error(self, problem: str, line: int | None = None) -> InvalidError:
        """The error that says what is wrong, on which line of what."""
        where = f"`{'.'.join(self.path)}`" if self.path else "the template"
        if self.file:
            where = f"template file `{self.file}`"
        if self.locale:
            where += f" (locale {self.locale})"
        at = f"{where}, line {line}" if line is not None else where
        return InvalidError(f"{at}: {problem}", self.pointer, "template")

    @property
    def pointer(self) -> str:
        """JSON pointer (RFC 6901) into the workflow document."""
        parts = [self.locale, *self.path] if self.locale else self.path
        escaped = (part.replace("~", "~0").replace("/", "~1") for part in parts)
        return "/".join((f"/steps/{self.step}/send/template", *escaped))
