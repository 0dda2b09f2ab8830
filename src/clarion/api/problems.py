"""Every refusal as problem details (RFC 9457), whoever raised it: us, the store, the router or the
decoder.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import msgspec
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Response

from clarion.api.meant import with_suggestion
from clarion.errors import (
    ClarionError,
    ConflictError,
    InvalidError,
    MismatchError,
    NotFoundError,
    OverloadError,
    StandingError,
    TooLargeError,
    UnavailableError,
)

MEDIA_TYPE = "application/problem+json"

TITLES: dict[str, str] = {
    "validation": "The request is not acceptable",
    "not-yet": "This version cannot do that yet",
    "unauthorized": "A valid key is needed",
    "forbidden": "This key may not do that",
    "not-found": "There is no such thing here",
    "method-not-allowed": "This address does not take this method",
    "body-too-slow": "The body came too slowly",
    "conflict": "It cannot be done as things stand",
    "idempotency-in-progress": "The same request is still running",
    "idempotency-mismatch": "The idempotency key came before with another request",
    "payload-too-large": "The request is too large",
    "unsupported-media-type": "The body is of a type that is not understood",
    "quota-exceeded": "Too much at once",
    "temporarily-reduced-capacity": "Nothing can be written now",
    "internal": "Something went wrong inside",
}
"""Titles by code; the `type` of a problem is `/problems/<code>`."""

CODE_OF_STATUS: dict[int, str] = {
    400: "validation",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "body-too-slow",
    409: "idempotency-in-progress",
    413: "payload-too-large",
    415: "unsupported-media-type",
    422: "validation",
    429: "quota-exceeded",
    500: "internal",
    503: "temporarily-reduced-capacity",
}

_LOG = logging.getLogger("clarion.api")
_AT = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")
_FIELD = re.compile(r"(?:unknown|missing required) field `(?P<name>[^`]*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mistake: where in the body (`pointer`, RFC 6901) or in which `parameter`, and what is
    wrong.
    """

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details (RFC 9457): `code` is stable, `errors` point at what to mend.
    `violated-policies` names those of `RateLimit-Policy` that were in the way.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []
    violated_policies: list[str] = msgspec.field(name="violated-policies", default_factory=list)
    request_id: str = ""


class RefusedError(ClarionError):
    """What the API itself refuses, with the status of the answer and the headers it needs."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        pointer: str | None = None,
        parameter: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
        violated: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or CODE_OF_STATUS[status]
        self.headers = headers or {}
        self.violated = violated
        self.errors: list[FieldError] = []
        if pointer is not None or parameter is not None:
            self.errors = [FieldError(pointer=pointer, parameter=parameter, detail=detail)]


_STATUS_OF: tuple[tuple[type[ClarionError], int, str], ...] = (
    (NotFoundError, 404, "not-found"),
    (ConflictError, 409, "idempotency-in-progress"),
    (MismatchError, 422, "idempotency-mismatch"),
    (StandingError, 409, "conflict"),
    (TooLargeError, 413, "payload-too-large"),
    (OverloadError, 429, "quota-exceeded"),
    (UnavailableError, 503, "temporarily-reduced-capacity"),
)


def refusal_of(error: Exception, body: Any = None) -> RefusedError:
    """Any exception -> what the client is told; `body` is the type the request's body should have
    had. What nobody foresaw is logged and told as `internal`.
    """
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, InvalidError):
        return RefusedError(422, error.detail, pointer=error.pointer, code=error.code)
    for kind, status, code in _STATUS_OF:
        if isinstance(error, kind):
            return RefusedError(
                status,
                str(error),
                code=code,
                headers=_retry_after(error),
                violated=_violated(error),
            )
    if isinstance(error, HTTPException):
        return _from_router(error, body)
    if isinstance(error, msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
        return from_decoder(error, body=body)
    _LOG.error("a request failed in a way nobody foresaw", exc_info=error)
    return RefusedError(500, "the request failed inside Clarion; its log has the details")


def from_decoder(error: Exception, at: str = "", body: Any = None) -> RefusedError:
    """What msgspec says about a body -> 400 with a pointer and what was probably meant; `at` is the
    pointer of what was decoded, `body` its type.
    """
    if isinstance(error, UnicodeDecodeError):
        return RefusedError(400, "the body is not UTF-8; encode it as UTF-8 and send it again")
    if isinstance(error, RecursionError):
        return RefusedError(400, "the body is nested too deeply", pointer=at)
    detail, pointer = pointed(with_suggestion(str(error), body))
    if isinstance(error, msgspec.ValidationError):
        return RefusedError(400, detail, pointer=at + pointer)
    return RefusedError(400, f"the body is not JSON: {detail}", pointer=at)


def pointed(message: str) -> tuple[str, str]:
    """A message of msgspec -> what is wrong, and the JSON pointer of where."""
    found = _AT.search(message)
    detail = message[: found.start()] if found else message
    path = found["path"] if found else ""
    pointer = json_pointer(path)
    if (named := _FIELD.search(detail)) and "[...]" not in path:
        pointer += "/" + _escaped(named["name"])
    _, free, below = path.partition("[...]")
    if free and below:
        detail = f"{detail} (`{below.removeprefix('.')}` of one of the entries)"
    return detail, pointer


def json_pointer(path: str) -> str:
    """`.recipients[0].id` -> `/recipients/0/id`; keys of a free mapping are not known (`[...]`), so
    it ends there.
    """
    known = path.split("[...]", 1)[0]
    return "".join("/" + _escaped(name or index) for name, index in _STEP.findall(known))


def problem_of(refusal: RefusedError, request_id: str) -> Problem:
    """The body of a refusal."""
    return Problem(
        type=f"/problems/{refusal.code}",
        title=TITLES.get(refusal.code, TITLES["validation"]),
        status=refusal.status,
        detail=refusal.detail,
        code=refusal.code,
        errors=refusal.errors,
        violated_policies=list(refusal.violated),
        request_id=request_id,
    )


def response_of(error: Exception, request_id: str, body: Any = None) -> Response[bytes]:
    """The whole answer to an exception, for the router."""
    refusal = refusal_of(error, body)
    return Response(
        msgspec.json.encode(problem_of(refusal, request_id)),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers={"X-Request-Id": request_id, "Cache-Control": "no-store", **refusal.headers},
    )


def _violated(error: ClarionError) -> tuple[str, ...]:
    return (error.policy,) if isinstance(error, OverloadError) and error.policy else ()


def _retry_after(error: ClarionError) -> dict[str, str]:
    if isinstance(error, OverloadError) and error.quota:
        wait_seconds = error.retry_after_seconds
        return {
            "Retry-After": str(wait_seconds),
            "RateLimit-Policy": f'"{error.policy}";q={error.quota}',
            "RateLimit": f'"{error.policy}";r=0;t={wait_seconds}',
        }
    if isinstance(error, UnavailableError):
        return {"Retry-After": str(error.retry_after_seconds)}
    return {"Retry-After": "1"} if isinstance(error, ConflictError) else {}


def _from_router(error: HTTPException, body: Any) -> RefusedError:
    if isinstance(error, ValidationException):
        return _from_signature(error, body)
    status = error.status_code if error.status_code in CODE_OF_STATUS else 400
    if isinstance(error.__cause__, msgspec.MsgspecError) or _is_decoding(error):
        return from_decoder(msgspec.DecodeError(str(error.detail)), body=body)
    details = {
        404: "no such address; GET /openapi.json lists them all",
        405: "this address does not take this method; the Allow header lists those it takes",
        413: "the body is over the limit; split the request",
    }
    detail = details.get(status, str(error.detail))
    allow = {"Allow": error.headers["allow"]} if error.headers and "allow" in error.headers else {}
    return RefusedError(status, detail, headers=allow)


def _is_decoding(error: HTTPException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, msgspec.MsgspecError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _from_signature(error: ValidationException, body: Any) -> RefusedError:
    entries = error.extra if isinstance(error.extra, list) else []
    errors = [_field_error(entry, body) for entry in entries if isinstance(entry, dict)]
    detail = errors[0].detail if errors else str(error.detail)
    refusal = RefusedError(400, detail)
    refusal.errors = errors
    return refusal


def _field_error(entry: dict[str, Any], body: Any) -> FieldError:
    message, key = str(entry.get("message", "")), str(entry.get("key", ""))
    if entry.get("source") != "body":
        return FieldError(parameter=key, detail=f"{key}: {message}")
    if message == "'data'":
        return FieldError(pointer="", detail="a JSON body is needed and none came")
    # The router took the place off the message and made it the key.
    whole = message if key == "data" else f"{message} - at `$.{key}`"
    detail, pointer = pointed(with_suggestion(whole, body))
    return FieldError(pointer=pointer, detail=detail)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
