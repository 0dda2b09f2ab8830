"""A workspace folder read and compiled: what is wrong with it, each mistake at its file and
line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion.config import Problem, Workspace, inspect_workspace, refuse
from clarion.core.template_reading import front_matter_lines
from clarion.core.workflow import (
    BUILT_IN_CATEGORIES,
    Channel,
    DigestStep,
    SendStep,
    UntilStep,
    Workflow,
)
from clarion.errors import InvalidError

if TYPE_CHECKING:
    from clarion.content.compiler import TemplateCompiler

NO_LINK = (
    "people may switch this mail off and see no way to; name {{ unsubscribe_url }} or "
    "{{ preferences_url }} in its words"
)

_FILE = re.compile(r"template file `([^`]+)`")
_LINE = re.compile(r"\bline (\d+)\b")


def sound_workspace(folder: Path) -> Workspace:
    """A folder -> its workspace, compiled as a check; SettingsError with a line per problem."""
    workspace, problems = checked_workspace(folder)
    refuse(problems)
    return workspace


def checked_workspace(folder: Path) -> tuple[Workspace, list[Problem]]:
    """A folder -> what could be read, and every problem, also of templates and conditions."""
    workspace, problems = inspect_workspace(folder)
    for workflow in workspace.workflows.values():
        for mistake in _mistakes(workflow):
            problems.append(problem_at(workspace, workflow.key, mistake.pointer, mistake.detail))
    return workspace, sorted(set(problems))


def mails_without_links(workspace: Workspace) -> dict[str, list[Problem]]:
    """The mails of what people may switch off that show no way to do so, by the workflow's key,
    each at its file and line."""
    from clarion.content.compiler import TemplateCompiler

    compiler = TemplateCompiler()
    usual = {category.key: category for category in BUILT_IN_CATEGORIES}
    found: dict[str, list[Problem]] = {}
    for workflow in workspace.workflows.values():
        category = (usual | workspace.categories).get(workflow.category)
        if category is None or category.mandatory:
            continue
        for step in workflow.sends:
            if step.channel is Channel.EMAIL and not _links(compiler, workflow, step):
                pointer = f"/steps/{step.index}/send/template"
                problem = problem_at(workspace, workflow.key, pointer, NO_LINK)
                found.setdefault(workflow.key, []).append(problem)
    return found


def problem_at(workspace: Workspace, workflow: str, pointer: str, detail: str) -> Problem:
    """A mistake at a pointer into a workflow -> the file and line where it is mended."""
    line = _LINE.search(detail)
    number = int(line[1]) if line else 1
    named = _FILE.search(detail)
    if named and named[1] in workspace.files:
        path = workspace.folder / "templates" / named[1]
        return Problem(str(path), front_matter_lines(workspace.files[named[1]]) + number, detail)
    file, at = workspace.locate("workflow", workflow, pointer, number)
    return Problem(file, at, detail)


def _mistakes(workflow: Workflow) -> Iterator[InvalidError]:
    from clarion.conditions.cel import CelCompiler
    from clarion.content.compiler import TemplateCompiler

    templates, conditions = TemplateCompiler(), CelCompiler()

    def tried(pointer: str, compile_: Any, *parts: Any) -> Iterator[InvalidError]:
        try:
            compile_(*parts)
        except InvalidError as error:
            place = error.pointer if error.pointer.startswith("/steps") else pointer
            yield InvalidError(error.detail, place, error.code)

    for pointer, source in _expressions(workflow):
        yield from tried(pointer, conditions.compile, source)
    for step in workflow.sends:
        at = f"/steps/{step.index}/send"
        yield from tried(f"{at}/template", templates.compile, workflow, step)
        if step.when is not None:
            yield from tried(f"{at}/when", conditions.compile, step.when)
    if workflow.audience is not None:
        yield from tried("/audience", conditions.compile, workflow.audience)
    if workflow.dedupe is not None:
        yield from tried("/dedupe/key", conditions.compile, workflow.dedupe.key)


def _links(compiler: TemplateCompiler, workflow: Workflow, step: SendStep) -> bool:
    """Whether all locales of a mail name a link; also of one that is mistaken, as that is told."""
    try:
        return bool(compiler.compile(workflow, step).links)
    except InvalidError:
        return True


def _expressions(workflow: Workflow) -> Iterator[tuple[str, str]]:
    """The CEL sources of steps that wait and of caps, with their pointers."""
    found: list[tuple[str, str | None]] = []
    for step in workflow.steps:
        at = f"/steps/{step.index}"
        if isinstance(step, UntilStep):
            found.append((f"{at}/until", step.instant))
        elif isinstance(step, DigestStep):
            found.append((f"{at}/digest/key", step.key))
        elif isinstance(step, SendStep):
            found.append((f"{at}/send/cap/key", step.cap.key if step.cap else None))
            found.append(
                (f"{at}/send/aggregate/key", step.aggregate.key if step.aggregate else None)
            )
    found.append(("/throttle/key", workflow.throttle.key if workflow.throttle else None))
    yield from ((pointer, source) for pointer, source in found if source is not None)
