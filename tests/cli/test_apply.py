from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.shell import WORKSPACE, House, Run


def test_a_workspace_is_put_into_a_running_server(remote: Run) -> None:
    said = remote("apply", str(WORKSPACE))
    assert said.code == 0
    assert "7 templates, 1 category and 10 workflows applied" in said.out


def test_json_names_everything_with_its_version(remote: Run) -> None:
    answers = remote("apply", str(WORKSPACE), "--json").json
    assert {"kind": "category", "name": "live"}.items() <= answers[7].items()
    assert all(answer["version"] >= 1 for answer in answers)


def test_a_mail_without_a_way_out_is_a_warning_also_in_json(remote: Run, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    steps = "steps:\n  - send: {channel: email, template: {subject: News, body: Hello}}\n"
    (tmp_path / "workflows" / "news.yaml").write_text("on: news\n" + steps)
    (tmp_path / "categories.yaml").write_text("- {key: news, lane: bulk}\n")
    answers = remote("apply", str(tmp_path), "--json").json
    told = {answer["kind"]: answer["warnings"] for answer in answers}
    assert told["category"] == []
    (warning,) = told["workflow"]
    assert "news.yaml:3: " in warning
    assert "{{ unsubscribe_url }}" in warning
    assert warning in remote("apply", str(tmp_path)).out.replace("\n", "")


def test_mistakes_are_told_by_file_and_line_before_anything_is_sent(
    clarion: Run, tmp_path: Path
) -> None:
    space = tmp_path / "space"
    shutil.copytree(WORKSPACE, space)
    flow = space / "workflows" / "login-new.yaml"
    flow.write_text(flow.read_text().replace("category: security", "category: securty"))
    mail = space / "templates" / "login-new.mjml"
    mail.write_text(mail.read_text().replace("</mj-button>", "</mj-buton>"))
    said = clarion("apply", str(space), "--url", "http://127.0.0.1:9", "--key", "k")
    assert said.code == 2
    assert "login-new.yaml:6: there is no category 'securty'" in said.err


def test_an_empty_workspace_is_not_told_as_applied(clarion: Run, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    said = clarion("apply", str(tmp_path), "--key", "k")
    assert said.code == 2
    assert "holds nothing to apply; put workflows into workflows/" in said.err


def test_a_template_with_a_mistake_is_told_by_its_own_line(clarion: Run, tmp_path: Path) -> None:
    space = tmp_path / "space"
    shutil.copytree(WORKSPACE, space)
    code = space / "templates" / "otp-requested.de.txt"
    code.write_text(code.read_text() + "{{ data.code | shout }}\n")
    said = clarion("apply", str(space), "--key", "k")
    assert said.code == 2
    last = len(code.read_text().splitlines())
    assert f"otp-requested.de.txt:{last}: " in said.err


def test_what_the_server_refuses_is_told_by_file(remote: Run, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "templates").mkdir()
    flow = tmp_path / "workflows" / "own.yaml"
    template = tmp_path / "templates" / "own.txt"
    flow.write_text("on: own.event\nsteps:\n  - send: {channel: email, template: own.txt}\n")
    template.write_text("---\nsubject: Hello\n---\nGood day\n")
    assert remote("apply", str(tmp_path)).code == 0
    # The workflow in the server still uses the file as a mail, and this is none.
    flow.write_text("on: own.event\nsteps:\n  - send: {channel: sms, template: own.txt}\n")
    template.write_text("Good day\n")
    said = remote("apply", str(tmp_path))
    assert said.code == 1
    assert said.err.startswith(f"clarion: {template}:1: ")


def test_a_folder_that_is_not_there_is_refused(clarion: Run) -> None:
    said = clarion("apply", "nowhere", "--key", "k")
    assert said.code == 2
    assert "nowhere: there is no such folder" in said.err


def test_a_key_that_may_only_send_cannot_apply(clarion: Run, house: House) -> None:
    store = str(house.folder / "clarion-data")
    made = clarion(
        "keys", "create", "--env", "default", "--scope", "trigger", "--json", CLARION_DATA_DIR=store
    )
    key = made.json["key"]
    said = clarion("apply", str(WORKSPACE), "--url", house.url, "--key", key)
    assert said.code == 1
    assert "admin" in said.err
