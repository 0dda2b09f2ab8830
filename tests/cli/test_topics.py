from __future__ import annotations

import gzip
import io
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from clarion.cli import topics
from clarion.cli.client import Remote
from tests.cli.shell import House, Run


@pytest.fixture
def server(house: House) -> Remote:
    return Remote(house.url, house.key)


def written(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def subscribers(server: Remote, topic: str) -> set[str]:
    page = server.get(f"/v1/topics/{topic}/subscribers", limit=200)
    return {row["user"] for row in page["data"]}


def test_a_file_of_ids_is_subscribed_once(remote: Run, server: Remote, tmp_path: Path) -> None:
    file = written(tmp_path / "fans.csv", "user", "ti-1", "ti-2", "", "ti-3")
    assert remote("topics", "import", file, "--topic", "ti:once").out == "3 lines: 3 added\n"
    assert subscribers(server, "ti:once") == {"ti-1", "ti-2", "ti-3"}
    assert server.get("/v1/users/ti-1")["version"] == 1
    said = remote("topics", "import", file, "--topic", "ti:once", "--json")
    assert said.json == {
        "lines": 3, "added": 0, "unchanged": 3, "refused": 0, "topics": 1, "refused_lines": [],
    }  # fmt: skip


def test_profiles_are_written_and_each_line_may_name_its_topic(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "fans.csv",
        "id;topic;name;email;timezone",
        'tp-1;tp:a;"Ana; Anna";ana@example.org;Europe/Vienna',
        "tp-2;tp:b;;;",
    )
    assert remote("topics", "import", file).code == 0
    ana = server.get("/v1/users/tp-1")
    assert (ana["name"], ana["email"]) == ("Ana; Anna", "ana@example.org")
    assert ana["timezone"] == "Europe/Vienna"
    assert (subscribers(server, "tp:a"), subscribers(server, "tp:b")) == ({"tp-1"}, {"tp-2"})


def consents(server: Remote, user: str) -> dict[tuple[str, str], tuple[str, str]]:
    rows = server.get(f"/v1/users/{user}/consents")["current"]
    return {(row["purpose"], row["channel"]): (row["state"], row["source"]) for row in rows}


def test_what_people_agreed_to_comes_with_them_and_a_repeat_takes_nothing_back(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "fans.csv",
        "user,email,consent:marketing/email,Consent:*/push,consent_source",
        "tc-1,tc-1@example.org,granted,,signup-form",
        "tc-2,tc-2@example.org,,withdrawn,",
        "tc-3,tc-3@example.org,,,",
        "tc-4,tc-4@example.org,yes,,",
    )
    said = remote("topics", "import", file, "--topic", "tc:x")
    assert (said.code, said.out) == (1, "4 lines: 3 added, 1 refused; 2 consents written\n")
    assert "write granted, withdrawn, or nothing, not 'yes'" in said.err
    assert consents(server, "tc-1") == {("marketing", "email"): ("granted", "signup-form")}
    assert consents(server, "tc-2") == {("*", "push"): ("withdrawn", "import of fans.csv")}
    assert consents(server, "tc-3") == {}

    left = {"purpose": "marketing", "channel": "email", "state": "withdrawn", "source": "link"}
    server.post("/v1/users/tc-1/consents", left)
    again = remote("topics", "import", file, "--topic", "tc:x", "--json").json
    assert "consents" not in again
    assert consents(server, "tc-1") == {("marketing", "email"): ("withdrawn", "link")}


def test_a_purpose_that_is_none_refuses_the_consent_and_not_the_line(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    line = {"user": "td-1", "consents": {"marketng": "granted", "marketing": "granted"}}
    file = written(tmp_path / "fans.ndjson", json.dumps(line))
    said = remote("topics", "import", file, "--topic", "td:x")
    assert said.code == 1
    assert said.out == "1 line: 1 added; 1 consent written; 1 consent refused\n"
    assert f"{file}:1: there is no category 'marketng'; did you mean 'marketing'?" in said.err
    assert [*consents(server, "td-1")] == [("marketing", "*")]


def test_a_column_of_consent_with_an_odd_channel_is_refused_at_once(
    remote: Run, tmp_path: Path
) -> None:
    file = written(tmp_path / "fans.csv", "user,consent:marketing/mail", "te-1,granted")
    said = remote("topics", "import", file, "--topic", "te:x")
    assert said.code == 2
    assert "consent:marketing/mail: " in said.err


def test_broken_lines_are_named_and_the_rest_is_loaded(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    lines = [
        '{"user": "tb-1"}',
        '{"user": "tb-2"',
        '{"name": "nobody"}',
        '{"user": "tb-3", "email": "no address"}',
        '{"user": "tb-4", "timezone": "Mars/Phobos"}',
        '{"user": "tb-5", "e-mail": "x@example.org"}',
        '{"user": "a\\nb"}',
        '{"user": "tb-6", "id": "tb-6"}',
        "[]",
        '{"user": "tb-7"}' + " " * 70_000,
        '{"user": "tb-8"}',
    ]
    file = written(tmp_path / "fans.ndjson", *lines)
    errors = tmp_path / "errors"
    said = remote("topics", "import", file, "--topic", "tb:x", "--errors", str(errors))
    assert (said.code, said.out) == (1, "11 lines: 2 added, 9 refused\n")
    assert subscribers(server, "tb:x") == {"tb-1", "tb-8"}
    found = {row["line"]: row["detail"] for row in map(json.loads, errors.read_text().splitlines())}
    assert sorted(found) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "not JSON" in found[2]
    assert "name the user" in found[3]
    assert "e-mail address" in found[4]
    assert "control character" in found[7]
    assert "over 64 KiB" in found[10]
    assert f"{file}:2: the line is not JSON" in said.err


def test_a_quote_that_is_never_closed_spoils_one_line(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(
        b'\xef\xbb\xbfUser,name\r\ntq-1,"open\r\ntq-2,Ben\r\ntq-3\r\ntq-\xff,x\r\n'
    )
    said = remote("topics", "import", str(tmp_path / "f"), "--topic", "tq", "--json")
    assert (said.code, said.json["added"]) == (1, 1)
    found = {row["line"]: row["detail"] for row in said.json["refused_lines"]}
    assert "the quotes are wrong" in found[2]
    assert found[4] == "the header has 2 columns, the line 1"
    assert "not UTF-8" in found[5]
    assert subscribers(server, "tq") == {"tq-2"}


def test_subscriptions_are_taken_away_again(remote: Run, server: Remote, tmp_path: Path) -> None:
    file = written(tmp_path / "fans.csv", "user", "tr-1", "tr-2")
    remote("topics", "import", file, "--topic", "tr")
    less = written(tmp_path / "less.csv", "user", "tr-1", "tr-9")
    said = remote("topics", "import", less, "--topic", "tr", "--remove")
    assert said.out == "2 lines: 1 removed, 1 not there\n"
    assert subscribers(server, "tr") == {"tr-2"}


def test_a_packed_file_and_standard_input_are_read(
    remote: Run, server: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "fans.csv.gz"
    packed.write_bytes(gzip.compress(b"user\ntz-1\ntz-2\n"))
    assert remote("topics", "import", str(packed), "--topic", "tz").out == "2 lines: 2 added\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": 77}\n')))
    assert remote("topics", "import", "-", "--topic", "tz").code == 0
    assert subscribers(server, "tz") == {"tz-1", "tz-2", "77"}


def test_a_file_that_ends_early_says_where_to_go_on(
    remote: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Remote
) -> None:
    monkeypatch.setattr(topics, "CALL_ENTRIES", 2)
    text = b"user\n" + b"".join(b"tg-%d\n" % n for n in range(5))
    whole = gzip.compress(text, 0)
    (tmp_path / "cut.gz").write_bytes(whole[:-10])
    said = remote("topics", "import", str(tmp_path / "cut.gz"), "--topic", "tg")
    assert said.code == 1
    assert "cannot be unpacked" in said.err
    assert "lines before 6 are done; go on with --from-line 6" in said.err
    (tmp_path / "whole.gz").write_bytes(whole)
    arguments = ("--topic", "tg", "--from-line", "6")
    again = remote("topics", "import", str(tmp_path / "whole.gz"), *arguments)
    assert again.out == "1 line: 1 added\n"
    assert len(subscribers(server, "tg")) == 5


def test_ids_alone_may_be_subscribed_without_users(
    remote: Run, server: Remote, tmp_path: Path
) -> None:
    file = written(tmp_path / "fans.csv", "user,name", "tn-1,Ana")
    assert remote("topics", "import", file, "--topic", "tn", "--no-users").code == 0
    assert remote("topics", "show", "tn").out == "tn: topic with 1 subscriber\n"
    assert server.get("/v1/topics/tn")["subscribers"] == 1
    file = written(tmp_path / "fans.csv", "user,name", "tn-1,Ana")
    assert remote("topics", "import", file, "--topic", "tn").out == "1 line: 1 there already\n"
    assert server.get("/v1/users/tn-1")["name"] == "Ana"


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("user,e-mail", "there is no column 'e-mail' (did you mean email?)"),
        ("topic,name", "each column has to be there once"),
        ("user,id", "each column has to be there once"),
    ],
)
def test_a_header_that_is_none_is_told(remote: Run, tmp_path: Path, first: str, words: str) -> None:
    said = remote("topics", "import", written(tmp_path / "a.csv", first, "u"), "--topic", "t")
    assert said.code == 2
    assert words in said.err
    assert "go on" not in said.err


def test_a_line_without_a_topic_is_refused(remote: Run, tmp_path: Path) -> None:
    said = remote("topics", "import", written(tmp_path / "a.csv", "user", "u1"))
    assert (said.code, "the line names no topic" in said.err) == (1, True)


def test_topics_are_listed(remote: Run, server: Remote) -> None:
    server.put("/v1/topics/tl:doc", {"parent": "tl:folder", "default_level": "mentions"})
    rows = {row["key"]: row for row in remote("topics", "list", "--json").json["topics"]}
    assert rows["tl:doc"]["parent"] == "tl:folder"
    assert "tl:folder" not in rows
    assert "tl:doc" in remote("topics", "list").out
    assert "default level mentions" in remote("topics", "show", "tl:doc").out
    assert remote("topics", "show", "tl:none").code == 1


class _Busy(BaseHTTPRequestHandler):
    """Too busy twice, then takes what comes; tells of each call in `seen`."""

    seen: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(len(body["add"]))
        status = {1: 429, 2: 503}.get(len(self.seen), 200)
        answer: Any = {"detail": "too busy"} if status > 200 else {"added": 1, "removed": 0}
        self.send_response(status)
        if status > 200:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's name
        """Nothing: a test says nothing on stderr."""


@pytest.fixture
def busy() -> Iterator[str]:
    _Busy.seen = []
    with HTTPServer(("127.0.0.1", 0), _Busy) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_a_server_that_is_too_busy_is_asked_again(clarion: Run, busy: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "user", "u1")
    arguments = ("--topic", "t", "--url", busy, "--key", "k")
    assert clarion("topics", "import", file, *arguments).out == "1 line: 1 added\n"
    assert _Busy.seen == [1, 1, 1]


def test_a_server_that_stays_too_busy_is_given_up(
    clarion: Run, busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "PATIENCE_SECONDS", -1.0)
    file = written(tmp_path / "a.csv", "user", "u1")
    said = clarion("topics", "import", file, "--topic", "t", "--url", busy, "--key", "k")
    assert said.code == 1
    assert "go on with --from-line 1" in said.err
