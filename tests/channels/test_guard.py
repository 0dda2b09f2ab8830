import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from clarion.channels.contract import BlockedError
from clarion.channels.guard import Guard, GuardPolicy
from clarion.errors import SettingsError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/ssrf_addresses.json").read_text())
ON_PREMISE = GuardPolicy(allow=("127.0.0.0/8", "10.1.0.0/16"))


def answering(*addresses: str) -> Guard:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return Guard(resolve=resolve)


def url_of(host: str) -> str:
    return f"https://{host}/hook"


@pytest.mark.parametrize("address", VECTORS["block"])
async def test_a_name_that_leads_to_a_refused_address_is_blocked(address: str) -> None:
    with pytest.raises(BlockedError):
        await answering(address).vet("hooks.example.com", 443)


@pytest.mark.parametrize("address", VECTORS["allow"])
async def test_a_name_that_leads_to_a_public_address_passes(address: str) -> None:
    vetted = await answering(address).vet("hooks.example.com", 443)
    assert vetted == [ip_address(address)]


async def test_one_refused_address_among_public_ones_blocks_the_name() -> None:
    with pytest.raises(BlockedError):
        await answering("8.8.8.8", "10.0.0.1").vet("hooks.example.com", 443)


@pytest.mark.parametrize("host", VECTORS["hosts_to_refuse_before_dns"])
def test_local_names_and_odd_addresses_are_refused_without_asking_dns(host: str) -> None:
    with pytest.raises(BlockedError):
        Guard().check_url(url_of(host))


@pytest.mark.parametrize("url", VECTORS["urls_to_refuse"])
def test_wrong_schemes_ports_and_user_names_are_refused(url: str) -> None:
    with pytest.raises(BlockedError):
        Guard(GuardPolicy(allow_http=True)).check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a b.example/",
        "https://example.com/\r\nX: 1",
        "https://example.com\\@10.0.0.1/",
        "https://exa%6dple.com/",
        "https://-x.example/",
        "https://a..example/",
        "https://example.com:65536/",
        "https://example.com:4a/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://0x7f.1/",
        "https://127.0.0.01/",
        "https://intranet/",
        "https://printer.local/",
        "https://xn--\u2028.example/",
        "https://example.com/\ud800",
        "http://example.com/",
        "",
    ],
)
def test_what_a_lenient_parser_would_take_is_refused(url: str) -> None:
    with pytest.raises(BlockedError):
        Guard().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/in",
        "https://10.0.0.5/in",
        "https://localhost/in",
        "https://a.example:9000/",
    ],
)
def test_what_a_setting_would_open_names_the_setting(url: str) -> None:
    with pytest.raises(BlockedError, match="the setting allow_networks opens"):
        Guard().check_url(url)


def test_the_reason_never_quotes_the_url() -> None:
    with pytest.raises(BlockedError) as caught:
        Guard().check_url("https://hooks.example.com:8443/T0/secret")
    assert "secret" not in str(caught.value)
    assert "hooks" not in str(caught.value)


def test_a_good_url_is_called_as_it_was_written() -> None:
    target = Guard().check_url("https://Hooks.Example.com/a%2Fb/ü?q=1&x=%20#part")
    assert str(target.url) == "https://hooks.example.com/a%2Fb/%C3%BC?q=1&x=%20"
    assert (target.host, target.port, target.only_allowed) == ("hooks.example.com", 443, False)


def test_a_name_outside_ascii_becomes_its_idna_form() -> None:
    assert Guard().check_url("https://bücher.example/").host == "xn--bcher-kva.example"


def test_an_ipv6_literal_keeps_its_brackets() -> None:
    target = Guard().check_url("https://[2606:4700:4700::1111]/x")
    assert str(target.url) == "https://[2606:4700:4700::1111]/x"


def test_further_ports_and_plain_http_are_a_setting() -> None:
    guard = Guard(GuardPolicy(ports=(8443,), allow_http=True))
    assert guard.check_url("https://example.com:8443/").port == 8443
    assert guard.check_url("http://example.com/").port == 80


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/", "http://localhost:9000/", "https://receiver:8443/"]
)
def test_the_allow_list_opens_local_names_and_any_port(url: str) -> None:
    assert Guard(ON_PREMISE).check_url(url).only_allowed


async def test_a_local_name_must_still_lead_into_the_allow_list() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["8.8.8.8"]

    guard = Guard(ON_PREMISE, resolve)
    target = guard.check_url("http://receiver:8080/")
    with pytest.raises(BlockedError):
        await guard.vet(target.host, target.port, only_allowed=target.only_allowed)


def test_the_allow_list_does_not_open_its_neighbours() -> None:
    with pytest.raises(BlockedError):
        Guard(ON_PREMISE).check_url("https://10.2.0.1/")
    with pytest.raises(BlockedError):
        Guard(ON_PREMISE).check_url("http://169.254.169.254/latest")


def test_a_denied_network_beats_everything() -> None:
    guard = Guard(GuardPolicy(deny=("8.8.8.0/24", "10.1.2.0/24"), allow=("10.1.0.0/16",)))
    for url in ("https://8.8.8.8/", "https://10.1.2.3/", "https://[::ffff:8.8.8.8]/"):
        with pytest.raises(BlockedError):
            guard.check_url(url)
    assert guard.check_url("https://10.1.3.3/").host == "10.1.3.3"


def test_a_misspelt_network_is_refused_with_the_mend() -> None:
    with pytest.raises(SettingsError, match="write a network as"):
        Guard(GuardPolicy(deny=("10.0.0.1/8",)))


async def test_a_name_without_an_address_is_an_error_of_dns() -> None:
    with pytest.raises(OSError, match="no address"):
        await answering().vet("hooks.example.com", 443)
