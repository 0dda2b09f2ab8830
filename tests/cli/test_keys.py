from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.cli.shell import House, Run


def test_a_key_is_made_listed_and_revoked(clarion: Run) -> None:
    made = clarion("keys", "create", "--env", "prod", "--scope", "read", "--scope", "trigger")
    assert made.code == 0
    key = next(word for word in made.out.split() if word.startswith("clk_prod_"))
    shown = clarion("keys", "list")
    assert key not in shown.out
    hint = next(word for word in shown.out.split() if word.startswith("clk_prod_"))
    assert key.startswith(hint.rstrip("…"))
    assert "read,trigger" in shown.out
    assert clarion("keys", "revoke", hint).code == 0
    assert clarion("keys", "list", "--json").json[0]["revoked_at"] is not None


def test_a_key_that_begins_another_environment_says_so(clarion: Run) -> None:
    create = ("keys", "create", "--scope", "read", "--env")
    assert clarion(*create, "prod").err == ""
    assert clarion(*create, "prod").err == ""
    assert "'prdo' is new and begins with this key; there were prod" in clarion(*create, "prdo").err


def test_only_the_key_that_is_meant_is_revoked(clarion: Run) -> None:
    create = ("keys", "create", "--env", "prod", "--scope", "admin", "--json")
    hints = {clarion(*create).json["hint"] for _ in range(8)}
    assert len(hints) == 8
    clarion("keys", "revoke", hints.pop())
    left = [row for row in clarion("keys", "list", "--json").json if not row["revoked_at"]]
    assert {row["hint"] for row in left} == hints


def test_days_bound_a_key(clarion: Run) -> None:
    create = ("keys", "create", "--env", "prod", "--scope", "admin", "--days", "30")
    assert "valid until" in clarion(*create).out
    assert clarion("keys", "list", "--json").json[0]["expires_at"] is not None


def test_an_odd_environment_or_scope_is_refused(clarion: Run, tmp_path: Path) -> None:
    odd = clarion("keys", "create", "--env", "My Prod", "--scope", "read")
    assert odd.code == 2
    assert "lower-case letters" in odd.err
    assert clarion("keys", "create", "--env", "prod", "--scope", "write").code == 2
    assert not (tmp_path / "clarion-data").exists()


def test_an_odd_scope_is_told_with_those_there_are(clarion: Run) -> None:
    said = clarion("keys", "create", "--env", "default", "--scope", "triger")
    assert "Value error" not in said.err
    assert "'--scope': 'triger' is not one of 'trigger', 'read', 'admin'" in said.err


def test_a_hint_nobody_has_is_told(clarion: Run) -> None:
    clarion("keys", "create", "--env", "prod", "--scope", "read")
    said = clarion("keys", "revoke", "clk_prod_nobody")
    assert said.code == 1
    assert "clarion keys list" in said.err


def test_no_store_is_made_by_looking_for_keys(clarion: Run, tmp_path: Path) -> None:
    said = clarion("keys", "list")
    assert said.code == 2
    assert "there is no store at" in said.err
    assert not (tmp_path / "clarion-data").exists()


def test_keys_are_made_beside_a_running_server(clarion: Run, house: House) -> None:
    store = str(house.folder / "clarion-data")
    made = clarion(
        "keys", "create", "--env", "beside", "--scope", "trigger", "--json", CLARION_DATA_DIR=store
    )
    key = made.json["key"]
    said = clarion("send", "a.b", "--to", "x", "--url", house.url, "--key", key)
    assert said.code == 0


def test_a_key_may_have_a_limit(clarion: Run) -> None:
    create = ("keys", "create", "--env", "prod", "--scope", "trigger")
    assert clarion(*create, "--rate", "500", "--burst", "1000").code == 0
    assert clarion(*create, "--rate", "5").code == 0
    rows = clarion("keys", "list", "--json").json
    limits = {(row["rate_per_second"], row["burst"]) for row in rows}
    assert limits == {(500, 1000), (5, None)}
    assert "500/s, 1000 at once" in clarion("keys", "list").out


def test_a_burst_alone_is_no_limit(clarion: Run) -> None:
    said = clarion("keys", "create", "--env", "prod", "--scope", "trigger", "--burst", "10")
    assert said.code == 2
    assert "--rate" in said.err


def exchanged(url: str, code: str) -> tuple[int, Any]:
    """What the page of a link is answered."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request(
        "POST",
        "/v1/keys/exchange",
        json.dumps({"code": code}),
        {"Content-Type": "application/json"},
    )
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document


def test_a_link_signs_in_once_to_a_running_server(house: House, clarion: Run) -> None:
    said = clarion(
        "keys", "sign-in", "--scope", "read", "--url", house.url, "--json",
        CLARION_STORE=f"sqlite:////{house.folder}/clarion-data/clarion.db",
    )  # fmt: skip
    assert said.code == 0, said.err
    where, code = said.json["url"].split("/#/sign-in?code=")
    assert where == house.url
    answers = [exchanged(house.url, code) for _ in range(2)]
    assert [status for status, _ in answers] == [201, 404]
    assert answers[0][1]["scopes"] == ["read"]


def test_a_link_is_said_in_one_line_with_what_it_opens(clarion: Run) -> None:
    clarion("keys", "create", "--env", "default", "--scope", "read")
    said = clarion("keys", "sign-in", CLARION_PUBLIC_URL="https://clarion.example.org")
    assert any(
        line.startswith("  https://clarion.example.org/#/sign-in?code=")
        for line in said.out.splitlines()
    )
    assert "default with scope admin, once" in said.out


def test_no_link_is_made_for_an_environment_that_is_not_there(clarion: Run) -> None:
    clarion("keys", "create", "--env", "prod", "--scope", "read")
    said = clarion("keys", "sign-in", "--env", "prd")
    assert said.code == 2
    assert "there is no environment 'prd'; did you mean 'prod'?" in said.err
