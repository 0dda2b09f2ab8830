"""The SSRF guard: which addresses a tenant may make us call (OWASP SSRF guidance, IANA special
registries).

A URL is parsed once and strictly, its name resolved once per connection, every address it has must
pass, and the connection goes to an address that was vetted. TLS and `Host` keep the original name.
"""

from __future__ import annotations

import asyncio
import re
import socket
import string
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

import idna
import msgspec
from yarl import URL

from clarion.channels.contract import BlockedError
from clarion.errors import SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A name and a port -> every address of the name, as text; OSError when there is none."""

# `ipaddress.is_global` calls multicast, NAT64, 6to4 and site-local addresses global: hence a table.
_TABLE = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local: cloud metadata
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
    "::/96",  # unspecified, loopback, IPv4-compatible
    "::ffff:0:0:0/96",  # IPv4-translated
    "64:ff9b::/96",  # NAT64
    "64:ff9b:1::/48",  # local NAT64
    "100::/64",  # discard
    "2001::/23",  # protocol assignments, Teredo
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "3fff::/20",  # documentation
    "5f00::/16",  # segment routing
    "fc00::/7",  # unique local
    "fe80::/10",  # link-local
    "fec0::/10",  # site-local
    "ff00::/8",  # multicast
)
REFUSED: tuple[Network, ...] = tuple(ip_network(text) for text in _TABLE)
"""Never called unless allowed: private, local, reserved and translating ranges."""

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_FORBIDDEN = re.compile(r"[\ud800-\udfff\x00-\x20\x7f-\x9f\\\s]")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")
_OPEN = "the setting allow_networks opens networks of your own"
_DEFAULT_PORTS = {"https": 443, "http": 80}


class GuardPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator adds to the rules.

    `deny`: further networks never to call (own cluster ranges), stronger than all else. `allow`:
    networks that may be called although the table refuses them; on them any port, plain http and
    local names are fine too. `ports`: further ports beside 443 and 80. `allow_http`: plain http to
    public addresses.
    """

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    allow_http: bool = False


STRICT = GuardPolicy()
"""Public https on the usual ports, nothing else."""


class Target(msgspec.Struct, frozen=True):
    """A URL that passed the strict parser. `only_allowed`: fit for addresses of the allow-list
    alone.
    """

    url: URL
    host: str
    port: int
    only_allowed: bool


class Guard:
    """Checks URLs and addresses against the rules; SettingsError when a network is misspelt."""

    def __init__(self, policy: GuardPolicy = STRICT, resolve: Resolve | None = None) -> None:
        self._ports = {443, 80, *policy.ports}
        self._allow_http = policy.allow_http
        self._allow = _networks(policy.allow)
        self._deny = _networks(policy.deny)
        self._resolve = resolve or resolve_by_system

    def check_url(self, text: str) -> Target:
        """A URL as a tenant wrote it -> what to call; BlockedError with the reason, which never
        quotes it.
        """
        scheme, authority, rest = _split(text)
        host, port = _host_and_port(authority, _DEFAULT_PORTS[scheme])
        literal = _literal(host)
        odd = self._oddity(scheme, host, port, literal is None)
        if odd and not self._allow:
            raise BlockedError(odd)
        if literal is not None:
            self.check_address(literal, only_allowed=bool(odd))
        url = URL(f"{scheme}://{_bracketed(host)}:{port}{rest}", encoded=True)
        return Target(url, host, port, bool(odd))

    def check_address(self, address: Address, *, only_allowed: bool = False) -> None:
        """BlockedError when this address must not be called."""
        judged = _embedded(address)
        if _within(judged, self._deny):
            raise BlockedError("the address is in a network that the settings deny")
        if _within(judged, self._allow):
            return
        if only_allowed:
            raise BlockedError("port, scheme or name are only fit for networks of allow_networks")
        if _within(judged, REFUSED):
            raise BlockedError(f"the address is private, local or reserved; {_OPEN}")

    async def vet(self, host: str, port: int, *, only_allowed: bool = False) -> list[Address]:
        """Resolve once; every address must pass. OSError when the name has none, else
        BlockedError.
        """
        addresses = [ip_address(text) for text in await self._resolve(host, port)]
        if not addresses:
            raise OSError("the name has no address")
        for address in addresses:
            self.check_address(address, only_allowed=only_allowed)
        return addresses

    def _oddity(self, scheme: str, host: str, port: int, is_name: bool) -> str:
        if is_name and _is_local(host):
            return f"the host is a local name; {_OPEN}"
        if scheme == "http" and not self._allow_http:
            return f"plain http is not allowed; use https ({_OPEN})"
        if port not in self._ports:
            return f"the port is neither 443 nor 80; {_OPEN}"
        return ""


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The machine's resolver: A and AAAA records of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _split(text: str) -> tuple[str, str, str]:
    if _FORBIDDEN.search(text):
        raise BlockedError("the URL holds white space, a backslash or a control character")
    match = _URL.fullmatch(text)
    if match is None:
        raise BlockedError("the URL is not an absolute http or https URL")
    # What is outside ASCII is percent-encoded here, so that nobody after us parses the URL again.
    rest = quote(match[3], safe=string.punctuation)
    return match[1].lower(), match[2], rest if rest.startswith("/") else f"/{rest}"


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise BlockedError("the URL holds a user name or password")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise BlockedError("the URL has no host, or one that is not well formed")
    port = int(match[2] or default_port)
    if not 0 < port < 65536:
        raise BlockedError("the port is out of range")
    return _host(match[1]), port


def _host(raw: str) -> str:
    if raw.startswith("["):
        return raw[1:-1].lower()
    host = _to_ascii(raw).removesuffix(".")
    if not host or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise BlockedError("the host is not a well-formed name")
    return host


def _to_ascii(raw: str) -> str:
    if raw.isascii():
        return raw.lower()
    try:
        host = idna.encode(raw, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise BlockedError("the host is not a valid international name") from None
    if _looks_numeric(host):
        raise BlockedError("the host is an address in an odd form")
    return host


def _looks_numeric(host: str) -> bool:
    return _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]) is not None


def _literal(host: str) -> Address | None:
    """The address when the host is one; whatever only a lenient parser takes for one is refused."""
    if ":" not in host and not _looks_numeric(host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        raise BlockedError("the host is an address in an odd form") from None


def _is_local(host: str) -> bool:
    return "." not in host or host.endswith(_LOCAL_SUFFIXES)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _embedded(address: Address) -> Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"{error}; write a network as 10.0.0.0/8 or fd00::/8") from None
