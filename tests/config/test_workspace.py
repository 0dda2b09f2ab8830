"""Workspace folders: what is read, and that every refusal names file, line and mend."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clarion.config import Problem, inspect_workspace, load_workspace
from clarion.core.workflow import Lane, Workflow
from clarion.errors import SettingsError

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "src/clarion/demo_workspace", ROOT / "examples/first-steps")

WORKFLOW = """\
key: comment-added
on: comment.added
category: social
rollout: on
steps:
  - send:
      channel: inbox
      template:
        title: "{{ actor.name }} commented"
  - send:
      channel: email
      template: comment-added.mjml
"""
TEMPLATE = "---\nsubject: New comment\n---\n<mjml>\n{{ data.text }}\n</mjml>\n"


def a_folder(folder: Path) -> Path:
    """A whole workspace: one workflow and its template."""
    add(folder, "workflows/comment-added.yaml", WORKFLOW, whole=False)
    return add(folder, "templates/comment-added.mjml", TEMPLATE, whole=False)


def add(folder: Path, name: str, content: str | bytes, *, whole: bool = True) -> Path:
    """A whole workspace with one file more, or another one in its place."""
    if whole and not (folder / "workflows").exists():
        a_folder(folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def problems_of(folder: Path) -> list[tuple[str, int, str]]:
    """Problems with file names relative to the folder; loading has to refuse with the same."""
    _, problems = inspect_workspace(folder)
    with pytest.raises(SettingsError) as caught:
        load_workspace(folder)
    assert str(caught.value) == "\n".join(map(str, problems))
    return [(os.path.relpath(p.file, folder), p.line, p.detail) for p in problems]


def the_problem(folder: Path) -> tuple[str, int, str]:
    (problem,) = problems_of(folder)
    return problem


def test_a_folder_is_read_as_records_documents_and_files(tmp_path: Path) -> None:
    add(tmp_path, "categories/live.yaml", "lane: bulk\n")
    workspace = load_workspace(tmp_path)
    assert workspace.workflows["comment-added"].sends[1].template[""]["subject"] == "New comment"
    assert workspace.categories["live"].lane is Lane.BULK
    assert workspace.category_documents == {"live": {"key": "live", "lane": "bulk"}}
    assert workspace.workflow_documents["comment-added"]["rollout"] == "on"
    steps = workspace.workflow_documents["comment-added"]["steps"]
    assert steps[1]["send"]["template"] == "comment-added.mjml"
    assert workspace.files == {"comment-added.mjml": TEMPLATE}


def test_a_key_that_is_left_out_is_the_name_of_the_file(tmp_path: Path) -> None:
    add(
        tmp_path,
        "workflows/otp-requested.yml",
        "steps: [{send: {channel: sms, template: {body: x}}}]",
    )
    workspace = load_workspace(tmp_path)
    assert workspace.workflows["otp-requested"].on == "otp-requested"
    assert workspace.workflow_documents["otp-requested"]["key"] == "otp-requested"


def test_json_is_read_with_its_own_escapes(tmp_path: Path) -> None:
    text = (
        '{\n\t"key": "j",\n\t"steps": [{"send": {"channel": "sms",'
        ' "template": {"body": "\\ud83d\\ude00 \\/ \\\\ud83d"}}}]\n}'
    )
    workspace = load_workspace(add(tmp_path, "workflows/j.json", text))
    assert workspace.workflows["j"].sends[0].template == {"": {"body": "😀 / \\ud83d"}}


def test_words_dates_and_padded_numbers_stay_text(tmp_path: Path) -> None:
    text = "steps: [{send: {channel: webhook, template: {a: on, b: yes, c: 2024-01-01, d: 042}}}]"
    workspace = load_workspace(add(tmp_path, "workflows/w.yaml", text))
    fields = workspace.workflows["w"].sends[0].template[""]
    assert fields == {"a": "on", "b": "yes", "c": "2024-01-01", "d": "042"}


def test_categories_may_stand_in_one_list(tmp_path: Path) -> None:
    add(tmp_path, "categories.yaml", "- key: live\n  lane: bulk\n- key: ops\n")
    assert set(load_workspace(tmp_path).categories) == {"live", "ops"}


def test_templates_in_folders_are_named_by_their_path(tmp_path: Path) -> None:
    add(tmp_path, "templates/mail/en/hello.txt", "Hello\r\nyou\r\n")
    assert load_workspace(tmp_path).files["mail/en/hello.txt"] == "Hello\nyou\n"


def test_hidden_files_and_a_readme_are_left_alone(tmp_path: Path) -> None:
    add(tmp_path, "README.md", "# Ours")
    add(tmp_path, "workflows/.comment-added.yaml.swp", b"\xff")
    assert set(load_workspace(tmp_path).workflows) == {"comment-added"}


def test_links_inside_the_folder_are_followed(tmp_path: Path) -> None:
    # Kubernetes mounts a config map this way.
    a_folder(tmp_path / "..data")
    for name in ("workflows", "templates"):
        (tmp_path / name).symlink_to(Path("..data") / name)
    (tmp_path / "..data/templates/round").symlink_to(tmp_path / "templates")
    workspace = load_workspace(tmp_path)
    assert set(workspace.workflows) == {"comment-added"}
    assert set(workspace.files) == {"comment-added.mjml"}


def test_an_unknown_key_is_refused_at_its_line(tmp_path: Path) -> None:
    add(
        tmp_path,
        "workflows/comment-added.yaml",
        WORKFLOW.replace("channel: email", "chanel: email"),
    )
    assert problems_of(tmp_path) == [
        ("workflows/comment-added.yaml", 10, "'channel' is missing; write e.g. channel: inbox"),
        ("workflows/comment-added.yaml", 11, "unknown key 'chanel'; did you mean 'channel'?"),
    ]


def test_a_refusal_reads_as_file_line_and_mend(tmp_path: Path) -> None:
    add(
        tmp_path, "workflows/comment-added.yaml", WORKFLOW.replace("rollout: on", "rollout: shadwo")
    )
    with pytest.raises(SettingsError) as caught:
        load_workspace(tmp_path)
    file = tmp_path / "workflows/comment-added.yaml"
    assert str(caught.value) == f"{file}:4: 'shadwo' is not known here; did you mean 'shadow'?"


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    add(tmp_path, "workflows/a.yaml", "steps: [")
    add(tmp_path, "workflows/b.yaml", "key: b\nstepps: []\n")
    add(tmp_path, "categories/c.yaml", "lane: fast\n")
    add(tmp_path, "templates/d.txt", b"\xff")
    assert [(file, line) for file, line, _ in problems_of(tmp_path)] == [
        ("categories/c.yaml", 1),
        ("templates/d.txt", 1),
        ("workflows/a.yaml", 1),
        ("workflows/b.yaml", 1),
        ("workflows/b.yaml", 2),
    ]


def test_an_unknown_category_is_refused_with_the_nearest(tmp_path: Path) -> None:
    add(tmp_path, "categories/live.yaml", "lane: bulk\n")
    add(tmp_path, "workflows/comment-added.yaml", WORKFLOW.replace("social", "lvie"))
    detail = "there is no category 'lvie'; did you mean 'live'?"
    assert the_problem(tmp_path) == ("workflows/comment-added.yaml", 3, detail)


def test_a_broken_category_is_not_blamed_on_its_workflows(tmp_path: Path) -> None:
    add(tmp_path, "categories/live.yaml", "lane: blk\n")
    add(tmp_path, "workflows/comment-added.yaml", WORKFLOW.replace("social", "live"))
    detail = "'blk' is not known here; did you mean 'bulk'?"
    assert the_problem(tmp_path) == ("categories/live.yaml", 1, detail)


def test_a_missing_template_is_refused_with_the_nearest(tmp_path: Path) -> None:
    add(tmp_path, "workflows/comment-added.yaml", WORKFLOW.replace("added.mjml", "aded.mjml"))
    detail = "there is no template file 'comment-aded.mjml'; did you mean 'comment-added.mjml'?"
    assert the_problem(tmp_path) == ("workflows/comment-added.yaml", 12, detail)


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        ("key: a\nkey: b\n", 2, "'key' comes twice: it stands first on line 1; keep one"),
        ("key: a\n7: b\n", 2, 'the key 7 is not text; write it in quotes: "7"'),
        ("key: a\nx: {{ data.x }}\n", 2, "starts with '{{' needs quotes"),
        ("key: a\nx: &x 1\ny: *x\n", 2, "anchors and aliases are not read; write the value out"),
        ("key: a\nx: !!python/name:os.system\n", 2, "remove it"),
        ("key: a\nsteps:\n\t- send\n", 3, "indent with spaces"),
        ("key: a\non: a: b\n", 2, "put text that holds ': ' in quotes"),
        ("key: a\non: 'a\n", 2, "something is not closed"),
        ("key: a\n---\nkey: b\n", 2, "keep one per file"),
        ("key: a\nx: @y\n", 2, "put the text in quotes"),
        ("key: a\nx: 123456789012345678901\n", 2, "write it in quotes"),
        ('key: a\nx: "\\ud83d"\n', 2, "write it whole"),
        ("", 1, "the file is empty"),
        ("[" * 3000, 1, "nested too deeply; write it flatter"),
    ],
)
def test_yaml_that_is_not_plain_is_refused(tmp_path: Path, text: str, line: int, mend: str) -> None:
    file, at, detail = problems_of(add(tmp_path, "workflows/a.yaml", text))[0]
    assert (file, at) == ("workflows/a.yaml", line)
    assert mend in detail


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        ('{"key": "a",\n"steps": }', 2, "not JSON"),
        ('{"key": "a",\n\t"key": "b"}', 2, "it stands first on line 1; keep one"),
        ("[" * 5000, 1, "write it flatter"),
    ],
)
def test_json_that_is_wrong_is_refused(tmp_path: Path, text: str, line: int, mend: str) -> None:
    file, at, detail = problems_of(add(tmp_path, "workflows/a.json", text))[0]
    assert (file, at) == ("workflows/a.json", line)
    assert mend in detail


def test_text_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    add(tmp_path, "templates/gruss.txt", "Hallo\nschöne Grüße".encode("latin-1"))
    detail = "not UTF-8 text; save the file as UTF-8"
    assert the_problem(tmp_path) == ("templates/gruss.txt", 2, detail)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    add(tmp_path, "templates/big.txt", b"x" * (1024 * 1024 + 1))
    detail = "the file is 1024 KiB; at most 1024 KiB are read; split it"
    assert the_problem(tmp_path) == ("templates/big.txt", 0, detail)


@pytest.mark.parametrize("name", ["templates/passwd.txt", "workflows/out.yaml"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    folder = a_folder(tmp_path / "workspace")
    (folder / name).symlink_to("../../outside.txt")
    mend = "the workspace folder is read by itself; copy the file into it"
    assert the_problem(folder) == (name, 0, f"leads out of the workspace folder; {mend}")


def test_a_folder_that_links_out_is_refused(tmp_path: Path) -> None:
    a_folder(tmp_path / "other")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "workflows").symlink_to("../other/workflows")
    file, line, detail = the_problem(folder)
    assert (file, line) == ("workflows", 0)
    assert detail.startswith("leads out of the workspace folder")


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "templates/gone.txt").symlink_to("nothing.txt")
    detail = "a link that leads nowhere; mend or remove it"
    assert the_problem(tmp_path) == ("templates/gone.txt", 0, detail)


def test_a_template_outside_the_folder_cannot_be_named(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    text = "steps:\n- send:\n    channel: sms\n    template: {body: ../../outside.txt}\n"
    folder = add(tmp_path / "workspace", "workflows/a.yaml", text)
    file, line, detail = the_problem(folder)
    assert (file, line) == ("workflows/a.yaml", 4)
    assert "there is no template file '../../outside.txt'" in detail


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("workflows/notes.txt", "rename it to end in .yaml, .yml, .json"),
        ("templates/logo.png", "rename it to end in .mjml, .html, .txt"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, mend: str) -> None:
    file, line, detail = the_problem(add(tmp_path, name, "x"))
    assert (file, line) == (name, 0)
    assert mend in detail


def test_a_folder_with_nearly_the_right_name_is_refused(tmp_path: Path) -> None:
    add(tmp_path, "workflow/a.yaml", "key: a")
    detail = "unknown folder 'workflow'; did you mean 'workflows'?"
    assert the_problem(tmp_path) == ("workflow", 0, detail)


@pytest.mark.parametrize(
    ("name", "text", "folder"),
    [
        ("hello.yaml", "on: hello\nsteps: []\n", "workflows/"),
        ("hello.json", '{"on": "hello", "steps": []}', "workflows/"),
        ("hello.mjml", "<mjml></mjml>", "templates/"),
    ],
)
def test_a_file_beside_its_folder_is_refused(
    tmp_path: Path, name: str, text: str, folder: str
) -> None:
    detail = f"is not read here; move it into {folder}"
    assert the_problem(add(tmp_path, name, text)) == (name, 0, detail)


def test_other_documents_beside_the_folders_are_left_alone(tmp_path: Path) -> None:
    add(tmp_path, "compose.yaml", "services: {}")
    assert set(load_workspace(tmp_path).workflows) == {"comment-added"}


def test_a_folder_without_a_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    file, line, detail = the_problem(tmp_path)
    assert (file, line) == (".", 0)
    assert "put workflows into workflows/" in detail


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    _, problems = inspect_workspace(folder)
    assert problems == [Problem(str(folder), 0, "there is no such folder; check the name")]


def test_a_key_that_comes_twice_names_both_places(tmp_path: Path) -> None:
    add(tmp_path, "workflows/other.yaml", WORKFLOW)
    file, line, detail = the_problem(tmp_path)
    assert (file, line) == ("workflows/other.yaml", 1)
    first = tmp_path / "workflows/comment-added.yaml"
    assert detail.endswith(f"comes twice: it stands first in {first}:1; rename one")


def test_a_category_in_a_list_is_refused_at_its_own_line(tmp_path: Path) -> None:
    add(tmp_path, "categories.yaml", "- key: live\n  lane: bulk\n- key: ops\n  lain: bulk\n")
    detail = "unknown key 'lain'; did you mean 'lane'?"
    assert the_problem(tmp_path) == ("categories.yaml", 4, detail)


def test_a_list_of_categories_has_to_be_a_list(tmp_path: Path) -> None:
    add(tmp_path, "categories.yaml", "live: {lane: bulk}\n")
    detail = "this file holds a mapping; write a list, one '- key: ...' per category"
    assert the_problem(tmp_path) == ("categories.yaml", 1, detail)


def test_a_further_check_is_told_at_the_line_of_its_pointer(tmp_path: Path) -> None:
    def check(workflow: Workflow) -> list[tuple[str, str]]:
        assert workflow.key == "comment-added"
        return [("/steps/0/send/template/title", "no such name; did you mean 'actor'?")]

    a_folder(tmp_path)
    with pytest.raises(SettingsError) as caught:
        load_workspace(tmp_path, check)
    file = tmp_path / "workflows/comment-added.yaml"
    assert str(caught.value) == f"{file}:9: no such name; did you mean 'actor'?"


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/rollout", ("workflows/comment-added.yaml", 4)),
        ("/steps/1/send/when", ("workflows/comment-added.yaml", 10)),
        ("/steps/1/send/template", ("templates/comment-added.mjml", 5)),
        ("/steps/1/send/template/body", ("templates/comment-added.mjml", 5)),
    ],
)
def test_a_pointer_is_found_again_in_its_file(
    tmp_path: Path, pointer: str, place: tuple[str, int]
) -> None:
    workspace = load_workspace(a_folder(tmp_path))
    file, line = workspace.locate("workflow", "comment-added", pointer, line=2)
    assert (os.path.relpath(file, tmp_path), line) == place


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: str(folder.name))
def test_the_shipped_workspaces_load(folder: Path) -> None:
    workspace = load_workspace(folder)
    assert "comment-added" in workspace.workflows
    for workflow in workspace.workflows.values():
        for step in workflow.sends:
            mail = [fields for fields in step.template.values() if step.channel == "email"]
            assert all({"subject", "body"} <= set(fields) for fields in mail)


def test_the_demo_tells_every_story() -> None:
    workspace = load_workspace(SHIPPED[0])
    assert {workflow.on for workflow in workspace.workflows.values()} == {
        "order.created",
        "order.shipped",
        "comment.added",
        "stream.live",
        "otp.requested",
        "login.new",
        "discount.published",
        "message.posted",
        "post.liked",
        "parcel.arriving",
    }
    assert set(workspace.workflows["comment-added"].sends[1].template) == {"en", "de"}
    assert set(workspace.workflows["comment-added"].partials) == {"layout.mjml"}
    assert workspace.categories["live"].lane is Lane.BULK
