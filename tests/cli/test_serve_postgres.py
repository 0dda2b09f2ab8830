"""`clarion serve` on a real PostgreSQL: what it says when something is not as it should be, and
parts in processes of their own that do the work together."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clarion.cli import serving
from clarion.testing.servers.postgres import Postgres
from tests.cli.shell import Run, ended, greeting_of, start

Serve = Callable[..., "subprocess.Popen[str]"]
KEY = "ck_serving_0123456789abcdef0123456789abcdef"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a part in a process of its own; none is left running."""
    started: list[subprocess.Popen[str]] = []

    def begin(dsn: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
        settings = {"CLARION_STORE": dsn, "CLARION_LISTEN": "127.0.0.1:0", "CLARION_API_KEY": KEY}
        started.append(start(tmp_path, "serve", "--json", *arguments, env=settings | env))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def with_user(dsn: str, user: str) -> str:
    return dsn.replace("postgres@", f"{user}@")


def run_in(postgres: Postgres, dsn: str, sql: str) -> None:
    asyncio.run(postgres.execute(sql, urlsplit(dsn).path[1:]))


def test_parts_in_processes_of_their_own_work_together(
    dsn: str, serve: Serve, clarion: Run
) -> None:
    api, work = serve(dsn, "--roles", "api"), serve(dsn, "--roles", "worker,keeper")
    url = greeting_of(api)["url"]
    told = greeting_of(work)
    assert (told["roles"], told["lanes"]) == (
        ["keeper", "worker"], ["critical", "transactional", "social", "bulk"],
    )  # fmt: skip
    remote = {"CLARION_URL": url, "CLARION_API_KEY": KEY}
    flows = Path("space") / "workflows"
    flows.mkdir(parents=True)
    mail = {"channel": "email", "template": {"subject": "Hi", "body": "there"}}
    (flows / "news.json").write_text(json.dumps({"on": "news", "steps": [{"send": mail}]}))
    assert clarion("apply", "space", **remote).code == 0
    said = clarion("send", "news", "--to", "ana", "--wait", **remote)
    assert said.code == 0, said
    for process in (api, work):
        process.send_signal(signal.SIGTERM)
        assert ended(process).code == 0
    assert clarion("audit", CLARION_STORE=dsn).code == 0


def test_processes_that_start_together_migrate_once(dsn: str, serve: Serve) -> None:
    started = [serve(dsn, "--roles", "gateway") for _ in range(3)]
    assert all(greeting_of(process)["url"] for process in started)


def test_a_server_that_comes_late_is_waited_for(postgres: Postgres, dsn: str, serve: Serve) -> None:
    postgres.stop()
    try:
        process = serve(dsn, "--roles", "gateway")
        assert process.stderr is not None
        line = process.stderr.readline()
    finally:
        postgres.start()
    assert "cannot be reached; start it, or check the network (trying again for " in line
    assert greeting_of(process)["roles"] == ["gateway"]


def test_a_server_that_does_not_come_is_refused_after_a_while(
    clarion: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "START_SECONDS", 0.1)
    monkeypatch.setattr(serving, "START_PAUSE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    said = clarion("serve", CLARION_STORE=f"postgresql://clarion:hush@127.0.0.1:{port}/clarion")
    assert said.code == 2
    end = f"clarion: PostgreSQL at 127.0.0.1:{port}/clarion cannot be reached; start it, or check"
    assert end in said.err
    assert "hush" not in said.err


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("postgresql://postgres@{place}/nowhere", "does not exist; make it with `createdb`"),
        ("postgresql://guarded:hush@{place}/postgres", "check user and password in CLARION_STORE"),
        ("postgresql://{place}", "names no database"),
        ("postgresql://p@{place}/postgres?target_session_attrs=primry", "cannot be read"),
    ],
)
def test_an_address_that_will_not_do_is_refused_at_once(
    store: str, said: str, clarion: Run, postgres: Postgres
) -> None:
    answer = clarion("serve", CLARION_STORE=store.format(place=postgres.address))
    assert answer.code == 2
    assert said in answer.err
    assert "hush" not in answer.err
    assert "trying again" not in answer.err


def test_a_right_that_is_missing_is_named(clarion: Run, postgres: Postgres, dsn: str) -> None:
    run_in(postgres, dsn, "create role plain login")
    run_in(postgres, dsn, "revoke create on schema public from public")
    said = clarion("serve", CLARION_STORE=with_user(dsn, "plain"))
    assert said.code == 2
    assert "grant create, usage on schema public to USER" in said.err


def test_a_schema_that_is_behind_is_refused_when_asked_to(clarion: Run, dsn: str) -> None:
    said = clarion("serve", "--no-migrate", CLARION_STORE=dsn)
    assert said.code == 2
    assert "run `clarion migrate` first" in said.err


def test_a_schema_of_a_newer_version_is_refused(clarion: Run, postgres: Postgres, dsn: str) -> None:
    assert clarion("migrate", CLARION_STORE=dsn).code == 0
    run_in(postgres, dsn, "insert into migration values (9999, '9999_later.sql', 'x', 1)")
    run_in(postgres, dsn, "update requirement set needs = 9999")
    for command in ("serve", "audit", "check"):
        said = clarion(command, CLARION_STORE=dsn)
        assert said.code != 0
        assert "made by a newer version" in said.err + said.out
