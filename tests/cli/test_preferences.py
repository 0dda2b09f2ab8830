from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from clarion.cli.client import Remote
from tests.cli.shell import House, Run

LINES: list[dict[str, Any]] = [
    {"user": "pref-1", "preferences": {"channels": {"push": "off"}, "cadence": "daily"}},
    {"user": "pref-2", "preferences": {"topics": {"doc:9": {"level": "none"}}}},
]


def written(path: Path, *lines: Any) -> str:
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(text) + "\n")
    return str(path)


@pytest.fixture
def people(house: House) -> Remote:
    """Two users who chose nothing."""
    server = Remote(house.url, house.key)
    entries = []
    for line in LINES:
        server.put(f"/v1/users/{line['user']}", {})
        entries.append({"user": line["user"], "preferences": {}, "replace": True})
    server.post("/v1/preferences/bulk", {"entries": entries})
    return server


@pytest.mark.usefixtures("people")
def test_what_was_exported_is_imported_once(remote: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "some.ndjson", *LINES)
    assert remote("preferences", "import", file).out.strip() == "2 entries: 2 written"
    out = tmp_path / "all.ndjson"
    said = remote("preferences", "export", str(out))
    assert (said.code, said.out.split(" are in")[0]) == (0, "the preferences of 2 users")
    assert [json.loads(line) for line in out.read_text().splitlines()] == LINES
    again = remote("preferences", "import", str(out), "--json")
    assert (again.code, again.json["unchanged"], again.json["refused"]) == (0, 2, 0)
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.usefixtures("people")
def test_a_wrong_line_is_named_and_the_others_are_written(remote: Run, tmp_path: Path) -> None:
    wrong = {"user": "pref-2", "preferences": {"mute_until": "soon"}}
    file = written(tmp_path / "a", LINES[0], "", "{", wrong, {"user": "no-one", "preferences": {}})
    said = remote("preferences", "import", file)
    assert (said.code, said.out.strip()) == (1, "4 entries: 1 written, 3 refused")
    assert "a:3: the line is not JSON" in said.err
    assert "a:4: write an instant" in said.err
    assert "a:5: there is no user with this id" in said.err
    answer = remote("preferences", "import", file, "--json")
    assert [row["line"] for row in answer.json["refused_entries"]] == [3, 4, 5]


def test_replacing_leaves_only_what_a_line_names(
    people: Remote, remote: Run, tmp_path: Path
) -> None:
    remote("preferences", "import", written(tmp_path / "a", LINES[0]))
    less = written(tmp_path / "b", {"user": "pref-1", "preferences": {"cadence": "weekly"}})
    assert remote("preferences", "import", less, "--replace").code == 0
    assert people.get("/v1/users/pref-1/preferences") == {"cadence": "weekly"}


def test_many_lines_go_in_several_calls(people: Remote, remote: Run, tmp_path: Path) -> None:
    levels = [{"user": "pref-1", "preferences": {"level": "none"}}] * 1200
    last = {"user": "pref-1", "preferences": {"level": "mentions"}}
    file = written(tmp_path / "many", *levels, last)
    answer = remote("preferences", "import", file, "--json").json
    assert (answer["entries"], answer["written"], answer["unchanged"]) == (1201, 2, 1199)
    assert people.get("/v1/users/pref-1/preferences") == {"level": "mentions"}


@pytest.mark.usefixtures("people")
def test_standard_streams_are_read_and_written(
    remote: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert remote("preferences", "import", "-").code == 0
    said = remote("preferences", "export")
    assert [json.loads(line) for line in said.out.splitlines()] == LINES


def test_a_choice_that_nothing_heeds_is_told(people: Remote, remote: Run, tmp_path: Path) -> None:
    early = {"user": "pref-1", "preferences": {"workflows": {"not-there": {"email": "off"}}}}
    said = remote("preferences", "import", written(tmp_path / "a", early))
    assert said.code == 0
    assert "1 entry with warnings, such as: there is no workflow 'not-there'" in said.out
    assert people.get("/v1/users/pref-1/preferences")["workflows"]


def test_a_file_that_is_not_there_is_told(clarion: Run) -> None:
    said = clarion("preferences", "import", "nothing.ndjson", "--key", "k")
    assert (said.code, "there is no file nothing.ndjson" in said.err) == (2, True)


def test_a_server_that_does_not_answer_leaves_no_file(clarion: Run, tmp_path: Path) -> None:
    out = tmp_path / "all.ndjson"
    said = clarion("preferences", "export", str(out), "--url", "http://127.0.0.1:9", "--key", "k")
    assert said.code == 1
    assert list(tmp_path.iterdir()) == []
    lines = written(tmp_path / "a", *LINES)
    said = clarion("preferences", "import", lines, "--url", "http://127.0.0.1:9", "--key", "k")
    assert "0 entries were done before; import it again" in said.err
