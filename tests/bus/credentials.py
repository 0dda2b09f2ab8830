"""Keys and tokens of a NATS in operator mode, as `nsc` would write them."""

from __future__ import annotations

import json
from base64 import b32encode, urlsafe_b64encode
from binascii import crc_hqx
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OPERATOR, ACCOUNT, USER, SEED = 14 << 3, 0, 20 << 3, 18 << 3
ALL = -1


class Key:
    """A key pair of one kind."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._private = Ed25519PrivateKey.generate()
        self.public = _told(bytes([kind]) + self._private.public_key().public_bytes_raw())

    @property
    def seed(self) -> str:
        first = bytes([SEED | self._kind >> 5, (self._kind & 31) << 3])
        return _told(first + self._private.private_bytes_raw())

    def signed(self, about: Key, kind: str, **claims: object) -> str:
        """A JWT of this key about another."""
        nats = {"type": kind, "version": 2, **claims}
        body = {"iss": self.public, "sub": about.public, "name": kind, "iat": 1, "nats": nats}
        parts = [{"typ": "JWT", "alg": "ed25519-nkey"}, body]
        text = ".".join(_url64(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_url64(self._private.sign(text.encode()))}"


def operator_mode(file: Path) -> str:
    """The settings of a server that knows one account; its user's credentials are in the file."""
    operator, account, user = Key(OPERATOR), Key(ACCOUNT), Key(USER)
    limits = dict.fromkeys(("subs", "conn", "leaf", "imports", "exports", "data", "payload"), ALL)
    told = operator.signed(account, "account", limits={**limits, "wildcards": True})
    write_credentials(file, account.signed(user, "user", subs=ALL, data=ALL, payload=ALL), user)
    return (
        f"operator: {operator.signed(operator, 'operator')}\n"
        "resolver: MEMORY\n"
        f"resolver_preload: {{ {account.public}: {told} }}"
    )


def write_credentials(file: Path, jwt: str, key: Key) -> None:
    file.write_text(
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n"
        f"-----BEGIN USER NKEY SEED-----\n{key.seed}\n------END USER NKEY SEED------\n",
        "ascii",
    )


def _told(raw: bytes) -> str:
    return b32encode(raw + crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")


def _url64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
