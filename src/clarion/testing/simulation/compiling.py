"""Templates and conditions compiled once for all worlds: a program never changes after it was
compiled, and a world compiles the same few again after every crash."""

from __future__ import annotations

from clarion.conditions.cel import CelCompiler
from clarion.conditions.contract import CompiledCondition
from clarion.content.compiler import TemplateCompiler
from clarion.content.contract import CompiledStep
from clarion.core.workflow import SendStep, Workflow


class SharedTemplates:
    """A `Compiler` that remembers."""

    def __init__(self) -> None:
        self._compiler = TemplateCompiler()
        self._steps: dict[str, CompiledStep] = {}

    def compile(self, workflow: Workflow, step: SendStep) -> CompiledStep:
        """See `Compiler.compile`."""
        key = repr((workflow.locale, workflow.partials, step))
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._compiler.compile(workflow, step)
        return found


class SharedConditions:
    """A `ConditionCompiler` that remembers."""

    def __init__(self) -> None:
        self._compiler = CelCompiler()
        self._conditions: dict[str, CompiledCondition] = {}

    def compile(self, source: str) -> CompiledCondition:
        """See `ConditionCompiler.compile`."""
        found = self._conditions.get(source)
        if found is None:
            found = self._conditions[source] = self._compiler.compile(source)
        return found


TEMPLATES = SharedTemplates()
CONDITIONS = SharedConditions()
