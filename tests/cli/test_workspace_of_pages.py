"""What pages show as workflow, category or blast is taken as it stands: read, and compiled."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from clarion.api.blasts import BlastBody
from clarion.cli.workspace import sound_workspace

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
FILE = re.compile(r"[\w.-]+\.(?:mjml|html|txt)")
WORDS = {
    "mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column>"
    "</mj-section></mj-body></mjml>",
    "html": "<p>Hello</p>",
    "txt": "Hello",
}
MAIL = {"channel": "email", "template": {"subject": "Hello", "body": "Hello"}}
OWN_TEST = {"write-wording.md", "monitor.md"}
"""Pages whose blocks are something else: they have a test of their own, or are for Prometheus."""

BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    if page.name not in OWN_TEST
    for number, block in enumerate(BLOCK.findall(page.read_text("utf-8")))
]


def workflow_around(document: dict[str, Any]) -> dict[str, Any]:
    """A workflow that says what a piece of one says."""
    if "template" in document:
        return {"key": "piece", "steps": [{"send": MAIL | document}]}
    assert set(document) == {"cap"}, f"what is a document with {sorted(document)}?"
    return {"key": "piece", "throttle": document["cap"], "steps": [{"send": MAIL}]}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_document_of_a_page_is_taken_as_it_stands(block: str, tmp_path: Path) -> None:
    document = yaml.safe_load(block)
    if "recipients" in document:
        assert msgspec.convert(document, BlastBody).type
        return
    for name in ("workflows", "templates"):
        (tmp_path / name).mkdir()
    for file in FILE.findall(block):
        words = f"---\nsubject: Hello\n---\n{WORDS[file.rpartition('.')[2]]}"
        (tmp_path / "templates" / file).write_text(words)
    if isinstance(document, list):
        (tmp_path / "categories.yaml").write_text(block)
    elif "steps" in document:
        (tmp_path / "workflows" / "shown.yaml").write_text(block)
    else:
        (tmp_path / "workflows" / "shown.json").write_text(json.dumps(workflow_around(document)))
    workspace = sound_workspace(tmp_path)
    assert len(workspace.workflows) + len(workspace.categories) >= 1


def test_every_kind_of_step_is_shown() -> None:
    page = (ROOT / "docs/how-to/write-a-workflow.md").read_text("utf-8")
    steps = [
        step
        for block in BLOCK.findall(page)
        if isinstance(document := yaml.safe_load(block), dict)
        for step in document.get("steps", [])
    ]
    assert {word for step in steps for word in step} == {"send", "delay", "until", "digest"}
    sends = {name for step in steps for name in step.get("send", {})}
    assert sends >= {"channel", "template", "when", "window", "quiet", "presence", "cap"}
