from __future__ import annotations

import msgspec
import pytest

from clarion.api.problems import RefusedError, json_pointer, pointed, problem_of, refusal_of
from clarion.core.event import IncomingEvent
from clarion.errors import (
    ClarionError,
    ConflictError,
    InvalidError,
    MismatchError,
    NotFoundError,
    OverloadError,
    TooLargeError,
    UnavailableError,
)
from tests.api.house import House


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"type": 3}', "/type"),
        (b"{}", "/type"),
        (b'{"type": "a", "recipient": []}', "/recipient"),
        (b'{"type": "a", "recipients": ["u1", {"id": 4}]}', "/recipients/1/id"),
        (b'{"type": "a", "recipients": [{"ids": 4}]}', "/recipients/0/ids"),
        (b'{"type": "a", "tags": {"order": 4}}', "/tags"),
        (b"[]", ""),
    ],
)
def test_a_mistake_in_a_body_is_pointed_at(body: bytes, pointer: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=IncomingEvent)
    assert pointed(str(caught.value))[1] == pointer


def test_below_a_key_that_is_not_known_the_field_is_named() -> None:
    said = "Invalid enum value 'non' - at `$.workflows[...].level`"
    told = "Invalid enum value 'non' (`level` of one of the entries)"
    assert pointed(said) == (told, "/workflows")
    assert pointed("Expected `str` - at `$.data[...]`") == ("Expected `str`", "/data")


def test_names_with_slashes_are_escaped_in_pointers() -> None:
    assert json_pointer(".a/b[0].c~d") == "/a~1b/0/c~0d"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidError("no", "/x"), 422, "validation"),
        (InvalidError("no", "/x", code="not-yet"), 422, "not-yet"),
        (NotFoundError("no"), 404, "not-found"),
        (ConflictError("no"), 409, "idempotency-in-progress"),
        (MismatchError("no"), 422, "idempotency-mismatch"),
        (TooLargeError("no"), 413, "payload-too-large"),
        (UnavailableError("no"), 503, "temporarily-reduced-capacity"),
        (OverloadError("no"), 429, "quota-exceeded"),
    ],
)
def test_every_error_has_its_status(error: ClarionError, status: int, code: str) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.code, refusal.detail) == (status, code, "no")


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(ConflictError("x"), "1"), (UnavailableError("x", 7), "7"), (OverloadError("x", 2), "2")],
)
def test_what_may_be_tried_again_says_when(error: ClarionError, seconds: str) -> None:
    assert refusal_of(error).headers == {"Retry-After": seconds}


def test_what_nobody_foresaw_tells_nothing_of_the_inside() -> None:
    problem = problem_of(refusal_of(ValueError("secret of c@example.org")), "req_1")
    assert problem.status == 500
    assert "secret" not in problem.detail


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    refusal = RefusedError(400, "it is empty", pointer="/recipients/0")
    document = msgspec.to_builtins(problem_of(refusal, "req_1"))
    assert document == {
        "type": "/problems/validation",
        "title": "The request is not acceptable",
        "status": 400,
        "detail": "it is empty",
        "code": "validation",
        "errors": [{"pointer": "/recipients/0", "detail": "it is empty"}],
        "request_id": "req_1",
    }


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "where"),
    [
        ("GET", "/v1/nothing", None, 404, None),
        ("DELETE", "/v1/events", None, 405, None),
        ("GET", "/v1/events?limit=0", None, 400, {"parameter": "limit"}),
        ("GET", "/v1/events?after=bogus", None, 400, {"parameter": "after"}),
        ("GET", "/v1/events?since=yesterday", None, 400, {"parameter": "since"}),
        ("GET", "/v1/events/evt_x", None, 404, None),
        ("GET", "/v1/users/%00", None, 400, {"parameter": "user"}),
        ("GET", "/v1/users/%ff", None, 400, {"parameter": "user"}),
        ("GET", "/v1/users/%20", None, 400, {"parameter": "user"}),
        ("PUT", "/v1/users/u1", b"{", 400, {"pointer": ""}),
        ("PUT", "/v1/users/u1", b"", 400, {"pointer": ""}),
        ("PUT", "/v1/users/u1", b'{"name": "\xff"}', 400, None),
        ("PUT", "/v1/users/u1", b'{"nam": "Ana"}', 400, {"pointer": "/nam"}),
        ("PUT", "/v1/users/u1", b'{"roles": [1]}', 400, {"pointer": "/roles/0"}),
        ("PUT", "/v1/users/u1", b'{"name": "a\\u0000b"}', 400, {"pointer": "/name"}),
        ("PUT", "/v1/users/u1", b'{"data": ' + b'{"a":' * 40 + b"1" + b"}" * 41, 400,
         {"pointer": "/data"}),
        ("PUT", "/v1/users/u1", b'{"data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 400, None),
        ("PUT", "/v1/users/u1", b" " * (5 * 1024 * 1024 + 1), 413, None),
    ],
)  # fmt: skip
async def test_whoever_refuses_the_answer_is_a_problem(
    house: House,
    method: str,
    path: str,
    content: bytes | None,
    status: int,
    where: dict[str, str] | None,
) -> None:
    async with house.client(house.admin_key) as client:
        answer = await client.request(
            method, path, content=content, headers={"X-Request-Id": "mine"}
        )
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == problem["request_id"] == "mine"
    if where is not None:
        assert where.items() <= problem["errors"][0].items()


async def test_the_allow_header_lists_the_methods(house: House) -> None:
    async with house.client(house.admin_key) as client:
        answer = await client.delete("/v1/events")
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


async def test_a_form_is_not_json(house: House) -> None:
    async with house.client(house.admin_key) as client:
        answer = await client.put("/v1/users/u1", data={"name": "Ana"})
    assert answer.status_code == 415
