"""Query parameters that no route knows."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/v1/events?tpye=a", "did you mean 'type'?"),
        ("/v1/notifications?usr=u1", "did you mean 'user'?"),
        ("/v1/dead-letters?limits=5", "did you mean 'limit'?"),
        ("/v1/lanes?env=x", "this address takes none"),
    ],
)
async def test_an_unknown_parameter_is_refused_with_what_was_meant(
    api: httpx.AsyncClient, address: str, meant: str
) -> None:
    answer = await api.get(address)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["parameter"] == address.partition("?")[2].partition("=")[0]
    assert error["detail"].endswith(meant)


async def test_known_parameters_pass(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/events?type=a&limit=3")).status_code == 200


async def test_what_stands_beside_the_api_takes_anything(api: httpx.AsyncClient) -> None:
    assert (await api.get("/livez?probe=1")).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/v1/dead-letters?cause=a&cause=b", "/v1/events?type=a&limit=3&type=a"],
)
async def test_a_parameter_given_twice_is_refused(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(address)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["detail"] == f"{error['parameter']}: it is given twice; give it once"
