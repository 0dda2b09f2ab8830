"""Settings: where they come from, what is refused and how, and that secrets stay hidden."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from clarion.config import Account, Leases, Listen, Settings, load_settings
from clarion.errors import SettingsError
from clarion.failpoint import FailPoint


def toml(folder: Path, text: str, name: str = "clarion.toml") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def refusal(folder: Path, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, folder)
    return str(caught.value)


def accounts_of(folder: Path, text: str) -> tuple[Account, ...]:
    toml(folder, text)
    return load_settings({}, folder).accounts


def test_nothing_said_is_one_process_with_its_data_beside_it(tmp_path: Path) -> None:
    settings = load_settings({"PATH": "/bin"}, tmp_path)
    assert settings == Settings(
        store=f"sqlite:///{tmp_path}/clarion-data/clarion.db",
        sqlite_path=tmp_path / "clarion-data/clarion.db",
        data_dir=tmp_path / "clarion-data",
    )
    assert (settings.bus, settings.listen) == ("inproc", Listen("127.0.0.1", 8400))
    assert settings.api_key is None


def test_the_environment_is_read(tmp_path: Path) -> None:
    (tmp_path / "notify").mkdir()
    environ = {
        "CLARION_STORE": "sqlite:///db/c.db",
        "CLARION_LISTEN": "[::1]:0",
        "CLARION_API_KEY": "k-123",
        "CLARION_WORKSPACE": "notify",
        "CLARION_PUBLIC_URL": "https://notify.example.org/",
        "CLARION_LOG_FORMAT": "json",
        "CLARION_LOG_LEVEL": "debug",
        "CLARION_ALLOW_NETWORKS": "10.1.0.0/16, fd00::/8",
        "CLARION_ALLOW_HTTP": "true",
    }
    settings = load_settings(environ, tmp_path)
    assert settings.sqlite_path == tmp_path / "db/c.db"
    assert settings.listen == Listen("::1", 0)
    assert str(settings.listen) == "[::1]:0"
    assert settings.api_key == "k-123"
    assert settings.workspace == tmp_path / "notify"
    assert settings.public_url == "https://notify.example.org"
    assert (settings.log_format, settings.log_level) == ("json", "debug")
    assert settings.allow_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert settings.allow_http is True


def test_a_store_may_have_an_absolute_path(tmp_path: Path) -> None:
    settings = load_settings({"CLARION_STORE": "sqlite:////srv/c.db"}, tmp_path)
    assert (settings.sqlite_path, settings.store) == (Path("/srv/c.db"), "sqlite:////srv/c.db")


def test_the_store_lies_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    settings = load_settings({"CLARION_DATA_DIR": "/srv/data"}, tmp_path)
    assert settings.sqlite_path == Path("/srv/data/clarion.db")


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        'listen = "0.0.0.0:80"\nlog_level = "error"\ndeny_networks = ["192.0.2.0/24"]\n'
        "allow_http = true\n",
    )
    settings = load_settings({"CLARION_LISTEN": "127.0.0.1:1"}, tmp_path)
    assert settings.listen == Listen("127.0.0.1", 1)
    assert settings.log_level == "error"
    assert settings.deny_networks == (ip_network("192.0.2.0/24"),)
    assert settings.allow_http is True
    assert settings.file == file


def test_paths_in_a_file_start_at_its_folder(tmp_path: Path) -> None:
    toml(tmp_path, 'store = "sqlite:///c.db"\napi_key_file = "key"', "etc/my.toml")
    (tmp_path / "etc/key").write_text("k-9\n")
    settings = load_settings({"CLARION_CONFIG": "etc/my.toml"}, tmp_path)
    assert settings.sqlite_path == tmp_path / "etc/c.db"
    assert settings.api_key == "k-9"
    assert load_settings({}, tmp_path, Path("etc/my.toml")) == settings


def test_an_account_is_read_with_what_its_provider_needs(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("  s3cret\n")
    accounts = accounts_of(
        tmp_path,
        '[providers.mail]\nkind = "smtp"\nhost = "mail.example.org"\nport = 587\n'
        'password_file = "password"\norder = 2\nin_flight = 8\nenvironments = ["dev", "prod"]\n'
        '[providers.push]\nkind = "fcm"\norder = 1\nlimits = {per_second = 5}\n',
    )
    assert accounts == (
        Account(name="push", kind="fcm", order=1, settings={"limits": {"per_second": 5}}),
        Account(
            name="mail",
            kind="smtp",
            order=2,
            in_flight=8,
            environments=("dev", "prod"),
            settings={"host": "mail.example.org", "port": 587, "password": "s3cret"},
        ),
    )
    assert accounts[0].environments == ("default",)


def test_a_list_of_files_is_a_list_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("whsec_b\n")
    (tmp_path / "old").write_text("whsec_a\n")
    text = '[providers.hooks]\nkind = "webhook"\nsecrets_file = ["new", "old"]\n'
    assert accounts_of(tmp_path, text)[0].settings == {"secrets": ["whsec_b", "whsec_a"]}


def test_secrets_never_show(tmp_path: Path) -> None:
    text = '[providers.mail]\nkind = "smtp"\nhost = "h"\npassword = "hidden-1"\n'
    toml(tmp_path, text)
    settings = load_settings({"CLARION_API_KEY": "hidden-2"}, tmp_path)
    for shown in (repr(settings), str(settings), pretty_repr(settings), f"{settings.accounts}"):
        assert "hidden" not in shown
    assert "password=***" in repr(settings)
    assert "api_key='***'" in repr(settings)
    assert "api_key=None" in repr(load_settings({}, tmp_path))


def test_the_variables_of_a_kubernetes_service_are_not_ours(tmp_path: Path) -> None:
    environ = {
        "CLARION_SERVICE_HOST": "10.0.0.1",
        "CLARION_SERVICE_PORT": "8400",
        "CLARION_SERVICE_PORT_HTTP": "8400",
        "CLARION_PORT": "tcp://10.0.0.1:8400",
        "CLARION_PORT_8400_TCP_ADDR": "10.0.0.1",
        "CLARION_GATEWAY_PORT": "tcp://10.0.0.2:80",
    }
    assert load_settings(environ, tmp_path) == load_settings({}, tmp_path)


def test_postgresql_and_nats_are_named_by_their_addresses(tmp_path: Path) -> None:
    store, bus = "postgresql://u:hush@one:1,two/c?target_session_attrs=primary", "nats://u:hush@n"
    settings = load_settings({"CLARION_STORE": store, "CLARION_BUS": bus}, tmp_path)
    assert (settings.store, settings.sqlite_path, settings.bus) == (store, None, bus)
    assert "hush" not in repr(settings)


def test_fail_points_are_read_and_an_odd_one_refuses_to_start(tmp_path: Path) -> None:
    settings = load_settings({"CLARION_FAIL_POINT": "settle.before_finish:3"}, tmp_path)
    assert settings.fail_points == (FailPoint("settle.before_finish", time=3),)
    with pytest.raises(SettingsError, match="CLARION_FAIL_POINT names no fail point"):
        load_settings({"CLARION_FAIL_POINT": "nowhere:3"}, tmp_path)


def test_a_lease_is_never_shorter_than_its_heartbeats(tmp_path: Path) -> None:
    settings = load_settings({"CLARION_HEARTBEAT_SECONDS": "0.2"}, tmp_path)
    assert settings.leases == Leases(usual=30, critical=15, heartbeat=0.2)
    environ = {"CLARION_HEARTBEAT_SECONDS": "20", "CLARION_CRITICAL_LEASE_SECONDS": "60"}
    assert load_settings(environ, tmp_path).leases == Leases(usual=60, critical=60, heartbeat=20)


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("STOER", "x", "is not a setting; did you mean 'CLARION_STORE'?"),
        ("PORT", "8400", "is not a setting; "),
        ("STORE", "", "is empty; give it a value or remove it"),
        ("STORE", "postgresql://u:hush@db", "names no database; write postgresql://user@host/"),
        ("STORE", "postgresql:///hush", "names no host; write postgresql://user@host/database"),
        ("STORE", "mysql://u:hush@db/c", "names mysql://; write sqlite:///path.db"),
        ("STORE", "hush.db", "names no known store; write sqlite:///path.db"),
        ("STORE", "sqlite://hush.db", "lacks a slash; write sqlite:///path.db"),
        ("STORE", "sqlite:///:memory:", "nothing would last"),
        ("STORE", "sqlite:///c.db?mode=ro", "holds options, which are not read"),
        ("BUS", "nats://", "names no server; write nats://host:4222"),
        ("BUS", "hush", "names no known bus; write inproc or nats://host:4222"),
        ("LEASE_SECONDS", "14", "is 14; write at least 3 heartbeats (15), or lower heartbeat_"),
        ("HEARTBEAT_SECONDS", "soon", "is no number of seconds; write one from 0.05 to 600"),
        ("DRAIN_SECONDS", "-1", "is -1; write a number of seconds from 0 to 3600"),
        ("LISTEN", "8400", "write host:port, e.g. 127.0.0.1:8400"),
        ("LISTEN", ":8400", "write 127.0.0.1:8400, or 0.0.0.0:8400 for every address"),
        ("LISTEN", "localhost:65536", "write host:port"),
        ("LISTEN", "::1:8400", "write [::1]:8400"),
        ("LISTEN", "http://localhost:8400", "has no host that could be; write host:port"),
        ("API_KEY", "hush hush", "holds a space or a line break; write the key alone"),
        ("API_KEY_FILE", "gone", "gone, which is not a file; check the path"),
        ("CONFIG", "gone.toml", "gone.toml, which is not a file; check the path"),
        ("WORKSPACE", "gone", "gone, which is not a folder; check the path"),
        ("PUBLIC_URL", "notify.example.org", "write e.g. https://clarion.example.org"),
        ("PUBLIC_URL", "https://a:hush@b.example", "write e.g. https://clarion.example.org"),
        ("PUBLIC_URL", "https://b.example:x", "write e.g. https://clarion.example.org"),
        ("PUBLIC_URL", "https://b.example/?a=b", "goes on after the path"),
        ("LOG_FORMAT", "jsn", "did you mean 'json'?"),
        ("LOG_LEVEL", "DEBUG", "did you mean 'debug'?"),
        ("ALLOW_HTTP", "yes", "is neither true nor false; write one of them"),
        ("ALLOW_NETWORKS", "10.0.0.5/8", "did you mean '10.0.0.0/8'?"),
        ("DENY_NETWORKS", "intranet", "write networks as 10.0.0.0/8 or fd00::/8"),
    ],
)
def test_an_odd_variable_refuses_to_start_and_says_what_to_write(
    tmp_path: Path, name: str, value: str, mend: str
) -> None:
    told = refusal(tmp_path, **{f"CLARION_{name}": value})
    assert told.startswith(f"environment: CLARION_{name} ")
    assert mend in told
    assert "hush" not in told


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        ('listen = "127.0.0.1:1"\nstoer = "x"', 2, "stoer is not a setting; did you mean 'store'?"),
        ("[provider.mail]\n", 1, "provider is not a setting; did you mean 'providers'?"),
        ("\nlisten = 8400\n", 2, "listen is a number; write text in quotes"),
        ('allow_http = "true"', 1, "write one of them, without quotes"),
        ('allow_networks = "10.0.0.0/8"', 1, "allow_networks is text; write a list"),
        ("allow_networks = [10]", 1, "write each part in quotes"),
        ('store = "sqlite:///a.db"\nstore = ', 2, "not TOML"),
        ("a = [1,\n2", 2, "not TOML"),
        ('api_key = "a"\napi_key_file = "b"', 2, "stands beside 'api_key'; keep one of the two"),
        ("api_key_file = 5", 1, "is not the path of a file; write it in quotes"),
        ("providers = 3", 1, "write [providers.NAME] with kind = ..."),
        ("[providers]\nmail = 3", 2, "providers.mail is not a table"),
        ('[providers."Mail 1"]\nkind = "smtp"', 1, "use lower-case letters, digits"),
        ("\n[providers.mail]\n", 2, 'providers.mail has no kind; add e.g. kind = "smtp"'),
        ("[providers.m]\nkind = 4", 2, "providers.m.kind is a number; write text in quotes"),
        ('[providers.m]\nkind = "smtp"\norder = "1"', 3, "without quotes"),
        ('[providers.m]\nkind = "smtp"\norder = 1.5', 3, "providers.m.order is 1.5; write a whole"),
        ('[providers.m]\nkind = "smtp"\norder = true', 3, "is true; write a whole number"),
        ('[providers.m]\nkind = "smtp"\nin_flight = 0', 3, "a whole number from 1 to"),
        ('[providers.m]\nkind = "smtp"\nenvironments = []', 3, 'write environments = ["default"]'),
        ('[providers.m]\nkind = "smtp"\nenvironments = "dev"', 3, "is text; write a list"),
        ('[providers.m]\nkind = "smtp"\npassword_file = "gone"', 3, "which is not a file"),
        ('[providers.m]\nkind = "smtp"\nkey_file = "empty"', 3, "write the secret into it"),
        ('[providers.m]\nkind = "smtp"\nkey_file = "latin"', 3, "save the file as UTF-8"),
        ('providers.m = {kind = "smtp", order = -1}', 1, "order is -1; write a whole number"),
    ],
)
def test_an_odd_line_of_the_file_refuses_to_start_and_says_what_to_write(
    tmp_path: Path, text: str, line: int, mend: str
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "latin").write_bytes(b"\xe9")
    file = toml(tmp_path, text)
    told = refusal(tmp_path)
    assert told.startswith(f"{file}:{line}: ")
    assert mend in told


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    file = toml(tmp_path, 'lisen = "x"\n[providers.mail]\norder = "x"\n')
    told = refusal(tmp_path, CLARION_BUS="kafka", CLARION_LISEN="x").splitlines()
    assert [line.split(" ")[:2] for line in told] == [
        [f"{file}:1:", "lisen"],
        [f"{file}:2:", "providers.mail"],
        [f"{file}:3:", "providers.mail.order"],
        ["environment:", "CLARION_BUS"],
        ["environment:", "CLARION_LISEN"],
    ]


def test_a_named_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"my\.toml: there is no such file; check the path"):
        load_settings({}, tmp_path, Path("my.toml"))


@pytest.mark.parametrize(
    ("environ", "reached_at"),
    [
        ({}, "http://127.0.0.1:8400"),
        ({"CLARION_LISTEN": "0.0.0.0:80"}, "http://127.0.0.1:80"),
        ({"CLARION_LISTEN": "[::1]:81"}, "http://[::1]:81"),
        ({"CLARION_PUBLIC_URL": "https://a.example/notify/"}, "https://a.example/notify"),
    ],
)
def test_people_reach_the_server_where_it_listens_unless_told_otherwise(
    tmp_path: Path, environ: dict[str, str], reached_at: str
) -> None:
    assert load_settings(environ, tmp_path).reached_at == reached_at


def test_links_hold_for_so_many_days_and_mails_may_name_an_address(tmp_path: Path) -> None:
    environ = {"CLARION_LINK_DAYS": "7", "CLARION_UNSUBSCRIBE_MAILTO": "out@example.org"}
    settings = load_settings(environ, tmp_path)
    assert (settings.link_days, settings.unsubscribe_mailto) == (7, "out@example.org")
    for odd in ("Out <out@example.org>", "out@example.org, b@c.example", "a b@c.example", "out"):
        assert "plain mail address" in refusal(tmp_path, CLARION_UNSUBSCRIBE_MAILTO=odd)
    assert "CLARION_LINK_DAYS" in refusal(tmp_path, CLARION_LINK_DAYS="0")
