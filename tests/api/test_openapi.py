from __future__ import annotations

from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.house import House


async def described(house: House) -> dict[str, Any]:
    async with house.client() as client:
        document: dict[str, Any] = (await client.get("/openapi.json")).json()
    return document


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


ANYBODYS = {"POST /v1/keys/exchange"}
"""What needs no key, as it gives one."""


async def test_every_route_says_what_it_is_for(house: House) -> None:
    document = await described(house)
    assert document["openapi"].startswith("3.1")
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


async def test_every_answer_has_an_example(house: House) -> None:
    for name, operation in operations(await described(house)):
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                assert media.get("example") is not None, (name, status)


async def test_every_refusal_is_a_problem(house: House) -> None:
    for name, operation in operations(await described(house)):
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], (name, status)


async def test_every_route_under_v1_says_who_may_call_it(house: House) -> None:
    document = await described(house)
    schemes = set(document["components"]["securitySchemes"])
    for name, operation in operations(document):
        if " /v1/" in name and name not in ANYBODYS:
            assert set(operation["security"][0]) <= schemes, name
            assert {"400", "401", "403"} <= set(operation["responses"]), name


async def test_operations_have_names_of_their_own(house: House) -> None:
    names = [operation["operationId"] for _, operation in operations(await described(house))]
    assert len(names) == len(set(names))


async def test_cloudevents_are_described_where_they_are_taken(house: House) -> None:
    post = (await described(house))["paths"]["/v1/events"]["post"]
    taken = set(post["requestBody"]["content"])
    assert {"application/json", "application/cloudevents+json"} <= taken
    assert "Location" in post["responses"]["202"]["headers"]


async def test_nothing_that_fits_the_description_breaks_the_server(
    house: House, api: httpx.AsyncClient
) -> None:
    """Requests are drawn from the description; all are sent to the same house."""
    schema = schemathesis.openapi.from_dict(await described(house))
    cases = [case for found in schema.get_all_operations() for case in drawn(found)]
    assert len(cases) > 100
    for case in cases:
        sent = case.as_transport_kwargs(base_url="http://clarion.test")
        answer = await api.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            json=sent.get("json"),
            content=sent.get("data"),
        )
        assert answer.status_code < 500, (case.method, case.formatted_path, answer.text)


def drawn(found: Any) -> list[Any]:
    """A few requests that fit the description of an operation, the same in every run."""
    cases: list[Any] = []

    @settings(
        max_examples=4,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(case=found.ok().as_strategy())
    def draw(case: Any) -> None:
        cases.append(case)

    draw()
    return cases


async def test_a_refusal_for_too_much_tells_its_headers(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    for path in ("/v1/events", "/v1/events/batch"):
        refused = document["paths"][path]["post"]["responses"]["429"]
        assert set(refused["headers"]) == {"Retry-After", "RateLimit-Policy", "RateLimit"}
