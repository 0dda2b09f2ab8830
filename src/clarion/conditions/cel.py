"""Conditions, keys and audiences in the Common Expression Language (cel.dev), compiled once."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import cel

from clarion.clock import from_rfc3339
from clarion.conditions.contract import AudiencePart, ConditionCompiler
from clarion.conditions.scanning import Scan, position, scan
from clarion.core.suggestion import suggestion
from clarion.errors import InvalidError

NAMES = frozenset({"user", "actor", "data", "event", "tenant", "inbox", "digest", "now"})
"""Names in scope of every expression."""

SOURCE_BYTES = 4 * 1024
"""Largest expression."""

AUDIENCE_LIMIT = 1000
"""Most parts of an audience."""

KEY_CHARS = 1024
"""Longest key (dedupe, topic, user)."""

_KEPT = 1024
_MACRO_NESTING = 2
_GROWTH_LIMIT = 256
_EFFORT = 4_000_000
_PATTERNS_LIMIT = 4
_PATTERN_CHARS = 128
_COUNTS = re.compile(r"\d{1,9}(?=[,}])|\d{10,}")
_ENGINE_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)
_INTEGERS = range(-(2**63), 2**64)
_SYNTAX = re.compile(r"ERROR: <input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
_LONE_EQUALS = re.compile(r"token recognition error at: '=[^=]")
_EXPECTING = re.compile(r" expecting \{.*\}$")

# By name, as the engine finds out about an unknown function only when it meets it.
_FUNCTIONS = frozenset(
    {"size", "contains", "startsWith", "endsWith", "matches", "has", "type", "dyn"}
    | {"int", "uint", "double", "string", "bytes", "timestamp", "duration"}
    | {"getFullYear", "getMonth", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"}
    | {"getHours", "getMinutes", "getSeconds", "getMilliseconds"}
    | {"topic", "user", "all", "exists", "exists_one", "filter", "map"}
)
_TYPES = frozenset({"int", "uint", "double", "string", "bool", "bytes", "list", "map", "null_type"})


def _part(kind: str) -> Any:
    # Never raises: the engine would write to the terminal. Bytes, as no data from JSON holds them,
    # and the engine copies a list's entries at every step of a macro.
    def made(*keys: Any) -> bytes:
        if len(keys) != (kind != "all"):
            return b"?"
        key = keys[0] if keys else ""
        whole = isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool))
        text = str(key) if whole else _kind(key)
        return f"{kind if whole else '!'}\0{text}".encode("utf-8", "replace")

    return made


_AUDIENCE = {kind: _part(kind) for kind in ("topic", "user", "all")}

_KEPT_FROM_KEYS = {0: "\ufffd", 1: "\ufffd"}


class CelCompiler(ConditionCompiler):
    """Compiles expressions, and keeps the last of them."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._conditions: OrderedDict[str, CelCondition] = OrderedDict()

    def compile(self, source: str) -> CelCondition:
        """The expression, ready to evaluate; InvalidError with position and suggestion."""
        condition = self._conditions.get(source)
        if condition is None:
            condition = self._conditions[source] = CelCondition(source)
            if len(self._conditions) > self._kept:
                self._conditions.popitem(last=False)
        else:
            self._conditions.move_to_end(source)
        return condition


class CelCondition:
    """A compiled expression: see `clarion.conditions.contract.CompiledCondition`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._program = _compiled(source)
        self._scan = scan(source)
        self.names = _checked_names(self._program, self._scan, source)
        self._bounded = self._scan.nesting > 0 or self._scan.growth > 4

    def truth(self, values: dict[str, Any]) -> bool:
        """Whether the answer is `true`; what is missing, no boolean or too much counts as False."""
        try:
            return self._answer(values) is True
        except InvalidError:
            return False

    def text(self, values: dict[str, Any]) -> str:
        """The answer as a key: a text, a whole number or a boolean; InvalidError otherwise.

        U+0000, which not every store keeps, stands in it as U+FFFD, and so does U+0001, with which
        keys of our own begin.
        """
        return self._key(self._answer(values)).translate(_KEPT_FROM_KEYS)

    def instant(self, values: dict[str, Any]) -> int:
        """The answer as microseconds UTC: a text (RFC 3339) or a timestamp; InvalidError
        otherwise."""
        answer = self._answer(values)
        try:
            return from_rfc3339(answer.isoformat() if isinstance(answer, datetime) else answer)
        except (TypeError, ValueError, OverflowError):
            hint = "answer with an instant such as 2026-01-02T03:04:05Z"
            raise self._error(f"it gives {_kind(answer)} that is none; {hint}") from None

    def audience(self, values: dict[str, Any]) -> tuple[AudiencePart, ...]:
        """The audience without repeats; InvalidError when it is none or over 1,000 parts."""
        parts: dict[AudiencePart, None] = {}
        for answer in _flat(self._answer(values)):
            parts[self._audience_part(answer)] = None
            if len(parts) > AUDIENCE_LIMIT:
                raise self._error(f"it names over {AUDIENCE_LIMIT} topics and users; use a topic")
        return tuple(parts)

    def _answer(self, values: dict[str, Any]) -> Any:
        seen = {name: values[name] for name in self.names if name in values}
        if self._bounded and _effort(seen, self._scan) > _EFFORT:
            raise self._error("it goes through too much data; send less, or use a simpler test")
        try:
            return self._execute(seen)
        except KeyError as gap:
            raise self._error(f"{gap} is not set; send it, or test it with has(...)") from None
        except _ENGINE_ERRORS as mistake:
            raise self._error(_said(mistake)) from None

    def _execute(self, seen: dict[str, Any]) -> Any:
        try:
            return self._program.execute(cel.Context(variables=seen, functions=_AUDIENCE))
        except ValueError:
            return self._program.execute(cel.Context(_in_range(seen), _AUDIENCE))

    def _audience_part(self, answer: Any) -> AudiencePart:
        hint = "answer with topic(key), user(id), all() or a list of them"
        if not isinstance(answer, bytes):
            raise self._error(f"it gives {_kind(answer)}; {hint}")
        kind, _, key = answer.decode("utf-8", "replace").partition("\0")
        if kind == "!":
            raise self._error(f"it gives {key} as a key; use a text or a whole number")
        if kind not in _AUDIENCE:
            raise self._error(f"an audience is written in another way; {hint}")
        return AudiencePart(kind, self._key(key) if kind != "all" else "")

    def _key(self, answer: Any) -> str:
        if isinstance(answer, bool):
            return "true" if answer else "false"
        if not isinstance(answer, str | int):
            raise self._error(f"it gives {_kind(answer)} as a key; use a text or a whole number")
        key = str(answer)
        if not key or len(key) > KEY_CHARS:
            raise self._error(f"a key must have 1 to {KEY_CHARS} characters")
        return key

    def _error(self, problem: str) -> InvalidError:
        return InvalidError(f"the expression `{_short(self.source)}`: {problem}", code="condition")


def _compiled(source: str) -> cel.Program:
    if len(source.encode("utf-8", "replace")) > SOURCE_BYTES:
        raise InvalidError(f"an expression is at most {SOURCE_BYTES} bytes; shorten it")
    try:
        return cel.compile(source)
    except ValueError as mistake:
        found = _SYNTAX.search(str(mistake))
        if found is None:
            raise InvalidError(f"`{_short(source)}` is no expression", code="condition") from None
        line, column, said = int(found[1]), int(found[2]), _EXPECTING.sub("", found[3])
        mend = "check what stands there"
        if _LONE_EQUALS.search(said):
            said, mend = "a single `=` compares nothing", "write `==`"
        raise _misread(source, line, column, f"{said}; {mend}") from None


def _checked_names(program: cel.Program, found: Scan, source: str) -> frozenset[str]:
    for name in sorted(found.bound & NAMES):
        hint = "give the macro's variable a name of its own"
        raise _misread(source, *position(source, name), f"`{name}` is taken; {hint}")
    names = frozenset(program.variables()) - found.bound - _TYPES
    for name in sorted(names - NAMES):
        known = suggestion(name, NAMES)
        raise _misread(source, *position(source, name), f"`{name}` is not a name in scope{known}")
    for name in program.functions():
        if name.isidentifier() and name not in _FUNCTIONS and not name.startswith("_"):
            known = suggestion(name, _FUNCTIONS)
            raise _misread(source, *position(source, name), f"unknown function `{name}`{known}")
    if found.nesting > _MACRO_NESTING:
        raise _misread(source, 1, 1, f"macros nest at most {_MACRO_NESTING} deep; make it simpler")
    if found.growth > _GROWTH_LIMIT:
        raise _misread(source, 1, 1, "too many additions and list entries; make it simpler")
    _check_patterns(found, source)
    return names


def _check_patterns(found: Scan, source: str) -> None:
    if not found.patterns:
        return
    # The engine compiles a pattern at every use, and large counts make that slow.
    place = position(source, "matches")
    if None in found.patterns or len(found.patterns) > _PATTERNS_LIMIT:
        hint = f"at most {_PATTERNS_LIMIT} times, outside of macros, with its pattern in quotes"
        raise _misread(source, *place, f"`matches` is used {hint}")
    for pattern in filter(None, found.patterns):
        counts = math.prod(max(1, int(count)) for count in _COUNTS.findall(pattern))
        if len(pattern) > _PATTERN_CHARS or counts > _PATTERN_CHARS:
            raise _misread(source, *place, "the pattern of `matches` is too large; simplify it")
        try:
            cel.compile(f"''.matches({pattern})").execute({})
        except _ENGINE_ERRORS:
            hint = "check it (RE2 syntax, no look-around)"
            raise _misread(
                source, *place, f"the pattern of `matches` cannot be read; {hint}"
            ) from None


def _misread(source: str, line: int, column: int, problem: str) -> InvalidError:
    where = f"line {line}, column {column}" if "\n" in source else f"column {column}"
    return InvalidError(f"`{_short(source)}`, {where}: {problem}", code="condition")


def _short(source: str) -> str:
    flat = " ".join(source.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"


def _said(mistake: Exception) -> str:
    if isinstance(mistake, IndexError):
        return "a list is shorter than asked for; test its size(...) first"
    if isinstance(mistake, TypeError):
        return "values of these types do not go together; convert with string(...) or int(...)"
    if isinstance(mistake, RuntimeError):
        return "a value or function it names is not there"
    return "it cannot be evaluated with these values"


def _kind(answer: Any) -> str:
    if answer is None:
        return "nothing"
    kinds: dict[type, str] = {
        bytes: "an audience",
        bool: "true or false",
        str: "a text",
        int: "a number",
        float: "a fraction",
    }
    kinds |= {list: "a list", dict: "a mapping"}
    return kinds.get(type(answer), "a value of another kind")


def _flat(answer: Any) -> Iterator[Any]:
    if isinstance(answer, list):
        for entry in answer:
            yield from _flat(entry)
    else:
        yield answer


def _in_range(value: Any) -> Any:
    """The same data with whole numbers beyond 64 bits as fractions: CEL has no larger ones."""
    if isinstance(value, dict):
        return {key: _in_range(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_in_range(entry) for entry in value]
    if isinstance(value, int) and value not in _INTEGERS:
        return math.inf if abs(value) >= 2**1023 else float(value)
    return value


def _effort(values: dict[str, Any], found: Scan) -> int:
    """Steps at most: macros go through the data, and each step may go through it again."""
    nodes = longest = 0
    stack: list[Any] = [values]
    while stack:
        entry = stack.pop()
        nodes += 1
        if isinstance(entry, dict):
            stack.extend(entry.values())
        elif isinstance(entry, list | tuple):
            stack.extend(entry)
        elif isinstance(entry, str):
            longest = max(longest, len(entry))
        if nodes > _EFFORT:
            break
    breadth = nodes + found.growth
    return int(breadth ** (found.nesting + 1) * (1 + found.growth) * (1 + longest // 64))
