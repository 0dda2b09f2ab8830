from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.shell import WORKSPACE, House, Run

MAIL = """
[providers.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
from = "Clarion <hello@example.org>"
"""


def test_nothing_to_mend_in_an_empty_folder(clarion: Run, tmp_path: Path) -> None:
    said = clarion("check")
    assert said.code == 0
    assert "All is well." in said.out
    assert list(tmp_path.iterdir()) == []


def test_the_demo_workspace_is_sound(clarion: Run) -> None:
    said = clarion("check", CLARION_WORKSPACE=str(WORKSPACE))
    assert said.code == 0
    assert "10 workflows, 7 templates" in said.out


def test_odd_settings_are_told(clarion: Run) -> None:
    said = clarion("check", CLARION_LISTEN="nowhere")
    assert said.code == 1
    assert "CLARION_LISTEN" in said.out


def test_an_inbox_that_is_open_to_all_sites_is_warned_of(clarion: Run) -> None:
    said = clarion("check", CLARION_INBOX_ORIGINS="*")
    assert said.code == 0
    assert "inbox_origins" in said.out
    assert "1 warning." in said.out


def test_too_few_files_for_live_inboxes_are_warned_of(
    clarion: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "open files" not in clarion("check").out
    monkeypatch.setattr("clarion.cli.check.most_files", lambda: 1024)
    said = clarion("check")
    assert said.code == 0
    assert "open files" in said.out
    assert "1 warning." in said.out


def test_every_mistake_of_a_workspace_is_told_by_file_and_line(
    clarion: Run, tmp_path: Path
) -> None:
    flows = tmp_path / "space" / "workflows"
    flows.mkdir(parents=True)
    (flows / "one.yaml").write_text(
        "audience: topc(data.a)\n"
        "dedupe: {key: 'data.', window: PT1M}\n"
        "steps:\n"
        "  - send:\n"
        "      channel: inbox\n"
        "      when: usr.id == 'x'\n"
        "      template: {title: '{% set a = 1 %}'}\n"
    )
    said = clarion("check", CLARION_WORKSPACE="space")
    assert said.code == 1
    for line in (1, 2, 6, 7):
        assert f"one.yaml:{line}: " in said.out
    assert "4 things to mend." in said.out


def test_conditions_of_steps_that_wait_are_looked_at(clarion: Run, tmp_path: Path) -> None:
    workflows = tmp_path / "space" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "one.yaml").write_text(
        "throttle: {limit: 1, window: PT1H, key: dat.a}\n"
        "steps:\n"
        "  - until: dat.at\n"
        "  - digest: {key: dat.id, window: PT1M}\n"
        "  - send: {channel: push, cap: {limit: 1, window: PT1H, key: dat.b}, template: {title: a}}"
    )
    said = clarion("check", CLARION_WORKSPACE="space")
    assert said.code == 1
    for line in (1, 3, 4, 5):
        assert f"one.yaml:{line}: " in said.out


def test_a_provider_that_cannot_be_made_is_told(clarion: Run, tmp_path: Path) -> None:
    (tmp_path / "clarion.toml").write_text('[providers.mail]\nkind = "smpt"\n')
    said = clarion("check")
    assert said.code == 1
    assert "[providers.mail]" in said.out
    assert "did you mean 'smtp'" in said.out


def test_a_mail_server_is_tried(clarion: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (tmp_path / "clarion.toml").write_text(MAIL.format(port=port))
        assert clarion("check").code == 0
    said = clarion("check", "--json")
    assert said.code == 1
    wrong = said.json["findings"][-1]["wrong"]
    assert wrong == [
        f"127.0.0.1:{port} refuses connections; check the port, and whether the server runs"
    ]


def test_a_store_that_is_no_database_is_told(clarion: Run, tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("this is no database, only words, many words" * 100)
    said = clarion("check", CLARION_STORE="sqlite:///other.db")
    assert said.code == 1
    assert "restore it from a backup" in said.out


def test_a_running_server_does_not_hinder_it(clarion: Run, house: House) -> None:
    assert clarion("check", CLARION_DATA_DIR=str(house.folder / "clarion-data")).code == 0


def test_where_traces_go_is_told(clarion: Run) -> None:
    assert "traces" in clarion("check").out
    with socket.create_server(("127.0.0.1", 0)) as collector:
        url = f"http://127.0.0.1:{collector.getsockname()[1]}/v1/traces"
        said = clarion("check", CLARION_OTEL_ENDPOINT=url, CLARION_OTEL_RATIO="0.1")
    assert f"{url}, 10% of events" in said.out
    said = clarion("check", CLARION_OTEL_ENDPOINT=url)
    assert (said.code, "refuses connections" in said.out) == (0, True)


def test_a_mail_without_a_way_out_is_warned_of(clarion: Run, tmp_path: Path) -> None:
    workflows = tmp_path / "space" / "workflows"
    workflows.mkdir(parents=True)
    send = "  - send: {channel: email, template: {subject: Hi, body: 'Words%s'}}\n"
    for name, category, link in (
        ("plain", "social", ""),
        ("linked", "social", " {{ preferences_url }}"),
        ("login", "security", ""),
    ):
        text = f"category: {category}\nsteps:\n{send % link}"
        (workflows / f"{name}.yaml").write_text(text)
    said = clarion("check", CLARION_WORKSPACE="space")
    assert said.code == 0
    assert "plain.yaml:3: " in said.out
    assert "{{ unsubscribe_url }}" in said.out
    assert "All is well. 1 warning." in said.out


def test_links_that_nobody_reaches_are_warned_of(clarion: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "clarion.toml").write_text(MAIL.format(port=server.getsockname()[1]))
        assert "set CLARION_PUBLIC_URL" in clarion("check").out
        said = clarion("check", CLARION_PUBLIC_URL="https://clarion.example")
        assert "1 warning" not in said.out
