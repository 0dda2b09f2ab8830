"""Conditions and audiences (CEL): a compiled expression and values in, a plain value out. No
I/O."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec


class AudiencePart(msgspec.Struct, frozen=True):
    """One part of an audience: kind `topic`, `user` or `all`; `key` is empty for `all`."""

    kind: str
    key: str = ""


class CompiledCondition(Protocol):
    """A compiled expression. `names` are the top-level names it mentions (`user`, `data`,
    `inbox`, ...)."""

    source: str
    names: frozenset[str]

    def truth(self, values: dict[str, Any]) -> bool:
        """Evaluate a `when`; what is missing or not a boolean counts as False."""
        ...

    def text(self, values: dict[str, Any]) -> str:
        """Evaluate a key (dedupe); InvalidError when a value is missing."""
        ...

    def instant(self, values: dict[str, Any]) -> int:
        """Evaluate an `until`: an RFC 3339 text or a timestamp -> microseconds UTC; InvalidError
        otherwise."""
        ...

    def audience(self, values: dict[str, Any]) -> tuple[AudiencePart, ...]:
        """Evaluate an `audience`: `topic(key)`, `user(id)`, `all()` or a list; InvalidError
        otherwise."""
        ...


class ConditionCompiler(Protocol):
    """Compiles once; InvalidError with position and suggestion when the expression is not
    acceptable."""

    def compile(self, source: str) -> CompiledCondition: ...
