"""Words: a compiled template and values in, the fields of a channel out. No I/O; bounded time
and size."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from clarion.core.workflow import SendStep, Workflow


class Rendered(msgspec.Struct, frozen=True):
    """Content of one message. `warnings` name what was missing (e.g. `user.name is not set`)."""

    locale: str
    fields: dict[str, Any]
    warnings: tuple[str, ...] = ()


class CompiledStep(Protocol):
    """A send step's template, compiled for all its locales."""

    personal: bool
    """True when it names `user` or `digest`: then content differs per user, else it is the same
    per locale."""

    def locale_for(self, *wanted: str | None) -> str:
        """The best locale of the template for the wanted ones in order (de-AT -> de -> next ->
        default "")."""
        ...

    def render(self, locale: str, values: dict[str, Any], *, strict: bool = False) -> Rendered:
        """Render with `user, actor, data, event, tenant, now`; strict: what is undefined is an
        InvalidError."""
        ...


class Compiler(Protocol):
    """Compiles a step of a workflow; InvalidError with a line and a suggestion when it is not
    acceptable."""

    def compile(self, workflow: Workflow, step: SendStep) -> CompiledStep: ...
