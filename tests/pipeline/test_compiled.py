"""A workflow with all that is asked of it, ready to run."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.errors import InvalidError
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH

HOURLY = {"limit": 2, "window": "PT1H"}
WINDOW = {"digest": {"window": "PT10M"}}


async def compiled(server: Embedded, *steps: dict[str, Any], **fields: Any) -> CompiledWorkflow:
    await server.workflow("news", *steps, **fields)
    return (await server.server.catalogs.compiled(server.env)).by_key["news"]


@pytest.mark.parametrize(
    ("steps", "fields", "reserves"),
    [
        ((PUSH,), {}, False),
        ((WINDOW, PUSH), {}, False),
        (({"digest": {"window": "PT10M", "lead": True}}, PUSH), {}, True),
        (({**PUSH, "cap": HOURLY},), {}, True),
        ((PUSH,), {"throttle": HOURLY}, True),
        ((PUSH,), {"dedupe": {"key": "data.id", "window": "PT1H"}}, True),
    ],
    ids=["plain", "digest", "lead", "cap", "throttle", "dedupe"],
)
async def test_it_says_whether_somebody_has_to_be_asked_first(
    embedded: Embedded, steps: tuple[Any, ...], fields: dict[str, Any], reserves: bool
) -> None:
    assert (await compiled(embedded, *steps, **fields)).reserves is reserves


async def test_steps_keep_their_places_behind_those_that_wait(embedded: Embedded) -> None:
    found = await compiled(embedded, INBOX, WINDOW, MAIL | {"when": "data.loud"})
    assert sorted(found.sends) == [0, 2]
    assert list(found.whens) == [2]


async def test_a_key_that_does_not_compile_is_refused_with_its_place(embedded: Embedded) -> None:
    with pytest.raises(InvalidError) as raised:
        await compiled(embedded, {"digest": {"window": "PT10M", "key": "data."}}, PUSH)
    assert raised.value.pointer == "/steps/0/digest/key"
