"""Addresses of stores and buses, taken apart so strictly that no secret can pass for another part.

Whoever writes a password into an address may forget to encode a slash, an `@` or a question mark in
it, so whatever is not plainly a host, a port, a database or a known option counts as secret.
"""

from __future__ import annotations

import re

import msgspec

HIDDEN = "***"
POSTGRES_SCHEMES = frozenset({"postgresql", "postgres"})

_SERVER_SCHEMES = POSTGRES_SCHEMES | {"nats", "tls"}
_HOST = r"(?:(?:[A-Za-z0-9._-]|%2[Ff])*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_HOSTS = re.compile(rf"{_HOST}(?:,{_HOST})*")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,63}")
_PLACES = re.compile(r"[A-Za-z0-9_./,-]{1,255}")
_NUMBERS = re.compile(r"[0-9]{1,5}(?:,[0-9]{1,5})*")
_WORD_OF_SSLMODE = re.compile("disable|allow|prefer|require|verify-ca|verify-full")
_WORD_OF_SESSION = re.compile(
    "any|primary|standby|read-write|read-only|prefer-standby|prefer-primary"
)
_NOTHING = re.compile(r"(?!)")
_OPTIONS = {
    "host": _PLACES, "port": _NUMBERS, "dbname": _NAME, "database": _NAME, "user": _NAME,
    "connect_timeout": _NUMBERS, "sslmode": _WORD_OF_SSLMODE,
    "target_session_attrs": _WORD_OF_SESSION, "sslrootcert": _NOTHING, "sslcert": _NOTHING,
    "sslkey": _NOTHING, "sslcrl": _NOTHING, "application_name": _NOTHING,
}  # fmt: skip
"""What a value must look like to be shown, of the options whose names may be."""
_SECRET_OPTIONS = frozenset({"password", "sslpassword", "passfile"})


class Address(msgspec.Struct, frozen=True):
    """The parts of an address that may be shown. `hosts` is a list with commas, as written; `user`
    and `database` are "" when there is none; what is in doubt is `***`. `options` are
    (name, value), `***` alone for one whose name is not known; `secret_options` were left out."""

    scheme: str
    hosts: str = HIDDEN
    user: str = ""
    database: str = ""
    options: tuple[tuple[str, str], ...] = ()
    secret_options: bool = False

    def __str__(self) -> str:
        """Without user and password, and with `***` for whatever is left out."""
        shown = [_option(name, HIDDEN if name == "user" else text) for name, text in self.options]
        if self.secret_options:
            shown.append(HIDDEN)
        return self._written(f"{HIDDEN}@" if self.user else "", shown)

    @property
    def with_user(self) -> str:
        """As one may write it into a command: the user stays, password and its file go."""
        user = f"{self.user}@" if self.user else ""
        return self._written(user, [_option(name, text) for name, text in self.options])

    @property
    def place(self) -> str:
        """`host:port,host:port/database`."""
        return (self.hosts or "localhost") + (f"/{self.database}" if self.database else "")

    def _written(self, user: str, options: list[str]) -> str:
        path = f"/{self.database}" if self.database else ""
        query = f"?{'&'.join(options)}" if options else ""
        return f"{self.scheme}://{user}{self.hosts}{path}{query}"


def address_of(text: str) -> Address | None:
    """Take `scheme://user:password@hosts/database?options` apart; None when its scheme is none of
    a server that we know."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _SERVER_SCHEMES:
        return None
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    after = rest[len(authority) :]
    userinfo, _, hosts = authority.rpartition("@")
    if "@" in after or "#" in after or not _HOSTS.fullmatch(hosts):
        return Address(scheme)  # a password with one of / ? # in it ends there, or elsewhere
    path, _, query = after.partition("?")
    user, database = userinfo.partition(":")[0], path.removeprefix("/")
    found = [pair.partition("=") for pair in query.split("&") if pair]
    return Address(
        scheme,
        hosts,
        user if not userinfo or _NAME.fullmatch(user) else HIDDEN,
        database if not database or _NAME.fullmatch(database) else HIDDEN,
        tuple(_shown(name, value) for name, _, value in found if name not in _SECRET_OPTIONS),
        any(name in _SECRET_OPTIONS for name, _, _ in found),
    )


def _shown(name: str, value: str) -> tuple[str, str]:
    if name not in _OPTIONS:
        return HIDDEN, ""
    return name, value if _OPTIONS[name].fullmatch(value) else HIDDEN


def _option(name: str, value: str) -> str:
    return f"{name}={value}" if value else name
