"""Templates of send steps: written inline, in template files, or per locale.

A template file ends in `.mjml`, `.html` or `.txt` and is the `body`. It may open with front matter:
lines of `name: text` between two lines of `---`, further fields such as an e-mail's `subject`.
Syntax and the fields of each channel are the business of `clarion.content`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clarion.core.document import Mistakes, kind_of, pointer_to
from clarion.core.suggestion import did_you_mean

FILE_SUFFIXES = (".mjml", ".html", ".txt")

_FILE_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*\.(mjml|html|txt)", re.ASCII)
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_MISSPELT_LOCALE = re.compile(r"([A-Za-z]{2,3})[-_]([A-Za-z]{2})")
_FIELDS_LIKE_LOCALES = frozenset({"url", "ttl"})
_EXTENDS = re.compile(r"""\{%[-+]?\s*extends\s+(["'])(?P<name>.+?)\1\s*[-+]?%\}""")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<lines>(?:.*\n)*?)---[ \t]*(?:\n|\Z)")
_FRONT_LINE = re.compile(r"([a-z_]+):[ \t]+(\S.*)")


def is_locale(word: str) -> bool:
    """Whether this is a locale tag as templates spell it: `en`, `de-AT`, `zh-Hant-TW`, `es-419`."""
    return _LOCALE.fullmatch(word) is not None and word not in _FIELDS_LIKE_LOCALES


def front_matter_lines(source: str) -> int:
    """How many lines the front matter of a template file takes, both `---` included; or 0."""
    match = _FRONT_MATTER.match(source)
    return match[0].count("\n") if match else 0


def file_fields(name: str, source: str, pointer: str, mistakes: Mistakes) -> dict[str, Any]:
    """The fields a template file holds: its front matter, and what follows as `body`."""
    match = _FRONT_MATTER.match(source)
    if match is None:
        return {"body": source}
    fields: dict[str, Any] = {}
    for number, line in enumerate(match["lines"].splitlines(), start=2):
        if not line.strip():
            continue
        entry = _FRONT_LINE.fullmatch(line.rstrip())
        if entry is None or entry[1] == "body":
            problem = "front matter holds lines such as 'subject: New comment'"
            mistakes.note(pointer, f"template file {name}, line {number}: {problem}")
        else:
            fields[entry[1]] = _unquoted(entry[2])
    return {**fields, "body": source[match.end() :]}


class TemplateReader:
    """Reads the templates of one workflow; `files` are the template files, name -> source."""

    def __init__(self, files: Mapping[str, str], mistakes: Mistakes) -> None:
        self._files = files
        self._mistakes = mistakes
        self.partials: dict[str, str] = {}

    def read(self, value: Any, pointer: str) -> dict[str, dict[str, Any]]:
        """A step's `template` -> locale ("" when it has none) to fields."""
        if isinstance(value, Mapping) and any(_looks_like_locale(key) for key in value):
            return self._per_locale(value, pointer)
        return {"": self._fields(value, pointer)}

    def _per_locale(self, value: Mapping[str, Any], pointer: str) -> dict[str, dict[str, Any]]:
        texts: dict[str, dict[str, Any]] = {}
        for key, entry in value.items():
            at = pointer_to(pointer, key)
            if is_locale(key):
                texts[key] = self._fields(entry, at)
            elif misspelt := _MISSPELT_LOCALE.fullmatch(key):
                right = f"{misspelt[1].lower()}-{misspelt[2].upper()}"
                self._mistakes.note(at, f"{key!r} is not a locale tag; did you mean {right!r}?")
            else:
                detail = "a template holds either fields or one template per locale; move it"
                self._mistakes.note(at, f"{key!r} stands beside locales; {detail} into each locale")
        return texts

    def _fields(self, value: Any, pointer: str) -> dict[str, Any]:
        if isinstance(value, str):
            return self._whole_file(value, pointer)
        if not isinstance(value, Mapping) or not value:
            said = "empty" if isinstance(value, Mapping) else kind_of(value)
            mend = "write its fields, e.g. {title: ..., body: ...}, or the name of a template file"
            self._mistakes.note(pointer, f"the template is {said}; {mend}")
            return {}
        fields: dict[str, Any] = {}
        for name, entry in value.items():
            fields |= self._field(name, entry, pointer_to(pointer, name), beside=value)
        return fields

    def _field(
        self, name: str, entry: Any, pointer: str, beside: Mapping[str, Any]
    ) -> dict[str, Any]:
        if isinstance(entry, str) and entry in self._files and _FILE_NAME.fullmatch(entry):
            read = file_fields(entry, self._files[entry], pointer, self._mistakes)
            if name != "body":
                return self._with_layouts({name: read["body"]}, pointer)
            # What the step itself says wins over the front matter of the file.
            kept = {key: text for key, text in read.items() if key == "body" or key not in beside}
            return self._with_layouts(kept, pointer)
        if name == "body" and isinstance(entry, str) and _FILE_NAME.fullmatch(entry):
            self._missing(entry, pointer)
        return self._with_layouts({name: entry}, pointer)

    def _whole_file(self, name: str, pointer: str) -> dict[str, Any]:
        if name in self._files:
            read = file_fields(name, self._files[name], pointer, self._mistakes)
            return self._with_layouts(read, pointer)
        if _FILE_NAME.fullmatch(name):
            self._missing(name, pointer)
        else:
            mend = f"of a file ({', '.join(FILE_SUFFIXES)}); for a text write {{body: ...}}"
            self._mistakes.note(pointer, f"a template that is not a mapping is the name {mend}")
        return {}

    def _missing(self, name: str, pointer: str) -> None:
        mend = did_you_mean(name, self._files) if self._files else "there are no template files yet"
        self._mistakes.note(pointer, f"there is no template file {name!r}; {mend}")

    def _with_layouts(self, fields: dict[str, Any], pointer: str) -> dict[str, Any]:
        for text in _texts(fields):
            self._follow(text, pointer, seen=())
        return fields

    def _follow(self, text: str, pointer: str, seen: tuple[str, ...]) -> None:
        for match in _EXTENDS.finditer(text):
            name = match["name"]
            if name in seen:
                circle = " -> ".join((*seen, name))
                self._mistakes.note(pointer, f"layouts extend each other in a circle: {circle}")
            elif name not in self._files:
                self._missing(name, pointer)
            else:
                layout = file_fields(name, self._files[name], pointer, Mistakes())["body"]
                self.partials[name] = layout
                self._follow(layout, pointer, (*seen, name))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts(entry)


def _looks_like_locale(key: str) -> bool:
    return is_locale(key) or _MISSPELT_LOCALE.fullmatch(key) is not None


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
