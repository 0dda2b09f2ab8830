"""Builders for tests of templates."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.content.compiler import TemplateCompiler, TemplateStep
from clarion.content.contract import Rendered
from clarion.core.workflow import Channel, SendStep, Workflow
from clarion.errors import InvalidError

NOW = 1_764_000_000_000_000
"""2025-11-24T16:00:00Z."""


def compiled(
    channel: str,
    fields: dict[str, Any] | None = None,
    *,
    per_locale: dict[str, dict[str, Any]] | None = None,
    partials: dict[str, str] | None = None,
    locale: str | None = None,
) -> TemplateStep:
    """A step's template, compiled."""
    template = per_locale if per_locale is not None else {"": fields or {}}
    step = SendStep(index=0, channel=Channel(channel), template=template)
    workflow = Workflow(
        key="w", on="thing.happened", locale=locale, steps=(step,), partials=partials or {}
    )
    return TemplateCompiler().compile(workflow, step)


def rendered(
    channel: str, fields: dict[str, Any], *, strict: bool = False, **values: Any
) -> Rendered:
    """What a template makes of values."""
    return compiled(channel, fields).render("", {"now": NOW, **values}, strict=strict)


def text(body: str, *, strict: bool = False, **values: Any) -> Any:
    """What a text template makes of values."""
    return rendered("sms", {"body": body}, strict=strict, **values).fields["body"]


def refusal(body: str, **values: Any) -> str:
    """The error that a text template, or rendering it, gives."""
    with pytest.raises(InvalidError) as caught:
        text(body, **values)
    return caught.value.detail


def refused(channel: str, fields: dict[str, Any], **more: Any) -> InvalidError:
    """The error that compiling a template gives."""
    with pytest.raises(InvalidError) as caught:
        compiled(channel, fields, **more)
    return caught.value
