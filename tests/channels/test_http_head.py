import pytest
from yarl import URL

from clarion.channels.http_head import head_of, origin_of, vendor_url


def lines(url: str, **headers: str) -> list[str]:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return head_of(URL(url), named).request(b"12345").decode().split("\r\n")


def test_the_host_is_named_without_a_usual_port() -> None:
    assert "Host: fcm.example" in lines("https://fcm.example/send")
    assert "Host: fcm.example:8443" in lines("https://fcm.example:8443/send")
    assert "Host: [2001:db8::1]:81" in lines("http://[2001:db8::1]:81/send")


def test_the_query_goes_along_and_the_fragment_stays_here() -> None:
    assert lines("https://a.example/b?c=d%20e#f")[0] == "POST /b?c=d%20e HTTP/1.1"
    assert lines("https://a.example")[0] == "POST / HTTP/1.1"


def test_only_the_length_follows_the_head() -> None:
    assert lines("https://a.example/")[-3:] == ["Content-Length: 5", "", "12345"]


def test_a_header_of_ours_gives_way_to_one_that_was_asked_for() -> None:
    asked = lines("https://a.example/", user_agent="Else")
    assert "user-agent: Else" in asked
    assert not any(line.startswith("User-Agent") for line in asked)


def test_nobody_else_says_where_the_request_ends() -> None:
    asked = lines("https://a.example/", content_length="0", transfer_encoding="chunked")
    assert [line for line in asked if "5" in line or "chunked" in line][:1] == ["Content-Length: 5"]


def test_a_name_and_password_in_the_url_become_a_header() -> None:
    assert "Authorization: Basic YW5uOnNlY3JldA==" in lines("https://ann:secret@a.example/")


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\n", "\x00", "\x7f"])
def test_a_header_that_would_be_two_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="no header may hold"):
        lines("https://a.example/", x_of=value)


@pytest.mark.parametrize("name", ["a b", "a:", "", "a\r\nb", "ä"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no header may hold"):
        head_of(URL("https://a.example/"), ((name, "1"),))


def test_a_wish_to_close_is_seen() -> None:
    assert head_of(URL("https://a.example/"), (("connection", "Close"),)).last
    assert not head_of(URL("https://a.example/"), ()).last


@pytest.mark.parametrize("text", ["ftp://a.example/", "/send", "a.example", "https:///x"])
def test_what_is_no_url_of_http_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        vendor_url(text)


def test_ways_schemes_names_and_ports_are_origins_of_their_own() -> None:
    urls = ["https://a.example/", "http://a.example/", "https://b.example/", "https://a.example:1/"]
    found = {origin_of(way, URL(url)) for url in urls for way in ("vendor", "tenant")}
    assert len(found) == 8
    assert origin_of("vendor", URL("https://a.example/x")).port == 443
