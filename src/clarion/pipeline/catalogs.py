"""The catalogue of an environment, compiled once and kept until it changes."""

from __future__ import annotations

from typing import Any, Protocol

from clarion.content.contract import CompiledStep, Compiler
from clarion.conditions.contract import CompiledCondition, ConditionCompiler
from clarion.core.workflow import Category, Workflow
from clarion.store.contract import Store
from clarion.store.contract.catalog import Catalog, CategoryRow, WorkflowRow


class CompiledWorkflow:
    """A workflow at one version with its templates and conditions ready to run."""

    def __init__(
        self,
        row: WorkflowRow,
        category: CategoryRow,
        compiler: Compiler,
        conditions: ConditionCompiler,
    ) -> None:
        self.row = row
        self.category = category
        self.workflow = row.workflow
        self.steps: dict[int, CompiledStep] = {}
        self.whens: dict[int, CompiledCondition] = {}
        self.audience: CompiledCondition | None = None
        self.dedupe: CompiledCondition | None = None
        for step in self.workflow.steps:
            self.steps[step.index] = compiler.compile(self.workflow, step)
            if step.when is not None:
                self.whens[step.index] = conditions.compile(step.when)
        if self.workflow.audience is not None:
            self.audience = conditions.compile(self.workflow.audience)
        if self.workflow.dedupe is not None:
            self.dedupe = conditions.compile(self.workflow.dedupe.key)
