"""A fake of FCM HTTP v1 and of Google's token server, written to the public discovery document."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from clarion.testing.fakes.reaction import FakeServer, Reaction

PROJECT = "fake-project"
_EMAIL = "clarion@fake-project.iam.gserviceaccount.com"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_TOPIC = re.compile(r"[a-zA-Z0-9\-_.~%]{1,900}")
_RPC_ONLY = {
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "NOT_FOUND",
    "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED",
}


class FcmRequest(msgspec.Struct, frozen=True):
    """One send as it came in: `target` is the token or topic, `message` the whole message."""

    target: str
    message: dict[str, Any]
    authorization: str


class FakeFcm(FakeServer):
    """Records sends, accepts them, and misbehaves for the tokens it was told to.

    `requests` are the sends in order, `grants` the access tokens given out. Reactions are per
    token or topic (`react`) and for the token server (`token_reaction`). `expires_in` is the life
    of a granted token.
    """

    def __init__(self) -> None:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/token", self._grant)
        app.router.add_post("/v1/projects/{project}/messages:send", self._send)
        super().__init__(app)
        self.requests: list[FcmRequest] = []
        self.grants: list[str] = []
        self.expires_in = 3600
        self.token_reaction: Reaction | None = None
        self._valid: set[str] = set()
        self._reactions: dict[str, Reaction] = {}

    @property
    def service_account(self) -> str:
        """A service account's key (JSON) for this server."""
        return fake_service_account(self.base_url)

    def react(self, target: str, reaction: Reaction | None) -> None:
        """From now on do this to sends to a token or topic; None accepts again."""
        if reaction is None:
            self._reactions.pop(target, None)
        else:
            self._reactions[target] = reaction

    def fail(self, target: str, status: int, code: str, message: str = "") -> None:
        """From now on refuse sends to a token or topic with this status and FCM's word."""
        self.react(target, Reaction(status=status, code=code, message=message))

    def revoke(self) -> None:
        """Make every access token given out so far worthless."""
        self._valid.clear()

    async def _grant(self, request: web.Request) -> web.StreamResponse:
        if self.token_reaction is not None:
            reaction = self.token_reaction
            body = json.dumps({"error": reaction.code}).encode()
            return await self.play(request, reaction, body)
        form = await request.post()
        problem = _assertion_problem(str(form.get("assertion", "")), f"{self.base_url}/token")
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" or problem:
            refusal = {"error": "invalid_grant", "error_description": problem}
            return web.json_response(refusal, status=400)
        token = f"ya29.fake-{len(self.grants) + 1}"
        self.grants.append(token)
        self._valid.add(token)
        grant = {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer"}
        return web.json_response(grant)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        message = (await request.json())["message"]
        target = str(message.get("token") or message.get("topic") or message.get("fid"))
        authorization = request.headers.get("Authorization", "")
        self.requests.append(FcmRequest(target, message, authorization))
        refusal = self._refusal(request, message, authorization)
        if refusal is not None:
            return _error(*refusal)
        reaction = self._reactions.get(target, Reaction())
        name = f"projects/{PROJECT}/messages/{len(self.requests)}"
        body = json.dumps({"name": name}).encode()
        if reaction.status >= 400:
            body = _error_body(reaction.status, reaction.code, reaction.message)
        return await self.play(request, reaction, body)

    def _refusal(
        self, request: web.Request, message: dict[str, Any], authorization: str
    ) -> tuple[int, str, str] | None:
        if authorization.removeprefix("Bearer ") not in self._valid:
            return 401, "UNAUTHENTICATED", "Request had invalid authentication credentials."
        if request.match_info["project"] != PROJECT:
            return 404, "NOT_FOUND", "Requested entity was not found."
        problem = _message_problem(message)
        return (400, "INVALID_ARGUMENT", problem) if problem else None


def fake_service_account(base_url: str) -> str:
    """The JSON of a service account's key whose tokens a `FakeFcm` at `base_url` grants."""
    pem = _key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "fake-key",
            "private_key": pem.decode(),
            "client_email": _EMAIL,
            "token_uri": f"{base_url}/token",
        }
    )


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _assertion_problem(assertion: str, audience: str) -> str:
    try:
        claims = jwt.decode(
            assertion,
            _key().public_key(),
            algorithms=["RS256"],
            audience=audience,
            issuer=_EMAIL,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "aud"]},
        )
    except jwt.PyJWTError as error:
        return str(error)
    return "" if 0 < claims["exp"] - claims["iat"] <= 3600 else "the assertion lives too long"


def _message_problem(message: dict[str, Any]) -> str:
    if sum(name in message for name in ("token", "fid", "topic", "condition")) != 1:
        return "Exactly one of token, fid, topic or condition must be set."
    if "topic" in message and not _TOPIC.fullmatch(str(message["topic"])):
        return "Malformed topic name"
    data = message.get("data", {})
    if not all(isinstance(value, str) for value in data.values()):
        return "Invalid value at 'message.data', must be strings"
    reserved = [
        k
        for k in data
        if k in ("from", "message_type") or k.startswith(("google.", "gcm.notification."))
    ]
    return f"Invalid data payload key: {reserved[0]}" if reserved else ""


def _error(status: int, code: str, message: str) -> web.Response:
    return web.Response(status=status, body=_error_body(status, code, message))


def _error_body(status: int, code: str, message: str) -> bytes:
    details: list[dict[str, Any]] = []
    if code and code not in _RPC_ONLY:
        details.append({"@type": _FCM_ERROR, "errorCode": code})
    if "message.token" in message:
        details = [{"@type": _BAD_REQUEST, "fieldViolations": [{"field": "message.token"}]}]
    error = {"code": status, "message": message or "refused", "status": code, "details": details}
    return json.dumps({"error": error}).encode()
