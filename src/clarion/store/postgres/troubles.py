"""What PostgreSQL refuses, in words that name the mend. None of them holds the DSN's password."""

from __future__ import annotations

import socket

import asyncpg

from clarion.core.address import POSTGRES_SCHEMES, address_of
from clarion.errors import ClarionError, InvalidError, SettingsError, UnavailableError

CLOSING = "the store is closing; start the server again"

REPEATED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
    asyncpg.InvalidCachedStatementError,
)
"""Two transactions met, or a migration ran beside one; what was undone may be run again and then
sees what the other wrote."""

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
)
"""The connection is gone, or the server about to go. (TimeoutError is an OSError.)"""

READ_ONLY = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TargetServerAttributeNotMatched,
)

KNOWN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""Everything that the driver raises."""


LET_WRITE = (
    "where the primary is up, look at its disk or quota and at default_transaction_read_only"
)
WRITES_REFUSED = (
    "takes no writes, though it was taken for the primary; look at its disk or quota and at "
    "default_transaction_read_only"
)
"""Of a server that is no standby, and refuses writes all the same."""


def place_of(dsn: str) -> str:
    """`host:port,host:port/database` of a DSN, without user and password; `***` for what could be
    a part of one. SettingsError when it is none."""
    address = address_of(dsn)
    if address is None or address.scheme not in POSTGRES_SCHEMES:
        raise SettingsError(
            "this is no address of a PostgreSQL database; write it as "
            "postgresql://user@host:5432/database"
        )
    return address.place


def mistake(error: BaseException, place: str) -> ClarionError:
    """The error of opening: a SettingsError where somebody must set something right."""
    text = _mistake(error, place)
    return SettingsError(text) if text else unavailable(error, place)


def unavailable(error: BaseException, place: str) -> ClarionError:
    """The error of the store at work."""
    if isinstance(error, asyncpg.CharacterNotInRepertoireError | asyncpg.DataError):
        return InvalidError(
            "a text holds a character or a number a size that PostgreSQL does not keep (such as "
            "U+0000); take it out"
        )
    known = _mistake(error, place) or _passing(error, place)
    if known:
        return UnavailableError(known)
    code = getattr(error, "sqlstate", None) or "no code"
    return UnavailableError(
        f"PostgreSQL at {place} refused ({type(error).__name__}, {code}); see the server's log"
    )


def _mistake(error: BaseException, place: str) -> str | None:
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return (
                f"PostgreSQL at {place} does not let this user in; check user and password in "
                "CLARION_STORE, and pg_hba.conf"
            )
        case asyncpg.InvalidCatalogNameError():
            return f"the database of {place} does not exist; make it with `createdb`"
        case asyncpg.ClientConfigurationError() | ValueError():
            return (
                "the address of the PostgreSQL database cannot be read; write it as "
                "postgresql://user@host:5432/database"
            )
        case asyncpg.InsufficientPrivilegeError():
            return (
                f"PostgreSQL at {place} does not let this user make or change tables; let the "
                "owner say `grant create, usage on schema public to USER` and, where another user "
                "made the tables, `grant select, insert, update, delete on all tables in schema "
                "public to USER`"
            )
        case socket.gaierror():
            return f"the host of {place} is not known; check its name in CLARION_STORE"
    return None


def _passing(error: BaseException, place: str) -> str | None:
    """What may mend itself, or somebody mends at the server."""
    match error:
        case asyncpg.DiskFullError():
            return f"the disk of PostgreSQL at {place} is full; free space, then repeat"
        case asyncpg.TooManyConnectionsError():
            return (
                f"PostgreSQL at {place} has no connection left; raise its max_connections, or run "
                "fewer processes"
            )
        case asyncpg.TargetServerAttributeNotMatched() if "primary" in str(error):
            return (
                f"PostgreSQL at {place} is a read-only standby; promote one, and list all hosts "
                "in CLARION_STORE"
            )
        case asyncpg.TargetServerAttributeNotMatched():
            return f"no server of {place} takes writes; promote a standby, or {LET_WRITE}"
        case asyncpg.ReadOnlySQLTransactionError():
            return f"PostgreSQL at {place} {WRITES_REFUSED}"
        case asyncpg.CannotConnectNowError():
            return f"PostgreSQL at {place} is starting or stopping; repeat when it runs"
        case asyncpg.LockNotAvailableError() | asyncpg.QueryCanceledError():
            return (
                f"PostgreSQL at {place} waited too long for a lock; see pg_stat_activity for who "
                "holds it"
            )
        case TimeoutError():
            return f"PostgreSQL at {place} did not answer in time; see its load and the network"
    if isinstance(error, REPEATED):
        return f"PostgreSQL at {place}: others wrote the same again and again; repeat a bit later"
    if isinstance(error, LOST):
        return f"PostgreSQL at {place} cannot be reached; start it, or check the network"
    return None
