"""What is shown of an address never holds a part of its password."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.config import without_password, without_secret
from clarion.store.postgres.troubles import place_of

PASSWORDS = st.one_of(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=4),
    st.text("ab12@/?#:&=,%;[].", min_size=4),
    st.text(min_size=4),
)
SHAPES = (
    "postgresql://ann:{}@db1:5432,db2/clarion",
    "postgresql://ann:{}@/clarion?host=/run/pg",
    "postgres://db1/clarion?user=ann&password={}",
    "postgresql://db1/clarion?password={}&sslmode=require",
    "postgresql://ann@db1/clarion?sslpassword={}",
    "postgresql://ann@db1/clarion?passfile={}",
    "postgresql://ann@db1/clarion?sslmode={}",
    "postgresql://ann@db1/clarion?Password={}",
)
BUS_SHAPES = ("nats://ann:{}@n1:4222", "tls://n1,tls://ann:{}@n2:4222", "nats://{}@n1")


def leaked(shown: str, shape: str, *secrets: str) -> list[str]:
    """Four characters of a secret in a row that are shown and do not stand in the shape itself."""
    plain = shown.replace("***", "\0")
    parts = {secret[at : at + 4] for secret in secrets for at in range(len(secret) - 3)}
    return [part for part in parts if part in plain and part not in shape]


@given(PASSWORDS, st.sampled_from(SHAPES), st.booleans())
def test_no_part_of_a_password_is_shown(password: str, shape: str, encoded: bool) -> None:
    written = quote(password, safe="") if encoded else password
    dsn = shape.format(written)
    for shown in (without_secret(dsn), without_password(dsn), place_of(dsn)):
        assert not leaked(shown, shape, password, written)


@given(PASSWORDS, st.sampled_from(BUS_SHAPES), st.booleans())
def test_no_part_of_a_secret_of_the_bus_is_shown(password: str, shape: str, encoded: bool) -> None:
    written = quote(password, safe="") if encoded else password
    assert not leaked(without_secret(shape.format(written)), shape, password, written)


@pytest.mark.parametrize(
    ("dsn", "shown", "command"),
    [
        ("sqlite:////srv/c.db", "sqlite:////srv/c.db", "***"),
        ("postgresql://u:s3cr/etPW@h/d", "postgresql://***", "postgresql://***"),
        ("postgresql://u:s3cr?etPW@h/d", "postgresql://***", "postgresql://***"),
        ("postgresql://u:s3cr@etPW@h/d", "postgresql://***@h/d", "postgresql://u@h/d"),
        ("postgresql://u@h:1,i/d?password=x", "postgresql://***@h:1,i/d?***",
         "postgresql://u@h:1,i/d"),
        ("postgresql://h/d?password=a@etPW", "postgresql://***", "postgresql://***"),
        ("postgresql://[::1]:5432/d?sslmode=require", "postgresql://[::1]:5432/d?sslmode=require",
         "postgresql://[::1]:5432/d?sslmode=require"),
        ("postgresql:///d?host=/run/pg&user=u", "postgresql:///d?host=/run/pg&user=***",
         "postgresql:///d?host=/run/pg&user=u"),
        ("postgresql://h/d?sslkey=/k&odd=1", "postgresql://h/d?sslkey=***&***",
         "postgresql://h/d?sslkey=***&***"),
        ("nats://u:p@n1,nats://t@n2:4222", "nats://***@n1,nats://***@n2:4222", None),
        ("inproc", "inproc", None),
        ("u:s3cret", "***", "***"),
    ],
)  # fmt: skip
def test_an_address_keeps_what_is_plain(dsn: str, shown: str, command: str | None) -> None:
    assert without_secret(dsn) == shown
    if command is not None:
        assert without_password(dsn) == command
