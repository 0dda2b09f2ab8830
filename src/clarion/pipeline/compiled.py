"""A workflow at one version with its templates and conditions ready to run."""

from __future__ import annotations

from typing import Any

from clarion.conditions.contract import CompiledCondition, ConditionCompiler
from clarion.content.contract import CompiledStep, Compiler
from clarion.core.facts import WorkflowFacts
from clarion.core.workflow import Channel, DigestStep, SendStep, Step, UntilStep
from clarion.errors import InvalidError
from clarion.store.contract.catalog import CategoryRow, WorkflowRow
from clarion.store.contract.events import EventRow

Pin = tuple[int, int, int, int]
"""(workflow, version, category, category version) as pinned by an event."""


def pin_of(event: EventRow, workflow: int) -> Pin:
    """The versions of one of its workflows that an event remembers."""
    return next(pinned[:4] for pinned in event.workflows if pinned[0] == workflow)


def known_pin(event: EventRow | None, workflow: int) -> Pin | None:
    """The same; None where the event is gone or remembers none."""
    pinned = () if event is None else event.workflows
    return next((pin[:4] for pin in pinned if pin[0] == workflow), None)


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
        self.untils: dict[int, CompiledCondition] = {}
        self.keys: dict[int, CompiledCondition] = {}
        self.cap_keys: dict[str, CompiledCondition] = {}
        for step in self.workflow.steps:
            self._compile_step(step, compiler, conditions)
        self.sends: dict[int, SendStep] = {step.index: step for step in self.workflow.sends}
        self.personal_inbox = any(
            self.steps[step.index].personal
            for step in self.workflow.sends
            if step.channel is Channel.INBOX
        )
        self.asks_presence = any(step.presence_seconds for step in self.workflow.sends)
        self._compile_caps(conditions)
        if self.workflow.audience is not None:
            self.audience = _at("/audience", conditions.compile, self.workflow.audience)
        if self.workflow.dedupe is not None:
            self.dedupe = _at("/dedupe/key", conditions.compile, self.workflow.dedupe.key)

    def _compile_step(self, step: Step, compiler: Compiler, conditions: ConditionCompiler) -> None:
        at = f"/steps/{step.index}"
        if isinstance(step, SendStep):
            self.steps[step.index] = _at(f"{at}/send/template", compiler.compile, self.row, step)
            if step.when is not None:
                self.whens[step.index] = _at(f"{at}/send/when", conditions.compile, step.when)
            if step.aggregate is not None:
                pointer = f"{at}/send/aggregate/key"
                self.keys[step.index] = _at(pointer, conditions.compile, step.aggregate.key)
        elif isinstance(step, UntilStep) and step.instant is not None:
            self.untils[step.index] = _at(f"{at}/until", conditions.compile, step.instant)
        elif isinstance(step, DigestStep) and step.key is not None:
            self.keys[step.index] = _at(f"{at}/digest/key", conditions.compile, step.key)

    def _compile_caps(self, conditions: ConditionCompiler) -> None:
        """Keys of caps by their source; `reserves`: somebody has to be asked before a decision
        stands."""
        places = [("/throttle/key", self.workflow.throttle)]
        places += [(f"/steps/{step.index}/send/cap/key", step.cap) for step in self.workflow.sends]
        category = self.category.category.cap
        for pointer, rule in (*places, ("/category/cap/key", category)):
            if rule is not None and rule.key is not None:
                self.cap_keys[rule.key] = _at(pointer, conditions.compile, rule.key)
        leads = any(
            isinstance(step, DigestStep) and step.timing.lead for step in self.workflow.steps
        )
        self.capped = category is not None or any(rule is not None for _, rule in places)
        self.reserves = self.workflow.dedupe is not None or leads or self.capped

    @property
    def pin(self) -> Pin:
        """What an event remembers of it."""
        return (self.row.number, self.row.version, self.category.number, self.category.version)

    @property
    def lane(self) -> int:
        return int(self.category.category.lane)

    def facts(self, paused: bool) -> WorkflowFacts:
        """As `decide` sees it."""
        return WorkflowFacts(
            workflow=self.workflow,
            category=self.category.category,
            workflow_number=self.row.number,
            category_number=self.category.number,
            paused=paused,
        )


def _at(pointer: str, compile_: Any, *parts: Any) -> Any:
    """Compile; an InvalidError without a place gets this pointer."""
    if parts and isinstance(parts[0], WorkflowRow):
        parts = (parts[0].workflow, *parts[1:])
    try:
        return compile_(*parts)
    except InvalidError as error:
        place = error.pointer if error.pointer.startswith("/steps") else pointer + error.pointer
        raise InvalidError(error.detail, place, error.code) from error
