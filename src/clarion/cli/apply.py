"""`clarion apply`: put a workspace folder into a running server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import typer
from rich.markup import escape

from clarion.cli.client import RefusedError, Remote
from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, listed, progress, say, say_json
from clarion.cli.workspace import mails_without_links, problem_at, sound_workspace
from clarion.config import Problem, Workspace

_EXTENDS = re.compile(r"""\{%[-+]?\s*extends\s+["']([^"']+)["']""")


class Put(msgspec.Struct, frozen=True):
    """One thing to put: its kind (`template`, `category`, `workflow`), name and body."""

    kind: str
    name: str
    body: dict[str, Any]

    @property
    def path(self) -> str:
        folder = {"template": "templates", "category": "categories", "workflow": "workflows"}
        return f"/v1/{folder[self.kind]}/{quote(self.name, safe='')}"


def apply(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Put the templates, categories and workflows of a folder into a running server."""
    workspace = sound_workspace(folder)
    puts = list(_puts(workspace))
    if not puts:
        mend = "put workflows into workflows/, templates into templates/"
        raise CommandError(f"{folder} holds nothing to apply; {mend}", MISUSED)
    remote = Remote(url, key)
    with progress() as bar:
        answers = [
            {"kind": put.kind, "name": put.name, **_put(remote, put, workspace)}
            for put in bar.track(puts, description="applying")
        ]
    warnings = mails_without_links(workspace)
    if as_json:
        for answer in answers:
            found = warnings.get(answer["name"], []) if answer["kind"] == "workflow" else []
            answer["warnings"] = [str(one) for one in found]
        say_json(answers)
        return
    kinds = [put.kind for put in puts]
    words = [
        counted(kinds.count(one), one, many)
        for one, many in (
            ("template", "templates"), ("category", "categories"), ("workflow", "workflows"),
        )
        if one in kinds
    ]  # fmt: skip
    say(f"{listed(words)} applied to {remote.url}")
    for problem in (one for found in warnings.values() for one in found):
        say(f"[yellow]![/yellow] {escape(str(problem))}")


def _puts(workspace: Workspace) -> Iterator[Put]:
    """In the order in which one needs the other: layouts before what extends them, workflows
    last."""
    for name in _layouts_first(workspace.files):
        yield Put("template", name, {"source": workspace.files[name]})
    for key, document in workspace.category_documents.items():
        yield Put("category", key, document)
    for key, document in workspace.workflow_documents.items():
        yield Put("workflow", key, document)


def _layouts_first(files: dict[str, str]) -> list[str]:
    ordered: dict[str, None] = {}

    def place(name: str, on_the_way: frozenset[str]) -> None:
        for layout in _EXTENDS.findall(files[name]):
            if layout in files and layout not in on_the_way:
                place(layout, on_the_way | {layout})
        ordered[name] = None

    for name in files:
        place(name, frozenset({name}))
    return list(ordered)


def _put(remote: Remote, put: Put, workspace: Workspace) -> dict[str, Any]:
    try:
        answer = remote.put(put.path, put.body)
    except RefusedError as error:
        if error.status not in (400, 422):
            raise
        problems = [_problem(workspace, put, pointer, detail) for pointer, detail in error.mistakes]
        raise CommandError("\n".join(map(str, problems))) from None
    return {"version": answer.get("version")}


def _problem(workspace: Workspace, put: Put, pointer: str, detail: str) -> Problem:
    if put.kind == "workflow":
        return problem_at(workspace, put.name, pointer, detail)
    if put.kind == "category":
        return Problem(*workspace.locate("category", put.name, pointer), detail)
    return Problem(str(workspace.folder / "templates" / put.name), 1, detail)
