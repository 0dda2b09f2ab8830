from __future__ import annotations

import socket

from tests.cli.shell import House, Run

CODE = '{"code": "123456"}'


def test_an_event_is_sent_and_waited_for(remote: Run) -> None:
    said = remote("send", "otp.requested", "--to", "vera", "--data", CODE, "--wait")
    assert said.code == 0
    assert "accepted for otp-requested" in said.out
    assert "complete: 1 recipient, 1 skipped" in said.out
    assert f"clarion why {said.out.split()[0]} vera" in said.out


def test_the_same_id_again_sends_nothing(remote: Run) -> None:
    first = remote("send", "otp.requested", "--to", "vera", "--data", CODE, "--id", "once")
    again = remote("send", "otp.requested", "--to", "vera", "--data", CODE, "--id", "once")
    assert again.code == 0
    assert "was sent before; nothing was sent again" in again.out
    assert first.out.split()[0] == again.out.split()[0]


def test_a_type_nobody_listens_to_is_told(remote: Run) -> None:
    said = remote("send", "nobody.listens", "--to", "vera")
    assert said.code == 0
    assert "no workflow listens to nobody.listens" in said.out
    assert "did you mean" not in said.out


def test_a_misspelt_type_is_answered_with_the_one_that_was_meant(remote: Run) -> None:
    said = remote("send", "otp.requestd", "--to", "vera")
    assert "did you mean otp.requested?" in said.out.replace("\n", " ")


def test_topics_everybody_and_the_rest_reach_the_event(remote: Run) -> None:
    said = remote(
        "send", "login.new", "--topic", "t", "--all", "--tenant", "acme", "--actor", "vera",
        "--workflow", "login-new", "--json",
    )  # fmt: skip
    assert said.code == 0
    assert said.json["workflows"] == ["login-new"]


def test_the_one_to_ask_about_is_named_only_when_there_is_no_other(remote: Run) -> None:
    words = ("send", "otp.requested", "--data", '{"code": "1"}', "--wait")
    one = remote(*words, "--to", "nobody-yet")
    assert one.out.rstrip().endswith(" nobody-yet")
    two = remote(*words, "--to", "nobody-yet", "--to", "nobody-either")
    assert two.out.rstrip().endswith(" USER")


def test_an_unknown_workflow_is_refused_in_words(remote: Run) -> None:
    said = remote("send", "login.new", "--to", "vera", "--workflow", "login-nwe")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "login-nwe" in said.err


def test_data_that_is_no_json_object_is_refused(clarion: Run) -> None:
    for data in ("{a: 1}", "[1]"):
        said = clarion("send", "a.b", "--to", "vera", "--data", data, "--key", "k")
        assert said.code == 2
        assert "--data is not" in said.err


def test_a_wrong_key_names_the_mend(clarion: Run, house: House) -> None:
    said = clarion("send", "a.b", "--to", "vera", "--url", house.url, "--key", "clk_default_no")
    assert said.code == 1
    assert "CLARION_API_KEY" in said.err
    assert "clk_default_no" not in said.err


def test_a_server_that_is_not_running_names_the_mend(clarion: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    said = clarion("send", "a.b", "--to", "vera", "--url", url, "--key", "k")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert f"no server answers at {url}; start one with `clarion up`" in said.err


def test_without_a_key_the_folder_is_named_where_one_was_sought(clarion: Run) -> None:
    said = clarion("send", "a.b", "--to", "vera")
    assert said.code == 2
    assert "admin.key" in said.err
    assert "--key" in said.err


def test_the_key_of_the_server_in_this_folder_is_found(clarion: Run, house: House) -> None:
    data_dir = str(house.folder / "clarion-data")
    said = clarion(
        "send", "otp.requested", "--to", "vera", "--data", CODE,
        CLARION_URL=house.url, CLARION_DATA_DIR=data_dir,
    )  # fmt: skip
    assert said.code == 0


def test_an_odd_url_is_refused(clarion: Run) -> None:
    for url in ("ftp://x", "127.0.0.1:8400", "http://127.0.0.1:99999"):
        said = clarion("send", "a.b", "--url", url, "--key", "k")
        assert said.code == 2
        assert url in said.err
