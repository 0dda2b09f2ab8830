"""A workspace: a folder of categories, workflows and templates, read strictly and as a whole.

    categories.yaml        a list of categories, and / or
    categories/*.yaml      one category each
    workflows/*.yaml       one workflow each
    templates/**           .mjml, .html and .txt files, named by their path below templates/

`.yml` and `.json` are read as well. A key that a file leaves out is the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from clarion.config.folder import files_below, inside, read_text
from clarion.config.problem import Problem, refuse
from clarion.config.source import Document, parse_document
from clarion.core.document import kind_of, pointer_to
from clarion.core.suggestion import did_you_mean
from clarion.core.template_reading import FILE_SUFFIXES, front_matter_lines
from clarion.core.workflow import BUILT_IN_CATEGORIES, Category, Workflow
from clarion.core.workflow_reading import inspect_category, inspect_workflow
from clarion.errors import InvalidError

Check = Callable[[Workflow], list[tuple[str, str]]]
"""A further check of a workflow (templates, conditions): pointers and what is wrong there."""

_DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")
_FOLDERS = ("categories", "workflows", "templates")
_STEPS = re.compile(r"""(?:^|[{,])\s*["']?steps["']?\s*:""", re.MULTILINE)


class Source(msgspec.Struct, frozen=True):
    """Where a record came from: the file, its document, and the record's own pointer within it."""

    file: str
    document: Document
    prefix: str = ""


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds, by key: records, the documents they were read from, and template files.

    Documents have their `key` and are else as they were written: they name template files.
    """

    folder: Path
    categories: dict[str, Category]
    workflows: dict[str, Workflow]
    category_documents: dict[str, dict[str, Any]]
    workflow_documents: dict[str, dict[str, Any]]
    files: dict[str, str]
    sources: dict[tuple[str, str], Source]

    def locate(self, kind: str, key: str, pointer: str, line: int = 1) -> tuple[str, int]:
        """File and line of a pointer into the document of a `category` or `workflow`.

        Where the pointer leads into a template file, that file; `line` counts within its body.
        KeyError when there is no such record.
        """
        source = self.sources[kind, key]
        name = self._template_at(_at(source.document.value, source.prefix), pointer)
        if name is not None:
            path = self.folder / "templates" / name
            return str(path), front_matter_lines(self.files[name]) + line
        return source.file, source.document.line(source.prefix + pointer)

    def _template_at(self, value: Any, pointer: str) -> str | None:
        for part in pointer.split("/")[1:]:
            if isinstance(value, str):
                break
            value = _child(value, part)
        return value if isinstance(value, str) and value in self.files else None


def load_workspace(folder: Path, check: Check | None = None) -> Workspace:
    """A folder -> its workspace; SettingsError with one line per problem, each with its place."""
    workspace, problems = inspect_workspace(folder, check)
    refuse(problems)
    return workspace


def inspect_workspace(folder: Path, check: Check | None = None) -> tuple[Workspace, list[Problem]]:
    """Like `load_workspace`, but with the problems as a list; what could be read is there."""
    reading = _Reading(folder)
    if not folder.is_dir():
        reading.problem(folder, 0, "there is no such folder; check the name")
        return reading.workspace(), reading.problems
    try:
        reading.read()
    except OSError as error:
        reason = error.strerror or "an error of the system"
        reading.problem(folder, 0, f"cannot be read ({reason}); check its permissions")
    workspace = reading.workspace()
    if check is not None:
        for key, workflow in workspace.workflows.items():
            for pointer, detail in check(workflow):
                reading.problems.append(
                    Problem(*workspace.locate("workflow", key, pointer), detail)
                )
    return workspace, sorted(set(reading.problems))


class _Reading:
    """One walk through a folder; problems are collected on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.files: dict[str, str] = {}
        self.categories: dict[str, Category] = {}
        self.workflows: dict[str, Workflow] = {}
        self.documents: dict[str, dict[str, dict[str, Any]]] = {"category": {}, "workflow": {}}
        self.sources: dict[tuple[str, str], Source] = {}
        self.all_categories_known = False

    def problem(self, path: Path, line: int, detail: str) -> None:
        self.problems.append(Problem(str(path), line, detail))

    def read(self) -> None:
        """Everything, in the order in which one needs the other."""
        self.look_around()
        self.read_templates()
        before = len(self.problems)
        self.read_categories()
        self.all_categories_known = len(self.problems) == before
        self.read_workflows()

    def look_around(self) -> None:
        """A folder with nearly the right name is a slip, and so is a workflow beside the folders;
        other files (a README) are left alone."""
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and not path.name.startswith(".") and (home := _home_of(path)):
                self.problem(path, 0, f"is not read here; move it into {home}")
            near = did_you_mean(path.name, _FOLDERS) if path.is_dir() else ""
            if path.name not in _FOLDERS and near.startswith("did"):
                self.problem(path, 0, f"unknown folder {path.name!r}; {near}")
        if not any((self.folder / name).exists() for name in (*_FOLDERS, *_category_lists())):
            mend = "put workflows into workflows/, templates into templates/"
            self.problem(self.folder, 0, f"there is no workspace in this folder; {mend}")

    def read_templates(self) -> None:
        for path in self._files_in("templates", FILE_SUFFIXES, deep=True):
            text = read_text(path, self.problems)
            if text is not None:
                self.files[path.relative_to(self.folder / "templates").as_posix()] = text

    def read_categories(self) -> None:
        for name in _category_lists():
            path = self.folder / name
            if path.is_file() and inside(path, self.folder.resolve(), self.problems):
                self._read_category_list(path)
        for path in self._files_in("categories", _DOCUMENT_SUFFIXES):
            if (document := self._document(path)) is not None:
                self._category(Source(str(path), document), path.stem)

    def read_workflows(self) -> None:
        for path in self._files_in("workflows", _DOCUMENT_SUFFIXES):
            if (document := self._document(path)) is not None:
                self._workflow(Source(str(path), document), path.stem)

    def workspace(self) -> Workspace:
        return Workspace(
            folder=self.folder,
            categories=self.categories,
            workflows=self.workflows,
            category_documents=self.documents["category"],
            workflow_documents=self.documents["workflow"],
            files=self.files,
            sources=self.sources,
        )

    def _files_in(self, name: str, suffixes: tuple[str, ...], deep: bool = False) -> list[Path]:
        folder, root = self.folder / name, self.folder.resolve()
        if not folder.exists() or not inside(folder, root, self.problems):
            return []
        if not folder.is_dir():
            self.problem(folder, 0, f"{name!r} is a file; make it a folder")
            return []
        found = []
        for path in files_below(folder, root, self.problems, deep=deep):
            if path.suffix in suffixes:
                found.append(path)
            else:
                mend = f"rename it to end in {', '.join(suffixes)}, or move it out of {name}/"
                self.problem(path, 0, f"not a kind of file that is read here; {mend}")
        return found

    def _document(self, path: Path) -> Document | None:
        text = read_text(path, self.problems)
        if text is None:
            return None
        document, problems = parse_document(text, str(path))
        self.problems.extend(problems)
        return None if problems else document

    def _read_category_list(self, path: Path) -> None:
        document = self._document(path)
        if document is None:
            return
        if not isinstance(document.value, list):
            mend = "write a list, one '- key: ...' per category"
            self.problem(path, 1, f"this file holds {kind_of(document.value)}; {mend}")
            return
        for index in range(len(document.value)):
            self._category(Source(str(path), document, pointer_to("", index)), None)

    def _category(self, source: Source, stem: str | None) -> None:
        document = _keyed(_at(source.document.value, source.prefix), stem)
        category, mistakes = inspect_category(document)
        if self._accept("category", category.key, document, source, mistakes):
            self.categories[category.key] = category

    def _workflow(self, source: Source, stem: str) -> None:
        document = _keyed(source.document.value, stem)
        workflow, mistakes = inspect_workflow(document, files=self.files)
        known = {category.key for category in BUILT_IN_CATEGORIES} | set(self.categories)
        if self.all_categories_known and workflow.category not in known:
            near = did_you_mean(workflow.category, sorted(known))
            detail = f"there is no category {workflow.category!r}; {near}"
            mistakes = [*mistakes, InvalidError(detail, "/category")]
        if self._accept("workflow", workflow.key, document, source, mistakes):
            self.workflows[workflow.key] = workflow

    def _accept(
        self, kind: str, key: str, document: Any, source: Source, mistakes: list[InvalidError]
    ) -> bool:
        for mistake in mistakes:
            line = source.document.line(source.prefix + mistake.pointer)
            self.problems.append(Problem(source.file, line, mistake.detail))
        if mistakes:
            return False
        if (kind, key) in self.sources:
            first = self.sources[kind, key]
            line = source.document.line(source.prefix + "/key")
            other = f"{first.file}:{first.document.line(first.prefix + '/key')}"
            detail = f"the {kind} {key!r} comes twice: it stands first in {other}; rename one"
            self.problems.append(Problem(source.file, line, detail))
            return False
        self.sources[kind, key] = source
        self.documents[kind][key] = document
        return True


def _category_lists() -> tuple[str, ...]:
    return tuple("categories" + suffix for suffix in _DOCUMENT_SUFFIXES)


def _home_of(path: Path) -> str:
    """The folder for a workflow or template that lies beside the folders; else nothing."""
    if path.suffix == ".mjml":
        return "templates/"
    if path.suffix not in _DOCUMENT_SUFFIXES or path.name in _category_lists():
        return ""
    text = read_text(path, [])
    return "workflows/" if text is not None and _STEPS.search(text) else ""


def _keyed(value: Any, stem: str | None) -> Any:
    if isinstance(value, Mapping) and "key" not in value and stem is not None:
        return {"key": stem, **value}
    return value


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = _child(value, part)
    return value


def _child(value: Any, part: str) -> Any:
    name = part.replace("~1", "/").replace("~0", "~")
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None
