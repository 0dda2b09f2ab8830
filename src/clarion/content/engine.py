"""Rendering in bounded time and memory: MiniJinja with a meter on what comes out of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

import minijinja

from clarion.content import bounds, filters
from clarion.content.place import Place
from clarion.content.splicing import Splice, splice_of
from clarion.content.subset import Path, Reading
from clarion.content.wording import Wording
from clarion.errors import InvalidError

_FORBIDDEN_GLOBALS = ("cycler", "debug", "dict", "joiner", "namespace", "range")
_UNDEFINED = re.compile(r"`([^`]{1,200})` is undefined")
_SEMI_STRICT, _LENIENT = "semi_strict", "chainable"
_SCALARS = frozenset({str, int, float, bool, type(None)})
_UNIT_CHARS = 64
_LARGEST_INTEGER_BITS = 256


class UndefinedError(Exception):
    """A value that a template needs is not there; `path` as it is written in the template."""

    def __init__(self, path: str, line: int | None = None) -> None:
        super().__init__(path)
        self.path = path
        self.line = line


class _Hidden:
    def __get__(self, instance: object, owner: type) -> None:
        raise AttributeError


def _without_methods(kind: type) -> dict[str, _Hidden]:
    return {name: _Hidden() for name in dir(kind) if not name.startswith("_")}


# The engine falls back to attributes where a key is missing; these have none to fall back to.
_KeysOnly = type("_KeysOnly", (dict,), {"__slots__": (), **_without_methods(dict)})
_EntriesOnly = type("_EntriesOnly", (list,), {"__slots__": (), **_without_methods(list)})


def keys_only(value: Any) -> Any:
    """A copy of plain data whose mappings answer for their keys and never for Python's methods."""
    if isinstance(value, dict):
        return _KeysOnly({key: keys_only(entry) for key, entry in value.items()})
    if isinstance(value, list | tuple):
        return _EntriesOnly([keys_only(entry) for entry in value])
    return value


def plain(value: Any) -> Any:
    """The same data in dicts and lists of its own."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in value}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def find(values: dict[str, Any], path: Path) -> tuple[bool, Any]:
    """Walk a path through plain data: (found, value)."""
    here: Any = values
    for key in path:
        if isinstance(here, dict):
            if key not in here:
                return False, None
            here = here[key]
        elif isinstance(here, list | tuple) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            return False, None
    return True, here


def weigh(values: dict[str, Any], paths: Iterable[Path]) -> int:
    """How heavy what the paths read is, in entries and 64 characters; InvalidError when too heavy.

    Also refuses what is no plain data (dict, list, str, int, float, bool, None).
    """
    nodes = chars = 0
    for path in paths:
        found, value = find(values, path)
        stack = [value] if found else []
        while stack:
            entry = stack.pop()
            nodes += 1
            kind = type(entry)
            if kind is str:
                chars += len(entry)
                if len(entry) > bounds.VALUE_CHARS:
                    raise _too_large(path, f"a text over {bounds.VALUE_CHARS} characters")
            elif kind is dict:
                stack.extend(entry.values())
                chars += 8 * len(entry)
            elif kind is list or kind is tuple:
                stack.extend(entry)
            elif kind not in _SCALARS:
                raise InvalidError(
                    f"`{_dotted(path)}` holds a {kind.__name__}; templates take plain data only"
                )
            elif kind is int and entry.bit_length() > _LARGEST_INTEGER_BITS:
                raise _too_large(path, "a number too long to show")
            if len(stack) + nodes > bounds.VALUES_NODES or chars > bounds.VALUES_CHARS:
                raise _too_large(path, "more data than a message can show")
    return nodes + chars // _UNIT_CHARS


def missing(values: dict[str, Any], paths: Iterable[Path]) -> list[str]:
    """Those of the paths that are not set, at the first part that is missing."""
    gaps: dict[str, None] = {}
    for path in paths:
        for end in range(1, len(path) + 1):
            if not find(values, path[:end])[0]:
                gaps[_dotted(path[:end])] = None
                break
    return list(gaps)


def _dotted(path: Path) -> str:
    first, *rest = path
    return str(first) + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in rest)


def _too_large(path: Path, what: str) -> InvalidError:
    return InvalidError(
        f"`{_dotted(path)}` holds {what}; send less data", code="template_values_too_large"
    )


class _Meter:
    """Sees every value before it is written: counts it and keeps Python's words out."""

    def __init__(self, escape: bool) -> None:
        self._escape = escape
        self.left = 0
        self.typed = False
        self.last: Any = None

    def __call__(self, value: Any) -> Any:
        if self.typed:
            self.last = value
            return ""
        if value is None:
            return ""
        if isinstance(value, str):
            self.left -= len(value)
            if self.left < 0:
                raise InvalidError(f"it is over {bounds.OUTPUT_CHARS} characters when rendered")
            if self._escape and type(value) is str:
                # The engine would also escape `/`, which is right but makes links unreadable.
                return minijinja.safe(html.escape(value))
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            self.left -= 8
            return value
        raise InvalidError("a list or a mapping is not text; loop over it, or use `join`")


class Template:
    """One compiled template. `reading` is what it was found to do, `place` where it stands."""

    __slots__ = ("_engine", "_fuel", "_name", "_splice", "place", "reading")

    def __init__(
        self, engine: Engine, name: str, reading: Reading, place: Place, splice: Splice | None
    ) -> None:
        self._engine = engine
        self._name = name
        self._splice = splice
        self._fuel = bounds.FUEL
        if reading.looped_chars:
            self._fuel = min(bounds.FUEL, bounds.LOOPED_CHARS // reading.looped_chars)
        self.reading = reading
        self.place = place

    def text(self, values: dict[str, Any], weight: int, lenient: bool) -> str:
        """Render; UndefinedError (unless lenient) or InvalidError."""
        if self._splice is not None and (text := self._splice.fill(values)) is not None:
            return text
        return self._engine.render(self, self._name, values, self._fuel_for(weight), lenient)

    def value(self, values: dict[str, Any], weight: int, lenient: bool) -> Any:
        """The value of a template that is one output, in its own type; None where undefined."""
        fuel = self._fuel_for(weight)
        return self._engine.evaluate(self, self._name, values, fuel, lenient)

    def _fuel_for(self, weight: int) -> int:
        passes = max(1, self.reading.looped_filters - 1)
        return min(self._fuel, bounds.WORK // ((weight + 1) * passes))


class Engine:
    """The templates of one step. One render at a time: not to be shared between threads."""

    def __init__(self, escape: bool, wording: Wording) -> None:
        self._meter = _Meter(escape)
        self._escape = escape
        self._wording = wording
        self._count = 0
        self._environment: Any = minijinja.Environment(
            fuel=bounds.FUEL,
            auto_escape_callback=_always if escape else _never,
            finalizer=self._meter,
            pycompat=False,
            filters={**filters.OWN, **wording.filters},
        )
        for name in _FORBIDDEN_GLOBALS:
            self._environment.remove_global(name)

    def add(self, source: str, reading: Reading, place: Place) -> Template:
        """Compile a checked source; InvalidError with the line."""
        name = f"t{self._count}"
        self._count += 1
        try:
            self._environment.add_template(name, source)
        except minijinja.TemplateError as mistake:
            problem = mistake.detail or "not a template"
            raise place.error(problem, mistake.line) from None
        splice = None if self._escape else splice_of(source)
        return Template(self, name, reading, place, splice)

    def render(
        self, template: Template, name: str, values: dict[str, Any], fuel: int, lenient: bool
    ) -> str:
        """Render a template by its name within this engine; see `Template.text`."""
        environment = self._environment
        environment.fuel = fuel
        environment.undefined_behavior = _LENIENT if lenient else _SEMI_STRICT
        self._meter.left = bounds.OUTPUT_CHARS
        self._wording.left = bounds.WORDING
        try:
            text: str = environment.render_template(name, **values)
        except minijinja.TemplateError as mistake:
            raise _translated(mistake, template) from None
        except InvalidError as mistake:
            raise template.place.error(mistake.detail) from None
        except BaseException as fault:
            if not _is_fault(fault):
                raise
            raise template.place.error("it cannot be rendered with these values") from None
        if len(text) > bounds.OUTPUT_CHARS:
            raise template.place.error(f"it is over {bounds.OUTPUT_CHARS} characters when rendered")
        return text

    def evaluate(
        self, template: Template, name: str, values: dict[str, Any], fuel: int, lenient: bool
    ) -> Any:
        """The value of a single output by its name; see `Template.value`."""
        meter = self._meter
        meter.typed, meter.last = True, None
        try:
            self.render(template, name, values, fuel, lenient)
        finally:
            meter.typed = False
        if meter.last is not None and not isinstance(
            meter.last, str | int | float | bool | dict | list | tuple
        ):
            raise template.place.error("it gives no plain value")
        return str(meter.last) if isinstance(meter.last, str) else plain(meter.last)


def _is_fault(fault: BaseException) -> bool:
    """Whether a filter failed, or the engine gave up: a panic in Rust is no `Exception` here, and
    would end whichever loop it comes up in."""
    return isinstance(fault, Exception) or type(fault).__name__ == "PanicException"


def _translated(mistake: Any, template: Template) -> Exception:
    detail = mistake.detail or ""
    undefined = _UNDEFINED.search(detail)
    if undefined:
        return UndefinedError(undefined[1], mistake.line)
    if mistake.kind == "OutOfFuel":
        return template.place.error("it does too much work for one message; send less data")
    # What the engine says can quote the data, so only the class of the mistake is passed on.
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", str(mistake.kind)).lower()
    return template.place.error(f"it cannot be rendered with these values ({kind})", mistake.line)


def _always(_name: str) -> bool:
    return True


def _never(_name: str) -> bool:
    return False
