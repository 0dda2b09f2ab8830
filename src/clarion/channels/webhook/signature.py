"""Standard Webhooks 1.0: signing and verifying, symmetric (`v1`) and asymmetric (`v1a`).

Receivers may use `verify` as it is. The signed content is `{id}.{timestamp}.{body}`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from clarion.errors import InvalidError, SettingsError

TOLERANCE_SECONDS = 300
"""How far a timestamp may be from the verifier's clock."""

Check = Callable[[str, bytes], bool]


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature: `v1,...` for a `whsec_` secret, `v1a,...` for a `whsk_` key.

    `timestamp` in seconds of this attempt. SettingsError when the secret is none of the two.
    """
    content = _content(webhook_id, str(timestamp), body)
    if secret.startswith("whsk_"):
        seed = _decoded(secret.removeprefix("whsk_"), (32, 64))[:32]
        return "v1a," + _encoded(Ed25519PrivateKey.from_private_bytes(seed).sign(content))
    return "v1," + _encoded(_hmac(secret, content))


def signature_header(secrets: Iterable[str], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature a secret, so that secrets can rotate."""
    return " ".join(sign(secret, webhook_id, timestamp, body) for secret in secrets)


def check_secret(secret: str) -> None:
    """SettingsError with the mend when no signature can be made with this secret."""
    sign(secret, "", 0, b"")


def verify(
    keys: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    now_seconds: float,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> None:
    """Returns when a signature is good; else InvalidError, code `signature`, with what was wrong.

    `keys`: `whsec_` secrets or `whpk_` public keys. `body` as it was received, byte by byte. A
    receiver must also remember the `webhook-id`s of the last minutes and drop repeats.
    """
    found = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = found.get("webhook-id"), found.get("webhook-timestamp")
    signatures = found.get("webhook-signature")
    if not webhook_id or not timestamp or not signatures:
        raise _invalid("webhook-id, webhook-timestamp and webhook-signature are all needed")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise _invalid("webhook-timestamp is not a number of seconds")
    if abs(now_seconds - int(timestamp)) > tolerance_seconds:
        raise _invalid("webhook-timestamp is too far from now; check both clocks")
    content = _content(webhook_id, timestamp, body)
    checks = [_check(key, content) for key in keys]
    given = [_parted(text) for text in signatures.split(" ")]
    # Every pair is tried, so that the time taken tells nothing.
    fitting = [check(*signature) for signature in given for check in checks]
    if True not in fitting:
        raise _invalid("no signature fits; check the secret, and that the body was not re-written")


def _check(key: str, content: bytes) -> Check:
    if not key.startswith("whpk_"):
        expected = _hmac(key, content)
        return lambda version, given: version == "v1" and hmac.compare_digest(expected, given)
    public = Ed25519PublicKey.from_public_bytes(_decoded(key.removeprefix("whpk_"), (32,)))

    def check(version: str, given: bytes) -> bool:
        try:
            public.verify(given, content)
        except InvalidSignature:
            return False
        return version == "v1a"

    return check


def _parted(text: str) -> tuple[str, bytes]:
    version, _, encoded = text.partition(",")
    try:
        return version, base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return "", b""


def _content(webhook_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{webhook_id}.{timestamp}.".encode() + body


def _hmac(secret: str, content: bytes) -> bytes:
    key = _decoded(secret.removeprefix("whsec_"), range(24, 65))
    return hmac.new(key, content, hashlib.sha256).digest()


def _decoded(text: str, lengths: Iterable[int]) -> bytes:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in lengths:
        raise SettingsError(
            "a webhook secret is `whsec_` and the base64 of 24 to 64 random bytes "
            '(make one: echo "whsec_$(openssl rand -base64 32)"), '
            "or `whsk_` / `whpk_` and the base64 of an Ed25519 key"
        )
    return key


def _encoded(signature: bytes) -> str:
    return base64.b64encode(signature).decode("ascii")


def _invalid(detail: str) -> InvalidError:
    return InvalidError(detail, code="signature")
