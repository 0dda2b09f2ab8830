from __future__ import annotations

import os
import pty
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import House, Run, ended, environ, greeting_of, start, start_house


def test_the_admin_key_is_made_once_and_only_this_user_can_read_it(tmp_path: Path) -> None:
    first = start_house(tmp_path)
    path = tmp_path / "clarion-data" / "admin.key"
    assert first.key.startswith("clk_default_")
    assert path.read_text().strip() == first.key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first.process.send_signal(signal.SIGTERM)
    assert ended(first.process).code == 0

    again = start_house(tmp_path)
    assert again.key == ""
    again.process.send_signal(signal.SIGINT)
    assert ended(again.process).code == 0


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_log_is_told_where_the_key_is_and_not_what_it_is(tmp_path: Path, log_format: str) -> None:
    env = {"CLARION_LISTEN": "127.0.0.1:0", "CLARION_LOG_FORMAT": log_format}
    process = start(tmp_path, "up", env=env)
    path = tmp_path / "clarion-data" / "admin.key"
    told = process.stderr if log_format == "json" else process.stdout
    assert told is not None
    seen = ""
    while "admin.key" not in seen:
        seen += told.readline()
    process.send_signal(signal.SIGTERM)
    said = ended(process)
    assert path.read_text().strip() not in seen + said.out + said.err
    assert "sign-in?" not in seen + said.out + said.err


def test_who_watches_at_a_terminal_sees_the_key_once(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = environ(CLARION_LISTEN="127.0.0.1:0", COLUMNS="400")
    command = [sys.executable, "-m", "clarion", "up"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while b"admin.key" not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGTERM)
    os.close(ours)
    assert (tmp_path / "clarion-data" / "admin.key").read_bytes().strip() in seen
    assert b"/#/sign-in?" in seen


def test_a_database_is_greeted_by_its_address_without_the_password(
    tmp_path: Path, dsn: str
) -> None:
    store = dsn.replace("@", ":hush-hush@", 1)
    env = {"CLARION_STORE": store, "CLARION_LISTEN": "127.0.0.1:0"}
    shown = "postgresql://***@" + dsn.rpartition("@")[2]
    process = start(tmp_path, "up", env=env)
    assert process.stdout is not None
    process.stdout.readline()
    assert process.stdout.readline() == f"  data       {shown}\n"
    process.send_signal(signal.SIGTERM)
    assert ended(process).code == 0

    process = start(tmp_path, "up", "--json", env=env)
    assert greeting_of(process)["store"] == shown
    process.send_signal(signal.SIGTERM)
    assert ended(process).code == 0


def test_a_stop_finishes_what_was_accepted(tmp_path: Path, clarion: Run) -> None:
    house = start_house(tmp_path)
    data = '{"code": "1"}'
    for number in range(20):
        said = clarion(
            "send", "otp.requested", "--to", f"u{number}", "--data", data,
            CLARION_URL=house.url, CLARION_API_KEY=house.key,
        )  # fmt: skip
        assert said.code == 0
    house.process.send_signal(signal.SIGTERM)
    said = ended(house.process)
    assert said.code == 0
    assert said.err == ""
    audited = clarion("audit", "--json").json
    assert audited["balanced"]
    assert audited["events"] == 20


def test_a_second_server_on_the_same_file_is_refused(house: House) -> None:
    said = ended(start(house.folder, "up", env={"CLARION_LISTEN": "127.0.0.1:0"}))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "another server runs on" in said.err
    assert "CLARION_STORE" in said.err


def test_commands_find_the_server_where_the_settings_of_the_folder_say(
    tmp_path: Path, clarion: Run
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "clarion.toml").write_text(f'listen = "127.0.0.1:{port}"\n')
    process = start(tmp_path, "up", "--json")
    assert greeting_of(process)["url"] == f"http://127.0.0.1:{port}"
    said = clarion("send", "x", "--to", "ana")
    assert (said.code, said.err) == (0, "")
    process.send_signal(signal.SIGTERM)
    assert ended(process).code == 0


def test_a_port_given_is_stronger_than_the_settings_and_commands_are_told_of_it(
    tmp_path: Path, clarion: Run
) -> None:
    (tmp_path / "clarion.toml").write_text('listen = "127.0.0.1:1"\n')
    process = start(tmp_path, "up", "--port", "0")
    assert process.stdout is not None
    for line in process.stdout:
        if "CLARION_URL=" in line:
            break
    url = line.strip().partition("CLARION_URL=")[2]
    assert clarion("send", "x", "--to", "ana", CLARION_URL=url).code == 0
    process.send_signal(signal.SIGTERM)
    assert ended(process).code == 0


def test_any_free_port_is_no_place_to_look_for_a_server(clarion: Run) -> None:
    said = clarion("send", "x", CLARION_LISTEN="127.0.0.1:0", CLARION_API_KEY="k")
    assert said.code == 2
    assert "--url" in said.err


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        said = ended(start(tmp_path, "up", env={"CLARION_LISTEN": listen}))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert f"{listen} is taken by another program" in said.err
    assert "CLARION_LISTEN" in said.err


def test_a_data_folder_that_cannot_be_made_is_one_line_with_the_mend(tmp_path: Path) -> None:
    data = tmp_path / "file" / "data"
    data.parent.write_text("")
    said = ended(start(tmp_path, "up", env={"CLARION_DATA_DIR": str(data)}))
    assert (said.code, said.err) == (2, f"clarion: {data}: Not a directory; check the path\n")


def test_odd_settings_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "clarion.toml").write_text('\nlistn = "127.0.0.1:0"\n')
    said = ended(start(tmp_path, "up"))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "clarion.toml:2: listn is not a setting; did you mean 'listen'?" in said.err


def test_a_broken_workspace_is_refused_with_file_and_line(tmp_path: Path) -> None:
    flows = tmp_path / "space" / "workflows"
    flows.mkdir(parents=True)
    (flows / "hello.yaml").write_text(
        "steps:\n  - send:\n      channel: inbox\n      template:\n        title: '{{ data.a '\n"
    )
    said = ended(start(tmp_path, "up", env={"CLARION_WORKSPACE": "space"}))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "hello.yaml:5: " in said.err
    assert not (tmp_path / "clarion-data" / "admin.key").exists()


def test_an_account_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "clarion.toml").write_text('[providers.mail]\nkind = "smtp"\n')
    said = ended(start(tmp_path, "up"))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "clarion.toml: [providers.mail]: smtp needs `host`" in said.err
