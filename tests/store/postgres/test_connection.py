"""What a statement is sent as."""

from __future__ import annotations

import asyncpg
import pytest

from clarion.core.delivery import OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.postgres.connection import array_text, sent

TEXTS = [
    "plain", "", "null", "NULL", "{a,b}", 'say "hi"', "back\\slash", "two\nlines", "tab\t",
    "é 漢 🦊", " spaced ", "\x01", "[1,2]", "it's", None,
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", TEXTS),
        ("text", [text for text in TEXTS if text is None or "\\" not in repr(text)]),
        ("text", [OutcomeClass.ACCEPTED, "\\"]),
        ("int8", [0, -1, 2**63 - 1, -(2**63), None, DeliveryStatus.SENT]),
    ],
)
async def test_the_text_of_an_array_is_read_as_its_values(
    dsn: str, kind: str, values: list[str | int | None]
) -> None:
    connection = await asyncpg.connect(dsn)
    found = await connection.fetchval(f"select $1::text::{kind}[]", array_text(values))
    assert found == values
    await connection.close()


def test_only_what_is_unnested_is_sent_as_text() -> None:
    sql = "select a from unnest($2::int8[], $3::text[]) as j(a, b) where a = any ($1::int8[])"
    assert sent(sql) == (
        "select a from unnest($2::text::int8[], $3::text::text[]) as j(a, b) "
        "where a = any ($1::int8[])",
        frozenset({1, 2}),
    )
